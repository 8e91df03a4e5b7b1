"""Clock alignment while recording: the device's clock in terms of the host's, sample by sample.

A sample's arrival is its true time plus a delay that is never negative and mostly irregular: the
wait for the radio's next turn, retransmissions, a busy host. So of every few seconds only the
sample with the least delay is believed (block minimum), and a Kalman filter with two states,
offset and skew, tracks these minima. Its measurement noise is one-sided like the delay: an early
sample shows that the offset was too large, a late one may merely have been delayed. The constant
part of the delay cannot be seen from arrivals; :mod:`~trackside.capture.shared_event` removes it.

Sources: Paxson, On calibrating measurements of packet transit times, SIGMETRICS 1998 (minima);
Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001,
sections 6.2 (white-noise acceleration model, here of the offset) and 5.4 (innovation gates).
"""

import math
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, Timebase, timebase_of
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.kernels import kernel

FIRST_BLOCK, BLOCK = 0.25, 4.0
"""Length in s of an epoch's first block, and of all once they have doubled up to it."""

EARLY_SD, LATE_SD = 5e-4, 5e-3
"""Standard deviation in s of a block minimum that is earlier, or later, than predicted."""

FIRST_SD = 0.03
"""Standard deviation in s of an epoch's first sample: one delay on the radio."""

SKEW_WALK = 1e-6
"""How much the skew of a warming crystal walks, 1/√s."""

TOLERANCE = 3e-3
"""A sample that is earlier than this, s, corrects the times of its block at once."""

GATE = 6.0
"""Innovations beyond this many standard deviations are stalls, or steps of the device's clock."""

PATIENCE = 3
"""After this many late blocks in a row it was no stall: the device's clock made a step."""

OFFSET, SKEW, AT = range(3)  # of the state: s, 1, device time in s at which the offset holds
VAR_OFFSET, COVARIANCE, VAR_SKEW = range(3, 6)
BLOCK_START, BLOCK_LENGTH, LEAST, LEAST_AT, LATE = range(6, 11)  # LEAST: residual in s
CURRENT_EPOCH, LAST_TIME = range(11, 13)
STATE_SIZE = 13


@dataclass(frozen=True)
class ClockEstimate:
    """What is known of a device's clock now.

    ``offset``: host time in s at which the device's present epoch began; ``skew_ppm``: how much
    longer the device's second is than the host's; ``sd``: standard deviation in s of a sample's
    time, apart from the constant delay; ``epoch``: resets seen so far. NaN before the first sample.
    """

    offset: float
    skew_ppm: float
    sd: float
    epoch: int


class ClockFilter:
    """Host-clock times of samples from raw counts and arrivals, causally.

    Any chunks of the same pairs give the same times. They never go back, and are never later than
    the arrival by more than ``TOLERANCE``.
    """

    def __init__(self, timebase: Timebase) -> None:
        self._counter = Counter(timebase)
        self._walks = np.array([timebase.walk**2, SKEW_WALK**2])
        self._state = np.zeros(STATE_SIZE)
        self._state[VAR_SKEW] = (timebase.drift / 3) ** 2
        self._state[CURRENT_EPOCH] = -1.0
        self._state[LAST_TIME] = -math.inf

    def update(self, ticks: Integers, host_time: Floats) -> Floats:
        """Time (n,) in s on the host's clock at which each sample was taken.

        ``ticks`` (n,) raw counts of the device, ``host_time`` (n,) s of arrival.
        """
        device_time, epoch = self._counter.unwrap(ticks, host_time)
        time = np.empty(len(ticks))
        _track(device_time, epoch, host_time, self._walks, self._state, time)
        return time

    @property
    def estimate(self) -> ClockEstimate:
        """Offset, skew and uncertainty as of the last correction."""
        state = self._state
        if state[CURRENT_EPOCH] < 0.0:
            return ClockEstimate(math.nan, math.nan, math.nan, 0)
        return ClockEstimate(
            offset=float(state[OFFSET] - state[SKEW] * state[AT]),
            skew_ppm=float(state[SKEW]) * 1e6,
            sd=math.sqrt(state[VAR_OFFSET]),
            epoch=int(state[CURRENT_EPOCH]),
        )


class StreamClock:
    """Host-clock times of a stream's samples, by the best timebase that the stream has.

    That is the device's clock, else its sample numbers, else the nominal rate between gaps. A
    stream with none of these (heart beats, battery) is stamped on arrival.
    """

    def __init__(self, stream: StreamDescription) -> None:
        self._stream = stream
        timebase = timebase_of(stream)
        self._filter = None if timebase is None else ClockFilter(timebase)
        self._received = 0

    def update(self, samples: Samples, arrival: float | Floats) -> Floats:
        """Time (n,) in s of each of the samples that arrived at ``arrival`` (s), one or (n,)."""
        count = len(next(iter(samples.values.values())))
        host_time = np.full(count, arrival)
        if self._filter is None:
            return host_time
        ticks = samples.device_time if self._stream.tick is not None else samples.sequence
        if ticks is None:
            ticks = np.arange(self._received, self._received + count, dtype=np.int64)
            self._received += count
        return self._filter.update(ticks, host_time)

    @property
    def estimate(self) -> ClockEstimate | None:
        """The clock's offset, skew and uncertainty; None where samples are stamped on arrival."""
        return None if self._filter is None else self._filter.estimate


@kernel
def _track(
    device_time: Floats,
    epoch: Integers,
    host_time: Floats,
    walks: Floats,
    state: Floats,
    time: Floats,
) -> None:
    """Fill ``time`` (n,) and carry ``state`` on, pair by pair."""
    for i in range(len(device_time)):
        device, host = device_time[i], host_time[i]
        if epoch[i] != state[CURRENT_EPOCH]:
            state[CURRENT_EPOCH] = epoch[i]
            _begin_epoch(state, device, host)
        elif device - state[BLOCK_START] >= state[BLOCK_LENGTH]:
            _end_block(state, walks)
            _begin_block(state, device, min(2.0 * state[BLOCK_LENGTH], BLOCK))
        residual = host - device - _predict(state, device)
        if residual < state[LEAST]:
            state[LEAST], state[LEAST_AT] = residual, device
        estimate = device + _predict(state, device)
        if state[LEAST] < -TOLERANCE:  # too early to wait for the end of the block
            estimate += state[LEAST]
        state[LAST_TIME] = max(state[LAST_TIME], estimate)
        time[i] = state[LAST_TIME]


@kernel
def _predict(state: Floats, device_time: float) -> float:
    """Host's minus device's clock, s."""
    return state[OFFSET] + state[SKEW] * (device_time - state[AT])


@kernel
def _begin_epoch(state: Floats, device_time: float, host_time: float) -> None:
    """Take the first sample's arrival for its time; the skew of the crystal outlasts a reset."""
    state[OFFSET], state[AT] = host_time - device_time, device_time
    state[VAR_OFFSET], state[COVARIANCE] = FIRST_SD**2, 0.0
    state[LATE] = 0.0
    _begin_block(state, device_time, FIRST_BLOCK)


@kernel
def _begin_block(state: Floats, device_time: float, length: float) -> None:
    state[BLOCK_START], state[BLOCK_LENGTH] = device_time, length
    state[LEAST] = math.inf


@kernel
def _end_block(state: Floats, walks: Floats) -> None:
    """Correct by the block's minimum, unless the whole block was held up."""
    residual = state[LEAST]
    _advance(state, walks, state[LEAST_AT])
    # The minimum of fewer samples scatters more.
    noise = (EARLY_SD if residual < 0.0 else LATE_SD) ** 2 * BLOCK / state[BLOCK_LENGTH]
    if residual**2 <= GATE**2 * (state[VAR_OFFSET] + noise):
        _correct(state, residual, noise)
        state[LATE] = 0.0
    elif residual < 0.0 or state[LATE] + 1.0 >= PATIENCE:
        state[OFFSET] += residual
        state[VAR_OFFSET] += noise
        state[LATE] = 0.0
    else:
        state[LATE] += 1.0


@kernel
def _advance(state: Floats, walks: Floats, device_time: float) -> None:
    """Kalman prediction: the offset grows by the skew, and the skew walks."""
    walk, skew_walk = walks
    step = device_time - state[AT]
    span = max(step, 0.0)
    state[OFFSET] += state[SKEW] * step
    state[AT] = device_time
    state[VAR_OFFSET] += step * (2.0 * state[COVARIANCE] + step * state[VAR_SKEW])
    state[VAR_OFFSET] += span * (walk + skew_walk * span**2 / 3.0)
    state[COVARIANCE] += step * state[VAR_SKEW] + skew_walk * span**2 / 2.0
    state[VAR_SKEW] += skew_walk * span


@kernel
def _correct(state: Floats, residual: float, noise: float) -> None:
    """Kalman correction by a block's minimum, whose variance (s²) is ``noise``."""
    total = state[VAR_OFFSET] + noise
    offset_gain, skew_gain = state[VAR_OFFSET] / total, state[COVARIANCE] / total
    state[OFFSET] += offset_gain * residual
    state[SKEW] += skew_gain * residual
    state[VAR_SKEW] -= skew_gain * state[COVARIANCE]
    state[VAR_OFFSET] *= 1.0 - offset_gain
    state[COVARIANCE] *= 1.0 - offset_gain
