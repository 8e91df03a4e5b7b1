"""Makers' ways to give an orientation, as quaternions (w, x, y, z) into our earth frame (ENU).

One sample at a time and in plain Python: decoders meet orientations one message after the other.
"""

from math import cos, sin, sqrt
from typing import Final

Quaternion = tuple[float, ...]
"""w, x, y, z."""

_HALF: Final = sqrt(0.5)
ENU_FROM_NWU: Final[Quaternion] = (_HALF, 0.0, 0.0, _HALF)
"""From x north, y west, z up: 90° about the vertical."""
ENU_FROM_NED: Final[Quaternion] = (0.0, _HALF, _HALF, 0.0)
"""From x north, y east, z down: 180° about the horizontal diagonal between them."""


def product(a: Quaternion, b: Quaternion) -> Quaternion:
    """Hamilton product a ⊗ b: first b, then a."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def about_x(angle: float) -> Quaternion:
    """The turn by ``angle`` (rad, finite) about x."""
    return (cos(angle / 2), sin(angle / 2), 0.0, 0.0)


def about_y(angle: float) -> Quaternion:
    """The turn by ``angle`` (rad, finite) about y."""
    return (cos(angle / 2), 0.0, sin(angle / 2), 0.0)


def about_z(angle: float) -> Quaternion:
    """The turn by ``angle`` (rad, finite) about z."""
    return (cos(angle / 2), 0.0, 0.0, sin(angle / 2))


def from_roll_pitch_yaw(roll: float, pitch: float, yaw: float) -> Quaternion:
    """The orientation with these angles (rad, finite), in the aerospace sequence.

    Yaw about z, then pitch about y, then roll about x, each about the axes as already turned.
    """
    return product(product(about_z(yaw), about_y(pitch)), about_x(roll))
