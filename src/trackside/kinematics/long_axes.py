"""Where the long axes of segments lie in their sensors' frames, as movement tells.

- Both joints of a limb segment are found by how they accelerate
  (:mod:`trackside.kinematics.joint_evidence`), and the line between them is its long axis. Movement
  about one axis leaves the joints' place along that axis open, so that the line is sure in the
  plane of movement only, as its covariance tells.
- Gravity, on average over many strides, leans against a segment's long axis as published gait has
  it (``LEANS``).
- Feet are level whenever they rest on the ground, in walking and in squats.
- Before and after squats trunk and legs stand upright, and so do arms before and after they swing.
- A forearm that turns the palm does so about its long axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, uniform_filter1d

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.body_links import links_between
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.contacts import still
from trackside.kinematics.functional_movements import FunctionalMovements, mean_vertical
from trackside.kinematics.joint_evidence import JointEvidence, joint_evidence, pair_moments

LINE_SD = np.deg2rad(2.0)
"""How far the line between two joints lies off a segment's long axis at best, rad."""
ACROSS_SD = 0.04
"""m; how far one joint of a segment lies beside the other, along the axis about which it turns."""
FLAT_SD = np.deg2rad(3.0)
"""How level a foot is that rests on the ground, rad."""
UPRIGHT_SD = np.deg2rad(4.0)
"""How upright segments are before and after squats and swings of the arms, rad."""
PRONATION_SD = {"forearm": np.deg2rad(5.0), "hand": np.deg2rad(12.0)}
"""How far the axis about which palms are turned lies off long axes, rad."""
BESIDE_SHOWN = 2.0  # s before and after a movement in which one stands, or arms hang
QUIET = 0.3  # rad/s
NEAR = np.cos(np.deg2rad(40.0))
"""Whoever leans by more than 40° from how he goes, or how arms swing, does not stand there."""

LEANS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "thigh": ((8, 6), (10, 6), (-3, 3)),
    "shank": ((-17, 6), (-30, 8), (-3, 3)),
    "foot": ((-14, 8), (-28, 10), (0, 5)),
    "toe": ((-14, 15), (-28, 15), (0, 10)),
    "shoulder": ((-2, 5), (-6, 6), (0, 5)),
    "upper_arm": ((-5, 8), (-20, 12), (4, 6)),
    "forearm": ((20, 12), (60, 20), (4, 20)),
    "hand": ((22, 15), (60, 25), (4, 25)),
    "head": ((-1, 6), (-3, 6), (0, 3)),
}
"""Mean lean of gravity against a segment and its deviation between people, in degrees: forwards in
walking, forwards in running, sideways. Forwards is the sense in which a thigh is lifted; sideways
that of abduction. Rounded from the curves of Fukuchi et al. 2017 and 2018 for thigh and shank
(``normative_curves.toml``), from Novacheck 1998 for the trunk and Hinrichs 1987 for the arms."""
_TRUNK = ((-2.0, 4.0), (-6.0, 4.0), (0.0, 2.0))


@dataclass(frozen=True)
class AxesSeen:
    """What movement shows of S sensors, in their frames.

    ``mean_up`` (S, 3): the vertical on average of the gait. ``observed``: directions (3,) of the
    long axis and their covariances (3, 3) rad². ``runs``: whether the athlete ran.
    """

    segments: tuple[str, ...]
    mean_up: Floats
    observed: Sequence[Sequence[tuple[Floats, Floats]]]
    runs: bool


def long_axes(seen: AxesSeen, planes: Floats) -> tuple[Floats, Floats]:
    """Long axes (S, 3) in the sensors' frames, and deviations (S, 2) rad: forwards, sideways."""
    upright, deviations = np.empty_like(seen.mean_up), np.empty((len(planes), 2))
    for i, (segment, plane) in enumerate(zip(seen.segments, planes, strict=True)):
        lean, sd = expected_lean(segment, seen.runs)
        information = np.diag(sd**-2.0)
        # where gravity's mean lies forwards of the long axis, that lies behind it
        vector = -information @ lean
        for axis, covariance in seen.observed[i]:
            told = np.linalg.inv(plane @ covariance @ plane.T)
            information = information + told
            vector = vector + told @ (plane @ axis)
        spread = np.linalg.inv(information)
        upright[i] = _beside(seen.mean_up[i], plane, spread @ vector)
        deviations[i] = np.sqrt(np.diag(spread))
    return upright, deviations


def _beside(axis: Floats, plane: Floats, coordinates: Floats) -> Floats:
    """The unit vector (3,) beside ``axis`` that has these coordinates (2,) in a plane (2, 3)."""
    normal = axis - plane.T @ (plane @ axis)
    normal /= np.linalg.norm(normal)
    size = min(float(np.linalg.norm(coordinates)), 0.99)
    return np.asarray(plane.T @ coordinates + normal * np.sqrt(1.0 - size**2))


def observed_axes(
    motion: BodyMotion, gait: Booleans, shown: FunctionalMovements, mean_up: Floats
) -> list[list[tuple[Floats, Floats]]]:
    """Long axes (3,) and their covariances (3, 3) rad², by sensor, as AxesSeen has them.

    ``gait`` (N,): when the athlete walks or runs; ``mean_up`` (S, 3): the vertical on average then.
    """
    lines: dict[str, tuple[Floats, Floats]] = {}
    if len(motion.segments) > 2:  # a line needs a neighbour at either end
        lines = joint_lines(motion.segments, joint_evidence(pair_moments(motion)))
    observed: list[list[tuple[Floats, Floats]]] = []
    for i, segment in enumerate(motion.segments):
        observed.append([])
        if segment in lines:
            line, covariance = _in_plane(*lines[segment], motion.gyr[i, gait])
            size = float(np.linalg.norm(line))
            observed[i].append((line / size, covariance / size**2 + LINE_SD**2 * np.eye(3)))
        flat = _level_foot(motion, i, gait) if segment.endswith("foot") else None
        if flat is not None:
            observed[i].append((flat, FLAT_SD**2 * np.eye(3)))
        observed[i] += [(axis, sd**2 * np.eye(3)) for axis, sd in _shown(motion, i, shown, mean_up)]
    return observed


def _shown(
    motion: BodyMotion, i: int, shown: FunctionalMovements, mean_up: Floats
) -> list[tuple[Floats, float]]:
    """The long axis (3,) of one sensor as functional movements show it, and its deviation, rad."""
    side, _, part = motion.segments[i].partition("_")
    if part in ("upper_arm", "forearm", "hand"):
        arm = shown.arms[side]
        if not arm.swings.any():
            return []
        swinging = mean_vertical(motion, i, arm.swings)
        axes = _upright(motion, i, arm.swings, swinging)
        if part in PRONATION_SD and arm.turns.any():
            turning = main_direction(motion.gyr[i, arm.turns])
            axes.append((turning * np.sign(turning @ swinging), PRONATION_SD[part]))
        return axes
    if motion.segments[i] in ("neck", "head"):
        return []
    if part == "foot" and shown.squats.any():
        return [(mean_vertical(motion, i, shown.squats), FLAT_SD)]
    return _upright(motion, i, shown.squats, mean_up[i])


def _upright(
    motion: BodyMotion, i: int, shown: Booleans, near: Floats
) -> list[tuple[Floats, float]]:
    """The vertical (3,) while a segment rests beside movements, and its deviation, rad; if so."""
    if not shown.any():
        return []
    rate = uniform_filter1d(np.linalg.norm(motion.gyr[i], axis=1), max(1, round(0.2 * motion.rate)))
    beside = binary_dilation(shown, iterations=round(BESIDE_SHOWN * motion.rate)) & ~shown
    upright = qt.to_matrix(motion.orientations[i])[:, 2] @ near > NEAR
    rests = beside & upright & (rate < QUIET) & motion.measured[i]
    return [(mean_vertical(motion, i, rests), UPRIGHT_SD)] if rests.any() else []


def main_direction(rates: Floats) -> Floats:
    """The axis (3,) of angular rates (N, 3) with most of their square, of either sign."""
    return np.asarray(np.linalg.eigh(rates.T @ rates)[1][:, -1])


def _in_plane(line: Floats, covariance: Floats, gyr: Floats) -> tuple[Floats, Floats]:
    """A line (3,) m and its covariance (3, 3) m², knowing that it is square to the main axis.

    About that one a segment turns most, and along it the joints' place is open.
    """
    axis = main_direction(gyr)
    gain = covariance @ axis / (axis @ covariance @ axis + ACROSS_SD**2)
    return line - gain * (axis @ line), covariance - np.outer(gain, covariance @ axis)


def joint_lines(
    segments: tuple[str, ...], evidence: JointEvidence
) -> dict[str, tuple[Floats, Floats]]:
    """From distal to proximal joint (3,) m in the sensor's frame, and its covariance (3, 3) m².

    Of those segments whose sensor has a neighbour beyond either joint.
    """
    pairs = {
        (i, j): k for k, (i, j) in enumerate(zip(evidence.first, evidence.second, strict=True))
    }
    ends: dict[str, dict[str, tuple[Floats, Floats]]] = {}
    for link in links_between(segments):
        for own, other, end in (
            (link.child, link.parent, "upper"),
            (link.parent, link.child, "lower"),
        ):
            i, j = segments.index(own), segments.index(other)
            k, side = (pairs[i, j], 0) if (i, j) in pairs else (pairs[j, i], 1)
            found = evidence.arms[k, side], evidence.covariance[k, side]
            ends.setdefault(own, {})[end] = found
    return {
        segment: (both["upper"][0] - both["lower"][0], both["upper"][1] + both["lower"][1])
        for segment, both in ends.items()
        if len(both) == 2 and segment.endswith(("thigh", "shank", "upper_arm", "forearm"))
    }


def expected_lean(segment: str, runs: bool) -> tuple[Floats, Floats]:
    """Lean of gravity against a segment, forwards and to the right, and its deviation, (2,) rad."""
    side, _, part = segment.partition("_")
    walking, running, sideways = LEANS.get(part or side, _TRUNK)
    forwards = running if runs else walking
    outwards = 1.0 if side == "right" else -1.0
    lean, sd = (forwards[0], outwards * sideways[0]), (forwards[1], sideways[1])
    return np.deg2rad(lean), np.deg2rad(sd)


def _level_foot(motion: BodyMotion, i: int, moving: Booleans) -> Floats | None:
    """Direction (3,) of the vertical in a foot's sensor while it rests; None if it never does."""
    resting = still(motion.rate, motion.gyr[i], motion.acc[i]) & motion.measured[i] & moving
    if resting.sum() < 0.05 * moving.sum():
        return None
    up = qt.to_matrix(motion.orientations[i, resting])[:, 2].mean(axis=0)
    return np.asarray(up / np.linalg.norm(up))
