"""Tait–Bryan angles of rotations: three turns about three different axes, in any order.

With intrinsic axes i, j, k and ε = ±1 the parity of the permutation (i, j, k), the quaternion
q = q_i(α) q_j(β) q_k(γ) satisfies

    tan ((α + εγ) / 2) = (q_i + ε q_k) / (w + q_j)
    tan ((α − εγ) / 2) = (q_i − ε q_k) / (w − q_j)
    tan (π/4 − β/2)    = |(w − q_j, q_i − ε q_k)| / |(w + q_j, q_i + ε q_k)|

(after Bernardes & Viollet 2022, doi 10.1371/journal.pone.0276302). At gimbal lock, β = ±π/2, one of
the first two is undetermined and the other as accurate as ever, so that the three angles together
always give the rotation to the precision of the numbers.
"""

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel

_LOCKED = 1e-9  # below it the undetermined angle is free: it turns the body by less than 4e-9 rad
_TURN = 2.0 * np.pi


def tait_bryan_angles(q: Floats, axes: str = "zxy", before: Floats | None = None) -> Floats:
    """Angles (..., N, 3) in rad of quaternions (..., N, 4), in the order of ``axes``.

    The rotation is R = R(axes[0], α) R(axes[1], β) R(axes[2], γ): intrinsic turns, first about the
    first axis. The second-to-last axis of q is time: the first frame has β within ±π/2 and α and γ
    within ±π, and each later frame is the one of its equivalent triples that lies closest to the
    frame before, so that angles run on smoothly past ±π. ``before`` (..., 3) rad are the angles of
    the frame before the first: with them, a motion converted in pieces gives the angles of the
    whole. Raises ValueError where ``axes`` is not a permutation of ``"xyz"``.
    """
    if sorted(axes) != ["x", "y", "z"]:
        raise ValueError(f"axes {axes!r}: expected an order of x, y and z")
    i, j, k = ("xyz".index(axis) for axis in axes)
    parity = 1.0 if (j - i) % 3 == 1 else -1.0
    tracks = np.ascontiguousarray(q, float).reshape(-1, *q.shape[-2:])
    angles = np.empty((*tracks.shape[:-1], 3))
    first = np.zeros((len(tracks), 3)) if before is None else np.ascontiguousarray(before, float)
    follows = before is not None
    _angles_of_tracks(tracks, i + 1, j + 1, k + 1, parity, first.reshape(-1, 3), follows, angles)
    return angles.reshape(*q.shape[:-1], 3)


@kernel
def _nearest_turn(angle: float, before: float) -> float:
    """The angle plus whole turns that lies closest to ``before``."""
    return angle + _TURN * np.rint((before - angle) / _TURN)


@kernel
def _approach(angles: Floats, before: Floats) -> float:
    """Add whole turns to bring three angles closest to those before; the distance that is left."""
    distance = 0.0
    for n in range(3):
        angles[n] = _nearest_turn(angles[n], before[n])
        distance += abs(angles[n] - before[n])
    return distance


@kernel
def _follow(angles: Floats, before: Floats) -> None:
    """Replace three angles by the equivalent ones that are closest to those before."""
    distance = _approach(angles, before)
    if distance < np.pi:  # the flipped triple is then at least as far away
        return
    a, b, c = angles
    angles[0], angles[1], angles[2] = a + np.pi, np.pi - b, c + np.pi
    if _approach(angles, before) > distance:
        angles[0], angles[1], angles[2] = a, b, c


@kernel
def principal_angles(
    q: Floats, i: int, j: int, k: int, parity: float, last: float, angles: Floats
) -> None:
    """Angles of one quaternion (4,) with β within ±π/2; at gimbal lock γ is ``last``."""
    plus_sine, plus_cosine = q[i] + parity * q[k], q[0] + q[j]
    minus_sine, minus_cosine = q[i] - parity * q[k], q[0] - q[j]
    half_sum = np.arctan2(plus_sine, plus_cosine)
    half_difference = np.arctan2(minus_sine, minus_cosine)
    plus = np.sqrt(plus_sine**2 + plus_cosine**2)
    minus = np.sqrt(minus_sine**2 + minus_cosine**2)
    if minus < _LOCKED:
        half_difference = half_sum - parity * last
    elif plus < _LOCKED:
        half_sum = half_difference + parity * last
    angles[0] = _nearest_turn(half_sum + half_difference, 0.0)
    angles[1] = 0.5 * np.pi - 2.0 * np.arctan2(minus, plus)
    angles[2] = _nearest_turn(parity * (half_sum - half_difference), 0.0)


@kernel
def _angles_of_tracks(
    q: Floats, i: int, j: int, k: int, parity: float, first: Floats, follows: bool, angles: Floats
) -> None:
    """Angles (S, N, 3) of quaternions (S, N, 4); i, j, k are the columns of the axes in q.

    ``first`` (S, 3) precedes the first frame, which stays close to it only if it ``follows``.
    """
    for track in range(q.shape[0]):
        before = first[track]
        for n in range(q.shape[1]):
            principal_angles(q[track, n], i, j, k, parity, before[2], angles[track, n])
            if n > 0 or follows:
                _follow(angles[track, n], before)
            before = angles[track, n]
