"""Shoulder angles by the ISB recommendation: plane of elevation, elevation, axial rotation.

The upper arm seen from the thorax, in the sequence Y–X–Y (Wu et al. 2005, thoracohumeral):
R = R(y, plane) R(x, −elevation) R(y, axial). Elevation counts positive here, which ISB has negative
for a right arm; a left arm is mirrored first, so that both sides' signs mean the same.

A proper Euler sequence has its gimbal poses where the arm hangs and where it points straight up:
there only the sum, or the difference, of plane and axial rotation is determined. With
q = (w, x, y, z) of a right arm

    tan ((plane + axial) / 2) = y / w
    tan ((plane − axial) / 2) = −z / x
    tan (elevation / 2)       = |(x, z)| / |(w, y)|

Each half is followed by itself from frame to frame, with the sign of sine and cosine of half the
elevation. So nothing jumps when an arm swings through hanging: its plane stays and its elevation
becomes negative; nor in full turns, where the elevation goes on past 180°. Within GIMBAL of either
pose the half that is undetermined there is taken from its neighbours in time, and the elevation
from the plane that follows; outside, the three angles give the rotation exactly.
"""

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.pose import Pose
from trackside.recordings.placements import SIDES

GIMBAL = np.deg2rad(5.0)
"""So near to hanging or pointing up, rad, the plane of elevation is not looked for."""
_MIRRORED = np.array([1.0, -1.0, -1.0, 1.0])  # in the plane of x and y


def shoulder_angles(pose: Pose) -> dict[str, Floats]:
    """ISB angles of both shoulders by name, such as ``"left_shoulder_elevation"``, (N,) rad.

    ``plane_of_elevation``: 0 sideways, 90° forwards; ``elevation``: 0 hanging, 90° level;
    ``axial_rotation``: internal positive. All are continuous, past half turns as well.
    """
    angles = {}
    for side in SIDES:
        arm = qt.multiply(qt.conjugate(pose.segment("t8")), pose.segment(f"{side}_upper_arm"))
        right = arm if side == "right" else arm * _MIRRORED
        names = ("plane_of_elevation", "elevation", "axial_rotation")
        for name, column in zip(names, elevation_angles(right).T, strict=True):
            angles[f"{side}_shoulder_{name}"] = column
    return angles


def elevation_angles(q: Floats) -> Floats:
    """Plane of elevation, elevation and axial rotation (N, 3) rad of a right arm's (N, 4).

    In the first frame the elevation is within 0 and π, the other two within half a turn.
    """
    if not len(q):
        return np.empty((0, 3))
    q = np.asarray(q, float) * np.where(np.asarray(q)[0, 0] < 0, -1.0, 1.0)
    w, x, y, z = q.T
    least = np.sin(0.5 * GIMBAL)
    half_sum = _followed(np.arctan2(y, w), np.hypot(w, y) > least)
    half_difference = _followed(np.arctan2(z, -x), np.hypot(x, z) > least)
    if half_sum is None:
        half_sum = half_difference if half_difference is not None else np.zeros(len(q))
    if half_difference is None:
        half_difference = -half_sum  # never raised: the plane is 0
    cosine = w * np.cos(half_sum) + y * np.sin(half_sum)
    sine = z * np.sin(half_difference) - x * np.cos(half_difference)
    elevation = 2.0 * np.unwrap(np.arctan2(sine, cosine))
    plane, axial = half_sum + half_difference, half_sum - half_difference
    turns = 2.0 * np.pi * np.rint(np.array([plane[0], elevation[0], axial[0]]) / (2.0 * np.pi))
    angles: Floats = np.stack([plane, elevation, axial], axis=1) - turns
    if angles[0, 1] < 0.0:  # the same arm with the elevation the other way
        angles = angles * [1.0, -1.0, 1.0] + [np.pi, 0.0, np.pi]
        angles -= 2.0 * np.pi * np.rint(angles[0] / (2.0 * np.pi)) * [1.0, 0.0, 1.0]
    return angles


def _followed(half: Floats, known: Booleans) -> Floats | None:
    """Half angles (N,), known up to half a turn, as a continuous course; None if never known."""
    if not known.any():
        return None
    frames = np.arange(len(half))
    return np.interp(frames, frames[known], 0.5 * np.unwrap(2.0 * half[known]))
