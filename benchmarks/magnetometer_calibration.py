"""Magnetometer calibration on BROAD trials, found in three ways that share little, and its speed.

    python benchmarks/magnetometer_calibration.py [--data FOLDER]

FOLDER holds BROAD's .mat files (Laidig et al. 2021, https://github.com/dlaidig/broad, data_mat).
Its magnetometer is calibrated, so the hard iron should be near zero but where a magnet was attached
to the sensor; of these trials only the middle is used, from 29 % to 54 %, when the magnet was on.
"recording" is the sphere or ellipsoid, "gyroscope" the offset with the gyroscope's help, "live" the
recursive one after all samples. The spread is that of the field's norm over its mean, of the
readings used and of these calibrated. Speed is that for an hour at 100 Hz of synthetic readings.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.io

from trackside.arrays import Floats
from trackside.filters.magnetometer_calibration import (
    MagnetometerCalibration,
    calibrate_magnetometer,
)
from trackside.filters.magnetometer_gyroscope import offset_from_gyroscope
from trackside.filters.magnetometer_live import LiveMagnetometerCalibration

ATTACHED = (0.29, 0.54)
"""Part of a trial with an attached magnet in which it was on."""


def load(path: Path) -> tuple[Floats, Floats, Floats]:
    """Time (N,) s, gyroscope (N, 3) rad/s and magnetometer (N, 3) µT of a trial."""
    content = scipy.io.loadmat(path)
    gyr, mag = (np.asarray(content[key], float) for key in ("imu_gyr", "imu_mag"))
    begin, end = ATTACHED if "attached" in path.stem else (0.0, 1.0)
    part = slice(int(begin * len(mag)), int(end * len(mag)))
    clock = np.arange(len(mag)) / float(content["sampling_rate"].item())
    return clock[part], gyr[part], mag[part]


def live(mag: Floats) -> MagnetometerCalibration:
    """The live calibration after all readings."""
    calibration = LiveMagnetometerCalibration()
    calibration.update(mag)
    return calibration.calibration


def spread(mag: Floats) -> float:
    """Standard deviation of the field's norm over its mean, %."""
    norms = np.linalg.norm(mag, axis=1)
    return float(100.0 * np.std(norms) / np.mean(norms))


def print_trial(path: Path) -> None:
    """One line for each way."""
    clock, gyr, mag = load(path)
    ways: dict[str, Callable[[], MagnetometerCalibration]] = {
        "recording": lambda: calibrate_magnetometer(mag),
        "gyroscope": lambda: offset_from_gyroscope(clock, gyr, mag),
        "live": lambda: live(mag),
    }
    for name, way in ways.items():
        found = way()
        quality = found.quality
        offset = "".join(f"{value:7.1f}" for value in found.offset)
        print(
            f"{path.stem[:30]:<31}{name:<10}{quality.model:<10}{offset}{found.norm:7.1f}"
            f"{100 * quality.residual:6.1f}{quality.coverage:6.2f}{100 * quality.offset_sd:6.1f}"
            f"{spread(mag):8.1f}{spread(found.apply(mag)):6.1f}",
            flush=True,
        )


def print_speed() -> None:
    """Best of three of each way on an hour at 100 Hz."""
    random = np.random.default_rng(0)
    samples = 360_000
    gyr, directions = random.normal(size=(2, samples, 3))
    field = 50.0 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    mag = field + np.array([30.0, -80.0, 12.0]) + 0.3 * random.normal(size=field.shape)
    clock = np.arange(samples) / 100.0
    ways: dict[str, Callable[[], MagnetometerCalibration]] = {
        "recording": lambda: calibrate_magnetometer(mag),
        "gyroscope": lambda: offset_from_gyroscope(clock, gyr, mag),
        "live": lambda: live(mag),
    }
    for name, way in ways.items():
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            way()
            times.append(time.perf_counter() - begin)
        print(f"{name:<10}{min(times):6.2f} s for an hour at 100 Hz")


def main() -> None:
    """Print the table and the speed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="folder with BROAD's .mat files"
    )
    folder = parser.parse_args().data
    if folder is None:
        print("no --data FOLDER with BROAD trials given: only the speed is measured")
    else:
        print(
            f"{'':<41}{'model':<10}{'hard iron in µT':>21}{'norm':>7}{'res %':>6}{'cover':>6}"
            f"{'sd %':>6}{'spread %':>14}"
        )
        for path in sorted(folder.glob("*.mat")):
            print_trial(path)
    print_speed()


if __name__ == "__main__":
    main()
