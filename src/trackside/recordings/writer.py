"""Writing a recording while it is measured: SWMR, so that it can be followed and survives a crash.

All groups and datasets exist before the first sample; rows are gathered and written in batches,
and flushed at least every ``flush_interval``. Flushing part of a compressed chunk leaves its older
copies as dead space in the file; closing rewrites a file that has grown so, copying its chunks as
they are.
"""

from collections.abc import Iterable, Sequence
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
from trackside.recordings.model import (
    Annotation,
    Athlete,
    Block,
    Channel,
    Kind,
    Stream,
)
from trackside.recordings.replacing import replacing
from trackside.recordings.rewriting import copy_measured

BATCH_ROWS = 4 * layout.CHUNK_ROWS
DEAD_SPACE = 1.5
"""A closed file larger than this many times its data is rewritten without the dead space."""

_FRAMES = {Kind.IMU: "sensor", Kind.ORIENTATION: "earth (z up)"}
_ANNOTATION_TYPE = np.dtype(
    [
        (layout.TIME, layout.TIME_TYPE),
        ("Kind", h5py.string_dtype("utf-8", layout.KIND_BYTES)),
        ("Text", h5py.string_dtype("utf-8", layout.TEXT_BYTES)),
    ]
)


class RecordingWriter:
    """Writes blocks of the given streams to a new recording file, replacing one of that name.

    A context manager: leaving it normally marks the file complete, leaving it by an exception
    keeps everything written so far in a readable file that is not marked complete.

    ``start_time`` is the moment of time 0, now if None; a naive one is taken as local time.
    ``flush_interval`` (s): the longest time for which written samples may be in memory only, as
    long as blocks keep coming; call :meth:`flush` when they do not.

    Raises :class:`SignalError` for stream or channel names that the file cannot hold.
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
        _check_names(streams)
        start_time = start_time or datetime.now(UTC)
        if start_time.tzinfo is None:
            start_time = start_time.astimezone()
        self.path = Path(path)
        self._start = _microseconds(start_time)
        self._flush_interval = flush_interval
        self._file = h5py.File(self.path, "w", libver="latest")
        _describe_recording(self._file, start_time, self._start, athlete or Athlete())
        self._annotations = self._file.create_dataset(
            layout.ANNOTATIONS,
            (0,),
            _ANNOTATION_TYPE,
            maxshape=(None,),
            chunks=(16,),
            compression=1,
        )
        sensors = self._file.create_group(layout.SENSORS)
        offset_hours = _utc_offset_hours(start_time)
        self._tables = {
            stream.name: _Table(
                _create_stream(sensors, stream, order, offset_hours), stream, self._start
            )
            for order, stream in enumerate(streams)
        }
        self._file.swmr_mode = True
        self._flushed = monotonic()

    def write(self, block: Block) -> None:
        """Take a block's samples. The arrays are copied; float values are stored as float32.

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
        row = np.array([(time, kind, text)], dtype=_ANNOTATION_TYPE)
        _append(self._annotations, row)

    def flush(self) -> None:
        """Write what is in memory, so that it survives a crash and followers see it."""
        for table in self._tables.values():
            table.store()
        self._file.flush()
        self._flushed = monotonic()

    def close(self) -> None:
        """Write what is in memory, mark the file complete and close it; again: do nothing."""
        self._finish(complete=True)

    def _finish(self, *, complete: bool) -> None:
        if not self._file:
            return
        try:
            self.flush()
            if complete:
                self._file.attrs.modify("complete", np.uint8(1))
            stored = _stored_bytes(self._file)
        finally:
            self._file.close()
        if complete and self.path.stat().st_size > DEAD_SPACE * stored:
            _rewrite(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._finish(complete=kind is None)


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
        self._waiting.clear()
        self._rows = 0

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


def _append(dataset: Any, rows: NDArray[Any]) -> None:
    start = len(dataset)
    dataset.resize(start + len(rows), axis=0)
    dataset[start:] = rows
