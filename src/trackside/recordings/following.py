"""Following a recording while it is written: what has come since the last look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from trackside.recordings.model import Annotation, Athlete, Block, Stream
from trackside.recordings.reader import open_recording


class Follower:
    """The blocks and remarks of a file that grows; nothing is ever written to it.

    ``path``: a recording, of which only what is not older than ``back`` (s) before its present end
    is given first. Close it, or use it as a context manager. Raises
    :class:`~trackside.errors.FileFormatError` for what is no recording, and while it is followed
    if it is damaged.
    """

    def __init__(self, path: Path, back: float = 120.0) -> None:
        self.path = path
        self._recording = open_recording(path)
        since = self._recording.duration - back
        self._rows = {name: self._row_at(name, since) for name in self._recording.streams}
        self._remarks = 0

    @property
    def streams(self) -> Sequence[Stream]:
        """The streams of the file."""
        return tuple(self._recording.streams.values())

    @property
    def athlete(self) -> Athlete:
        """Who is recorded."""
        return self._recording.athlete

    @property
    def start(self) -> float:
        """Time 0 of the recording, s Unix."""
        return self._recording.start_time.timestamp()

    def take(self) -> list[Block | Annotation]:
        """What has come since the last call, remarks first."""
        remarks = self._recording.annotations
        new: list[Block | Annotation] = list(remarks[self._remarks :])
        self._remarks = len(remarks)
        for stream, row in self._rows.items():
            rows = self._recording.rows(stream)
            if rows > row:
                new.append(self._recording.read(stream, row, rows))
                self._rows[stream] = rows
        return new

    def has_ended(self) -> bool:
        """Whether the file has been closed by its writer.

        The file is opened anew for it: HDF5 does not see such a change in one that it has open.
        """
        self._recording.close()
        self._recording = open_recording(self.path)
        return self._recording.complete

    def close(self) -> None:
        """Close the file."""
        self._recording.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _row_at(self, stream: str, time: float) -> int:
        """The first row of a stream that is not older than ``time`` (s)."""
        low, high = 0, self._recording.rows(stream)
        while low < high:
            middle = (low + high) // 2
            if self._recording.read(stream, middle, middle + 1).time[0] < time:
                low = middle + 1
            else:
                high = middle
        return low
