"""Reading a recording: finished files, files being written, and those that a crash left behind."""

from collections.abc import AsyncIterator, Collection
from contextlib import ExitStack
from datetime import datetime
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.recordings import layout
from trackside.recordings.chunks import whole_parts
from trackside.recordings.gaps import Gap, find_gaps
from trackside.recordings.model import ACCELEROMETER, Annotation, Athlete, Block, Imu, Kind, Stream
from trackside.recordings.stored_stream import (
    StoredStream,
    known_float,
    naming_failures,
    refreshed,
)
from trackside.recordings.unclosed import ShownAsClosed, is_damaged


def open_recording(path: str | Path) -> "Recording":
    """Open a recording file for reading; close it, or use it as a context manager.

    A file that is being written, or whose writer was killed, is opened too, with everything that
    had been flushed. Raises :class:`FileFormatError` for anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(path, "file", "a Trackside recording; there is no such file")
    with ExitStack() as opened:
        file, live = _open_hdf5(path, opened)
        return Recording(path, file, opened, live=live)


def _open_hdf5(path: Path, opened: ExitStack) -> tuple[Any, bool]:
    """The opened file, and whether it is being written, or was when its writer died."""
    try:
        return opened.enter_context(h5py.File(path, "r")), False
    except OSError:
        pass  # not closed by its writer, or no HDF5 file: the next line tells
    try:
        if is_damaged(path):
            content = opened.enter_context(ShownAsClosed(path))
            return opened.enter_context(h5py.File(content, "r")), True
        return opened.enter_context(h5py.File(path, "r", swmr=True, libver="latest")), True
    except (OSError, RuntimeError, ValueError) as error:
        raise FileFormatError(path, "whole file", "a Trackside recording (HDF5)") from error


class Recording:
    """What was measured, read when asked for.

    ``path``; ``file``, the open h5py file, whose datasets of samples are not to be opened while the
    recording is followed; ``start_time``, the moment of time 0; ``athlete``;
    ``complete``: whether the file was closed in order; ``recovered_from``, the name of the damaged
    file that it was recovered from, or None; ``streams`` by name, in the order in which
    the writer got them.

    Methods that take a stream's name raise :class:`MissingDataError` if there is none of it, and
    reading damaged parts of a file raises :class:`FileFormatError`.
    """

    def __init__(self, path: Path, file: Any, opened: ExitStack, *, live: bool) -> None:
        self.path = path
        self.file = file
        self._live = live
        with naming_failures(path, "attributes of the file"):
            _check_format(path, file.attrs)
            self._start = int(file.attrs["start_time"])
            self.start_time = datetime.fromisoformat(file.attrs["start_time_iso"])
            self.complete = bool(file.attrs["complete"])
            self.athlete = _athlete(file.attrs)
            self.recovered_from: str | None = file.attrs.get("recovered_from")
        with naming_failures(path, f"/{layout.SENSORS}"):
            groups = list(file[layout.SENSORS].values())
        with naming_failures(path, f"/{layout.ANNOTATIONS}"):
            self._annotations = file[layout.ANNOTATIONS]
        stored = [StoredStream(path, group, self._start, live=live) for group in groups]
        stored.sort(key=lambda entry: entry.order)
        self._stored = {entry.stream.name: entry for entry in stored}
        self.streams: dict[str, Stream] = {entry.stream.name: entry.stream for entry in stored}
        self._opened = opened.pop_all()  # from now on it is this object that closes the file

    @property
    def duration(self) -> float:
        """Time of the last sample of all streams, in s; 0 if there is none."""
        ends = ((stored, stored.rows()) for stored in self._stored.values())
        return max((float(stored.time(n - 1, n)[0]) for stored, n in ends if n), default=0.0)

    @property
    def annotations(self) -> list[Annotation]:
        """The remarks that are there whole, in the order in which they were made."""
        with naming_failures(self.path, f"/{layout.ANNOTATIONS}"):
            dataset = refreshed(self._annotations) if self._live else self._annotations
            return [
                Annotation((int(time) - self._start) / 1e6, kind.decode(), text.decode())
                for part in whole_parts([dataset], len(dataset))
                for time, kind, text in dataset[part]
            ]

    @property
    def promised_annotations(self) -> int:
        """How many remarks the file counts, also those that a crash left in part."""
        return len(self._annotations)

    def rows(self, stream: str) -> int:
        """How many samples a stream has."""
        return self._table(stream).rows()

    def promised_rows(self, stream: str) -> int:
        """How many samples of a stream the file counts, also those that a crash left in part."""
        return self._table(stream).promised_rows()

    def whole_parts(self, stream: str) -> list[slice]:
        """The ranges of a stream's rows that can be read; looks at the whole file."""
        return self._table(stream).whole_parts()

    def read(self, stream: str, start: int = 0, stop: int | None = None) -> Block:
        """A stream's samples: all, or those from row ``start`` to before row ``stop``."""
        table = self._table(stream)
        rows = table.rows()
        return table.read(start, rows if stop is None else min(stop, rows))

    def blocks(self, speed: float = inf, block_duration: float = 0.05) -> AsyncIterator[Block]:
        """Replay the streams as live ones; see :class:`trackside.recordings.replay.Replay`."""
        from trackside.recordings.replay import Replay

        return Replay(self, speed, block_duration).blocks()

    def gaps(self, stream: str) -> list[Gap]:
        """Where samples of a stream are missing, and how many."""
        table = self._table(stream)
        rows = table.rows()
        return find_gaps(table.time(0, rows), table.sequence(0, rows), table.stream.rate)

    def imu(self, name: str, channels: Collection[str] | None = None) -> Imu:
        """The IMU of that stream name, or else the one on that segment.

        ``channels``: names of those that are read, the accelerometer among them; default all.
        """
        stream = self._find(name, Kind.IMU)
        table = self._table(stream.name)
        rows = table.rows()
        arrays = {
            channel: np.ascontiguousarray(values, dtype=np.float64)
            for channel, values in table.values(0, rows, channels).items()
        }
        if "accelerometer" not in arrays:
            raise MissingDataError(f"{self.path}: IMU '{stream.name}' has no accelerometer")
        return Imu(
            stream,
            table.time(0, rows),
            gyr=arrays.get("gyroscope"),
            acc=arrays["accelerometer"],
            mag=arrays.get("magnetometer"),
        )

    def imus(self) -> list[Imu]:
        """All IMUs with an accelerometer, in the order of the streams."""
        return [
            self.imu(name)
            for name, stream in self.streams.items()
            if stream.kind is Kind.IMU and ACCELEROMETER in stream.channels
        ]

    def orientation(self, name: str) -> tuple[Floats, Floats]:
        """A maker's own estimate on a segment or for a sensor: time (N,) s, quaternions (N, 4)."""
        block = self.read(self._find(name, Kind.ORIENTATION).name)
        return block.time, np.asarray(block.values["orientation"], dtype=np.float64)

    def has_processed(self, group: str) -> bool:
        """Whether derived results of that name are stored."""
        return f"{layout.PROCESSED}/{group}" in self.file

    def processed(self, group: str) -> dict[str, NDArray[Any]]:
        """Derived results, as :func:`trackside.recordings.processed.write_processed` stored them.

        Raises :class:`MissingDataError` if there are none of that name.
        """
        stored = self._processed(group)
        with naming_failures(self.path, stored.name):
            return {name: _array(dataset) for name, dataset in stored.items()}

    def processed_attributes(self, group: str) -> dict[str, Any]:
        """The attributes stored with derived results; raises like :meth:`processed`."""
        return dict(self._processed(group).attrs)

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _table(self, stream: str) -> StoredStream:
        if stream not in self._stored:
            raise MissingDataError(
                f"{self.path}: no stream '{stream}'; it has: {_listed(self._stored)}"
            )
        return self._stored[stream]

    def _find(self, name: str, kind: Kind) -> Stream:
        """The stream of a kind with that name, or else on that segment."""
        found = [stream for stream in self.streams.values() if stream.kind is kind]
        for stream in found:
            if stream.name in {name, name + layout.REFERENCE}:
                return stream
        for stream in found:
            if stream.placement == name:
                return stream
        there = _listed([stream.name for stream in found])
        raise MissingDataError(
            f"{self.path}: no {kind} stream on or called '{name}'; there: {there}"
        )

    def _processed(self, group: str) -> Any:
        if not self.has_processed(group):
            there = _listed(self.file.get(layout.PROCESSED, ()))
            raise MissingDataError(
                f"{self.path}: no results '{group}' under /{layout.PROCESSED}; there: {there}"
            )
        return self.file[layout.PROCESSED][group]


def _array(dataset: Any) -> NDArray[Any]:
    if h5py.check_string_dtype(dataset.dtype):
        dataset = dataset.asstr()
    return np.asarray(dataset[()])


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"


def _check_format(path: Path, attributes: Any) -> None:
    if attributes.get("format") != layout.FORMAT:
        raise FileFormatError(path, "attribute 'format' of the file", f"'{layout.FORMAT}'")
    version = attributes.get("format_version")
    if version != layout.FORMAT_VERSION:
        raise FileFormatError(
            path, "attribute 'format_version'", f"{layout.FORMAT_VERSION}, found {version}"
        )


def _athlete(attributes: Any) -> Athlete:
    return Athlete(
        attributes["athlete_name"],
        known_float(attributes, "athlete_height"),
        known_float(attributes, "athlete_mass"),
    )
