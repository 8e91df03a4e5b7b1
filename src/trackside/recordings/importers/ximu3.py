"""Log folders of x-IMU3 sensors: a folder per sensor with a CSV file per message type.

Time stamps are µs of the sensors' synchronised clocks and become the common time base. Inertial
data (deg/s, g) become rad/s and m/s². The magnetometer (a.u.) has time stamps of its own; it is
interpolated linearly onto the inertial ones, since an IMU stream has one time base. Quaternions
turn sensor vectors into an earth frame with x north, y west, z up, and are turned to ours.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import FileFormatError
from trackside.recordings.importers.frames import enu_from_nwu
from trackside.recordings.importers.session import Measured, Sensor, Session, modification_time
from trackside.recordings.importers.tables import read_columns, read_lines, whole_numbers
from trackside.recordings.layout import REFERENCE
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, ORIENTATION, Channel, Device, Kind
from trackside.recordings.placements import segment_from_label

MAKER = "x-IMU3 log folder"

MAGNETOMETER = Channel("magnetometer", "a.u.", ("x", "y", "z"))
LEVEL = Channel("level", "%")
VOLTAGE = Channel("voltage", "V")
TICK = 1e-6  # s
STANDARD_GRAVITY = 9.80665  # m/s², CGPM 1901
INERTIAL, COMMAND = "Inertial.csv", "Command.json"

_TIME = "Timestamp (us)"
_GYROSCOPE = tuple(f"Gyroscope {axis} (deg/s)" for axis in "XYZ")
_ACCELEROMETER = tuple(f"Accelerometer {axis} (g)" for axis in "XYZ")
_MAGNETOMETER = tuple(f"{axis} (a.u.)" for axis in "XYZ")


class _Table(NamedTuple):
    ticks: Integers  # (N,) µs, increasing
    values: Floats  # (N, columns)


class _Log(NamedTuple):
    """One sensor's folder."""

    label: str
    serial: str
    started: datetime | None
    folder: Path
    inertial: _Table


def recognise(path: Path) -> bool:
    """Whether the folder is a sensor's, or holds sensors' folders."""
    return bool(_folders(path))


def read(path: Path) -> Session:
    """All sensors of a log."""
    logs = [_log(folder) for folder in _folders(path)]
    start = min(int(log.inertial.ticks[0]) for log in logs)
    started = [log.started for log in logs if log.started]
    return Session(
        tuple(_sensor(log, start) for log in logs),
        min(started) if started else modification_time(path),
    )


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    folders = [path, *sorted(entry for entry in path.iterdir() if entry.is_dir())]
    return [
        folder for folder in folders if (folder / INERTIAL).exists() or (folder / COMMAND).exists()
    ]


def _log(folder: Path) -> _Log:
    command = _command(folder / COMMAND)
    ping = command.get("ping")
    ping = ping if isinstance(ping, dict) else {}
    return _Log(
        label=str(ping.get("name", folder.name)),
        serial=str(ping.get("sn", "")),
        started=_moment(command.get("time")),
        folder=folder,
        inertial=_table(folder / INERTIAL, _GYROSCOPE + _ACCELEROMETER),
    )


def _command(path: Path) -> dict[str, Any]:
    """What the sensor answered to commands: a list of objects, taken as one."""
    if not path.exists():
        return {}
    try:
        answers = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise FileFormatError(path, f"line {error.lineno}", f"JSON ({error.msg})") from error
    except UnicodeDecodeError as error:
        raise FileFormatError(path, f"byte {error.start}", "UTF-8 text") from error
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        raise FileFormatError(path, "whole file", "a list of objects")
    return {name: value for answer in answers for name, value in answer.items()}


def _moment(text: Any) -> datetime | None:
    """A sensor's clock, which knows no time zone and is taken as UTC."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _sensor(log: _Log, start: int) -> Sensor:
    measured = [_imu(log, start)]
    if (quaternion := log.folder / "Quaternion.csv").exists():
        table = _table(quaternion, ("W", "X", "Y", "Z"))
        values = {ORIENTATION: enu_from_nwu(table.values)}
        measured.append(_measured(Kind.ORIENTATION, table, start, values, REFERENCE))
    if (battery := log.folder / "Battery.csv").exists():
        table = _table(battery, ("Percentage (%)", "Voltage (V)"))
        values = {LEVEL: table.values[:, :1], VOLTAGE: table.values[:, 1:]}
        measured.append(_measured(Kind.BATTERY, table, start, values, "_battery"))
    return Sensor(
        label=log.label,
        segment=segment_from_label(log.label),
        device=Device("x-IMU3", log.serial),
        measured=tuple(measured),
        sought_in=(log.folder.name, log.serial),
    )


def _imu(log: _Log, start: int) -> Measured:
    values: dict[Channel, Floats] = {
        ACCELEROMETER: log.inertial.values[:, 3:] * STANDARD_GRAVITY,
        GYROSCOPE: np.radians(log.inertial.values[:, :3]),
    }
    if (magnetometer := log.folder / "Magnetometer.csv").exists():
        table = _table(magnetometer, _MAGNETOMETER)
        values[MAGNETOMETER] = np.column_stack(
            [np.interp(log.inertial.ticks, table.ticks, axis) for axis in table.values.T]
        )
    return _measured(Kind.IMU, log.inertial, start, values)


def _measured(
    kind: Kind, table: _Table, start: int, values: dict[Channel, Floats], suffix: str = ""
) -> Measured:
    rate = None if kind is Kind.BATTERY or len(table.ticks) < 2 else _rate(table.ticks)
    time = np.asarray((table.ticks - start) * TICK, dtype=np.float64)
    return Measured(kind, time, values, rate, suffix, TICK, table.ticks)


def _rate(ticks: Integers) -> float:
    return round(float(1.0 / (np.median(np.diff(ticks)) * TICK)), 2)


def _table(path: Path, columns: tuple[str, ...]) -> _Table:
    """A file's columns by increasing time stamp: UDP may bring a message late, or twice."""
    values = read_columns(path, read_lines(path), (_TIME, *columns))
    ticks, rows = np.unique(whole_numbers(path, _TIME, values[:, 0]), return_index=True)
    return _Table(ticks, values[rows, 1:])
