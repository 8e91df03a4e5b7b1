"""The inclination of sensors whose accelerometer was clipped, from the joint to their neighbour.

At every step of a sprint the sensors on feet and shanks feel more than they can show. What is cut
off always points the same way, so the filter of such a sensor takes it for gravity and tilts by
degrees. The moments that were shown in full still tell: both sensors beside a joint know the
specific force at it (:mod:`trackside.kinematics.heading`), and where they disagree about its
inclination the clipped one is turned until they agree, window by window, outwards from the trunk.
"""

from dataclasses import replace

import numpy as np
from scipy.ndimage import binary_dilation

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.heading import (
    GRAVITY,
    cross_matrix,
    in_band,
    joint_accelerations,
    relative_heading,
    smoothed,
)
from trackside.kinematics.skeleton import neighbours

WINDOW = 4.0
"""s; the time over which the inclination's error is taken as constant in the earth frame."""
RECOVERY = 10.0
"""s; for so long the filter's inclination still suffers from what was clipped before."""
ROUNDS = 3  # of arms and heading given the inclination, and the inclination given them


def held_by_joints(motion: BodyMotion) -> BodyMotion:
    """The motion with the inclinations of clipped sensors corrected by their inner neighbours.

    A sensor whose neighbour is itself clipped and has none to be corrected by stays as it is.
    """
    orientations = motion.orientations.copy()
    reliable: Booleans = np.logical_and.reduce(motion.clear, axis=1)
    for child, parent in neighbours(motion.segments):
        if reliable[parent] and not reliable[child]:
            current = replace(motion, orientations=orientations)
            orientations[child] = _held(current, child, parent)
            reliable[child] = True
    return replace(motion, orientations=orientations)


def _held(motion: BodyMotion, child: int, parent: int) -> Floats:
    """Orientations (N, 4) of ``child``, its inclination that of the joint to ``parent``."""
    clear = motion.clear[child] & motion.clear[parent]
    inner = joint_accelerations(motion, parent, clear)
    orientations: Floats = motion.orientations.copy()
    for _ in range(ROUNDS):
        outer = joint_accelerations(replace(motion, orientations=orientations), child, clear)
        relative = smoothed(relative_heading(motion.time, outer, inner))
        heading = np.interp(motion.time, relative.time, relative.angle)
        turned = qt.to_matrix(qt.about_axis(UP, -heading)) @ inner
        tilt = _tilt(motion.time, outer, turned, relative.arms, clear)
        orientations[child] = qt.multiply(qt.from_rotation_vector(tilt), orientations[child])
    return orientations[child]


def _tilt(time: Floats, own: Floats, other: Floats, arms: Floats, clear: Booleans) -> Floats:
    """Rotation vectors (N, 3) rad about horizontal axes that bring ``own`` forces to ``other``.

    Both (N, 3, 4) as from joint_accelerations, in one frame. With the forces F at the joint, by
    least squares of F_own + δ × F_own = F_other over all windows together: arms (2, 3) m are common
    to them, δ is each window's own. Zero far from all that is not ``clear`` (N,).
    """
    rate = (len(time) - 1) / (time[-1] - time[0])
    windows = np.array_split(np.arange(len(time)), max(1, round(len(time) / (rate * WINDOW))))
    suffers = binary_dilation(~clear, np.ones(2 * round(RECOVERY * rate) + 1, bool))
    forces = own @ np.append(1.0, arms[0])
    forces[:, 2] += GRAVITY * in_band(clear.astype(float), rate)
    turning = -cross_matrix(forces)
    missing = other[:, :, 0] - own[:, :, 0]
    levers = np.concatenate([own[:, :, 1:], -other[:, :, 1:]], axis=2)
    common, right = np.eye(6) * np.mean(levers**2), np.zeros(6)
    parts = []
    for window in windows:
        a, d = levers[window].reshape(-1, 6), turning[window].reshape(-1, 3)
        y = missing[window].ravel()
        inverse = np.linalg.inv(d.T @ d + 1e-6 * np.sum(d * d) * np.eye(3))
        mixed = a.T @ d @ inverse
        common += a.T @ a - mixed @ d.T @ a
        right += a.T @ y - mixed @ (d.T @ y)
        parts.append((inverse @ (d.T @ y), inverse @ (d.T @ a)))
    joint = np.linalg.solve(common, right)
    tilts = np.array([free - shared @ joint for free, shared in parts])
    tilts[[not suffers[window].any() for window in windows]] = 0.0
    centres = [time[window].mean() for window in windows]
    east, north = (np.interp(time, centres, column) for column in tilts.T[:2])
    return np.stack([east, north, np.zeros_like(east)], axis=-1)
