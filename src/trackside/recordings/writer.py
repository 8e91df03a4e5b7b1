"""Writing a recording while it is measured: SWMR, so that it can be followed and survives a crash.

All groups and datasets exist before the first sample; rows are gathered and written in batches,
and flushed at least every ``flush_interval``. Chunks leave dead space in the file when they are
compressed; closing rewrites a file that has grown so, copying its chunks as they are.
"""

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
from trackside.recordings.growing_column import GrowingColumn
from trackside.recordings.model import Annotation, Athlete, Block, Stream
from trackside.recordings.rewriting import remove_dead_space
from trackside.recordings.tolerant_file import TolerantFile

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

    Raises :class:`SignalError` for stream or channel names that the file cannot hold, and
    :class:`trackside.recordings.tolerant_file.DiskError` from any method that writes when the disk
    is full or gone; then the file is closed, with what was flushed before.
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
        self._disk = TolerantFile(self.path, "r+b")
        self._file = h5py.File(self._disk, "r+", libver=layout.HDF5_VERSION)
        self._file.swmr_mode = True
        self._annotations = GrowingColumn(self._file[layout.ANNOTATIONS])
        sensors = self._file[layout.SENSORS]
        self._tables = {
            stream.name: _Table(sensors[stream.name], stream, self._start) for stream in streams
        }
        self._flushed = self._synced = monotonic()

    def write(self, block: Block) -> None:
        """Take a block's samples. The arrays are copied; float values are stored as float32.

        What float32 cannot hold becomes infinite.

        Raises :class:`SignalError` if the stream is unknown or the block does not fit it.
        """
        table = self._tables.get(block.stream)
        if table is None:
            known = ", ".join(self._tables)
            raise SignalError(f"no stream '{block.stream}' in {self.path}; it has: {known}")
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
        self._annotations.append(row)

    def flush(self) -> None:
        """Write what is in memory, so that it survives a crash and followers see it."""
        for table in self._tables.values():
            table.store()
        self._file.flush()
        self._flushed = monotonic()
        if self._flushed - self._synced >= SYNC_INTERVAL:
            self._disk.sync()
            self._synced = self._flushed
        if self._disk.error:
            self._release()

    def close(self) -> None:
        """Write what is in memory, mark the file complete and close it; again: do nothing."""
        if self._file:
            self.flush()
            for table in self._tables.values():
                table.finish()
            self._annotations.finish()
            self._file.attrs.modify("complete", np.uint8(1))
            self._release()
            remove_dead_space(self.path)

    def _release(self) -> None:
        """Close the file, and say so if not all of it could be written."""
        self._file.close()
        self._disk.close()
        self._disk.check(self.path)

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
            self.flush()
            self._release()


class _Table:
    """One stream's datasets, and the rows that wait to be written to them."""

    def __init__(self, group: Any, stream: Stream, start: int) -> None:
        self._columns = {
            name: GrowingColumn(dataset)
            for name, dataset in group.items()
            if isinstance(dataset, h5py.Dataset)
        }
        self._stream = stream
        self._start = start
        self._stamps: tuple[str, ...] | None = None
        self._waiting: list[dict[str, NDArray[Any]]] = []
        self._rows = 0

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
            self._columns[name].append(np.concatenate([rows[name] for rows in self._waiting]))
        self._waiting.clear()
        self._rows = 0

    def finish(self) -> None:
        """Complete the datasets: all rows are stored, and no more will come."""
        for column in self._columns.values():
            column.finish()

    def _channel_columns(self, block: Block) -> dict[str, NDArray[Any]]:
        expected = sorted(channel.name for channel in self._stream.channels)
        if sorted(block.values) != expected:
            raise self._misfit(f"channels {sorted(block.values)}", f"{expected}")
        columns: dict[str, NDArray[Any]] = {}
        for channel in self._stream.channels:
            with np.errstate(over="ignore"):
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
