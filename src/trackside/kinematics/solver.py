"""The chained solver: from a few sensors to the whole skeleton.

The first sensor that has data is the resting point. From it the walk goes over the tree: each
neighbour's joint is solved relative to the segment it is reached from, until all 23 segments stand.
A segment with a sensor takes the sensor's orientation; one without follows the chain, its joint at
rest. In the trunk, whose segments share every bend, a stretch between two sensors is spread evenly
over the segments between them.
"""

from itertools import pairwise

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
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
    _turn_about_vertical(motion.orientations, calibration.mountings, turns, out)
    return out


@kernel
def _turn_about_vertical(
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


def solve_chain(
    segments: tuple[str, ...], orientations: Floats, measured: Booleans
) -> tuple[Floats, Booleans]:
    """All 23 orientations (23, N, 4) and whether a sensor saw them (23, N).

    ``segments`` names the S segments that carry sensors, ``orientations`` (S, N, 4) are theirs,
    ``measured`` (S, N) tells where their sensors had data.

    Raises MissingDataError without any sensor.
    """
    if not segments:
        raise MissingDataError("no sensor is placed on a body segment: nothing to solve")
    known = dict(zip(segments, orientations, strict=True))
    known |= _bridge_trunk(known)
    start = min(segments, key=SEGMENTS.index)
    whole = np.empty((len(SEGMENTS), *orientations.shape[1:]))
    for segment, before in walk_from(start):
        if segment in known:
            whole[INDEX[segment]] = known[segment]
        elif before is not None:
            whole[INDEX[segment]] = whole[INDEX[before]]
    seen = np.zeros(whole.shape[:2], bool)
    for segment, row in zip(segments, measured, strict=True):
        seen[INDEX[segment]] = row
    return whole, seen


def _bridge_trunk(known: dict[str, Floats]) -> dict[str, Floats]:
    """The trunk's segments between two with sensors, each taking an equal share of the bend."""
    bridged = {}
    stations = [i for i, segment in enumerate(CENTRE) if segment in known]
    for lower, upper in pairwise(stations):
        for i in range(lower + 1, upper):
            share = np.array((i - lower) / (upper - lower))
            bridged[CENTRE[i]] = qt.slerp(known[CENTRE[lower]], known[CENTRE[upper]], share)
    return bridged
