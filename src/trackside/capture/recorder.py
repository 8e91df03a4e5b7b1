"""The recorder: from a source of blocks to a recording file, with nothing lost on the way.

Reading the source and writing the file are separate tasks with a bounded queue between them, and
the file is written in a thread: a slow disk never makes a sensor wait.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from trackside.errors import TracksideError
from trackside.recordings.model import Athlete, Block, Stream
from trackside.recordings.tally import Tally
from trackside.recordings.writer import RecordingWriter

FLUSH_INTERVAL = 0.25
"""The longest time in s for which received samples are in memory only."""


class Source(Protocol):
    """Where blocks come from: live sensors, the simulated athlete, a replayed file."""

    @property
    def streams(self) -> Sequence[Stream]:
        """The streams whose blocks will come."""

    def blocks(self) -> AsyncIterator[Block]:
        """The blocks as they come; ends when the source is exhausted."""


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
    """Write all blocks of a source to a new recording file, until the source ends.

    ``queue_size``: how many blocks may wait to be written. When the queue is full the source waits,
    and nothing is dropped; a source that can wait, such as a replay, is slowed down by this. When
    not one block could be written for ``patience`` (s), :class:`RecorderStalledError` is raised.

    Cancelling (Ctrl-C) ends the recording in order: everything received is written and the file is
    complete. After any error everything received is written too, but the file is not complete.

    Raises :class:`FileExistsError` rather than replace a recording.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists; a recording is never replaced by a new one")
    tallies = {stream.name: Tally(stream) for stream in source.streams}
    queue: asyncio.Queue[Block | None] = asyncio.Queue(queue_size)
    with RecordingWriter(
        path,
        source.streams,
        start_time=start_time,
        athlete=athlete,
        flush_interval=FLUSH_INTERVAL,
    ) as writer:
        writing = asyncio.create_task(_write(queue, writer, tallies))
        try:
            await _read(source, queue, writing, patience)
        except asyncio.CancelledError:
            await _finish(queue, writing)
            writer.close()
            raise
        finally:
            await _finish(queue, writing)
    return RecordingSummary(path, tallies)
