"""Gathering what single messages say, so that arrays are made once per call of a decoder."""

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from trackside.capture.devices.contract import Samples, StreamDescription

Row = tuple[float, ...]
_Entry = tuple[Row, int | None, int | None]


class SampleGatherer:
    """Rows of numbers in, :class:`Samples` out."""

    def __init__(self, streams: Iterable[StreamDescription]) -> None:
        self._streams = {stream.name: stream for stream in streams}
        self._entries: dict[str, list[_Entry]] = {}

    def add(
        self, stream: str, row: Row, device_time: int | None = None, sequence: int | None = None
    ) -> None:
        """Add one sample: the columns of all channels of the stream, in order, in SI units."""
        self._entries.setdefault(stream, []).append((row, device_time, sequence))

    def take(self) -> list[Samples]:
        """All that was added since the last call, each stream's samples in their order."""
        entries, self._entries = self._entries, {}
        return [
            self._samples(self._streams[stream], list(group))
            for stream, added in entries.items()
            for _, group in groupby(added, _counters)
        ]

    def _samples(self, stream: StreamDescription, entries: list[_Entry]) -> Samples:
        rows, ticks, counters = zip(*entries, strict=True)
        table = np.array(rows, dtype=np.float64)
        values = {}
        column = 0
        for channel in stream.channels:
            values[channel.name] = table[:, column : column + len(channel.columns)]
            column += len(channel.columns)
        timed, counted = _counters(entries[0])
        return Samples(
            stream.name,
            values,
            device_time=np.array(ticks, dtype=np.int64) if timed else None,
            sequence=np.array(counters, dtype=np.int64) if counted else None,
        )


def _counters(entry: _Entry) -> tuple[bool, bool]:
    """Whether a sample has a device time and a sequence number."""
    return entry[1] is not None, entry[2] is not None
