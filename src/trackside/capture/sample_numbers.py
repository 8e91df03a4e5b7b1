"""Running sample numbers of live streams, whose jumps are gaps of known length.

They come from what the device tells, because that is exact, where times on the host's clock are
estimates that are corrected now and then: its own sample numbers, else its clock. Of a device that
tells neither, all samples between two silences are taken for consecutive. Where a device started
anew, the time that passed tells how many samples are missing.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, sample_counter, timebase_of
from trackside.capture.devices.contract import Samples, StreamDescription


class SampleNumbers:
    """Numbers the samples of a stream that has a rate, from 0."""

    def __init__(self, stream: StreamDescription) -> None:
        self._stream = stream
        self._counter = _counter(stream)
        self._received = 0
        self._number = -1  # of the last sample,
        self._moment = 0.0  # and when it was taken: s on the device's clock,
        self._time: float | None = None  # and on the host's
        self._epoch = -1

    def update(self, samples: Samples, time: Floats, host_time: Floats) -> Integers | None:
        """Numbers (n,) of samples with these times and arrivals (n,) in s; None without a rate."""
        if self._counter is None or self._stream.rate is None:
            return None
        ticks = self._ticks(samples, len(time))
        if ticks is None:  # a message in which the device told nothing
            steps = np.ones(len(time))
        else:
            steps = np.rint(
                self._elapsed(self._counter, ticks, time, host_time) * self._stream.rate
            )
        numbers = self._number + np.cumsum(np.maximum(steps, 1.0)).astype(np.int64)
        self._number, self._time = int(numbers[-1]), float(time[-1])
        return numbers

    def _ticks(self, samples: Samples, count: int) -> Integers | None:
        self._received += count
        if self._stream.sequence_bits is not None:
            return samples.sequence
        if self._stream.tick is not None:
            return samples.device_time
        return np.arange(self._received - count, self._received, dtype=np.int64)

    def _elapsed(
        self, counter: Counter, ticks: Integers, time: Floats, host_time: Floats
    ) -> Floats:
        """The time (n,) in s from each sample's predecessor to it."""
        moments, epochs = counter.unwrap(ticks, host_time)
        elapsed = _steps(moments, self._moment)
        if epochs[-1] != self._epoch:
            anew = _steps(epochs, self._epoch) != 0
            last_time = float(time[0]) if self._time is None else self._time
            elapsed[anew] = _steps(time, last_time)[anew]
        self._moment, self._epoch = float(moments[-1]), int(epochs[-1])
        return elapsed


def _steps(values: Floats | Integers, before: float) -> Floats:
    """From each value's predecessor to it (n,); ``before`` is the first one's."""
    steps = np.empty(len(values))
    steps[0] = values[0] - before
    np.subtract(values[1:], values[:-1], out=steps[1:])
    return steps


def _counter(stream: StreamDescription) -> Counter | None:
    if stream.rate is not None and stream.sequence_bits is not None:
        return Counter(sample_counter(stream.rate, stream.sequence_bits))
    timebase = timebase_of(stream)
    return None if timebase is None else Counter(timebase)
