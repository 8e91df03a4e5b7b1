"""A motion packed for the HTML replay: small enough to send, exact enough to look at.

The bytes are, one after the other, integers of shape (channels, N):

===========  ======  ============================================================
4 · 23       16 bit  quaternions w, x, y, z of each segment in steps of QUATERNION_STEP, with the
                     sign that keeps them continuous
3            32 bit  path of the pelvis in mm
angles       16 bit  joint angles in tenths of a degree, UNKNOWN_ANGLE where nobody knows
23           8 bit   State of each segment
===========  ======  ============================================================

All but the last are second differences along time (the first two frames count from zero), zigzag
coded (0, −1, 1, −2 … become 0, 1, 2, 3 …), all low bytes first, then the next ones: so that zlib
finds little to keep. A reader of the page is html/src/motion.js.
"""

import base64
import zlib
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kinematics.comparison import without_side
from trackside.kinematics.frame_rate import at_rate
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX
from trackside.kinematics.stride_curves import StrideCurves, measured_angles, stride_curves
from trackside.recordings.placements import SEGMENTS, SIDES
from trackside.viewer.lane import Lane
from trackside.viewer.limbs import body_for
from trackside.viewer.scheme import LIGHT

QUATERNION_STEP = 1 / 2048
LARGEST_ERROR = float(2.0 * np.arcsin(QUATERNION_STEP))
"""rad that a segment's orientation is off by at most: four components, each half a step."""
MOST_FRAMES = 100.0
"""Frames per second that are kept at most."""
UNKNOWN_ANGLE = -32768
SHOWN_ANGLES = (
    "knee_flexion",
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "ankle_dorsiflexion",
    "ankle_inversion",
    "pelvis_tilt",
    "pelvis_obliquity",
    "trunk_flexion",
    "trunk_bending",
    "trunk_rotation",
    "shoulder_flexion",
    "shoulder_abduction",
    "elbow_flexion",
)
"""Angles that the page can draw, without their side, as far as they were measured."""


class State(IntEnum):
    """What is known of a segment in a frame."""

    CHAIN = 0  # it follows the chain: no sensor saw it
    MEASURED = 1
    UNKNOWN = 2  # there is no pose, or not of this segment


@dataclass(frozen=True)
class PackedMotion:
    """``header``: what JSON tells of the motion; ``content``: the packed bytes as base64 of zlib.

    ``gaps`` s: first and last moment of stretches without a pose. ``remarks``: what is missing.
    """

    header: dict[str, Any]
    content: str
    gaps: list[tuple[float, float]]
    remarks: list[str]


def packed_motion(pose: Pose) -> PackedMotion:
    """Pack a pose with its joint angles, strides and the lane below it.

    Frames beyond MOST_FRAMES per second are left out. Raises MissingDataError without a frame that
    has a pose.
    """
    if len(pose.time) > 1 and pose.rate > MOST_FRAMES * 1.001:
        pose = at_rate(pose, MOST_FRAMES)
    states = _states(pose)
    known = states[INDEX["pelvis"]] != State.UNKNOWN
    if not known.any():
        raise MissingDataError("there is no pose in any frame")
    whole = _filled(pose, states)
    angles = _shown_angles(whole, pose)
    curves, remarks = _curves_or_reason(whole)
    numbers = [
        _packed(_continuous(whole.orientations), np.int16),
        _packed(np.rint(1000.0 * whole.root.T).astype(np.int32), np.int32),
        _packed(_tenths(angles), np.int16),
        states.astype(np.uint8).tobytes(),
    ]
    header = _header(whole, states, list(angles)) | {
        "lane": _lane(whole),
        "strides": {} if curves is None else _strides(curves),
        "curves": {} if curves is None else _curves(curves),
    }
    content = base64.b64encode(zlib.compress(b"".join(numbers), 9)).decode("ascii")
    gaps = _stretches(pose.time, ~known)
    remarks += [f"There is no pose from {first:.1f} to {last:.1f} s." for first, last in gaps]
    if not angles:
        remarks.append("No joint has sensors on both its sides: there are no joint angles.")
    return PackedMotion(header, content, gaps, remarks)


def _states(pose: Pose) -> NDArray[np.uint8]:
    """The State of each segment, (23, N)."""
    says = pose.measured.any()
    states = np.where(pose.measured | (not says), State.MEASURED, State.CHAIN).astype(np.uint8)
    unknown = ~(_whole(pose.orientations) & _whole(pose.root))
    for segment, parent in enumerate(PARENT_INDEX):
        if parent >= 0:  # nobody knows where its joint is
            unknown[segment] |= unknown[parent]
    states[unknown] = State.UNKNOWN
    return states


def _filled(pose: Pose, states: NDArray[np.uint8]) -> Pose:
    """The pose without anything that is not finite: what was there before is held."""
    if not (states == State.UNKNOWN).any():
        return pose
    turned = np.stack([_held(rows) for rows in pose.orientations])
    turned[~turned.any(axis=-1)] = (1.0, 0.0, 0.0, 0.0)
    root = _held(pose.root)
    measured = pose.measured & (states != State.UNKNOWN)
    return replace(pose, orientations=turned, root=root, measured=measured)


def _whole(values: Floats) -> Booleans:
    """Which rows (..., N) of values (..., N, C) are finite."""
    return np.asarray(np.isfinite(values).all(axis=-1))


def _held(rows: Floats) -> Floats:
    """Rows (N, C) with each unknown one like the last known one, or the first; else zeros."""
    known = _whole(rows)
    if not known.any():
        return np.zeros_like(rows)
    last = np.maximum.accumulate(np.where(known, np.arange(len(rows)), -1))
    return rows[np.where(last < 0, int(np.argmax(known)), last)]


def _continuous(orientations: Floats) -> NDArray[np.int32]:
    """Quaternions (23, N, 4) as integers (92, N), without jumps of sign."""
    alike = np.sum(orientations[:, 1:] * orientations[:, :-1], axis=-1)
    signs = np.cumprod(np.where(alike < 0.0, -1.0, 1.0), axis=1)
    turned = orientations.copy()
    turned[:, 1:] *= signs[..., None]
    steps = np.rint(turned / QUATERNION_STEP).astype(np.int32)
    return steps.transpose(0, 2, 1).reshape(-1, orientations.shape[1])


def _packed(values: NDArray[np.int32], width: type[np.signedinteger[Any]]) -> bytes:
    """Second differences of integers (C, N), modulo their width, zigzag coded, as byte planes."""
    before = np.zeros((len(values), 2), np.int64)
    changes = np.diff(values.astype(np.int64), n=2, prepend=before, axis=1).astype(width)
    folded = (changes << 1) ^ (changes >> (8 * changes.itemsize - 1))
    planes = folded.astype(folded.dtype.newbyteorder("<"))[..., None].view(np.uint8)
    return np.ascontiguousarray(np.moveaxis(planes, -1, 0)).tobytes()


def _shown_angles(whole: Pose, pose: Pose) -> dict[str, Floats]:
    """Angles (N,) rad by name in the order of SHOWN_ANGLES, NaN where a segment is unknown."""
    found, raw = measured_angles(whole), joint_angles(pose)
    names = sorted(
        (name for name in found if without_side(name) in SHOWN_ANGLES),
        key=lambda name: SHOWN_ANGLES.index(without_side(name)),
    )
    return {name: np.where(np.isnan(raw[name]), np.nan, found[name]) for name in names}


def _tenths(angles: dict[str, Floats]) -> NDArray[np.int32]:
    """Angles in tenths of a degree, (A, N)."""
    if not angles:
        return np.zeros((0, 0), np.int32)
    tenths = np.rint(10.0 * np.rad2deg(np.stack([*angles.values()])))
    tenths = np.clip(tenths, UNKNOWN_ANGLE + 1, -UNKNOWN_ANGLE - 1)
    return np.where(np.isnan(tenths), UNKNOWN_ANGLE, tenths).astype(np.int32)


def _header(pose: Pose, states: NDArray[np.uint8], angles: list[str]) -> dict[str, Any]:
    body = body_for(pose.skeleton, LIGHT)
    bare = {without_side(name): name for name in angles}
    return {
        "segments": list(SEGMENTS),
        "parents": list(PARENT_INDEX),
        "offsets": np.round(pose.skeleton.offsets, 5).tolist(),
        "height": pose.skeleton.height,
        "limbs": [
            {
                "segment": int(segment),
                "points": np.round(points, 5).tolist(),
                "thin": float(thin) if np.isfinite(thin) else None,
            }
            for segment, points, thin in zip(
                body.segments, body.points.swapaxes(0, 1), body.thin, strict=True
            )
        ],
        "has_bare": bool((states == State.CHAIN).any()),
        "start": float(pose.time[0]),
        "rate": pose.rate if len(pose.time) > 1 else MOST_FRAMES,
        "frames": len(pose.time),
        "angles": [
            {"name": name, "bare": without_side(name), "side": _side(name)} for name in angles
        ],
        "choices": [{"name": name, "label": name.replace("_", " ")} for name in bare],
    }


def _side(name: str) -> str:
    side = name.partition("_")[0]
    return side if side in SIDES else ""


def _curves_or_reason(pose: Pose) -> tuple[StrideCurves | None, list[str]]:
    if len(pose.time) < 3:
        return None, []
    try:
        return stride_curves(pose), []
    except MissingDataError as error:
        return None, [f"No curves over the stride: {error}."]


def _strides(curves: StrideCurves) -> dict[str, Any]:
    return {
        side: {
            "start": np.round(strides.start, 3).tolist(),
            "end": np.round(strides.end, 3).tolist(),
            "stance": round(strides.stance, 4),
        }
        for side, strides in curves.strides.items()
    }


def _curves(curves: StrideCurves) -> dict[str, Any]:
    """Mean and SD in degrees, and the side whose contacts they were cut at."""
    return {
        name: {
            "mean": np.round(np.rad2deg(curve.mean), 1).tolist(),
            "sd": np.round(np.rad2deg(curve.sd), 1).tolist(),
            "cut_at": curves.side_of(name),
        }
        for name, curve in curves.curves().items()
        if without_side(name) in SHOWN_ANGLES
    }


def _lane(pose: Pose) -> list[int]:
    """The lane's nodes in cm: the first, then the way from each to the next, x and y in turn."""
    nodes = np.rint(100.0 * Lane(pose.time, pose.root).nodes).astype(int)
    return np.diff(nodes, axis=0, prepend=np.zeros((1, 2), int)).ravel().tolist()


def _stretches(time: Floats, mask: Booleans) -> list[tuple[float, float]]:
    """First and last moment of each run in which a mask (N,) holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(float(time[a]), float(time[b - 1])) for a, b in edges.reshape(-1, 2)]
