"""Making a clean file of a recording that a crash, a full disk or a power failure left behind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

import h5py

from trackside.errors import ParameterError
from trackside.recordings import layout
from trackside.recordings.model import Block
from trackside.recordings.reader import Recording, open_recording
from trackside.recordings.tolerant_file import TolerantFile, replacing_on_disk
from trackside.recordings.writer import RecordingWriter

READ_ROWS = 64 * layout.CHUNK_ROWS


@dataclass(frozen=True)
class Rows:
    """How many samples of a stream, or remarks, are in the new file, and how many are lost.

    Lost are those that the old file counts and does not hold whole. What never reached the file is
    not known to it.
    """

    kept: int
    lost: int


@dataclass(frozen=True)
class Recovery:
    """What was recovered from ``source`` to ``path``: samples by stream, and annotations.

    ``was_whole``: the old file had been closed in order by its recorder and nothing of it is lost.
    """

    source: Path
    path: Path
    was_whole: bool
    streams: Mapping[str, Rows]
    annotations: Rows


def recover(path: str | Path, target: str | Path) -> Recovery:
    """Write everything that can be read of a recording to a new, closed file ``target``.

    The new file is marked complete, since it was closed in order; unless the old one was complete
    and whole, it also says that it was recovered: see ``docs/recording-format.md``. Samples are
    kept bit by bit. Where a part in the middle cannot be read, the samples before and after it are
    kept with their times, so that it is a gap. Derived results are not kept.

    Raises :class:`FileFormatError` if ``path`` cannot be opened as a recording,
    :class:`ParameterError` if ``target`` is the same file, and
    :class:`trackside.recordings.tolerant_file.DiskError`; then ``target`` stays as it was.
    """
    path, target = Path(path), Path(target)
    if target.exists() and path.exists() and target.samefile(path):
        raise ParameterError(f"{target}: the damaged file is kept; give the new one another name")
    with open_recording(path) as recording, replacing_on_disk(target) as temporary:
        recovery = _copy(recording, temporary, target)
        if not recovery.was_whole:
            _say_recovered(temporary, recovery)
    return recovery


def _copy(recording: Recording, temporary: Path, target: Path) -> Recovery:
    """Write what can be read to ``temporary``, which will be ``target``."""
    remarks = recording.annotations
    kept = dict.fromkeys(recording.streams, 0)
    with RecordingWriter(
        temporary,
        recording.streams.values(),
        start_time=recording.start_time,
        athlete=recording.athlete,
        flush_interval=inf,
    ) as writer:
        for name in recording.streams:
            for block in _readable_blocks(recording, name):
                writer.write(block)
                kept[name] += len(block)
        for remark in remarks:
            writer.annotate(remark)
    streams = {
        name: Rows(rows, recording.promised_rows(name) - rows) for name, rows in kept.items()
    }
    annotations = Rows(len(remarks), recording.promised_annotations - len(remarks))
    lost = sum(rows.lost for rows in (*streams.values(), annotations))
    whole = recording.complete and recording.recovered_from is None and not lost
    return Recovery(recording.path, target, whole, streams, annotations)


def _readable_blocks(recording: Recording, stream: str) -> Iterator[Block]:
    for part in recording.whole_parts(stream):
        for start in range(part.start, part.stop, READ_ROWS):
            yield recording.read(stream, start, min(start + READ_ROWS, part.stop))


def _say_recovered(path: Path, recovery: Recovery) -> None:
    with TolerantFile(path, "r+b") as disk:
        with h5py.File(disk, "r+", libver=layout.HDF5_VERSION) as file:
            file.attrs["recovered_from"] = recovery.source.name
            for name, rows in recovery.streams.items():
                file[layout.SENSORS][name].attrs["lost_rows"] = rows.lost
        disk.check(recovery.path)
