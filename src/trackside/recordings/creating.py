"""Creating a recording file: its attributes, groups and empty datasets, before the first sample."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from trackside.errors import SignalError
from trackside.recordings import layout
from trackside.recordings.model import Athlete, Channel, Kind, Stream
from trackside.recordings.tolerant_file import new_file

ANNOTATION_TYPE = np.dtype(
    [
        (layout.TIME, layout.TIME_TYPE),
        ("Kind", h5py.string_dtype("utf-8", layout.KIND_BYTES)),
        ("Text", h5py.string_dtype("utf-8", layout.TEXT_BYTES)),
    ]
)

_FRAMES = {Kind.IMU: "sensor", Kind.ORIENTATION: "earth (z up)"}


def create_recording(
    path: Path, streams: Sequence[Stream], start_time: datetime, athlete: Athlete
) -> None:
    """Write a recording without samples, replacing a file of that name, whole or not at all.

    ``start_time`` has a time zone. Raises :class:`SignalError` for stream or channel names that
    the file cannot hold, and :class:`trackside.recordings.tolerant_file.DiskError`.
    """
    _check_names(streams)
    offset_hours = _utc_offset_hours(start_time)
    with new_file(path) as file:
        _describe_recording(file, start_time, athlete)
        _create_annotations(file)
        sensors = file.create_group(layout.SENSORS)
        for order, stream in enumerate(streams):
            _create_stream(sensors, stream, order, offset_hours)


def _check_names(streams: Sequence[Stream]) -> None:
    names = [stream.name for stream in streams]
    for stream in streams:
        _check_name("stream", stream.name)
        if names.count(stream.name) > 1:
            raise SignalError(f"two streams are called '{stream.name}'; give each its own name")
        datasets = [layout.dataset_name(channel) for channel in stream.channels]
        for channel, dataset in zip(stream.channels, datasets, strict=True):
            _check_name("channel", channel.name)
            if dataset in layout.RESERVED or datasets.count(dataset) > 1:
                raise SignalError(
                    f"stream '{stream.name}': the channel name '{channel.name}' is taken"
                )


def _check_name(what: str, name: str) -> None:
    if name in {"", "."} or "/" in name or "\0" in name:
        raise SignalError(
            f"{what} name '{name}': a recording holds no empty name, none that is '.', "
            "and none with '/' in it; choose another"
        )


def microseconds(moment: datetime) -> int:
    """Microseconds since the Unix epoch, exactly; ``moment`` has a time zone."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _utc_offset_hours(moment: datetime) -> float:
    offset = moment.utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def _describe_recording(file: Any, start_time: datetime, athlete: Athlete) -> None:
    file.attrs["format"] = layout.FORMAT
    file.attrs["format_version"] = layout.FORMAT_VERSION
    file.attrs["FileFormatVersion"] = layout.APDM_VERSION
    file.attrs["start_time"] = np.uint64(microseconds(start_time))
    file.attrs["start_time_iso"] = start_time.isoformat(timespec="microseconds")
    file.attrs["athlete_name"] = athlete.name
    _set_known(file.attrs, athlete_height=athlete.height, athlete_mass=athlete.mass)
    file.attrs["complete"] = np.uint8(0)


def _set_known(attributes: Any, **values: float | str | None) -> None:
    """Set the attributes that have a value; what is not known is not there."""
    for name, value in values.items():
        if value is not None:
            attributes[name] = value


def _create_annotations(file: Any) -> None:
    file.create_dataset(
        layout.ANNOTATIONS,
        (0,),
        ANNOTATION_TYPE,
        maxshape=(None,),
        chunks=(16,),
        **layout.COMPRESSION,
    )


def _create_stream(sensors: Any, stream: Stream, order: int, utc_offset_hours: float) -> None:
    """Create a stream's group with all of its attributes and empty datasets."""
    group = sensors.create_group(stream.name)
    group.attrs["order"] = order
    group.attrs["kind"] = stream.kind.value
    group.attrs["channels"] = [layout.dataset_name(channel) for channel in stream.channels]
    group.attrs["device_model"] = stream.device.model
    group.attrs["device_serial"] = stream.device.serial
    group.attrs["device_firmware"] = stream.device.firmware
    _set_known(
        group.attrs,
        rate=stream.rate,
        placement=stream.placement,
        tick=stream.tick,
        tick_bits=stream.tick_bits,
        sequence_bits=stream.sequence_bits,
    )
    _create_column(group, layout.TIME, layout.TIME_TYPE).attrs["unit"] = "µs since 1970-01-01 UTC"
    _create_column(group, layout.HOST_TIME, layout.COUNTER_TYPE).attrs["unit"] = "ns"
    _create_column(group, layout.DEVICE_TIME, layout.COUNTER_TYPE).attrs["unit"] = "ticks"
    _create_column(group, layout.SEQUENCE, layout.COUNTER_TYPE)
    for channel in stream.channels:
        _create_channel(group, channel, _FRAMES.get(stream.kind))
    _configure_for_apdm(group, stream, utc_offset_hours)


def _create_channel(group: Any, channel: Channel, frame: str | None) -> None:
    width = len(channel.columns)
    dataset = _create_column(group, layout.dataset_name(channel), layout.VALUE_TYPE, (width,))
    dataset.attrs["name"] = channel.name
    dataset.attrs["unit"] = channel.unit
    dataset.attrs["columns"] = list(channel.columns)
    _set_known(dataset.attrs, frame=frame)


def _create_column(group: Any, name: str, dtype: str, shape: tuple[int, ...] = ()) -> Any:
    return group.create_dataset(
        name,
        (0, *shape),
        dtype,
        maxshape=(None, *shape),
        chunks=(layout.CHUNK_ROWS, *shape),
        **layout.COMPRESSION,
    )


def _configure_for_apdm(group: Any, stream: Stream, utc_offset_hours: float) -> None:
    """What readers of APDM's files look for beside the samples."""
    configuration = group.create_group(layout.CONFIGURATION)
    configuration.attrs["Label 0"] = np.bytes_(stream.name.encode())
    configuration.attrs["Sample Rate"] = stream.rate or 0.0
    configuration.attrs["Timezone Offset"] = utc_offset_hours
    if "Temperature" not in group:
        _create_column(group, "Temperature", layout.VALUE_TYPE).attrs["unit"] = "°C"
