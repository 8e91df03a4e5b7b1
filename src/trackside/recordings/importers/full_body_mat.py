"""MATLAB files with a full-body recording: ``t`` (s) and one struct per sensor.

Each struct has ``acc`` (m/s²), ``gyr`` (rad/s) and, if the maker estimated it, ``quat``, which is
kept as it is: (w, x, y, z) from the frame of a body segment, y up in upright stance, not from the
sensor's, to an earth frame with z up and unknown heading.
"""

from pathlib import Path
from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.recordings.importers import matlab
from trackside.recordings.importers.session import Measured, Sensor, Session, modification_time
from trackside.recordings.layout import REFERENCE
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, ORIENTATION, Device, Kind
from trackside.recordings.placements import segment_from_label

MAKER = "full-body MATLAB file"


def recognise(path: Path) -> bool:
    """Whether the file has a time axis ``t`` beside variables that are structs."""
    names = matlab.variable_names(path)
    return "t" in names or any(segment_from_label(name) for name in names)


def read(path: Path) -> Session:
    """All sensors of the file."""
    variables = matlab.load(path)
    time = matlab.numbers(path, variables, "t", "s", (-1,))
    if len(time) < 2 or not (np.diff(time) > 0).all():
        raise FileFormatError(path, "variable 't'", "at least two times that increase")
    structs = {name: value for name, value in variables.items() if _is_struct(value)}
    if not structs:
        raise FileFormatError(path, "variables", "a struct with acc and gyr for each sensor")
    sensors = tuple(_sensor(path, name, struct, time) for name, struct in structs.items())
    return Session(sensors, modification_time(path))


def _is_struct(value: Any) -> bool:
    return getattr(getattr(value, "dtype", None), "names", None) is not None


def _sensor(path: Path, name: str, struct: Any, time: Floats) -> Sensor:
    if struct.ndim:
        raise FileFormatError(path, f"variable '{name}'", "a single struct")
    fields = {f"{name}.{field}": struct[field].item() for field in struct.dtype.names}
    rate = round(float(1.0 / np.median(np.diff(time))), 3)
    since_start = time - time[0]

    def numbers(field: str, unit: str, columns: int) -> Floats:
        return matlab.numbers(path, fields, f"{name}.{field}", unit, (len(time), columns))

    values = {
        ACCELEROMETER: numbers("acc", "m/s²", 3),
        GYROSCOPE: numbers("gyr", "rad/s", 3),
    }
    measured = [Measured(Kind.IMU, since_start, values, rate)]
    if f"{name}.quat" in fields:
        quaternions = {ORIENTATION: numbers("quat", "(w, x, y, z)", 4)}
        measured.append(Measured(Kind.ORIENTATION, since_start, quaternions, rate, REFERENCE))
    return Sensor(name, segment_from_label(name), Device(), tuple(measured))
