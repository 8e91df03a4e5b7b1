"""Text exports of Xsens MT Manager: one file per sensor, ``<trial>_<serial>.txt``.

Comment lines (``//``), a header, then one row per packet. Used columns: PacketCounter (16 bits, its
jumps are gaps), Acc (m/s²), and where they are filled Gyr (rad/s), Mag (a.u.), SampleTimeFine and
the maker's orientation, as quaternion Quat_q0..q3 or matrix Mat[i][j]. Both turn sensor vectors
into an earth frame with x north, y west, z up, and are turned to ours. Sensors of one trial share
the counter, which is their common time base.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import FileFormatError
from trackside.recordings.importers.frames import enu_from_nwu
from trackside.recordings.importers.session import Measured, Sensor, Session, modification_time
from trackside.recordings.importers.tables import (
    column_names,
    read_columns,
    read_lines,
    whole_numbers,
)
from trackside.recordings.layout import REFERENCE
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    ORIENTATION,
    Channel,
    Device,
    Kind,
    Values,
)
from trackside.recordings.placements import segment_from_label

MAKER = "Xsens MT Manager text export"

MAGNETOMETER = Channel("magnetometer", "a.u.", ("x", "y", "z"))
COUNTER = "PacketCounter"
COUNTER_RANGE = 1 << 16
DEVICE_CLOCK = "SampleTimeFine"
DEVICE_TICK = 1e-4  # s, of SampleTimeFine

_VECTORS = {
    ACCELEROMETER: ("Acc_X", "Acc_Y", "Acc_Z"),
    GYROSCOPE: ("Gyr_X", "Gyr_Y", "Gyr_Z"),
    MAGNETOMETER: ("Mag_X", "Mag_Y", "Mag_Z"),
}
_QUATERNION = ("Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3")
_MATRIX = tuple(f"Mat[{row}][{column}]" for row in (1, 2, 3) for column in (1, 2, 3))
_FILE_NAME = re.compile(r"(.+)_([0-9A-F]{8})\.txt", re.IGNORECASE)


def recognise(path: Path) -> bool:
    """Whether the file, or any text file in the folder, is an export."""
    return bool(_exports(path))


def read(path: Path) -> Session:
    """All sensors of a trial, placed as an OpenSense mapping (XML) in the folder says."""
    exports = _exports(path)
    tables = [_Export(file) for file in exports]
    folder = path if path.is_dir() else path.parent
    segments = _mapped_segments(folder)
    first = tables[0].packets[0]
    offsets = [_signed(table.packets[0] - first) for table in tables]
    sensors = tuple(
        table.sensor(offset - min(offsets), segments.get(table.serial))
        for table, offset in zip(tables, offsets, strict=True)
    )
    return Session(sensors, modification_time(exports[0]))


def _exports(path: Path) -> list[Path]:
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    return [file for file in files if file.suffix == ".txt" and _is_export(file)]


def _is_export(file: Path) -> bool:
    with file.open("rb") as content:
        start = content.read(len(COUNTER))
    return start.startswith((b"//", COUNTER.encode())) or bool(_FILE_NAME.match(file.name))


def _signed(difference: int) -> int:
    """A difference of two 16-bit counters, as the nearest one."""
    return (difference + COUNTER_RANGE // 2) % COUNTER_RANGE - COUNTER_RANGE // 2


class _Export:
    """One sensor's file: its header, and its columns when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = read_lines(path)
        comments = [line for line in self._lines if line.startswith("//")]
        self._header_line = len(comments)
        if len(self._lines) <= self._header_line:
            raise FileFormatError(path, f"line {self._header_line + 1}", "the names of columns")
        self._names = column_names(self._lines[self._header_line])
        self._comments = "\n".join(comments)
        counters = self._columns((COUNTER,))[:, 0]
        self.packets = whole_numbers(path, COUNTER, counters).tolist()
        name = _FILE_NAME.match(path.name)
        self.serial = name[2].upper() if name else path.stem

    def sensor(self, first_sequence: int, segment: str | None) -> Sensor:
        """The sensor; its first packet has that running number."""
        steps = np.diff(np.asarray(self.packets)) % COUNTER_RANGE
        sequence = first_sequence + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
        rate = float(self._stated(r"(?:Update|Sample) Rate: *([\d.]+) *Hz", "// Update Rate: … Hz"))
        time = sequence / rate
        device = Device("Xsens MT", self.serial, self._stated(r"Firmware Version: *(\S+)"))
        clock = self._device_time()
        tick = None if clock is None else DEVICE_TICK
        measured = [
            Measured(Kind.IMU, time, self._inertial(), rate, "", tick, clock, sequence),
        ]
        quaternions = self._orientation()
        if quaternions is not None:
            measured.append(
                Measured(
                    Kind.ORIENTATION,
                    time,
                    {ORIENTATION: quaternions},
                    rate,
                    REFERENCE,
                    sequence=sequence,
                )
            )
        return Sensor(self.serial, segment, device, tuple(measured), (self.path.stem,))

    def _inertial(self) -> dict[Channel, Values]:
        """The accelerometer, which must be there, and the other vectors if they are filled."""
        return {
            channel: self._columns(columns)
            for channel, columns in _VECTORS.items()
            if channel is ACCELEROMETER or self._has(columns)
        }

    def _orientation(self) -> Floats | None:
        """The maker's estimate as quaternions (N, 4), sensor to our earth frame."""
        if self._has(_QUATERNION):
            return enu_from_nwu(self._columns(_QUATERNION))
        if not self._has(_MATRIX):
            return None
        from scipy.spatial.transform import Rotation

        try:
            rotations = Rotation.from_matrix(self._columns(_MATRIX).reshape(-1, 3, 3))
        except ValueError as error:
            raise FileFormatError(self.path, "columns Mat[i][j]", "rotation matrices") from error
        return enu_from_nwu(rotations.as_quat(scalar_first=True))

    def _device_time(self) -> Integers | None:
        if not self._has((DEVICE_CLOCK,)):
            return None
        return whole_numbers(self.path, DEVICE_CLOCK, self._columns((DEVICE_CLOCK,))[:, 0])

    def _has(self, columns: Sequence[str]) -> bool:
        """Whether the export has the columns and they are filled, judging by the first row."""
        if not set(columns) <= set(self._names):
            return False
        cells = column_names(self._lines[self._header_line + 1])
        return all(
            (index := self._names.index(column)) < len(cells) and cells[index] for column in columns
        )

    def _columns(self, columns: Sequence[str]) -> Floats:
        return read_columns(self.path, self._lines, columns, self._header_line)

    def _stated(self, pattern: str, required: str = "") -> str:
        """What the comment lines state; '' if they do not and it is not required."""
        found = re.search(pattern, self._comments)
        if found is None and required:
            raise FileFormatError(self.path, "comment lines", f"'{required}'")
        return found[1] if found else ""


def _mapped_segments(folder: Path) -> dict[str, str | None]:
    """Segments by serial from OpenSense mappings: ``_00B42268`` is ``torso_imu`` is ``t8``."""
    segments: dict[str, str | None] = {}
    for file in sorted(folder.glob("*.xml")):
        try:
            root = ET.parse(file).getroot()  # noqa: S314 – the user's own folder
        except ET.ParseError as error:
            line, _ = error.position
            raise FileFormatError(file, f"line {line}", f"a whole XML file ({error})") from error
        except (LookupError, ValueError) as error:  # an encoding that there is not
            raise FileFormatError(file, "line 1", f"UTF-8 text ({error})") from error
        for sensor in root.iter("ExperimentalSensor"):
            serial = sensor.get("name", "").rpartition("_")[2].upper()
            segments[serial] = segment_from_label(sensor.findtext("name_in_model", ""))
    return segments
