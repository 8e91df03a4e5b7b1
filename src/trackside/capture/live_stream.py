"""One stream of a live sensor: samples gathered, timed and numbered, a block at a time."""

from collections.abc import Sequence
from itertools import groupby
from math import inf
from typing import TypeVar

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.clock import StreamClock
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.capture.sample_numbers import SampleNumbers
from trackside.capture.status import StreamMonitor, StreamStatus
from trackside.recordings.model import NO_TICKS, Block, Stream

Stamps = TypeVar("Stamps", Floats, Integers)


class LiveStream:
    """Samples of one stream in, blocks out. ``start``: time 0 on the host's clock, s."""

    def __init__(self, description: StreamDescription, stream: Stream, start: float) -> None:
        self.stream = stream
        self.monitor = StreamMonitor(stream)
        self._has_clock = description.tick is not None
        self._clock = StreamClock(description)
        self._numbers = SampleNumbers(description)
        self._start = start
        self._newest = start  # arrival
        self._last_time = -inf
        self._waiting: list[tuple[Samples, float]] = []

    def put(self, samples: Samples, arrival: float) -> None:
        """Take samples that arrived together at ``arrival`` (s on the host's clock)."""
        self._newest = max(arrival, self._newest)
        self._waiting.append((samples, self._newest))

    def take(self) -> list[Block]:
        """All samples since the last call; more than one block only where ticks are missing."""
        waiting, self._waiting = self._waiting, []
        blocks = [self._block(list(run)) for _, run in groupby(waiting, _told)]
        for block in blocks:
            self.monitor.add(block)
        return blocks

    def status(self, now: float) -> StreamStatus:
        """The stream as of ``now``, s since the recording's start."""
        return self.monitor.status(now, self._clock.estimate)

    def _block(self, waiting: Sequence[tuple[Samples, float]]) -> Block:
        """Samples that tell the same, timed and numbered."""
        counts = [len(next(iter(samples.values.values()))) for samples, _ in waiting]
        host_time = np.repeat([arrival for _, arrival in waiting], counts)
        samples = _together([samples for samples, _ in waiting])
        time, ticks = host_time, samples.device_time
        if samples.time is not None:
            time = samples.time
        elif ticks is not None or not self._has_clock:
            time = self._clock.update(samples, host_time)
        if ticks is None and self._has_clock:
            ticks = np.full(len(time), NO_TICKS)
        return Block(
            self.stream.name,
            self._in_order(time) - self._start,
            samples.values,
            host_time - self._start,
            ticks if self._has_clock else None,
            self._numbers.update(samples, time, host_time),
        )

    def _in_order(self, time: Floats) -> Floats:
        """Times that do not go back, as those stamped on arrival among others would."""
        time = np.maximum.accumulate(np.maximum(time, self._last_time))
        self._last_time = float(time[-1])
        return time


def _told(waiting: tuple[Samples, float]) -> tuple[bool, ...]:
    """Whether samples came with the device's time, with their numbers, and with the host's time."""
    samples, _ = waiting
    stamps = (samples.device_time, samples.sequence, samples.time)
    return tuple(stamp is not None for stamp in stamps)


def _together(parts: Sequence[Samples]) -> Samples:
    """Consecutive samples of one stream that tell the same, as one."""
    if len(parts) == 1:
        return parts[0]
    return Samples(
        parts[0].stream,
        {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        _concatenated([part.device_time for part in parts]),
        _concatenated([part.sequence for part in parts]),
        _concatenated([part.time for part in parts]),
    )


def _concatenated(stamps: Sequence[Stamps | None]) -> Stamps | None:
    """Stamps that all parts have, or none."""
    there = [stamp for stamp in stamps if stamp is not None]
    return np.concatenate(there) if there else None
