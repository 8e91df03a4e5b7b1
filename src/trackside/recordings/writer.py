"""Writing a recording while it is measured: SWMR, so that it can be followed and survives a crash.

All groups and datasets exist before the first sample; rows are gathered and written in batches,
and flushed at least every ``flush_interval``. Flushing part of a compressed chunk leaves its older
copies as dead space in the file; closing rewrites a file that has grown so, copying its chunks as
they are.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from trackside.errors import SignalError
from trackside.recordings import layout
from trackside.recordings.creating import ANNOTATION_TYPE, create_recording, microseconds
from trackside.recordings.model import Annotation, Athlete, Block, Stream
from trackside.recordings.rewriting import remove_dead_space
from trackside.recordings.unwritable import abandoning

BATCH_ROWS = 4 * layout.CHUNK_ROWS
SYNC_INTERVAL = 1.0
"""The longest time in s for which written samples may be in the operating system's memory only."""


class RecordingWriter:
    """Writes blocks of the given streams to a new recording file, replacing one of that name.

    A context manager: leaving it normally marks the file complete, leaving it by an exception
    keeps everything written so far in a readable file that is not marked complete.

    ``start_time`` is the moment of time 0, now if None; a naive one is taken as local time.
    ``flush_interval`` (s): the longest time for which written samples may be in memory only, as
    long as blocks keep coming; call :meth:`flush` when they do not.

    Raises :class:`SignalError` for stream or channel names that the file cannot hold. Every method
    that writes raises :class:`trackside.recordings.unwritable.DiskError` when the disk is full or
    gone; then the file holds what was flushed before, and nothing more can be written.
    """

    def __init__(
        self,
        path: str | Path,
        streams: Iterable[Stream],
        *,
        start_time: datetime | None = None,
        athlete: Athlete | None = None,
        flush_interval: float = 0.25,
    ) -> None:
        streams = tuple(streams)
        start_time = start_time or datetime.now(UTC)
        if start_time.tzinfo is None:
            start_time = start_time.astimezone()
        self.path = Path(path)
        self._start = microseconds(start_time)
        self._flush_interval = flush_interval
        create_recording(self.path, streams, start_time, athlete or Athlete())
        self._file = _open_to_append(self.path)
        self._annotations = self._file[layout.ANNOTATIONS]
        sensors = self._file[layout.SENSORS]
        self._tables = {
            stream.name: _Table(sensors[stream.name], stream, self._start) for stream in streams
        }
        self._flushed = self._synced = monotonic()

    def write(self, block: Block) -> None:
        """Take a block's samples. The arrays are copied; float values are stored as float32.

        Raises :class:`SignalError` if the stream is unknown or the block does not fit it.
        """
        table = self._tables.get(block.stream)
        if table is None:
            known = ", ".join(self._tables)
            raise SignalError(f"no stream '{block.stream}' in {self.path}; it has: {known}")
        with abandoning(self._file, self.path):
            table.append(block)
        if monotonic() - self._flushed >= self._flush_interval:
            self.flush()

    def annotate(self, annotation: Annotation) -> None:
        """Add a remark. Raises :class:`SignalError` if it is longer than the file can hold."""
        kind, text = annotation.kind.encode(), annotation.text.encode()
        if len(kind) > layout.KIND_BYTES or len(text) > layout.TEXT_BYTES:
            raise SignalError(
                f"annotation at {annotation.time:.2f} s is too long: at most {layout.KIND_BYTES} "
                f"bytes of kind and {layout.TEXT_BYTES} bytes of text fit"
            )
        time = self._start + round(annotation.time * 1e6)
        row = np.array([(time, kind, text)], dtype=ANNOTATION_TYPE)
        with abandoning(self._file, self.path):
            _append(self._annotations, row)

    def flush(self) -> None:
        """Write what is in memory, so that it survives a crash and followers see it."""
        with abandoning(self._file, self.path):
            for table in self._tables.values():
                table.flush()
            self._annotations.flush()
            self._flushed = monotonic()
            if self._flushed - self._synced >= SYNC_INTERVAL:
                os.fsync(self._file.id.get_vfd_handle())
                self._synced = self._flushed

    def close(self) -> None:
        """Write what is in memory, mark the file complete and close it; again: do nothing."""
        if self._file:
            self._end(complete=True)
            remove_dead_space(self.path)

    def _end(self, *, complete: bool) -> None:
        self.flush()
        with abandoning(self._file, self.path):
            if complete:
                self._file.attrs.modify("complete", np.uint8(1))
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        elif self._file:
            self._end(complete=False)


class _Table:
    """One stream's datasets, and the rows that wait to be written to them."""

    def __init__(self, group: Any, stream: Stream, start: int) -> None:
        self._datasets: dict[str, Any] = {
            name: dataset for name, dataset in group.items() if isinstance(dataset, h5py.Dataset)
        }
        self._stream = stream
        self._start = start
        self._stamps: tuple[str, ...] | None = None
        self._waiting: list[dict[str, NDArray[Any]]] = []
        self._rows = 0
        self._unflushed: dict[str, Any] = {}

    def append(self, block: Block) -> None:
        """Take a block; raises :class:`SignalError` if it does not fit the stream."""
        stamps = self._stamp_columns(block)
        self._waiting.append(stamps | self._channel_columns(block))
        self._stamps = tuple(stamps)
        self._rows += len(block)
        if self._rows >= BATCH_ROWS:
            self.store()

    def store(self) -> None:
        """Write the waiting rows to the file's datasets."""
        if not self._waiting:
            return
        for name in self._waiting[0]:
            _append(self._datasets[name], np.concatenate([rows[name] for rows in self._waiting]))
            self._unflushed[name] = self._datasets[name]
        self._waiting.clear()
        self._rows = 0

    def flush(self) -> None:
        """Write all rows through to the file, one dataset after the other.

        When the disk fails, HDF5 leaves the length of the dataset as it was. Flushing the file as
        a whole, it would go on and count rows that it could not write.
        """
        self.store()
        for dataset in self._unflushed.values():
            dataset.flush()
        self._unflushed.clear()

    def _channel_columns(self, block: Block) -> dict[str, NDArray[Any]]:
        expected = sorted(channel.name for channel in self._stream.channels)
        if sorted(block.values) != expected:
            raise self._misfit(f"channels {sorted(block.values)}", f"{expected}")
        columns: dict[str, NDArray[Any]] = {}
        for channel in self._stream.channels:
            values = np.array(block.values[channel.name], dtype=layout.VALUE_TYPE, order="C")
            shape = (len(block), len(channel.columns))
            if values.shape != shape:
                raise self._misfit(f"{channel.name} of shape {values.shape}", f"{shape}")
            columns[layout.dataset_name(channel)] = values
        return columns

    def _stamp_columns(self, block: Block) -> dict[str, NDArray[Any]]:
        """Time and the stamps that the block has: a stream has a stamp always or never."""
        time = np.asarray(block.time, dtype=np.float64)
        if time.ndim != 1 or not np.isfinite(time).all():
            raise self._misfit("times that are not a row of finite numbers", "seconds, shape (N,)")
        stamps = {layout.TIME: np.rint(time * 1e6) + self._start}
        if block.host_time is not None:
            stamps[layout.HOST_TIME] = np.rint(np.asarray(block.host_time) * 1e9)
        if block.device_time is not None:
            stamps[layout.DEVICE_TIME] = np.asarray(block.device_time)
        if block.sequence is not None:
            stamps[layout.SEQUENCE] = np.asarray(block.sequence)
        if self._stamps not in (None, tuple(stamps)):
            raise self._misfit(", ".join(stamps), f"{', '.join(self._stamps)}, as before")
        for name, stamp in stamps.items():
            if stamp.shape != time.shape:
                raise self._misfit(f"{name} of shape {stamp.shape}", f"{time.shape}")
        return {name: stamp.astype(np.int64) for name, stamp in stamps.items()}

    def _misfit(self, found: str, expected: str) -> SignalError:
        return SignalError(
            f"stream '{self._stream.name}': a block has {found}; expected {expected}"
        )


def _open_to_append(path: Path) -> Any:
    """Open a recording so that others can follow it from the first moment on (SWMR)."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_LATEST)
    flags = h5py.h5f.ACC_RDWR | h5py.h5f.ACC_SWMR_WRITE
    return h5py.File(h5py.h5f.open(os.fsencode(path), flags, access))


def _append(dataset: Any, rows: NDArray[Any]) -> None:
    start = len(dataset)
    dataset.resize(start + len(rows), axis=0)
    dataset[start:] = rows
