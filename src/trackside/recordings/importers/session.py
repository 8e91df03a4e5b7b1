"""What every maker's reader returns: sensors, and what each of them measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trackside.arrays import Floats, Integers
from trackside.recordings.model import Annotation, Channel, Device, Kind, Values


@dataclass(frozen=True)
class Measured:
    """One stream of a sensor: ``time`` (N,) s, and (N, columns) values for each channel.

    ``suffix`` tells a sensor's further streams from its main one, as in ``left_foot_reference``.
    """

    kind: Kind
    time: Floats
    values: Mapping[Channel, Values]
    rate: float | None = None
    suffix: str = ""
    tick: float | None = None
    device_time: Integers | None = None
    sequence: Integers | None = None


@dataclass(frozen=True)
class Sensor:
    """One sensor: the maker's ``label``, the segment it means, and what was measured.

    ``sought_in``: the texts, such as file name and serial, in which a user's placement is sought.
    """

    label: str
    segment: str | None
    device: Device
    measured: tuple[Measured, ...]
    sought_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """All sensors of one recording, on one time base; laps and what else the file remarks."""

    sensors: tuple[Sensor, ...]
    start_time: datetime
    annotations: tuple[Annotation, ...] = ()


def modification_time(path: Path) -> datetime:
    """When the file was last written: the best guess where it does not say when it was measured."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
