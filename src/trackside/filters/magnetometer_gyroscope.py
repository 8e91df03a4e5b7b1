"""Hard iron of a magnetometer with the help of the gyroscope, for recordings with little turning.

In the sensor's frame a steady field turns as the gyroscope says, the hard iron b does not:
dm/dt = −ω × (m − b). Over a short window, with R the gyroscope's rotation since its start, that is
R (m − b) = constant, which is linear in b: with means over the window, of I = RᵀR,

    (I − R̄ᵀ R̄) b = m̄ − R̄ᵀ mean(R m)

whose least squares over all windows is this module's estimate. Unlike a sphere it needs no variety
of directions, only turns about more than one axis. (Spielvogel, Shah & Whitcomb 2022 filter the
derivative instead; integrated like this, noise is averaged.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.filters.magnetometer_calibration import (
    LARGEST_OFFSET_SD,
    CalibrationQuality,
    MagnetometerCalibration,
    Model,
    usable_readings,
)

WINDOW = 1.0
"""Length of a window, s: the gyroscope's bias turns it by little, the body turns by much."""
LONGEST_STEP = 0.1
"""Time between samples above which the rotation is not known, s."""
LEAST_READINGS = 4
"""Of the magnetometer in a window."""
LEAST_TURNING = 1e-4
"""Least mean square of the turning within windows about the worst axes (rad²), as `coverage`."""
OUTLIER = 4.0
"""Robust standard deviations of the windows' residuals."""
ROUNDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """The equations A b = y of W windows: (W, 3, 3), (W, 3), and the variance (W,) at b = 0."""

    normal: Floats
    right: Floats
    variance: Floats

    def kept(self, which: Booleans) -> "_Windows":
        return _Windows(self.normal[which], self.right[which], self.variance[which])

    def offset(self) -> Floats:
        return np.asarray(np.linalg.lstsq(self.normal.sum(axis=0), self.right.sum(axis=0))[0])

    def residuals(self, offset: Floats) -> Floats:
        """RMS (W,) by which R (m − b) varies in each window."""
        square = self.variance - 2.0 * self.right @ offset + (self.normal @ offset) @ offset
        return np.asarray(np.sqrt(np.maximum(square, 0.0)))


def offset_from_gyroscope(
    time: ArrayLike, gyr: ArrayLike, mag: ArrayLike
) -> MagnetometerCalibration:
    """Hard iron alone; the matrix stays the identity.

    Parameters
    ----------
    time
        (N,) s, increasing.
    gyr
        (N, 3) rad/s, its bias removed as far as it is known; windows with NaN are left out.
    mag
        (N, 3) in any unit; rows of NaN or zero are missing, so it may be slower than the gyroscope.

    If the turning does not determine the offset, the identity is returned and ``quality.action``
    says what is missing. ``quality.coverage`` is the least eigenvalue of the mean of I − R̄ᵀ R̄.

    Raises
    ------
    SignalError
        Shapes that do not match, time that does not increase, no window of time with samples of
        both sensors.
    """
    time, gyr, mag = (np.asarray(values, float) for values in (time, gyr, mag))
    if time.ndim != 1 or gyr.shape != (len(time), 3) or mag.shape != gyr.shape:
        raise SignalError(
            f"time, gyroscope and magnetometer have shapes {time.shape}, {gyr.shape} and "
            f"{mag.shape}: expected (N,), (N, 3) and (N, 3)"
        )
    if not (np.diff(time) > 0.0).all():
        raise SignalError("time does not increase; sort the samples and drop those sent twice")
    readings = usable_readings(mag)
    windows = _windows(time, gyr, mag)
    offset = windows.offset()
    kept = np.ones(len(windows.variance), np.bool_)
    for _ in range(ROUNDS):
        residuals = windows.residuals(offset)
        kept = residuals <= OUTLIER * np.median(residuals) + 1e-9 * np.sqrt(windows.variance)
        offset = windows.kept(kept).offset()
    norm = float(np.sqrt(np.median(np.sum((readings - offset) ** 2, axis=1))))
    quality = _quality(windows.kept(kept), offset, norm, float(1.0 - kept.mean()))
    if quality.model is Model.IDENTITY:
        return MagnetometerCalibration(quality=quality)
    return MagnetometerCalibration(offset, np.eye(3), norm, quality)


def _quality(windows: _Windows, offset: Floats, norm: float, outliers: float) -> CalibrationQuality:
    """How well the windows determine the offset, and what to do."""
    turning = np.linalg.eigvalsh(windows.normal.mean(axis=0))
    residual = float(np.sqrt(np.mean(windows.residuals(offset) ** 2))) / norm
    determined = turning[0] > LEAST_TURNING
    offset_sd = residual / np.sqrt(turning[0] * len(windows.right)) if determined else np.inf
    if not offset_sd <= LARGEST_OFFSET_SD:
        action = "not calibrated; turn the sensor about more than one axis, and away from iron"
        return CalibrationQuality(coverage=max(float(turning[0]), 0.0), action=action)
    return CalibrationQuality(
        model=Model.OFFSET,
        residual=residual,
        coverage=float(turning[0]),
        condition=float(np.sqrt(turning[-1] / turning[0])),
        offset_sd=float(offset_sd),
        outliers=outliers,
        action="usable; turn the sensor all ways, also upside down, to tell soft iron as well",
    )


def _windows(time: Floats, gyr: Floats, mag: Floats) -> _Windows:
    """The equations of all windows of equal numbers of samples that are complete.

    Rotations are built over all windows at once, sample after sample, from the mean rate between
    samples.
    """
    from scipy.spatial.transform import Rotation

    steps = np.diff(time)
    length = max(LEAST_READINGS, round(WINDOW / float(np.median(steps))))
    count = len(steps) // length
    used = count * length
    turns = (0.5 * (gyr[1:] + gyr[:-1]) * steps[:, None])[:used]
    known = np.isfinite(turns).all(axis=1) & (steps[:used] <= LONGEST_STEP)
    turn = Rotation.from_rotvec(np.where(known[:, None], turns, 0.0)).as_matrix()
    seen = np.all(np.isfinite(mag[:used]), axis=1) & np.any(mag[:used] != 0.0, axis=1)
    field = np.where(seen[:, None], mag[:used], 0.0).reshape(count, length, 3)
    weight = seen.reshape(count, length).astype(np.float64)
    unknown = np.any(~known.reshape(count, length), axis=1)
    whole = np.flatnonzero(~unknown & np.greater_equal(weight.sum(axis=1), LEAST_READINGS))
    if not whole.size:
        raise SignalError(
            f"no {WINDOW:g} s in which the gyroscope is complete and the magnetometer has "
            f"{LEAST_READINGS} samples"
        )
    turn = turn.reshape(count, length, 3, 3)
    return _equations(turn[whole], field[whole], weight[whole])


def _equations(turn: Floats, field: Floats, weight: Floats) -> _Windows:
    """The equations of windows (W, L, ...) of rotations from each sample to the next and fields."""
    rotation = np.broadcast_to(np.eye(3), (len(turn), 3, 3))
    mean_rotation, mean_turned = np.zeros((len(turn), 3, 3)), np.zeros((len(turn), 3))
    share = weight / weight.sum(axis=1, keepdims=True)
    for sample in range(turn.shape[1]):
        at = share[:, sample]
        mean_rotation += at[:, None, None] * rotation
        mean_turned += at[:, None] * np.einsum("wij,wj->wi", rotation, field[:, sample])
        rotation = rotation @ turn[:, sample]
    back = mean_rotation.transpose(0, 2, 1)
    mean_field = np.einsum("wl,wli->wi", share, field)
    return _Windows(
        normal=np.eye(3) - back @ mean_rotation,
        right=mean_field - np.einsum("wij,wj->wi", back, mean_turned),
        variance=np.einsum("wl,wli,wli->w", share, field, field) - np.sum(mean_turned**2, axis=1),
    )
