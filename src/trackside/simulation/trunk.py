"""Orientations of everything above the legs: pelvis, spine, head and arms."""

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel
from trackside.kinematics.skeleton import INDEX

_SPINE = tuple(INDEX[name] for name in ("l5", "l3", "t12"))
_T8, _NECK, _HEAD = INDEX["t8"], INDEX["neck"], INDEX["head"]
_RIGHT = INDEX["right_shoulder"]
_LEFT = INDEX["left_shoulder"]

SWAYS = 13
"""Rows of the angles that :func:`pose_trunk` takes: the fields of gait.Sway, in their order, and
pronation."""


@kernel
def _turned(q: Floats, axis: int, angle: float, out: Floats) -> None:
    """q ⊗ turn(angle about the segment's axis 0, 1 or 2); ``out`` may be q."""
    c, s = np.cos(angle / 2.0), np.sin(angle / 2.0)
    w, x, y, z = q[0], q[1], q[2], q[3]
    if axis == 0:
        out[0], out[1], out[2], out[3] = w * c - x * s, x * c + w * s, y * c + z * s, z * c - y * s
    elif axis == 1:
        out[0], out[1], out[2], out[3] = w * c - y * s, x * c - z * s, y * c + w * s, z * c + x * s
    else:
        out[0], out[1], out[2], out[3] = w * c - z * s, x * c + y * s, y * c - x * s, z * c + w * s


@kernel
def _swayed(base: Floats, yaw: float, roll: float, pitch: float, out: Floats) -> None:
    _turned(base, 1, yaw, out)
    _turned(out, 0, roll, out)
    _turned(out, 2, pitch, out)


@kernel
def _pose_arm(
    shoulder: int,
    side: float,
    m: int,
    flexion: float,
    elbow: float,
    abduction: float,
    inward: float,
    pronation: float,
    out: Floats,
) -> None:
    t8 = out[_T8, m]
    _turned(t8, 1, side * 0.08 * flexion, out[shoulder, m])
    _turned(t8, 0, -side * abduction, out[shoulder + 1, m])
    _turned(out[shoulder + 1, m], 2, flexion, out[shoulder + 1, m])
    _turned(out[shoulder + 1, m], 1, side * inward, out[shoulder + 1, m])
    _turned(out[shoulder + 1, m], 2, elbow, out[shoulder + 2, m])
    _turned(out[shoulder + 2, m], 1, side * pronation, out[shoulder + 2, m])
    _turned(out[shoulder + 2, m], 2, 0.1 * elbow, out[shoulder + 3, m])


@kernel
def pose_trunk(heading: Floats, lean: Floats, sways: Floats, out: Floats) -> None:
    """Write the orientations of pelvis, spine, head and arms into ``out`` (23, M, 4).

    ``heading`` (M,) rad; ``lean`` (M,) rad of the whole body to the left; ``sways`` (13, M) rad.
    """
    base = np.empty(4)
    r = np.sqrt(0.5)
    for m in range(len(heading)):
        ch, sh = r * np.cos(heading[m] / 2.0), r * np.sin(heading[m] / 2.0)
        base[0], base[1], base[2], base[3] = ch, ch, sh, sh
        _turned(base, 0, -lean[m], base)
        pelvis, thorax = sways[0:3, m], sways[3:6, m]
        _swayed(base, pelvis[0], pelvis[1], pelvis[2], out[0, m])
        for level in range(3):
            share = 0.25 * (level + 1)
            _swayed(
                base,
                pelvis[0] + share * (thorax[0] - pelvis[0]),
                pelvis[1] + share * (thorax[1] - pelvis[1]),
                pelvis[2] + share * (thorax[2] - pelvis[2]),
                out[_SPINE[level], m],
            )
        _swayed(base, thorax[0], thorax[1], thorax[2], out[_T8, m])
        # the eyes stay on the horizon
        _swayed(base, 0.5 * thorax[0], 0.5 * thorax[1], 0.5 * thorax[2], out[_NECK, m])
        _swayed(base, 0.1 * thorax[0], 0.1 * thorax[1], 0.2 * thorax[2], out[_HEAD, m])
        both = sways[10, m], sways[11, m], sways[12, m]
        _pose_arm(_RIGHT, 1.0, m, sways[6, m], sways[8, m], *both, out)
        _pose_arm(_LEFT, -1.0, m, sways[7, m], sways[9, m], *both, out)
