"""One stream of a live sensor: samples numbered and timed, gathered into blocks."""

from typing import Final, TypeVar

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.clock import StreamClock
from trackside.capture.counters import Counter, sample_counter
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.capture.status import StreamMonitor, StreamStatus
from trackside.recordings.model import Block, Stream

Stamps = TypeVar("Stamps", Floats, Integers)

NO_TICKS: Final = -1
"""The device time of a sample that came without one, in a stream that has it as a rule."""


class LiveStream:
    """Samples of one stream in, blocks out. ``start``: time 0 on the host's clock, s."""

    def __init__(self, description: StreamDescription, stream: Stream, start: float) -> None:
        self.stream = stream
        self.monitor = StreamMonitor(stream)
        self._has_clock = description.tick is not None
        self._clock = StreamClock(description)
        self._numbers = _SampleNumbers.of(description)
        self._start = start
        self._arrival = start
        self._waiting: list[Block] = []

    def put(self, samples: Samples, arrival: float) -> None:
        """Take samples that arrived together at ``arrival`` (s on the host's clock)."""
        self._arrival = arrival = max(arrival, self._arrival)
        count = len(next(iter(samples.values.values())))
        time = self._time(samples, arrival, count)
        sequence = None
        if self._numbers is not None:
            sequence = self._numbers.number(samples.sequence, time, np.full(count, arrival))
        self._waiting.append(
            Block(
                self.stream.name,
                time - self._start,
                samples.values,
                np.full(count, arrival - self._start),
                self._ticks(samples, count),
                sequence,
            )
        )

    def take(self) -> Block | None:
        """All samples since the last call as one block, None if there are none."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return None
        block = _joined(waiting)
        self.monitor.add(block)
        return block

    def status(self, now: float) -> StreamStatus:
        """The stream as of ``now``, s since the recording's start."""
        return self.monitor.status(now, self._clock.estimate)

    def _time(self, samples: Samples, arrival: float, count: int) -> Floats:
        """Times (count,) on the host's clock, s."""
        if self._has_clock and samples.device_time is None:
            return np.full(count, arrival)
        return self._clock.update(samples, arrival)

    def _ticks(self, samples: Samples, count: int) -> Integers | None:
        if not self._has_clock:
            return None
        return np.full(count, NO_TICKS) if samples.device_time is None else samples.device_time


class _SampleNumbers:
    """Running sample numbers from a raw counter of ``bits`` bits at ``rate`` Hz.

    A counter that was set back, or was not heard for too long, goes on with the number that the
    time between the samples tells.
    """

    def __init__(self, rate: float, bits: int) -> None:
        self._rate = rate
        self._counter = Counter(sample_counter(rate, bits))
        self._epoch = -1
        self._base = 0
        self._last_number = -1
        self._last_time: float | None = None

    @classmethod
    def of(cls, description: StreamDescription) -> "_SampleNumbers | None":
        """The numbers of a stream, None if its device does not count samples."""
        if description.sequence_bits is None or description.rate is None:
            return None
        return cls(description.rate, description.sequence_bits)

    def number(self, raw: Integers | None, time: Floats, host_time: Floats) -> Integers:
        """Running numbers (n,) of samples with these raw counts, times (s) and arrivals (s)."""
        if raw is None:  # a message without a counter
            numbers = self._last_number + 1 + np.arange(len(time))
        else:
            numbers = self._unwrapped(raw, time, host_time)
        self._last_number, self._last_time = int(numbers[-1]), float(time[-1])
        return numbers

    def _unwrapped(self, raw: Integers, time: Floats, host_time: Floats) -> Integers:
        seconds, epoch = self._counter.unwrap(raw, host_time)
        counts = np.rint(seconds * self._rate).astype(np.int64)
        numbers = counts + self._base
        for i in np.flatnonzero(np.diff(epoch, prepend=self._epoch)):
            number, moment = self._last_number, self._last_time
            if i > 0:
                number, moment = int(numbers[i - 1]), float(time[i - 1])
            passed = 1 if moment is None else round((float(time[i]) - moment) * self._rate)
            self._base = number + max(1, passed) - int(counts[i])
            numbers[i:] = counts[i:] + self._base
        self._epoch = int(epoch[-1])
        return numbers


def _joined(blocks: list[Block]) -> Block:
    """Consecutive blocks of one stream as one."""
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]
    return Block(
        first.stream,
        np.concatenate([block.time for block in blocks]),
        {name: np.concatenate([block.values[name] for block in blocks]) for name in first.values},
        _together([block.host_time for block in blocks]),
        _together([block.device_time for block in blocks]),
        _together([block.sequence for block in blocks]),
    )


def _together(stamps: list[Stamps | None]) -> Stamps | None:
    """Stamps that all blocks of a stream have, or none."""
    there = [stamp for stamp in stamps if stamp is not None]
    return np.concatenate(there) if there else None
