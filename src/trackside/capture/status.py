"""What the coach sees of each sensor while it is recorded: is it there, and is all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.capture.clock import ClockEstimate
from trackside.capture.connection import LinkState
from trackside.capture.recent_samples import RecentSamples
from trackside.recordings.model import Block, Device, Kind, Stream
from trackside.recordings.tally import Tally

WINDOW = 5.0
"""Rates are those of the last so many s."""

ENOUGH = 3.0
"""A rate is judged after so many s."""

RATE_TOLERANCE = 0.05
"""A rate that is further from the nominal one than this share is wrong."""

SILENCE = 1.0
"""A stream with a rate that brings nothing for so many s is shown as a gap that goes on."""


@dataclass(frozen=True)
class StreamStatus:
    """A stream so far. ``name`` is the recorded one.

    ``received``: samples per s that came in the last seconds; ``rate``: samples per s that the
    device takes, None until it is known; ``nominal``: what it should take. ``missing`` samples in
    ``gaps``, the present one included. ``offset``: time of the recording at which the device's
    counter stood at 0, s, None without a counter of time; ``clock``: how it is followed, None where
    samples are stamped on arrival.
    """

    name: str
    kind: Kind
    samples: int
    gaps: int
    missing: int
    received: float
    rate: float | None
    nominal: float | None
    offset: float | None
    clock: ClockEstimate | None

    @property
    def has_wrong_rate(self) -> bool:
        """Whether the device takes samples at another rate than it should."""
        if self.rate is None or self.nominal is None:
            return False
        return abs(self.rate / self.nominal - 1.0) > RATE_TOLERANCE


@dataclass(frozen=True)
class SensorStatus:
    """A sensor so far.

    ``silence``: s since its last sample, apart from events and the battery's level, None before
    the first.
    ``battery`` in %, ``signal`` in dBm, None while unknown. ``reconnections``: how often the link
    came back. ``rejected``: bytes that belonged to no valid message. ``problem``: why it has been
    given up, empty if it has not. ``device``: what it told of itself, None before. ``refused``:
    what it does not measure although it was started. ``lost``: messages that never came, as far as
    the device numbers them apart from its samples.
    """

    label: str
    model: str
    link: LinkState
    silence: float | None
    battery: float | None
    signal: int | None
    reconnections: int
    rejected: int
    problem: str
    streams: Sequence[StreamStatus]
    device: Device | None = None
    refused: Sequence[str] = ()
    lost: int = 0

    @property
    def main(self) -> StreamStatus:
        """The stream that stands for the sensor: the first that has a rate, else the first."""
        return next((stream for stream in self.streams if stream.nominal), self.streams[0])

    @property
    def worst(self) -> StreamStatus:
        """The stream that misses most."""
        return max(self.streams, key=lambda stream: stream.missing)

    @property
    def identity(self) -> str:
        """Model and firmware as the device tells them, else the model that the kit says."""
        if self.device is None:
            return self.model
        model = self.device.model or self.model
        return f"{model} {self.device.firmware}" if self.device.firmware else model

    @property
    def wrong_rate(self) -> StreamStatus | None:
        """A stream whose rate is wrong, if there is one."""
        return next((stream for stream in self.streams if stream.has_wrong_rate), None)


class StreamMonitor:
    """Watches a stream's blocks go by."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tally = Tally(stream)
        self._recent = RecentSamples(WINDOW)
        self._began = 0.0
        self.last_arrival: float | None = None
        """s since the recording's start; None before the first sample."""
        self.newest: Block | None = None
        """The last block."""

    def add(self, block: Block) -> None:
        """Take note of the next block, which is not empty and has host times."""
        arrival = block.time if block.host_time is None else block.host_time
        if self.last_arrival is None:
            self._began = float(arrival[0])
        number = block.sequence
        if number is None:
            number = np.arange(self._tally.samples, self._tally.samples + len(block))
        self._tally.add(block)
        self._recent.add(arrival, block.time, number)
        self.last_arrival, self.newest = float(arrival[-1]), block

    def status(self, now: float, clock: ClockEstimate | None) -> StreamStatus:
        """The stream as of ``now``, s since the recording's start."""
        self._recent.forget(now)
        span = min(WINDOW, now - self._began)
        missing = self._missing_now(now)
        return StreamStatus(
            name=self._stream.name,
            kind=self._stream.kind,
            samples=self._tally.samples,
            gaps=self._tally.gaps + (missing > 0),
            missing=self._tally.missing + missing,
            received=len(self._recent) / span if span > 0 else 0.0,
            rate=self._rate(),
            nominal=self._stream.rate,
            offset=self._offset(),
            clock=clock,
        )

    def _missing_now(self, now: float) -> int:
        """Samples missing in a gap that has not ended yet."""
        if self._stream.rate is None or self.newest is None:
            return 0
        silence = now - float(self.newest.time[-1])
        return int(silence * self._stream.rate) if silence > SILENCE else 0

    def _offset(self) -> float | None:
        """Time of the recording at which the device's counter stood at 0, s."""
        newest, tick = self.newest, self._stream.tick
        if newest is None or newest.device_time is None or tick is None:
            return None
        return float(newest.time[-1]) - float(newest.device_time[-1]) * tick

    def _rate(self) -> float | None:
        """Samples per s that the device takes, whether or not they arrive; None if too few did."""
        recent = self._recent
        if self._stream.rate is None or not len(recent):
            return None
        if recent.arrival[-1] - recent.arrival[0] < ENOUGH:
            return None
        if self._stream.tick is not None:
            step = float(np.median(np.diff(recent.time)))
            return 1.0 / step if step > 0.0 else None
        return _counted_rate(recent.arrival, recent.number)


def _counted_rate(arrival: Floats, number: Floats) -> float | None:
    """Samples per s by their numbers (n,) and arrivals (n,), without the silences."""
    steps = np.diff(arrival)
    heard = steps < SILENCE
    span = float(steps[heard].sum())
    return float(np.diff(number)[heard].sum()) / span if span > 0.0 else None
