"""Soft limits: joints pushed back into the ranges that healthy people have.

Each of a joint's three angles (:mod:`trackside.kinematics.joint_angles`) stays as it is within its
range. Beyond it, by d, only s tanh(d / s) is left, with s = SLACK: first and second derivative go
on smoothly. No function can push every rotation into a range without a jump somewhere. Here there
is none, as the push fades out where it would be: half a turn from the range's middle, and where the
three angles lose their meaning (the second one at a right angle). Who bends so far is a fault of a
sensor that limits cannot mend.

Every frame is limited by itself, all joints by the angles they had before, and what hangs on a
joint is carried along. So a live step gives the numbers of the whole recording, bit for bit.

Ranges are those of the American Academy of Orthopaedic Surgeons (*Joint Motion: Method of Measuring
and Recording*, 1965), as in Norkin & White, *Measurement of Joint Motion*, 5th ed. 2016; rotation
of the knee as Norkin & White have it; dorsiflexion as under the body's weight in a lunge (Bennell
et al., Aust. J. Physiother. 44, 1998), for runners go beyond the 20° of a foot that hangs.
Ad-/abduction of knee and elbow have no range there: what is allowed is laxity and the elbow's
carrying angle. A shoulder is kept from extending too far only; its other ranges depend on each
other. The wrist's flexion, the second angle there, goes too near to a right angle to be limited.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.kernels import kernel
from trackside.kinematics.euler import principal_angles
from trackside.kinematics.joint_angles import JOINTS
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX, PARENTS
from trackside.recordings.placements import CENTRE, SEGMENTS

SLACK = np.deg2rad(5.0)
"""So far at most a joint is left beyond its range, rad."""

RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "trunk": {"flexion": (-25, 80), "bending": (-35, 35), "rotation": (-45, 45)},
    "neck": {"flexion": (-45, 45), "bending": (-45, 45), "rotation": (-60, 60)},
    "hip": {"flexion": (-30, 120), "adduction": (-45, 30), "rotation": (-45, 45)},
    "knee": {"flexion": (-10, 135), "adduction": (-10, 10), "rotation": (-40, 30)},
    "ankle": {"dorsiflexion": (-50, 45), "inversion": (-15, 35)},
    "shoulder": {"flexion": (-60, 180)},
    "elbow": {"flexion": (0, 150), "adduction": (-15, 15), "pronation": (-80, 80)},
    "wrist": {"radial_deviation": (-30, 20)},
}
"""Degrees, by joint and angle as in joint_angles; what is not named is free."""


@dataclass(frozen=True)
class Limits:
    """Ranges of J joints.

    ``ends`` (J, 2): parent and child segment. ``ranges`` (J, 3, 2) rad, least and greatest of the
    angles about z, x and y. ``joint`` (23,): by which joint a segment is turned, −1 for none;
    ``share`` (23,): by how much of it, for segments between a joint's two.
    """

    ends: Integers
    ranges: Floats
    joint: Integers
    share: Floats


def published_limits() -> Limits:
    """The limits of RANGES."""
    ends = np.array([[INDEX[joint.parent], INDEX[joint.child]] for joint in JOINTS])
    ranges = np.full((len(JOINTS), 3, 2), np.pi)
    ranges[:, :, 0] = -np.pi
    turned, share = np.full(len(SEGMENTS), -1), np.zeros(len(SEGMENTS))
    for row, joint in enumerate(JOINTS):
        named = RANGES[joint.name.removeprefix("right_").removeprefix("left_")]
        for k, (angle, sign) in enumerate(zip(joint.angles, joint.signs, strict=True)):
            if angle in named:
                ranges[row, k] = np.sort(sign * np.deg2rad(named[angle]))
        between = _between(joint.parent, joint.child)
        for number, segment in enumerate(between):
            turned[INDEX[segment]] = row
            share[INDEX[segment]] = (number + 1) / len(between)
    return Limits(ends, ranges, turned, share)


def _between(parent: str, child: str) -> list[str]:
    """The segments that share a joint's turn, from the parent's neighbour to the child.

    Collar bones stay: the shoulder's turn is the upper arm's.
    """
    if child not in CENTRE:
        return [child]
    chain = [child]
    while PARENTS[chain[0]] != parent:
        chain.insert(0, str(PARENTS[chain[0]]))
    return chain


def limited(orientations: Floats, limits: Limits) -> Floats:
    """Orientations (23, N, 4) segment → ENU with joints pushed softly into their ranges."""
    out = np.empty(orientations.shape)
    limit(
        np.ascontiguousarray(orientations, float),
        limits.ends,
        limits.ranges,
        limits.joint,
        limits.share,
        np.array(PARENT_INDEX, np.int64),
        out,
    )
    return out


@kernel
def limit(
    whole: Floats,
    ends: Integers,
    ranges: Floats,
    joint: Integers,
    share: Floats,
    parents: Integers,
    out: Floats,
) -> None:
    """Write into ``out`` (23, N, 4) the pose ``whole`` (23, N, 4) within limits, as in Limits."""
    turns = np.empty((len(ends), 3))
    angles, relative, turn = np.empty(3), np.empty(4), np.empty(4)
    for n in range(whole.shape[1]):
        beyond = False
        for j in range(len(ends)):
            _relative(whole[ends[j, 0], n], whole[ends[j, 1], n], relative)
            turns[j] = 0.0
            if _push(relative, ranges[j], angles):
                _turn_of(relative, angles, turns[j])
                beyond = True
        for segment in range(len(whole)):
            parent, row = parents[segment], joint[segment]
            if parent < 0 or not beyond:
                out[segment, n] = whole[segment, n]
                continue
            if row >= 0:
                parent = ends[row, 0]
            _relative(whole[parent, n], whole[segment, n], relative)
            if row >= 0:
                _exponential(turns[row], share[segment], turn)
                _product(turn, relative.copy(), relative)
            _product(out[parent, n], relative, out[segment, n])


@kernel
def _push(relative: Floats, ranges: Floats, angles: Floats) -> bool:
    """Angles (3,) of a rotation about z, x, y, pushed into their ranges; whether any was beyond."""
    principal_angles(relative, 3, 1, 2, 1.0, 0.0, angles)
    meaning = _smooth(min(1.0, 1.5 * np.cos(angles[1])))
    beyond = False
    for k in range(3):
        low, high = ranges[k, 0], ranges[k, 1]
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        if k == 1:
            least, most = low + 0.5 * np.pi, 0.5 * np.pi - high
            off = angles[1]
        else:
            least = most = np.pi - half
            off = middle + np.mod(angles[k] - middle + np.pi, 2.0 * np.pi) - np.pi
        pushed = off
        if off > high and most > 0.0:
            pushed = off - _excess(off - high, most) * (1.0 if k == 1 else meaning)
        elif off < low and least > 0.0:
            pushed = off + _excess(low - off, least) * (1.0 if k == 1 else meaning)
        beyond = beyond or pushed != off
        angles[k] = pushed
    return beyond


@kernel
def _excess(beyond: float, most: float) -> float:
    """How far to push back what is ``beyond`` a range, which can be at ``most`` so far."""
    fading = 1.0 - _smooth(2.0 * beyond / most - 1.0)
    return (beyond - SLACK * np.tanh(beyond / SLACK)) * fading


@kernel
def _smooth(u: float) -> float:
    """0 up to 0, 1 from 1 on, a quintic between them."""
    u = min(max(u, 0.0), 1.0)
    return u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)


@kernel
def _relative(parent: Floats, child: Floats, out: Floats) -> None:
    """The child's rotation (4,) in its parent."""
    a, b, c, d = parent[0], -parent[1], -parent[2], -parent[3]
    w, x, y, z = child
    out[0], out[1] = a * w - b * x - c * y - d * z, a * x + b * w + c * z - d * y
    out[2], out[3] = a * y - b * z + c * w + d * x, a * z + b * y - c * x + d * w


@kernel
def _product(first: Floats, second: Floats, out: Floats) -> None:
    a, b, c, d = first
    w, x, y, z = second
    out[0], out[1] = a * w - b * x - c * y - d * z, a * x + b * w + c * z - d * y
    out[2], out[3] = a * y - b * z + c * w + d * x, a * z + b * y - c * x + d * w


@kernel
def _turn_of(relative: Floats, angles: Floats, turn: Floats) -> None:
    """Rotation vector (3,) in the parent that leads from a rotation to that of z, x, y angles."""
    cz, sz = np.cos(0.5 * angles[0]), np.sin(0.5 * angles[0])
    cx, sx = np.cos(0.5 * angles[1]), np.sin(0.5 * angles[1])
    cy, sy = np.cos(0.5 * angles[2]), np.sin(0.5 * angles[2])
    w, x = cz * cx * cy - sz * sx * sy, cz * sx * cy - sz * cx * sy
    y, z = cz * cx * sy + sz * sx * cy, sz * cx * cy + cz * sx * sy
    a, b, c, d = relative[0], -relative[1], -relative[2], -relative[3]
    real = w * a - x * b - y * c - z * d
    turn[0] = w * b + x * a + y * d - z * c
    turn[1] = w * c - x * d + y * a + z * b
    turn[2] = w * d + x * c - y * b + z * a
    sine = np.sqrt(turn[0] ** 2 + turn[1] ** 2 + turn[2] ** 2)
    scale = 2.0
    if sine > 1e-12:
        scale = 2.0 * np.arctan2(sine, abs(real)) / sine
    if real < 0.0:
        scale = -scale
    for k in range(3):
        turn[k] *= scale


@kernel
def _exponential(turn: Floats, share: float, out: Floats) -> None:
    """Quaternion (4,) of a share of a rotation vector (3,)."""
    angle = np.sqrt(turn[0] ** 2 + turn[1] ** 2 + turn[2] ** 2)
    scale = 0.5 * share
    if angle > 1e-12:
        scale = np.sin(0.5 * share * angle) / angle
    out[0] = np.cos(0.5 * share * angle)
    for k in range(3):
        out[k + 1] = scale * turn[k]
