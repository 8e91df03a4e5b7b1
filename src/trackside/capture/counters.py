"""Device counters made continuous: wraps undone, resets found, one packet at a time.

A counter of b bits says the device's time only up to whole wraps, and it may jump when the device
restarts or its clock is set. Both are told apart by the host's clock and one physical fact: a
sample cannot arrive before it was taken. Of all counts that the raw value may stand for, the one
with the smallest delay that is not negative is meant; where even that one makes no sense, the
device was reset and a new epoch begins.
"""

import math
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.devices.contract import StreamDescription
from trackside.kernels import kernel

EARLY = 2.0
"""How much earlier than all before, in s, a sample may arrive: they may all have been delayed."""

REORDERED = 0.5
"""A count that lies further back than this, in s, is a reset and not a packet out of order."""

EPOCH, LAST_RAW, LAST_COUNT, NEWEST_COUNT = range(4)  # of the integer state
LOW, LAST_HOST = range(2)  # of the float state


@dataclass(frozen=True)
class Timebase:
    """What counts a stream's time, and how far it can be trusted.

    ``tick``: nominal length of one count, s. ``bits``: where the raw counter wraps, None if it
    does not. ``drift``: largest relative error of ``tick`` to be believed. ``longest_delay``: a
    sample that is later than this, s, was not delayed: the counter was set back or stood still.
    ``walk``: how much the count strays from time, s/√s. ``window``: the span in s over which it
    may be taken for steady.
    """

    tick: float
    bits: int | None = None
    drift: float = 2e-4
    longest_delay: float = 5.0
    walk: float = 1e-5
    window: float = 240.0


def sample_counter(rate: float, bits: int | None) -> Timebase:
    """Sample numbers as a clock of nominal ``rate`` (Hz), for devices that send nothing better."""
    return Timebase(1.0 / rate, bits, drift=2e-2, longest_delay=0.5)


def nominal_rate(rate: float) -> Timebase:
    """The number of samples received as a clock, good only between gaps.

    Lost samples make those after them late. More than radio packets ever are, and a new epoch
    begins; less, and the loss is followed as a walk of the count.
    """
    return Timebase(1.0 / rate, drift=2e-2, longest_delay=0.15, walk=6e-3, window=10.0)


def timebase_of(stream: StreamDescription) -> Timebase | None:
    """The best timebase a stream has: clock, sample numbers, or nominal rate; else None."""
    if stream.tick is not None:
        return Timebase(stream.tick, stream.tick_bits)
    if stream.rate is None:
        return None
    if stream.sequence_bits is not None:
        return sample_counter(stream.rate, stream.sequence_bits)
    return nominal_rate(stream.rate)


class Counter:
    """The running count behind a raw counter. Any chunks of the same pairs give the same result."""

    def __init__(self, timebase: Timebase) -> None:
        self.timebase = timebase
        self._counts = np.zeros(4, dtype=np.int64)
        self._counts[EPOCH] = -1
        self._times = np.zeros(2)
        self._constants = _constants(timebase)

    def unwrap(self, ticks: Integers, host_time: Floats) -> tuple[Floats, Integers]:
        """Seconds on the device's clock since its epoch began, and the number of that epoch.

        ``ticks`` (n,) raw, ``host_time`` (n,) s of arrival, never decreasing; both results (n,).
        Epochs count from 0; a new one begins where the clock was reset.
        """
        device_time = np.empty(len(ticks))
        epoch = np.empty(len(ticks), dtype=np.int64)
        _unwrap(ticks, host_time, self._constants, self._counts, self._times, device_time, epoch)
        return device_time, epoch


def _constants(timebase: Timebase) -> Floats:
    wrap = 0.0 if timebase.bits is None else 2.0**timebase.bits
    early = EARLY if wrap == 0.0 else min(EARLY, 0.125 * wrap * timebase.tick)
    return np.array(
        [
            timebase.tick,
            wrap,
            timebase.drift,
            early,
            timebase.longest_delay,
        ]
    )


@kernel
def _unwrap(
    ticks: Integers,
    host_time: Floats,
    constants: Floats,
    counts: Integers,
    times: Floats,
    device_time: Floats,
    epoch: Integers,
) -> None:
    """Fill ``device_time`` and ``epoch``; see :class:`Counter`. Carries on in the two states."""
    tick, wrap, drift, early, longest_delay = constants
    for i in range(len(ticks)):
        raw, host = ticks[i], host_time[i]
        silence = host - times[LAST_HOST]
        slack = early + 2.0 * drift * silence
        count = counts[LAST_COUNT] + (raw - counts[LAST_RAW])
        if wrap > 0.0:
            ahead = (host - times[LOW] + slack) / tick - count
            count += np.int64(wrap) * np.int64(math.floor(ahead / wrap))
        delay = host - count * tick - times[LOW]
        if (
            counts[EPOCH] < 0
            or delay < -slack
            or delay > longest_delay
            or (counts[NEWEST_COUNT] - count) * tick > REORDERED
            or (wrap > 0.0 and slack > 0.25 * wrap * tick)
        ):
            counts[EPOCH] += 1
            count = counts[NEWEST_COUNT] = 0
            times[LOW] = host
        # The least delay so far, let rise as fast as the device's clock may fall behind.
        times[LOW] = min(times[LOW] + drift * silence, host - count * tick)
        times[LAST_HOST] = host
        counts[LAST_RAW], counts[LAST_COUNT] = raw, count
        counts[NEWEST_COUNT] = max(counts[NEWEST_COUNT], count)
        device_time[i] = count * tick
        epoch[i] = counts[EPOCH]
