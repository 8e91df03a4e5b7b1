"""Streams of the Lab Streaming Layer (LSL), whatever sends them.

A message holds rows of f64: the sample's LSL time stamp in s, what has to be added to it for the
host's clock (NaN if that is not known), and the values. Which channels there are is known only once
the stream was found; see :mod:`trackside.capture.lsl_inlet`.

LSL loses nothing while it is connected. So samples are numbered as they come, and only where their
time stamps jump further than jitter does is a gap; but a stream that says of itself that it can
drop samples is numbered by its time stamps.

A message of a stream of text is JSON: a list of [time stamp, what has to be added, texts].
"""

import json
from functools import partial
from typing import Final

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.devices.contract import (
    DeviceDescription,
    Remark,
    Samples,
    StreamDescription,
    Transport,
)
from trackside.recordings.model import Channel, Kind

MODEL: Final = "LSL stream"
TICK: Final = 1e-9  # s
SIGNALS: Final = "signals"
CLOCK: Final = "clock"

OUTAGE: Final = 0.5
"""s between two time stamps that are more than jitter."""

CLOCK_STREAM = StreamDescription(CLOCK, Kind.EVENT, (Channel("correction_change", "s"),), tick=TICK)
"""Comparisons of the sender's LSL clock (device time) with the host's (host time).

``correction_change``: what has to be added to the sender's clock, less what it was at first.
"""

_STAMPS: Final = 2  # columns before the values
_NUMBER_BITS: Final = 32


class LslDecoder:
    """Messages of one LSL stream to samples. A message is atomic, as BLE's are."""

    def __init__(self, signals: StreamDescription) -> None:
        self.rejected = 0
        self._channels = {SIGNALS: signals.channels, CLOCK: CLOCK_STREAM.channels}
        self._rate = signals.rate if signals.sequence_bits else None
        self._last = -np.inf
        self._number = -1

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:
        """The samples of one message; ``channel``: :data:`SIGNALS` (or nothing), :data:`CLOCK`."""
        name = channel or SIGNALS
        channels = self._channels.get(name, ())
        columns = _STAMPS + sum(len(each.columns) for each in channels)
        whole, rest = divmod(len(data), 8 * columns)
        if not channels or rest or not whole:
            self.rejected += len(data)
            return []
        rows = np.frombuffer(data, np.float64).reshape(whole, columns)
        if not np.isfinite(rows[:, 0]).all():
            self.rejected += len(data)
            return []
        return [
            Samples(
                name,
                _values(rows[:, _STAMPS:], channels),
                np.rint(rows[:, 0] / TICK).astype(np.int64),
                self._numbers(rows[:, 0]) if name == SIGNALS else None,
                _host_time(rows),
            )
        ]

    def _numbers(self, stamps: Floats) -> Integers | None:
        """Running numbers (n,) of samples with these time stamps; None where stamps tell them."""
        if self._rate is None:
            return None
        elapsed = np.diff(stamps, prepend=self._last if np.isfinite(self._last) else stamps[0])
        steps = np.where(elapsed > OUTAGE, np.rint(elapsed * self._rate), 1.0)
        numbers = self._number + np.cumsum(np.maximum(steps, 1.0)).astype(np.int64)
        self._last, self._number = float(stamps[-1]), int(numbers[-1])
        return numbers % 2**_NUMBER_BITS


class LslTextDecoder:
    """Messages of one LSL stream of text to remarks; comparisons of clocks as ever."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []
        """What was said; whoever takes one removes it."""
        self._clock = LslDecoder(StreamDescription(SIGNALS, Kind.EVENT, ()))
        self.rejected = 0

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:
        """Comparisons of clocks; texts go to :attr:`remarks`, several of a sample as one line."""
        if channel == CLOCK:
            comparisons = self._clock.feed(data, channel)
            self.rejected += 0 if comparisons else len(data)
            return comparisons
        try:
            said = [
                Remark("; ".join(texts), None if to_host is None else stamp + to_host)
                for stamp, to_host, texts in json.loads(data)
            ]
        except (ValueError, TypeError):
            self.rejected += len(data)
        else:
            self.remarks += said
        return []


def text_message(stamps: list[float], to_host: float | None, texts: list[list[str]]) -> bytes:
    """A message of a stream of text; ``to_host``: what has to be added to stamps, in s."""
    rows = zip(stamps, texts, strict=True)
    return json.dumps([[stamp, to_host, said] for stamp, said in rows]).encode()


def _values(rows: Floats, channels: tuple[Channel, ...]) -> dict[str, Floats]:
    ends = np.cumsum([len(channel.columns) for channel in channels])
    parts = np.split(rows, ends[:-1], axis=1)
    return {channel.name: part for channel, part in zip(channels, parts, strict=True)}


def _host_time(rows: Floats) -> Floats | None:
    """Times (n,) on the host's clock, None if one of them is not known."""
    time = rows[:, 0] + rows[:, 1]
    return time if np.isfinite(time).all() else None


def lsl_device(
    channels: tuple[Channel, ...],
    kind: Kind = Kind.AUXILIARY,
    rate: float | None = None,
    *,
    can_drop_samples: bool = False,
) -> DeviceDescription:
    """A stream with these channels and nominal ``rate`` in Hz, None if it has none.

    ``can_drop_samples``: it says so of itself (XDF: ``synchronization/can_drop_samples``).
    """
    counted = rate is not None and not can_drop_samples
    signals = StreamDescription(
        SIGNALS, kind, channels, rate, TICK, sequence_bits=_NUMBER_BITS if counted else None
    )
    return DeviceDescription(
        model=MODEL,
        transport=Transport.LSL,
        streams=(signals, CLOCK_STREAM) if channels else (),
        decoder=partial(LslDecoder, signals),
    )


LSL_TEXT = DeviceDescription(
    model=MODEL, transport=Transport.LSL, streams=(CLOCK_STREAM,), decoder=LslTextDecoder
)
"""A stream of text, such as the markers of an experiment."""

LSL_STREAM = lsl_device(())
"""Any stream, before it was found."""
