"""The chained solver: from a few sensors to the whole skeleton.

The first sensor that has data is the resting point. From it the walk goes over the tree: each
neighbour's joint is solved relative to the segment it is reached from, until all 23 segments stand.
A segment with a sensor takes the sensor's orientation; one without follows the chain, its joint at
rest. In the trunk, whose segments share every bend, a stretch between two sensors is spread evenly
over the segments between them.

:mod:`trackside.kinematics.live_solver` does the same frame by frame, with the same kernels.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import MissingDataError
from trackside.kernels import kernel
from trackside.kinematics.calibration import Calibration
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.skeleton import INDEX, walk_from
from trackside.recordings.placements import CENTRE, SEGMENTS


def segment_orientations(motion: BodyMotion, calibration: Calibration, drifts: Floats) -> Floats:
    """Orientation (S, N, 4) of the segments that carry sensors, segment → ENU.

    ``drifts`` (S, N) rad: how far each sensor's earth frame has turned since the calibration. All
    headings come out in the earth frame of the first sensor.
    """
    turns = calibration.facings[0] - calibration.facings[:, None] - drifts
    out = np.empty_like(motion.orientations)
    turn_about_vertical(motion.orientations, calibration.mountings, turns, out)
    return out


@kernel
def turn_about_vertical(
    orientations: Floats, mountings: Floats, turns: Floats, out: Floats
) -> None:
    """Orientations (S, N, 4) times mountings (S, 4), turned about the vertical by (S, N) rad."""
    for i in range(orientations.shape[0]):
        e, f, g, h = mountings[i]
        for n in range(orientations.shape[1]):
            a, b, c, d = orientations[i, n]
            w, x = a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g
            y, z = a * g - b * h + c * e + d * f, a * h + b * g - c * f + d * e
            cos, sin = np.cos(0.5 * turns[i, n]), np.sin(0.5 * turns[i, n])
            out[i, n, 0], out[i, n, 1] = cos * w - sin * z, cos * x - sin * y
            out[i, n, 2], out[i, n, 3] = cos * y + sin * x, cos * z + sin * w


@dataclass(frozen=True)
class Chain:
    """Which sensors each of the 23 segments follows: the walk through the tree, done once.

    ``sensors`` (23, 2): two sensors by index, the same one twice unless the segment lies between
    two on the trunk; ``shares`` (23,): how much of the way it has gone from the first to the
    second.
    """

    sensors: Integers
    shares: Floats


def chain_of(segments: tuple[str, ...]) -> Chain:
    """The walk through the tree from the first of the segments with sensors.

    Raises MissingDataError without any sensor.
    """
    if not segments:
        raise MissingDataError("no sensor is placed on a body segment: nothing to solve")
    followed = {segment: (i, i, 0.0) for i, segment in enumerate(segments)}
    followed |= _bridged_trunk(segments)
    for segment, before in walk_from(min(segments, key=SEGMENTS.index)):
        if before is not None:
            followed.setdefault(segment, followed[before])
    rows = [followed[segment] for segment in SEGMENTS]
    sensors = np.array([row[:2] for row in rows], np.int64)
    return Chain(sensors, np.array([row[2] for row in rows]))


def _bridged_trunk(segments: tuple[str, ...]) -> dict[str, tuple[int, int, float]]:
    """The trunk's segments between two with sensors, each taking an equal share of the bend."""
    bridged = {}
    stations = [i for i, segment in enumerate(CENTRE) if segment in segments]
    for lower, upper in pairwise(stations):
        ends = segments.index(CENTRE[lower]), segments.index(CENTRE[upper])
        for i in range(lower + 1, upper):
            bridged[CENTRE[i]] = (*ends, (i - lower) / (upper - lower))
    return bridged


def solve_chain(
    segments: tuple[str, ...], orientations: Floats, measured: Booleans
) -> tuple[Floats, Booleans]:
    """All 23 orientations (23, N, 4) and whether a sensor saw them (23, N).

    ``segments`` names the S segments that carry sensors, ``orientations`` (S, N, 4) are theirs,
    ``measured`` (S, N) tells where their sensors had data.

    Raises MissingDataError without any sensor.
    """
    chain = chain_of(segments)
    whole = np.empty((len(SEGMENTS), *orientations.shape[1:]))
    fill(np.ascontiguousarray(orientations), chain.sensors, chain.shares, whole)
    seen = np.zeros(whole.shape[:2], bool)
    seen[[INDEX[segment] for segment in segments]] = measured
    return whole, seen


@kernel
def fill(orientations: Floats, sensors: Integers, shares: Floats, whole: Floats) -> None:
    """All segments (23, N, 4) from those with sensors (S, N, 4), as a Chain tells."""
    for segment in range(len(whole)):
        lower, upper = orientations[sensors[segment, 0]], orientations[sensors[segment, 1]]
        if shares[segment] == 0.0:
            whole[segment] = lower
            continue
        for n in range(whole.shape[1]):
            _slerp(lower[n], upper[n], shares[segment], whole[segment, n])


@kernel
def _slerp(a: Floats, b: Floats, share: float, out: Floats) -> None:
    """From a (4,) towards b (4,) on the shorter arc (Shoemake 1985)."""
    apart, together = 0.0, 0.0
    sign = 1.0 if a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] >= 0.0 else -1.0
    for k in range(4):
        apart += (sign * b[k] - a[k]) ** 2
        together += (sign * b[k] + a[k]) ** 2
    angle = 2.0 * np.arctan2(np.sqrt(apart), np.sqrt(together))
    from_a, from_b = 1.0 - share, share
    if angle > 1e-6:
        from_a, from_b = (
            np.sin(from_a * angle) / np.sin(angle),
            np.sin(share * angle) / np.sin(angle),
        )
    for k in range(4):
        out[k] = from_a * a[k] + from_b * sign * b[k]
