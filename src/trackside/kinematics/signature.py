"""How a sensor is moved, described in its own frame, stretch of time by stretch of time.

A gait repeats itself, so over a few strides the mean direction of gravity, the axes about which a
sensor turns and the directions in which it is shaken stay the same as seen by the sensor. All of
them turn together when it slips on its segment. A signature holds them as moments of gyroscope and
accelerometer, vectors and matrices; the rotation that brings one signature to another one is found
by least squares (Wahba's problem, with matrices besides vectors).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt

STRETCH = 3.0
"""s; each is weighted by a Hann window, so that it need not hold whole strides."""
HOP = 0.5  # s, from one stretch to the next
APART = round(STRETCH / HOP / 2)
"""Stretches that are so many apart overlap by half."""
MOVING = 0.7  # rad/s or
SHAKEN = 1.0  # m/s²: RMS from which on a stretch tells how the sensor sits
SPREAD_FLOOR = 0.02
"""Of the moments, which have no unit; nobody moves more regularly."""
SPREAD_CEILING = 0.25  # likewise; whoever moves less regularly repeats nothing
INTENSITY_SPREAD = 0.05  # of the logarithms of intensity at least, likewise
_ROUNDS = 12  # of Gauss–Newton
_LONGEST_STEP = 0.5  # rad, of one round


@dataclass(frozen=True)
class Signatures:
    """A sensor's W signatures.

    ``time`` (W,) s: centres of the stretches. ``vectors`` (W, V, 3) and ``matrices`` (W, M, 3, 3):
    moments without unit, in the sensor's frame. ``intensity`` (W, 2): logarithms of the RMS rate
    and acceleration, which no slip changes. ``spread`` (V + M + 2,): by how much each differs
    between neighbouring stretches, in the median.
    """

    time: Floats
    vectors: Floats
    matrices: Floats
    intensity: Floats
    spread: Floats

    def only(self, kept: Booleans | Integers) -> "Signatures":
        """Some of them, with the same spread."""
        return Signatures(
            self.time[kept],
            self.vectors[kept],
            self.matrices[kept],
            self.intensity[kept],
            self.spread,
        )


def signatures(time: Floats, gyr: Floats, acc: Floats, measured: Booleans) -> Signatures:
    """The signatures of one sensor, of all stretches in which it was measured and moved.

    ``time`` (N,) s, evenly spaced; ``gyr`` (N, 3) rad/s, ``acc`` (N, 3) m/s²; ``measured`` (N,).
    """
    rate = (len(time) - 1) / (time[-1] - time[0])
    weights = np.hanning(round(STRETCH * rate) + 2)[1:-1]
    weights /= weights.sum()
    hop = max(1, round(HOP * rate))

    def mean(values: Floats) -> Floats:
        flat = np.ascontiguousarray(values.reshape(len(values), -1))
        return _stretch_means(flat, weights, hop).reshape(-1, *values.shape[1:])

    if len(time) < len(weights):
        return _signatures(
            np.zeros(0), np.zeros((0, 5, 3)), np.zeros((0, 3, 3, 3)), np.zeros((0, 2))
        )
    pull, centre = mean(acc), mean(time[:, None])[:, 0]
    shake = acc - np.stack([np.interp(time, centre, column) for column in pull.T], axis=-1)
    turning, shaking = np.sum(gyr**2, axis=1), np.sum(shake**2, axis=1)
    rate_rms, shake_rms = np.sqrt(mean(np.stack([turning, shaking], axis=1))).T + 1e-9
    g, a = rate_rms[:, None], shake_rms[:, None]
    vectors = [
        pull / (np.linalg.norm(pull, axis=1, keepdims=True) + 1e-9),
        mean(turning[:, None] * gyr) / g**3,
        mean(shaking[:, None] * gyr) / (a**2 * g),
        mean(turning[:, None] * shake) / (g**2 * a),
        mean(shaking[:, None] * shake) / a**3,
    ]
    matrices = [
        mean(one[:, :, None] * other[:, None]) / scale[..., None]
        for one, other, scale in ((gyr, gyr, g * g), (shake, shake, a * a), (gyr, shake, g * a))
    ]
    seen = mean(measured[:, None].astype(float))[:, 0] > 0.9
    usable = seen & ((rate_rms > MOVING) | (shake_rms > SHAKEN))
    intensity = np.log(np.stack([rate_rms, shake_rms], axis=1))
    return _signatures(
        centre[usable],
        np.stack(vectors, axis=1)[usable],
        np.stack(matrices, axis=1)[usable],
        intensity[usable],
    )


def _signatures(time: Floats, vectors: Floats, matrices: Floats, intensity: Floats) -> Signatures:
    squares = [
        np.sum(_change(vectors) ** 2, axis=-1),
        np.sum(_change(matrices) ** 2, axis=(-1, -2)),
        _change(intensity) ** 2,
    ]
    floors = np.repeat([SPREAD_FLOOR, SPREAD_FLOOR, INTENSITY_SPREAD], [5, 3, 2])
    changes = np.concatenate(squares, axis=1)
    typical = np.median(changes, axis=0) if len(changes) else np.zeros(len(floors))
    spread = np.minimum(np.sqrt(typical + floors**2), SPREAD_CEILING)
    return Signatures(time, vectors, matrices, intensity, spread)


def _change(values: Floats) -> Floats:
    return values[APART:] - values[:-APART]


def steadiest(own: Signatures) -> int:
    """Index of the signature about which least changes; of at least 2 APART + 1 signatures."""
    change = np.sum((own.matrices[2 * APART :] - own.matrices[: -2 * APART]) ** 2, axis=(1, 2, 3))
    return int(np.argmin(change)) + APART


def turns_from(own: Signatures, reference: int) -> tuple[Floats, Floats]:
    """Rotation vectors (W, 3) rad from the reference signature to each, and what is left (W,).

    A sensor that slipped by a rotation vector after the reference was taken has the negative one
    here. What is left is RMS, in units of the spread.
    """
    vectors, matrices = own.vectors[reference], own.matrices[reference]
    parts = np.split(1.0 / own.spread, np.cumsum([len(vectors), len(matrices)]))
    turn = np.zeros((len(own.time), 3))
    for _ in range(_ROUNDS):
        v, m = _turned(vectors, matrices, turn)
        residual = _features(own.vectors - v, own.matrices - m, parts)
        slope = np.stack([_slope(v, m, axis, parts) for axis in np.eye(3)], axis=2)
        normal = np.einsum("wfi,wfj->wij", slope, slope) + 1e-6 * np.eye(3)
        step = np.linalg.solve(normal, np.einsum("wfi,wf->wi", slope, residual)[..., None])[..., 0]
        size = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1.0, _LONGEST_STEP / (size + 1e-12))
        turn = qt.to_rotation_vector(
            qt.multiply(qt.from_rotation_vector(step), qt.from_rotation_vector(turn))
        )
    v, m = _turned(vectors, matrices, turn)
    residual = _features(own.vectors - v, own.matrices - m, parts)
    intensity = (own.intensity - own.intensity[reference]) * parts[2]
    square = np.sum(residual**2, axis=1) + np.sum(intensity**2, axis=1)
    return turn, np.sqrt(square / len(own.spread))


def _turned(vectors: Floats, matrices: Floats, turn: Floats) -> tuple[Floats, Floats]:
    r = qt.to_matrix(qt.from_rotation_vector(turn))
    v = np.einsum("wij,vj->wvi", r, vectors)
    return v, r[:, None] @ matrices @ np.swapaxes(r, 1, 2)[:, None]


def _features(v: Floats, m: Floats, parts: list[Floats]) -> Floats:
    """Weighted entries (W, F) of vectors and matrices."""
    weighted = v * parts[0][:, None], m * parts[1][:, None, None]
    return np.concatenate([part.reshape(len(part), -1) for part in weighted], axis=1)


def _slope(v: Floats, m: Floats, axis: Floats, parts: list[Floats]) -> Floats:
    """How the weighted entries (W, F) change when turned about an axis (3,), per rad."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return _features(v @ cross.T, cross @ m - m @ cross, parts)


@kernel
def _stretch_means(values: Floats, weights: Floats, hop: int) -> Floats:
    """Weighted means (W, C) of values (N, C) over stretches as long as the weights."""
    count = (len(values) - len(weights)) // hop + 1
    out = np.zeros((count, values.shape[1]))
    for w in range(count):
        for n in range(len(weights)):
            for c in range(values.shape[1]):
                out[w, c] += weights[n] * values[w * hop + n, c]
    return out
