"""Quaternion algebra: unit, scalar-first ``(w, x, y, z)``, Hamilton product.

A quaternion maps vectors from its own frame into the frame outside: ``v_out = q ⊗ v ⊗ q*``.
All functions broadcast over leading axes and return float64.
"""

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats

IDENTITY: Floats = np.array([1.0, 0.0, 0.0, 0.0])


def multiply(a: ArrayLike, b: ArrayLike) -> Floats:
    """Hamilton product a ⊗ b of (..., 4) arrays: first b, then a."""
    aw, ax, ay, az = np.moveaxis(np.asarray(a, float), -1, 0)
    bw, bx, by, bz = np.moveaxis(np.asarray(b, float), -1, 0)
    out = np.empty((*np.broadcast_shapes(aw.shape, bw.shape), 4))
    out[..., 0] = aw * bw - ax * bx - ay * by - az * bz
    out[..., 1] = aw * bx + ax * bw + ay * bz - az * by
    out[..., 2] = aw * by - ax * bz + ay * bw + az * bx
    out[..., 3] = aw * bz + ax * by - ay * bx + az * bw
    return out


def conjugate(q: ArrayLike) -> Floats:
    """The inverse rotation, (..., 4)."""
    return np.asarray(q, float) * np.array([1.0, -1.0, -1.0, -1.0])


def normalized(q: ArrayLike) -> Floats:
    """q scaled to unit length, (..., 4)."""
    q = np.asarray(q, float)
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def rotate(q: ArrayLike, v: ArrayLike) -> Floats:
    """Vectors v (..., 3) as seen from outside the frame of q (..., 4)."""
    w, a, b, c = np.moveaxis(np.asarray(q, float), -1, 0)
    x, y, z = np.moveaxis(np.asarray(v, float), -1, 0)
    tx, ty, tz = 2.0 * (b * z - c * y), 2.0 * (c * x - a * z), 2.0 * (a * y - b * x)
    out = np.empty((*np.broadcast_shapes(w.shape, x.shape), 3))
    out[..., 0] = x + w * tx + b * tz - c * ty
    out[..., 1] = y + w * ty + c * tx - a * tz
    out[..., 2] = z + w * tz + a * ty - b * tx
    return out


def vertical(q: ArrayLike) -> Floats:
    """Where up is (N, 3), as seen from the frames of orientations q (N, 4)."""
    w, x, y, z = np.asarray(q, float).T
    up = np.empty((len(w), 3))
    up[:, 0] = 2.0 * (x * z - w * y)
    up[:, 1] = 2.0 * (y * z + w * x)
    up[:, 2] = 1.0 - 2.0 * (x * x + y * y)
    return up


def to_matrix(q: ArrayLike) -> Floats:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4)."""
    w, x, y, z = np.moveaxis(np.asarray(q, float), -1, 0)
    m = np.empty((*w.shape, 3, 3))
    m[..., 0, 0] = 1 - 2 * (y * y + z * z)
    m[..., 0, 1] = 2 * (x * y - w * z)
    m[..., 0, 2] = 2 * (x * z + w * y)
    m[..., 1, 0] = 2 * (x * y + w * z)
    m[..., 1, 1] = 1 - 2 * (x * x + z * z)
    m[..., 1, 2] = 2 * (y * z - w * x)
    m[..., 2, 0] = 2 * (x * z - w * y)
    m[..., 2, 1] = 2 * (y * z + w * x)
    m[..., 2, 2] = 1 - 2 * (x * x + y * y)
    return m


def from_rotation_vector(vector: ArrayLike) -> Floats:
    """Quaternions (..., 4) that turn by |vector| rad about the direction of vector (..., 3)."""
    vector = np.asarray(vector, float)
    half = 0.5 * np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.concatenate([np.cos(half), 0.5 * vector * np.sinc(half / np.pi)], axis=-1)


def to_rotation_vector(q: ArrayLike) -> Floats:
    """Rotation vectors (..., 3) in rad, at most π long."""
    q = np.asarray(q, float)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    small = sine < 1e-9
    return q[..., 1:] * np.where(small, 2.0, angle / np.where(small, 1.0, sine))


def about_axis(axis: ArrayLike, angle: ArrayLike) -> Floats:
    """Quaternions (..., 4) that turn by angle (...) rad about a unit axis (3,) or (..., 3)."""
    return from_rotation_vector(np.asarray(angle, float)[..., None] * np.asarray(axis, float))


def angle_between(a: ArrayLike, b: ArrayLike) -> Floats:
    """Angle (...) in rad of the rotation that separates a and b (..., 4), in [0, π]."""
    difference = multiply(conjugate(a), b)
    sine = np.linalg.norm(difference[..., 1:], axis=-1)
    return np.asarray(2.0 * np.arctan2(sine, np.abs(difference[..., 0])))


def slerp(a: ArrayLike, b: ArrayLike, fraction: ArrayLike) -> Floats:
    """Spherical interpolation on the shorter arc: a at fraction 0, b at 1 (Shoemake 1985)."""
    step = to_rotation_vector(multiply(conjugate(a), b))
    return multiply(a, from_rotation_vector(np.asarray(fraction, float)[..., None] * step))


def mean(q: ArrayLike) -> Floats:
    """Mean rotation (4,) of (N, 4): the dominant eigenvector of Σ q qᵀ (Markley et al. 2007)."""
    q = np.asarray(q, float)
    return np.asarray(np.linalg.eigh(q.T @ q)[1][:, -1])


def angular_rates(time: Floats, q: ArrayLike) -> Floats:
    """Angular rates (N, 3) in rad/s, in the moving frame, of orientations (N, 4) at time (N,) s."""
    q = np.asarray(q, float)
    turns = to_rotation_vector(multiply(conjugate(q[:-1]), q[1:]))
    between = turns / np.diff(time)[:, None]
    return np.concatenate([between[:1], 0.5 * (between[1:] + between[:-1]), between[-1:]])
