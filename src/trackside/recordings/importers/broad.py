"""Trials of BROAD, the Berlin Robust Orientation Estimation Assessment Dataset, as MATLAB files.

Laidig, Caruso, Cereatti, Seel (2021), Data 6(7):72. One IMU at about 286 Hz with an optical
reference: orientation (w, x, y, z; sensor to ENU), NaN where the markers were lost, and position.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.recordings.importers import matlab
from trackside.recordings.importers.session import Measured, Sensor, Session, modification_time
from trackside.recordings.layout import REFERENCE
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    MAGNETOMETER,
    ORIENTATION,
    Channel,
    Device,
    Kind,
)

MAKER = "BROAD trial"
POSITION = Channel("position", "m", ("x", "y", "z"))
MOVEMENT = Channel("movement", "1")


def recognise(path: Path) -> bool:
    """Whether the file has variables that only BROAD has."""
    return bool(matlab.variable_names(path) & {"imu_gyr", "imu_acc", "imu_mag", "opt_quat"})


def read(path: Path) -> Session:
    """The trial's IMU, and its optical reference as an orientation stream."""
    variables = matlab.load(path)
    rate = float(matlab.numbers(path, variables, "sampling_rate", "Hz", ()))
    if not rate > 0:
        raise FileFormatError(path, "variable 'sampling_rate'", "more than 0 Hz")
    rows = len(matlab.numbers(path, variables, "imu_acc", "m/s²", (-1, 3)))

    def numbers(name: str, unit: str, columns: int) -> Floats:
        return matlab.numbers(path, variables, name, unit, (rows, columns))

    inertial = {
        ACCELEROMETER: numbers("imu_acc", "m/s²", 3),
        GYROSCOPE: numbers("imu_gyr", "rad/s", 3),
        MAGNETOMETER: numbers("imu_mag", "µT", 3),
    }
    movement = matlab.numbers(path, variables, "movement", "0 and 1", (rows,))
    optical = {
        ORIENTATION: numbers("opt_quat", "(w, x, y, z)", 4),
        POSITION: numbers("opt_pos", "m", 3),
        MOVEMENT: movement[:, np.newaxis],
    }
    time = np.arange(rows) / rate
    measured = (
        Measured(Kind.IMU, time, inertial, rate),
        Measured(Kind.ORIENTATION, time, optical, rate, REFERENCE),
    )
    sensor = Sensor("imu", None, _device(variables), measured)
    return Session((sensor,), modification_time(path))


def _device(variables: dict[str, Any]) -> Device:
    """The IMU's model, which the trial's ``info`` names as ``IMU: model (maker, country)``."""
    found = re.search(r"^IMU: ([^(\n]+)", str(variables.get("info", "")), re.MULTILINE)
    return Device(model=found[1].strip() if found else "")
