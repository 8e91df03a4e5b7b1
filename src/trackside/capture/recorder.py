"""The recorder: from a source of blocks to a recording file, with nothing lost on the way.

Reading the source and writing the file are separate tasks with a bounded queue between them, and
the file is written in a thread: a slow disk never makes a sensor wait.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic
from typing import Protocol

from trackside.errors import TracksideError
from trackside.recordings.model import Annotation, Athlete, Block, Stream
from trackside.recordings.tally import Tally
from trackside.recordings.writer import RecordingWriter

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 0.09
"""How often, in s, what was received is written to the file, at least.

Live sensors are read in blocks of 50 ms, so every second of these is written when it comes, and
samples are in the file well within 300 ms.
"""


class Source(Protocol):
    """Where blocks come from: live sensors, the simulated athlete, a replayed file."""

    @property
    def streams(self) -> Sequence[Stream]:
        """The streams whose blocks will come."""

    def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The blocks, and remarks, as they come; ends when the source is exhausted."""


class RecorderStalledError(TracksideError):
    """The file could not be written as fast as samples came, for longer than the queue can hold."""


@dataclass(frozen=True)
class RecordingSummary:
    """What was recorded: the file, and a tally of each stream by name."""

    path: Path
    streams: Mapping[str, Tally]


async def record(
    source: Source,
    path: str | Path,
    *,
    athlete: Athlete | None = None,
    start_time: datetime | None = None,
    queue_size: int = 1000,
    patience: float = 5.0,
) -> RecordingSummary:
    """Write all blocks and remarks of a source to a new recording file, until the source ends.

    ``queue_size``: how many blocks may wait to be written. When the queue is full the source waits,
    and nothing is dropped; a source that can wait, such as a replay, is slowed down by this. When
    not one block could be written for ``patience`` (s), :class:`RecorderStalledError` is raised.

    Cancelling (Ctrl-C) ends the recording in order: everything received is written and the file is
    complete. After any error everything received is written too, but the file is not complete.

    Raises :class:`FileExistsError` rather than replace a recording, and ``DiskError`` when the disk
    refuses a write; then the file holds what had been flushed before.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists; a recording is never replaced by a new one")
    tallies = {stream.name: Tally(stream) for stream in source.streams}
    backlog = _Backlog(queue_size)
    with RecordingWriter(
        path,
        source.streams,
        start_time=start_time,
        athlete=athlete,
        flush_interval=inf,
    ) as writer:
        reading = asyncio.create_task(_read(source, backlog, patience))
        writing = asyncio.create_task(_write(backlog, writer, tallies))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _end(reading, backlog, writing)
            writer.close()
            raise
        await _end(reading, backlog, writing)
    return RecordingSummary(path, tallies)


class _Backlog:
    """Blocks that were received and wait to be written. Taking a block in never fails."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._blocks: list[Block | Annotation] = []
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self.ended = False

    def put(self, block: Block | Annotation) -> None:
        """Add a block, or a remark."""
        self._blocks.append(block)
        self._filled.set()

    async def room(self, patience: float) -> None:
        """Wait until there is room; raises :class:`RecorderStalledError` after ``patience`` s."""
        if len(self._blocks) < self._size:
            return
        self._room.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._room.wait()
                return
        message = (
            f"the recording file could not be written for {patience:g} s and "
            f"{len(self._blocks)} blocks are waiting; check the disk"
        )
        logger.error(message)  # at once: what follows waits for the disk
        raise RecorderStalledError(message)

    async def take(self, patience: float) -> list[Block | Annotation]:
        """All waiting blocks as soon as there are any; none if none come for ``patience`` s."""
        try:
            async with asyncio.timeout(patience):
                await self._filled.wait()
        except TimeoutError:
            return []
        blocks, self._blocks = self._blocks, []
        if not self.ended:
            self._filled.clear()
        self._room.set()
        return blocks

    def end(self) -> None:
        """Say that no block will come any more."""
        self.ended = True
        self._filled.set()


async def _read(source: Source, backlog: _Backlog, patience: float) -> None:
    blocks = source.blocks()
    try:
        async for block in blocks:
            backlog.put(block)
            await backlog.room(patience)
    finally:
        if isinstance(blocks, AsyncGenerator):
            await blocks.aclose()


async def _write(backlog: _Backlog, writer: RecordingWriter, tallies: Mapping[str, Tally]) -> None:
    flushed = monotonic()
    while (blocks := await backlog.take(FLUSH_INTERVAL)) or not backlog.ended:
        await asyncio.to_thread(_store, blocks, writer, tallies)
        if monotonic() - flushed >= FLUSH_INTERVAL:  # after the whole batch, not amid it
            await asyncio.to_thread(writer.flush)
            flushed = monotonic()


def _store(
    blocks: Sequence[Block | Annotation], writer: RecordingWriter, tallies: Mapping[str, Tally]
) -> None:
    for block in blocks:
        if isinstance(block, Annotation):
            writer.annotate(block)
        else:
            writer.write(block)
            tallies[block.stream].add(block)


async def _end(reading: asyncio.Task[None], backlog: _Backlog, writing: asyncio.Task[None]) -> None:
    """Stop reading, write what waits, and raise what either of them raised."""
    reading.cancel()
    (outcome,) = await asyncio.gather(reading, return_exceptions=True)
    backlog.end()
    await writing
    if isinstance(outcome, Exception):
        raise outcome
