"""Replaying a recording: the same blocks, in the order in which live sensors would yield them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from math import floor, inf, nextafter
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.recordings.model import Block, Stream

if TYPE_CHECKING:
    from trackside.recordings.reader import Recording

READ_ROWS = 4096
"""Rows of a stream that are read at once: memory stays bounded however long the recording."""


class Replay:
    """A recording as a source of live blocks.

    Time is cut into windows of ``block_duration`` (s); of each window every stream yields what it
    has, the stream whose last sample is earliest first. ``speed`` 1 replays in real time, ``inf``
    as fast as blocks are taken. ``clock`` (s) and ``sleep`` pace it.
    """

    def __init__(
        self,
        recording: "Recording",
        speed: float = inf,
        block_duration: float = 0.05,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not (speed > 0 and block_duration > 0):
            raise ValueError("speed and block_duration must be greater than 0")
        self._recording = recording
        self._speed = speed
        self._block_duration = block_duration
        self._clock = clock
        self._sleep = sleep
        self.streams: tuple[Stream, ...] = tuple(recording.streams.values())

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield the recording's blocks once, each not before its last sample's time has come."""
        started: float | None = None
        for window in self._windows():
            if started is None:
                started = self._clock() - window[0].time[0] / self._speed
            for block in window:
                due = started + block.time[-1] / self._speed
                await self._sleep(max(0.0, due - self._clock()))
                yield block

    def _windows(self) -> Iterator[list[Block]]:
        """The blocks of one window after the other; windows without samples are skipped."""
        cursors = [_Cursor(self._recording, stream.name) for stream in self.streams]
        while cursors := [cursor for cursor in cursors if cursor.next_time < inf]:
            first = min(cursor.next_time for cursor in cursors)
            end = (floor(first / self._block_duration) + 1) * self._block_duration
            end = max(end, nextafter(first, inf))  # rounding must not leave a window empty
            blocks = [block for cursor in cursors if len(block := cursor.take_until(end))]
            yield sorted(blocks, key=lambda block: block.time[-1])


class _Cursor:
    """The samples of one stream that have not been replayed yet."""

    def __init__(self, recording: "Recording", stream: str) -> None:
        self._recording = recording
        self._stream = stream
        self._rows = recording.rows(stream)
        self._row = 0  # the next row to yield
        self._ahead = self._read(READ_ROWS)

    @property
    def next_time(self) -> float:
        """Time of the next sample, infinite after the last."""
        return float(self._ahead.time[0]) if len(self._ahead) else inf

    def take_until(self, end: float) -> Block:
        """The next samples, those before time ``end``."""
        while len(self._ahead) and self._ahead.time[-1] < end and self._unread:
            self._ahead = self._read(2 * len(self._ahead) + READ_ROWS)
        count = int(np.searchsorted(self._ahead.time, end))
        if self.next_time < end:
            count = max(count, 1)  # where clocks were corrected, time may step back
        taken = _part(self._ahead, slice(None, count))
        self._row += count
        self._ahead = _part(self._ahead, slice(count, None))
        if not len(self._ahead) and self._unread:
            self._ahead = self._read(READ_ROWS)
        return taken

    @property
    def _unread(self) -> bool:
        return self._row + len(self._ahead) < self._rows

    def _read(self, rows: int) -> Block:
        stop = min(self._row + rows, self._rows)
        return self._recording.read(self._stream, self._row, stop)


def _part(block: Block, rows: slice) -> Block:
    def cut(stamps: Any) -> Any:
        return None if stamps is None else stamps[rows]

    return Block(
        block.stream,
        block.time[rows],
        {name: values[rows] for name, values in block.values.items()},
        cut(block.host_time),
        cut(block.device_time),
        cut(block.sequence),
    )
