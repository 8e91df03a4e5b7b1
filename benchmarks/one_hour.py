"""Import, solve and export of an hour of a simulated run: 17 sensors at 100 Hz.

    python benchmarks/one_hour.py [--minutes 60]

Prints each stage's time and share, samples/s, and, where the vqf package is installed, the time of
its C++ on the same arrays (9D and 6D, one thread) against that of our orientation filter. The
recording is imported from a MATLAB file in the layout of the full-body example.
"""

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import scipy.io

from trackside.app.sensors import placed_imus
from trackside.app.solving import solve, store
from trackside.filters.orientation import estimate_orientation
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.pose_file import read_pose
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import Recording, open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session

RATE = 100.0  # Hz


class Stopwatch:
    """Times of named stages, in s."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens in the block."""
        began = time.perf_counter()
        yield
        self.stages[name] = time.perf_counter() - began


def write_matlab(path: Path, minutes: float) -> int:
    """Simulate the run and write it as a MATLAB file; the number of samples of all sensors."""
    session = simulate(running_session(60 * minutes, 3.5), rate=RATE)
    blocks = {s.name: session.arrays()[s.name] for s in session.streams if s.placement}
    clock = np.arange(round(60 * minutes * RATE)) / RATE
    content: dict[str, object] = {"t": clock[:, None]}
    for name, block in blocks.items():
        nearest = np.clip(np.searchsorted(block.time, clock), 0, len(block.time) - 1)
        acc, gyr = (block.values[c][nearest] for c in ("accelerometer", "gyroscope"))
        quat = np.tile([1.0, 0.0, 0.0, 0.0], (len(clock), 1))
        content[name] = {"acc": acc, "gyr": gyr, "quat": quat}
    scipy.io.savemat(path, content, do_compression=True)
    return len(blocks) * len(clock)


def compare_with_vqf(recording: Recording) -> None:
    """Time of both filters on the same arrays, and their ratio."""
    if importlib.util.find_spec("vqf") is None:
        print("vqf is not installed: orientation is not compared")
        return
    from vqf import VQF

    imus = placed_imus(recording).values()
    estimate_orientation(np.zeros((10, 3)), np.ones((10, 3)), rate=RATE)  # compiled and loaded
    field = np.array([0.0, 20.0, -45.0])
    ours, theirs = np.zeros(2), np.zeros(2)
    for imu in imus:
        assert imu.gyr is not None
        quaternions = estimate_orientation(imu.gyr, imu.acc, rate=RATE).quaternions
        w, u = quaternions[:, :1], -quaternions[:, 1:]
        turned = 2.0 * np.cross(u, field)
        mag = np.ascontiguousarray(field + w * turned + np.cross(u, turned))
        arrays = [np.ascontiguousarray(values) for values in (imu.gyr, imu.acc, mag)]
        for kind, count in enumerate((2, 3)):
            began = time.perf_counter()
            VQF(1.0 / RATE).updateBatch(*arrays[:count])
            middle = time.perf_counter()
            estimate_orientation(*arrays[:count], rate=RATE)
            theirs[kind] += middle - began
            ours[kind] += time.perf_counter() - middle
    for name, own, other in zip(("6D", "9D"), ours, theirs, strict=True):
        print(f"orientation {name}: {own:.2f} s, VQF (C++) {other:.2f} s, ratio {own / other:.2f}")


def main() -> None:
    """Run all stages and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        matlab, path = folder / "run.mat", folder / "run.h5"
        samples = write_matlab(matlab, minutes)
        with watch.stage("import"):
            import_recording(matlab, path)
        with open_recording(path) as recording:
            with watch.stage("solve"):
                solution = solve(recording)
            with watch.stage("store the pose"):
                store(path, solution)
        with watch.stage("export BVH"), open_recording(path) as recording:
            write_bvh(folder / "run.bvh", read_pose(recording))
        total = sum(watch.stages.values())
        print(f"{samples} samples, {minutes:g} min")
        for stage, seconds in (*watch.stages.items(), ("all", total)):
            share = 100 * seconds / total
            print(
                f"{stage:<16}{seconds:>8.1f} s{share:>6.0f} %{samples / seconds:>14,.0f} samples/s"
            )
        with open_recording(path) as recording:
            compare_with_vqf(recording)


if __name__ == "__main__":
    main()
