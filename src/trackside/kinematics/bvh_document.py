"""What a BVH file says: a hierarchy of joints, their motion, and where it takes them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt

CHANNELS = ("Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")


@dataclass(frozen=True)
class BvhJoint:
    """One joint: its parent's index (−1 for the root) and its offset (3,) from it in cm.

    ``channels`` are names of CHANNELS, in the order of the joint's columns; rotations apply from
    left to right as intrinsic turns. ``end_site`` is the bone's tip in the joint's frame, in cm.
    """

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]
    end_site: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class BvhDocument:
    """A hierarchy and its motion.

    ``joints`` in the file's order, each behind its parent. ``frames`` (N, C): one column for each
    channel of each joint, in cm and degrees. ``frame_time`` s. Raises ValueError where the columns
    or parents do not fit the joints.
    """

    joints: tuple[BvhJoint, ...]
    frames: Floats
    frame_time: float

    def __post_init__(self) -> None:
        columns = sum(len(joint.channels) for joint in self.joints)
        if self.frames.ndim != 2 or self.frames.shape[1] != columns:
            raise ValueError(f"frames of shape {self.frames.shape}: expected (N, {columns})")
        if any(not -1 <= joint.parent < index for index, joint in enumerate(self.joints)):
            raise ValueError("a joint stands before its parent: expected parents first")

    def columns(self) -> Iterator[Floats]:
        """For each joint its columns of ``frames``, (N, its channels)."""
        start = 0
        for joint in self.joints:
            yield self.frames[:, start : start + len(joint.channels)]
            start += len(joint.channels)


def world_motion(document: BvhDocument) -> tuple[Floats, Floats]:
    """Orientation (J, N, 4), joint → world, and position (J, N, 3) in cm of every joint.

    The world is the BVH's own frame. Position channels replace the components of OFFSET that they
    name, as most readers have it.
    """
    count = len(document.joints), len(document.frames)
    orientations, positions = np.empty((*count, 4)), np.empty((*count, 3))
    for index, (joint, columns) in enumerate(zip(document.joints, document.columns(), strict=True)):
        turn, position = orientations[index], positions[index]
        turn[:], position[:] = qt.IDENTITY, joint.offset
        for channel, values in zip(joint.channels, columns.T, strict=True):
            axis = "XYZ".index(channel[0])
            if channel.endswith("position"):
                position[:, axis] = values
            else:
                _turn_about(turn, axis, np.deg2rad(values))
        if joint.parent >= 0:
            _carry(orientations[joint.parent], positions[joint.parent], turn, position)
    return orientations, positions


def world_positions(document: BvhDocument) -> Floats:
    """Position (J, N, 3) in cm of every joint, as :func:`world_motion` has it."""
    return world_motion(document)[1]


@kernel
def _turn_about(q: Floats, axis: int, angles: Floats) -> None:
    """q ← q ⊗ (turn about the axis), for (N, 4) quaternions and (N,) rad."""
    here, after, last = 1 + axis, 1 + (axis + 1) % 3, 1 + (axis + 2) % 3
    for n in range(len(angles)):
        cosine, sine = np.cos(0.5 * angles[n]), np.sin(0.5 * angles[n])
        w, along, across, beyond = q[n, 0], q[n, here], q[n, after], q[n, last]
        q[n, 0] = w * cosine - along * sine
        q[n, here] = along * cosine + w * sine
        q[n, after] = across * cosine + beyond * sine
        q[n, last] = beyond * cosine - across * sine


@kernel
def _carry(parent_turn: Floats, parent_position: Floats, turn: Floats, position: Floats) -> None:
    """Take a joint's orientation (N, 4) and position (N, 3) from its parent's frame to the world.

    With the parent's quaternion (w, u), a vector v becomes v + w t + u × t, where t = 2 u × v.
    """
    for n in range(len(turn)):
        w, x, y, z = parent_turn[n]
        a, b, c, d = turn[n]
        turn[n, 0] = w * a - x * b - y * c - z * d
        turn[n, 1] = w * b + x * a + y * d - z * c
        turn[n, 2] = w * c - x * d + y * a + z * b
        turn[n, 3] = w * d + x * c - y * b + z * a
        a, b, c = position[n]
        t, u, v = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
        position[n, 0] = parent_position[n, 0] + a + w * t + y * v - z * u
        position[n, 1] = parent_position[n, 1] + b + w * u + z * t - x * v
        position[n, 2] = parent_position[n, 2] + c + w * v + x * u - y * t
