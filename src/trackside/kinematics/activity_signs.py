"""The signs by which activities are told apart, in windows of one body-worn IMU's samples."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d, uniform_filter1d
from scipy.signal import butter, sosfiltfilt

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import SignalError
from trackside.filters.missing_samples import finite_rows
from trackside.kinematics import quaternions as qt
from trackside.kinematics.leg_swings import GRAVITY
from trackside.kinematics.oriented import Oriented
from trackside.recordings.model import Imu

RATE = 50.0  # Hz, that all is looked at
WINDOW = 3.0  # s
HOP = 0.5  # s between windows
FORCE_BAND = 6.0  # Hz; impacts are above it, the push of a step below
LONGEST_GAP = 1.0  # s; a window with more of it tells nothing
MOST_MISSING = 0.3  # of a window
ALIKE = 0.85  # of the tallest peak of the autocorrelation that the first may have
LIMB_STRIDES = 0.36, 1.6  # s
TRUNK_STEPS = 0.18, 0.8  # s

TURN_RATE = 0.5  # rad/s
TURN_ANGLE = np.pi / 4.0
TURN_WINDOW = 2.0  # s; a Hann window of that length leaves out the sway of strides

FREE_FALL = 0.45 * GRAVITY
SHORTEST_FLIGHT = 0.1  # s
PUSH = 1.3 * GRAVITY  # before and after a flight, at least
PUSHING = 0.5  # s

LEGS = ("thigh", "shank", "foot", "toe")
ARMS = ("shoulder", "upper_arm", "forearm", "hand")
LIMBS = LEGS + ARMS


@dataclass(frozen=True)
class Signals:
    """A sensor's samples at RATE, mirrored at both ends for windows that have their middle there.

    ``gyr`` (N, 3) rad/s; ``raw`` (N,) m/s²: length of the force, and ``force`` (N,) that below
    FORCE_BAND; ``up`` (N, 3) in the sensor's frame; ``yaw`` (N,) rad/s about it; ``measured`` (N,).
    """

    time: Floats
    gyr: Floats
    force: Floats
    raw: Floats
    up: Floats
    yaw: Floats
    measured: Booleans


def body_signals(imu: Imu, oriented: Oriented) -> Signals:
    """A sensor's samples, brought to RATE, with the vertical as the orientation filter knows it.

    Raises SignalError if they are too few, or if gyroscope or accelerometer do not work.
    """
    name = imu.stream.placement or imu.stream.name
    if imu.gyr is None:
        raise SignalError(f"the sensor on {name} has no gyroscope: activities need one")
    finite = finite_rows(imu.gyr) & finite_rows(imu.acc)
    time, gyr, acc = imu.time[finite], imu.gyr[finite], imu.acc[finite]
    if len(time) < 2 or time[-1] - time[0] < 2.0 * WINDOW:
        raise SignalError(f"the sensor on {name} has less than {2 * WINDOW:g} s of samples")
    length = np.sqrt(np.einsum("ni,ni->n", acc, acc))
    if not 0.5 * GRAVITY < np.median(length) < 2.0 * GRAVITY:
        raise SignalError(f"the accelerometer on {name} shows no gravity: it does not work")
    if not np.ptp(gyr, axis=0).any():
        raise SignalError(f"the gyroscope on {name} is constant: it does not work")
    up = qt.vertical(oriented(imu)[finite])
    half = round(0.5 * WINDOW * RATE)
    clock = np.arange(time[0], time[-1], 1.0 / RATE)
    block = max(1, round(1.0 / (RATE * float(np.median(np.diff(time))))))
    columns = np.column_stack([gyr, length, up, np.einsum("ni,ni->n", gyr, up)])
    smooth = uniform_filter1d(columns, block, axis=0) if block > 1 else columns
    right = np.clip(np.searchsorted(time, clock), 1, len(time) - 1)
    since, step = clock - time[right - 1], time[right] - time[right - 1]
    even = smooth[right - 1] + (since / step)[:, None] * (smooth[right] - smooth[right - 1])
    measured = step < LONGEST_GAP
    # mirrored at both ends, so that the first and last windows have their middles there
    even = np.pad(even, ((half, half), (0, 0)), "reflect")
    measured = np.pad(measured, half, "edge")
    clock = clock[0] + (np.arange(len(even)) - half) / RATE
    sos = butter(2, FORCE_BAND, fs=RATE, output="sos")
    force = sosfiltfilt(sos, even[:, 3])
    return Signals(clock, even[:, :3], force, even[:, 3], even[:, 4:7], even[:, 7], measured)


def window_starts(signals: Signals) -> Integers:
    """First samples (W,) of the windows."""
    return np.arange(0, len(signals.time) - round(WINDOW * RATE), round(HOP * RATE))


def measured_windows(signals: Signals, windows: Integers) -> Booleans:
    """Whether enough of each window was measured, (W,)."""
    missing = np.concatenate([[0], np.cumsum(~signals.measured)])
    size = round(WINDOW * RATE)
    return missing[windows + size] - missing[windows] <= MOST_MISSING * size


@dataclass(frozen=True)
class Signs:
    """What W windows show, (W,) each.

    ``regular``: correlation of one stride or step with the next; ``steps``: 1/s; ``force`` m/s² and
    ``turning`` rad/s: deviation of the force and RMS of the angular rate; ``turn`` rad/s: mean rate
    about the vertical of a turn, 0 outside; ``flight`` s: the longest free fall between two pushes;
    ``up`` (W, 3): the vertical; ``quiet`` rad/s and ``quiet_force`` m/s² over a second.
    """

    regular: Floats
    steps: Floats
    force: Floats
    turning: Floats
    turn: Floats
    flight: Floats
    up: Floats
    quiet: Floats
    quiet_force: Floats


def window_signs(signals: Signals, windows: Integers, place: str) -> Signs:
    """The signs in each window, of a sensor worn at ``place``: a segment's name."""
    limb = place.endswith(LIMBS)
    swinging = signals.gyr if limb else signals.force[:, None]
    regular, period = _periods(swinging, windows, LIMB_STRIDES if limb else TRUNK_STEPS)
    middle = windows + round(0.5 * WINDOW * RATE)
    squares = np.einsum("ni,ni->n", signals.gyr, signals.gyr)
    return Signs(
        regular,
        (2.0 if limb else 1.0) / period,
        np.sqrt(_spread(signals.force, windows, WINDOW)),
        np.sqrt(_mean(squares, windows, WINDOW)),
        _turns(signals)[middle],
        _flights(signals)[middle],
        np.stack([_mean(column, windows, WINDOW) for column in signals.up.T], axis=-1),
        np.sqrt(_mean(squares, middle - round(0.5 * RATE), 1.0)),
        np.sqrt(_spread(signals.force, middle - round(0.5 * RATE), 1.0)),
    )


def _mean(values: Floats, starts: Integers, duration: float) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    size = round(duration * RATE)
    return (sums[starts + size] - sums[starts]) / size


def _spread(values: Floats, starts: Integers, duration: float) -> Floats:
    """Variance in each window."""
    centred = values - values.mean()
    mean = _mean(centred, starts, duration)
    return np.maximum(_mean(centred**2, starts, duration) - mean**2, 0.0)


def _periods(
    signals: Floats, windows: Integers, bounds: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Correlation (W,) with what comes a period later, and the period (W,) s.

    Of several periods that fit about as well the shortest counts.
    """
    size = round(WINDOW * RATE)
    first, last = (round(bound * RATE) for bound in bounds)
    view = np.lib.stride_tricks.sliding_window_view(signals, size, axis=0)[windows]
    parts = view - view.mean(axis=2, keepdims=True)
    spectrum = np.fft.rfft(parts.astype(np.float32), 2 * size, axis=2)
    products = np.fft.irfft(np.sum(np.abs(spectrum) ** 2, axis=1), axis=1)[:, : last + 2]
    power = np.concatenate(
        [np.zeros((len(windows), 1)), np.cumsum(np.sum(parts**2, axis=1), axis=1)], axis=1
    )
    lags = np.arange(first - 1, last + 2)
    before = power[:, size - lags]
    after = power[:, -1:] - power[:, lags]
    shares = products[:, lags] / np.sqrt(np.maximum(before * after, 1e-12))
    inner = shares[:, 1:-1]
    peaks = (inner > shares[:, :-2]) & (inner >= shares[:, 2:])
    heights = np.where(peaks, inner, -1.0)
    best = heights.max(axis=1)
    chosen = np.argmax(heights >= ALIKE * np.maximum(best, 1e-3)[:, None], axis=1)
    return np.where(best > 0.0, best, 0.0), (first + chosen) / RATE


def _turns(signals: Signals) -> Floats:
    """Rate (N,) rad/s of the turns about the vertical, 0 outside of turns of 45° and more."""
    size = round(TURN_WINDOW * RATE) + 1
    window = np.hanning(size)
    rate = np.abs(convolve1d(signals.yaw, window / window.sum(), mode="nearest"))
    turns = np.zeros(len(rate))
    edges = np.flatnonzero(np.diff(rate > 0.5 * TURN_RATE, prepend=False, append=False))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if rate[first:end].sum() / RATE > TURN_ANGLE:
            turns[first:end] = rate[first:end]
    return turns


def _flights(signals: Signals) -> Floats:
    """Duration (N,) s of the free fall around each sample, between two pushes; 0 elsewhere."""
    flights = np.zeros(len(signals.raw))
    reach = round(PUSHING * RATE)
    edges = np.flatnonzero(np.diff(signals.raw < FREE_FALL, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    pushes = np.concatenate([[0], np.cumsum(signals.raw > PUSH)])
    pushed = pushes[starts] > pushes[np.maximum(starts - reach, 0)]
    landed = pushes[np.minimum(ends + reach, len(flights))] > pushes[ends]
    jumps = ((ends - starts) / RATE > SHORTEST_FLIGHT) & pushed & landed
    for first, end in zip(starts[jumps], ends[jumps], strict=True):
        around = flights[max(first - 2 * reach, 0) : end + 2 * reach]
        np.maximum(around, (end - first) / RATE, out=around)
    return flights
