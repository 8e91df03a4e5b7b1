"""Xsens MVNX files: what the sensors measured.

:mod:`trackside.kinematics.mvnx` reads the pose that MVN made of it. Version 4 gives no raw samples.
What the accelerometer measured follows from the free acceleration, which is in the global frame and
without gravity: f = Rᵀ (a + g), with R the sensor's orientation. A gyroscope is there only in files
of version 3; the others are solved from the maker's own orientations.
"""

from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.recordings.importers.frames import enu_from_nwu
from trackside.recordings.importers.mvnx_file import MvnxMotion, read_mvnx_file
from trackside.recordings.importers.session import Measured, Sensor, Session, modification_time
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
from trackside.recordings.placements import PAIRED, SIDES

MAKER = "Xsens MVNX file"

MAGNETOMETER = Channel("magnetometer", "a.u.", ("x", "y", "z"))
STANDARD_GRAVITY = 9.80665  # m/s², CGPM 1901

_LIMBS = ("Shoulder", "UpperArm", "ForeArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toe")
MVN_SEGMENTS: dict[str, str] = {
    "Pelvis": "pelvis",
    "L5": "l5",
    "L3": "l3",
    "T12": "t12",
    "T8": "t8",
    "Neck": "neck",
    "Head": "head",
}
for _side in SIDES:
    MVN_SEGMENTS |= {
        f"{_side.title()}{label}": f"{_side}_{part}"
        for label, part in zip(_LIMBS, PAIRED, strict=True)
    }
"""Our segments by MVN's labels, which are those of its sensors too."""


def recognise(path: Path) -> bool:
    """Whether the file is called .mvnx or begins with that element."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".mvnx" or b"<mvnx" in file.read(2048)


def read(path: Path) -> Session:
    """All sensors of the file, placed as MVN knows them."""
    motion = read_mvnx_file(path)
    if not motion.sensors or "sensorOrientation" not in motion.elements:
        expected = "sensorOrientation and an acceleration: export from MVN with sensor data"
        raise FileFormatError(path, "frames", expected)
    acceleration = _accelerations(path, motion)
    sensors = []
    for n, label in enumerate(motion.sensors):
        inertial: dict[Channel, Values] = {ACCELEROMETER: acceleration[n]}
        for channel, name in ((GYROSCOPE, "AngularVelocity"), (MAGNETOMETER, "MagneticField")):
            if (values := motion.elements.get(f"sensor{name}")) is not None:
                inertial[channel] = values[n]
        orientation: dict[Channel, Values] = {
            ORIENTATION: enu_from_nwu(motion.elements["sensorOrientation"][n])
        }
        measured = (
            _measured(motion, Kind.IMU, inertial),
            _measured(motion, Kind.ORIENTATION, orientation, REFERENCE),
        )
        sensors.append(Sensor(label, MVN_SEGMENTS.get(label), Device("Xsens MVN"), measured))
    return Session(tuple(sensors), motion.start_time or modification_time(path))


def _measured(
    motion: MvnxMotion, kind: Kind, values: dict[Channel, Values], suffix: str = ""
) -> Measured:
    sequence = motion.frame_numbers.astype(np.int64)
    return Measured(kind, motion.time, values, motion.rate, suffix, sequence=sequence)


def _accelerations(path: Path, motion: MvnxMotion) -> Floats:
    """What the accelerometers measured, (S, N, 3) m/s² in the sensors' frames."""
    if "sensorAcceleration" in motion.elements:
        return motion.elements["sensorAcceleration"]
    if "sensorFreeAcceleration" not in motion.elements:
        raise FileFormatError(path, "frames", "sensorFreeAcceleration or sensorAcceleration")
    from scipy.spatial.transform import Rotation

    force = motion.elements["sensorFreeAcceleration"] + [0.0, 0.0, STANDARD_GRAVITY]
    quaternions = motion.elements["sensorOrientation"].reshape(-1, 4)
    turns = Rotation.from_quat(quaternions, scalar_first=True)
    return np.asarray(turns.inv().apply(force.reshape(-1, 3)).reshape(force.shape))
