"""Small files as the makers write them, for the tests of the importers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat
from scipy.spatial.transform import Rotation

ROWS = 40
RANDOM = np.random.default_rng(3)
ACC = RANDOM.normal(size=(ROWS, 3)).round(4)
GYR = RANDOM.normal(size=(ROWS, 3)).round(4)
MAG = RANDOM.normal(size=(ROWS, 3)).round(4)
ROTATION = Rotation.random(ROWS, rng=RANDOM)
QUATERNIONS = ROTATION.as_quat(scalar_first=True).round(6)


def full_body(path: Path, **changes: Any) -> Path:
    """A full-body MATLAB file; ``changes`` replace variables, None leaves one out."""
    sensor = {"acc": ACC, "gyr": GYR, "quat": QUATERNIONS}
    variables = {
        "t": 40 + np.arange(ROWS) / 100,
        "lower_leg_left": sensor,
        "hip": {"acc": ACC + 1, "gyr": GYR + 1},
        **changes,
    }
    savemat(path, {name: value for name, value in variables.items() if value is not None})
    return path


def broad(path: Path, **changes: Any) -> Path:
    """A BROAD trial; ``changes`` replace variables, None leaves one out."""
    lost = np.where(np.arange(ROWS)[:, np.newaxis] == 5, np.nan, QUATERNIONS)
    variables = {
        "imu_acc": ACC,
        "imu_gyr": GYR,
        "imu_mag": MAG,
        "opt_quat": lost,
        "opt_pos": ACC,
        "movement": np.arange(ROWS) > 3,
        "sampling_rate": 2000 / 7,
        "info": "A trial\n\nIMU: model X (maker, country)\n",
        **changes,
    }
    savemat(path, {name: value for name, value in variables.items() if value is not None})
    return path


def xsens(
    path: Path, counters: np.ndarray[Any, Any], columns: dict[str, Any] | None = None
) -> Path:
    """An Xsens text export with the given packet counters."""
    if columns is None:
        columns = dict(zip(("Acc_X", "Acc_Y", "Acc_Z"), ACC.T, strict=True))
    rows = len(counters)
    cells = [[f"{int(counter):05d}" for counter in counters], [""] * rows]
    cells += [[f"{value:.6f}" for value in values[:rows]] for values in columns.values()]
    lines = [
        "// Start Time: Unknown",
        "// Update Rate: 100.0Hz",
        "// Firmware Version: 4.0.2 ",
        "\t".join(["PacketCounter", "SampleTimeFine", *columns]),
        *map("\t".join, zip(*cells, strict=True)),
    ]
    path.write_text("\r\n".join(lines) + "\r\n", newline="")
    return path


def ximu3(folder: Path, name: str = "Left Lower Leg", start: int = 5_000_000) -> Path:
    """One sensor's folder of an x-IMU3 log, sampled every 20 ms, the magnetometer every 40 ms."""
    folder.mkdir(parents=True)
    ticks = start + 20_000 * np.arange(ROWS)
    mag_ticks = ticks[::2] - 1000
    inertial = (
        "Timestamp (us),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),"
        "Accelerometer X (g),Accelerometer Y (g),Accelerometer Z (g)"
    )
    write_csv(folder / "Inertial.csv", inertial, ticks, GYR, ACC)
    ramp = np.column_stack([mag_ticks, 2.0 * mag_ticks, -mag_ticks]) * 1e-6
    write_csv(
        folder / "Magnetometer.csv", "Timestamp (us),X (a.u.),Y (a.u.),Z (a.u.)", mag_ticks, ramp
    )
    write_csv(folder / "Quaternion.csv", "Timestamp (us),W,X,Y,Z", ticks, QUATERNIONS)
    battery = "Timestamp (us),Percentage (%),Voltage (V),Charging Status"
    write_csv(folder / "Battery.csv", battery, ticks[:1], np.array([[99.5, 4.01, 0]]))
    answers = [
        {"ping": {"interface": "UDP", "name": name, "sn": "64F0"}},
        {"time": "2023-09-16 02:06:25"},
    ]
    (folder / "Command.json").write_text(json.dumps(answers))
    return folder


def write_csv(
    path: Path, header: str, ticks: np.ndarray[Any, Any], *values: np.ndarray[Any, Any]
) -> None:
    """Write a table as x-IMU3 logs have it."""
    rows = np.column_stack(values)
    lines = [
        ",".join([str(tick), *(f"{value:.6f}" for value in row)])
        for tick, row in zip(ticks.tolist(), rows, strict=True)
    ]
    path.write_text("\n".join([header, *lines]) + "\n")
