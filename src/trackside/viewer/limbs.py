"""A body as solid limbs: which capsules each segment is drawn as, and where they are in a frame.

A capsule goes from one point to another and is rounded at both ends; its cross-section is an
ellipse. It is a row of 19 numbers:

===========  ========================================================================
0–2, 3–5     start and end in the earth frame, m
6–8, 12–14   the two half-axes of the ellipse, m, square to each other and to 9–11
9–11         the height of the rounded ends, m, along the capsule
15–18        red, green, blue, opacity
===========  ========================================================================
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Booleans, Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions
from trackside.recordings.placements import SEGMENTS, SIDES
from trackside.viewer.scheme import Scheme, rgba

Capsules = NDArray[np.float32]
"""(K, 19), see the table above."""
CAPSULE_COLUMNS = 19
_AXES = slice(6, 15)
_COLOUR = slice(15, 19)
NO_CAPSULES: Capsules = np.zeros((0, CAPSULE_COLUMNS), np.float32)

THIN, THIN_TRUNK = 0.5, 0.85
"""Part of its thickness that a limb has which no sensor sees, and the head or a part of the trunk.

What the trunk does between two sensors is known better than where a hand is without any.
"""
LEFT_OUT = np.nan
"""Instead, of what is not drawn at all then: the nose of a thinner head would hang in the air."""
TYPICAL_HEIGHT = 1.75  # m, that the half-axes below are for

_Z = (0.0, 0.0, 1.0)
_X = (1.0, 0.0, 0.0)


class _Limb(NamedTuple):
    """A capsule in the frame of its segment, m; the second half-axis is about that way across."""

    segment: str
    start: Floats
    end: Floats
    half_axes: tuple[float, float]
    across: tuple[float, float, float] = _Z
    thin: float = THIN


_TRUNK = {"l5": (0.088, 0.125), "l3": (0.085, 0.118), "t12": (0.095, 0.132), "t8": (0.10, 0.148)}
_LIMB = {"upper_arm": 0.046, "forearm": 0.037, "thigh": 0.073, "shank": 0.050}


def _limbs(skeleton: Skeleton) -> list[_Limb]:
    scale = skeleton.height / TYPICAL_HEIGHT
    zero = np.zeros(3)

    def end(segment: str) -> Floats:
        return skeleton.ends[INDEX[segment]]

    right, left = (skeleton.offsets[INDEX[f"{side}_thigh"]] for side in SIDES)
    limbs = [
        _Limb("pelvis", right * 0.75, left * 0.75, (0.092, 0.095), _X),
        _Limb("pelvis", zero, end("pelvis"), (0.092, 0.13)),
        *(
            _Limb(name, 0.15 * end(name), 0.85 * end(name), size, thin=THIN_TRUNK)
            for name, size in _TRUNK.items()
        ),
        _Limb("neck", zero, end("neck"), (0.055, 0.055)),
        *_head(end("head"), scale),
    ]
    for side, heel in zip(SIDES, skeleton.heels, strict=True):
        shoulder = end(f"{side}_shoulder")
        limbs.append(_Limb(f"{side}_shoulder", 0.2 * shoulder, shoulder, (0.05, 0.05), _X))
        limbs += [
            _Limb(f"{side}_{part}", zero, end(f"{side}_{part}"), (size, size))
            for part, size in _LIMB.items()
        ]
        hand = end(f"{side}_hand")
        limbs.append(_Limb(f"{side}_hand", 0.1 * hand, 0.8 * hand, (0.038, 0.02)))
        limbs += _foot(side, heel, skeleton, scale)
    return limbs


def _head(crown: Floats, scale: float) -> list[_Limb]:
    """The head, and a nose that shows where it faces."""
    radius = 0.088 * scale
    length = max(float(crown[1]), 2.2 * radius)
    ahead, low, high = 0.015 * scale, 0.75 * radius, length - radius
    chin, top = np.array([ahead, low, 0.0]), np.array([ahead, high, 0.0])
    tip = ahead + 1.02 * radius
    bridge, nose = np.array([tip, 0.5 * (low + high), 0.0]), np.array([tip, 0.4 * high, 0.0])
    return [
        _Limb("head", chin, top, (0.088, 0.075), thin=THIN_TRUNK),
        _Limb("head", bridge, nose, (0.016, 0.016), thin=LEFT_OUT),
    ]


def _foot(side: str, heel: Floats, skeleton: Skeleton, scale: float) -> list[_Limb]:
    """From the ankle to heel and ball, and the toes; the soles are at the joints' lowest points."""
    sole, wide = 0.024 * scale, 0.040
    ball = skeleton.offsets[INDEX[f"{side}_toe"]] + np.array([0.0, sole, 0.0])
    back = heel + np.array([1.3 * sole, 1.3 * sole, 0.0])
    tip = skeleton.ends[INDEX[f"{side}_toe"]] + np.array([-sole, sole, 0.0])
    return [
        _Limb(f"{side}_foot", np.zeros(3), back, (0.034, 0.034)),
        _Limb(f"{side}_foot", np.zeros(3), ball, (0.027, 0.036)),
        _Limb(f"{side}_foot", back, ball, (0.024, wide)),
        _Limb(f"{side}_toe", np.array([0.0, sole, 0.0]), tip, (0.022, wide)),
    ]


@dataclass(frozen=True)
class Body:
    """The capsules of one skeleton, ready to be put into poses.

    ``segments`` (K,): the segment of each capsule; ``points`` (5, K, 3) m in its frame: start, end,
    and the three axes of columns 6–14; ``colours`` (K, 4) with a sensor, ``bare`` (4,) without;
    ``thin`` (K,): part of their thickness that they have without; NaN where they are left out.
    """

    skeleton: Skeleton
    segments: Integers
    points: Floats
    colours: Floats
    bare: Floats
    thin: Floats

    def capsules(
        self, orientations: Floats, root: Floats, measured: Booleans | None = None
    ) -> Capsules:
        """The body in one frame, (K, 19).

        ``orientations`` (23, 4) segment → ENU, ``root`` (3,) m, ``measured`` (23,): segments that
        a sensor saw; the others are drawn thin and grey. None: nobody says, so all are drawn alike.
        What is not finite is left out.
        """
        joints = joint_positions(self.skeleton, orientations[:, None], root[None])[:, 0]
        table = np.empty((len(self.segments), CAPSULE_COLUMNS), np.float32)
        points = qt.rotate(orientations[self.segments], self.points)
        points[:2] += joints[self.segments]
        table[:, : _COLOUR.start] = points.swapaxes(0, 1).reshape(len(table), -1)
        table[:, _COLOUR] = self.colours
        if measured is not None:
            unseen = ~measured[self.segments]
            table[unseen, _AXES] *= self.thin[unseen, None]
            table[unseen, _COLOUR] = self.bare
        whole = np.isfinite(table).all(axis=1)
        return table if whole.all() else table[whole]


def body_for(skeleton: Skeleton, scheme: Scheme) -> Body:
    """The limbs of a skeleton: right, left and centre each in its colour."""
    return _body(skeleton, [rgba(scheme.of_side(name)) for name in SEGMENTS], scheme)


def ghost_for(skeleton: Skeleton, scheme: Scheme, opacity: float = 0.42) -> Body:
    """The limbs of a skeleton to compare with: all in one colour, and see-through."""
    return _body(skeleton, [rgba(scheme.ghost, opacity)] * len(SEGMENTS), scheme)


def _body(skeleton: Skeleton, colours: list[Floats], scheme: Scheme) -> Body:
    limbs = _limbs(skeleton)
    segments = np.array([INDEX[limb.segment] for limb in limbs], np.int64)
    return Body(
        skeleton,
        segments,
        np.stack([_points(limb, skeleton.height / TYPICAL_HEIGHT) for limb in limbs], axis=1),
        np.array(colours)[segments],
        rgba(scheme.unmeasured, float(colours[0][3])),
        np.array([limb.thin for limb in limbs]),
    )


def _points(limb: _Limb, scale: float) -> Floats:
    """A capsule's start, end and axes (5, 3) m in its segment's frame."""
    along = limb.end - limb.start
    length = float(np.linalg.norm(along))
    y = along / length if length > 0 else np.array([0.0, 1.0, 0.0])
    across = np.array(limb.across)
    z = across - (across @ y) * y
    z /= np.linalg.norm(z)
    first, second = (scale * half for half in limb.half_axes)
    return np.array(
        [limb.start, limb.end, first * np.cross(y, z), min(first, second) * y, second * z]
    )
