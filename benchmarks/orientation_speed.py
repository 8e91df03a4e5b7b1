"""Speed of the orientation filter and smoother beside VQF's C++: same arrays, one thread each.

    python benchmarks/orientation_speed.py [--sensors 17] [--minutes 10] [--rate 100] [--repeats 3]

Prints the best of the repeats as samples/s (of one sensor), and the ratio of the times: below 1
trackside is faster. The smoother is compared with offlineVQF. The data are synthetic; no filter's
time depends much on what it sees.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import vqf

from trackside.arrays import Floats
from trackside.filters.orientation import estimate_orientation


def synthetic(sensors: int, samples: int, rate: float) -> tuple[Floats, Floats, Floats]:
    """Gyroscope, accelerometer and magnetometer (S, N, 3) with the magnitudes of running."""
    random = np.random.default_rng(1)
    phase = 2.0 * np.pi * 1.4 * np.arange(samples)[:, None] / rate + np.arange(3)
    shape = (sensors, samples, 3)
    gyr = 3.0 * np.sin(phase) + random.normal(0.0, 0.01, shape)
    acc = [0.0, 0.0, 9.81] + 5.0 * np.cos(phase) + random.normal(0.0, 0.1, shape)
    mag = [0.0, 20.0, -40.0] + 5.0 * np.cos(phase) + random.normal(0.0, 0.3, shape)
    return gyr, acc, mag


def run_vqf(rate: float, gyr: Floats, acc: Floats, mag: Floats | None) -> None:
    """VQF over each sensor in turn."""
    for sensor in range(len(gyr)):
        orientation = vqf.VQF(1.0 / rate)
        if mag is None:
            orientation.updateBatch(gyr[sensor], acc[sensor])
        else:
            orientation.updateBatch(gyr[sensor], acc[sensor], mag[sensor])


def run_offline_vqf(rate: float, gyr: Floats, acc: Floats, mag: Floats | None) -> None:
    """OfflineVQF over each sensor in turn."""
    for sensor in range(len(gyr)):
        vqf.offlineVQF(gyr[sensor], acc[sensor], None if mag is None else mag[sensor], 1.0 / rate)


def seconds(function: Callable[[], object]) -> float:
    """Time of one call, s."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def compare(
    rate: float, gyr: Floats, acc: Floats, mag: Floats | None, smooth: bool
) -> tuple[float, float]:
    """Seconds that trackside and VQF take, one after the other so that they meet the same load."""
    theirs = run_offline_vqf if smooth else run_vqf
    return (
        seconds(lambda: estimate_orientation(gyr, acc, mag, rate=rate, smooth=smooth)),
        seconds(lambda: theirs(rate, gyr, acc, mag)),
    )


def main() -> None:
    """Print samples/s in 6D and 9D and the ratio to VQF."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sensors", type=int, default=17)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0, help="Hz")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rate = options.rate
    gyr, acc, mag = synthetic(options.sensors, round(60.0 * options.minutes * rate), rate)
    few = gyr[0, :10], acc[0, :10], mag[0, :10]
    for smooth in (False, True):
        first = seconds(partial(estimate_orientation, *few, rate=rate, smooth=smooth))
        print(f"first call, {'smooth' if smooth else 'causal'}: {first:.2f} s")
    print(f"{options.sensors} sensors × {options.minutes:g} min at {rate:g} Hz, one thread")
    for smooth, field in ((False, None), (False, mag), (True, None), (True, mag)):
        times = [compare(rate, gyr, acc, field, smooth) for _ in range(options.repeats)]
        ours, theirs = np.min(times, axis=0)
        samples = gyr.shape[0] * gyr.shape[1]
        print(
            f"{'6D' if field is None else '9D'} {'smooth' if smooth else 'causal'}: "
            f"trackside {samples / ours / 1e6:.2f} M samples/s ({ours:.2f} s), "
            f"{'offlineVQF' if smooth else 'vqf'} {samples / theirs / 1e6:.2f} M samples/s "
            f"({theirs:.2f} s), ratio of times {ours / theirs:.2f}"
        )


if __name__ == "__main__":
    main()
