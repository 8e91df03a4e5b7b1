"""Importing other makers' recordings: recognised by content, written whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from trackside.errors import FileFormatError, MissingDataError
from trackside.recordings.importers import (
    broad,
    fit,
    full_body_mat,
    gpx,
    mvnx,
    tcx,
    ximu3,
    xsens_text,
)
from trackside.recordings.importers.session import Measured, Sensor, Session
from trackside.recordings.model import Block, Stream
from trackside.recordings.placements import SEGMENTS
from trackside.recordings.tally import Tally
from trackside.recordings.tolerant_file import replacing_on_disk
from trackside.recordings.writer import RecordingWriter

IMPORTERS = (ximu3, xsens_text, mvnx, fit, tcx, gpx, broad, full_body_mat)

BLOCK_ROWS = 1 << 16


@dataclass(frozen=True)
class ImportSummary:
    """What was imported: the maker, the written file, and a tally of each stream by name."""

    maker: str
    path: Path
    streams: Mapping[str, Tally]


def import_recording(
    source: str | Path,
    target: str | Path,
    *,
    placements: Mapping[str, str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> ImportSummary:
    """Write another maker's file or folder as a Trackside recording, replacing ``target``.

    ``placements`` puts sensors on segments, by the maker's label, the serial, or any part of a file
    name that only one sensor has; it overrides what the maker's labels say. ``progress`` is called
    with the written share, 0 to 1. A stream is called like its segment; a sensor without one, or a
    second one on a segment, keeps the maker's label.

    Raises :class:`FileFormatError` if the source is of no known maker or cannot be used, and
    :class:`MissingDataError` for a placement that fits no sensor or no segment; then ``target``
    stays as it was.
    """
    source, target = Path(source), Path(target)
    if not source.exists():
        raise FileFormatError(source, "file", "a recording to import; there is no such file")
    if not target.parent.is_dir():
        raise FileFormatError(target, "folder", f"an existing folder {target.parent}")
    importer = next((importer for importer in IMPORTERS if importer.recognise(source)), None)
    if importer is None:
        makers = ", ".join(importer.MAKER for importer in IMPORTERS)
        raise FileFormatError(source, "content", f"one of: {makers}")
    session = _placed(importer.read(source), placements or {})
    measured = dict(_streams(session))
    tallies = {stream.name: Tally(stream) for stream in measured}
    with (
        replacing_on_disk(target) as path,
        RecordingWriter(path, measured, start_time=session.start_time) as writer,
    ):
        for block, share in _blocks(measured):
            writer.write(block)
            tallies[block.stream].add(block)
            if progress:
                progress(share)
        for annotation in session.annotations:
            writer.annotate(annotation)
    return ImportSummary(importer.MAKER, target, tallies)


def _placed(session: Session, placements: Mapping[str, str]) -> Session:
    """The session with its sensors on the segments that the user says."""
    sensors = list(session.sensors)
    for key, segment in placements.items():
        if segment not in SEGMENTS:
            raise MissingDataError(f"no segment '{segment}'; segments are: {', '.join(SEGMENTS)}")
        index = _sought(session.sensors, key)
        sensors[index] = replace(sensors[index], segment=segment)
    return replace(session, sensors=tuple(sensors))


def _sought(sensors: tuple[Sensor, ...], key: str) -> int:
    """The one sensor that ``key`` means: exactly its label, or part of its label or file name."""
    wanted = key.casefold()
    texts = [[text.casefold() for text in (sensor.label, *sensor.sought_in)] for sensor in sensors]
    exact = [i for i, names in enumerate(texts) if wanted in names]
    partial = [i for i, names in enumerate(texts) if any(wanted in name for name in names)]
    found = exact or partial
    if len(found) != 1:
        labels = ", ".join(sensor.label for sensor in sensors)
        raise MissingDataError(f"'{key}' fits {len(found)} sensors, not one; sensors are: {labels}")
    return found[0]


def _streams(session: Session) -> Iterator[tuple[Stream, Measured]]:
    taken: set[str] = set()
    for sensor in session.sensors:
        name = sensor.segment if sensor.segment and sensor.segment not in taken else sensor.label
        taken.add(name)
        for measured in sensor.measured:
            yield _stream(name, sensor, measured), measured


def _stream(name: str, sensor: Sensor, measured: Measured) -> Stream:
    return Stream(
        name=name + measured.suffix,
        kind=measured.kind,
        channels=tuple(measured.values),
        rate=measured.rate,
        device=sensor.device,
        placement=sensor.segment,
        tick=measured.tick,
    )


def _blocks(streams: Mapping[Stream, Measured]) -> Iterator[tuple[Block, float]]:
    """Blocks of all streams, each with the share of all samples that are done with it."""
    total = sum(len(measured.time) for measured in streams.values())
    done = 0
    for stream, measured in streams.items():
        for start in range(0, len(measured.time), BLOCK_ROWS):
            block = _block(stream.name, measured, slice(start, start + BLOCK_ROWS))
            done += len(block)
            yield block, done / total


def _block(name: str, measured: Measured, rows: slice) -> Block:
    device_time, sequence = measured.device_time, measured.sequence
    return Block(
        name,
        measured.time[rows],
        {channel.name: values[rows] for channel, values in measured.values.items()},
        device_time=None if device_time is None else device_time[rows],
        sequence=None if sequence is None else sequence[rows],
    )
