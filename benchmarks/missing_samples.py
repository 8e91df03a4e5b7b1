"""How well short gaps are filled: the turn that a lost stretch of samples hides.

    python benchmarks/missing_samples.py [--recording session.h5]

Takes bursts of samples (40 ms on average) out of the simulated athlete's sensors at several speeds,
or out of those of a recording, and prints the RMS error of the angle turned within the gaps, in
degrees: by analogues of the motion, and by the straight line that a filter would draw.
"""

import argparse
from pathlib import Path

import numpy as np

from trackside.app.sensors import placed_imus
from trackside.app.simulating import plan_for
from trackside.arrays import Floats, Integers
from trackside.filters.missing_samples import fill_gaps
from trackside.recordings.model import Imu
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.sensor_errors import IDEAL

SEGMENTS = ("pelvis", "left_thigh", "left_shank", "left_foot")
SPEEDS = (1.3, 3.5, 6.0, 9.0)  # m/s; the first walks
MEAN_LOSS = 0.04  # s
EVERY = 4.0  # s between losses


def errors(
    time: Floats, gyr: Floats, acc: Floats, rng: np.random.Generator
) -> tuple[float, float, int]:
    """RMS errors in degrees of the turn in the gaps, filled and straight, and their number."""
    signals = np.hstack([gyr, acc])
    step = float(np.median(np.diff(time)))
    kept = np.ones(len(signals), bool)
    for start in range(int(2 / step), len(signals) - int(2 / step), int(EVERY / step)):
        first = start + rng.integers(int(EVERY / step) // 2)
        kept[first : first + 1 + rng.geometric(min(step / MEAN_LOSS, 1.0))] = False
    kept[[0, -1]] = True
    filled = fill_gaps(time[kept], signals[kept])
    lost = np.flatnonzero(~kept)
    runs = np.split(lost, np.flatnonzero(np.diff(lost) > 1) + 1)
    truth = time, gyr, runs
    filled_in = _hidden(*truth, filled.time, filled.signals[:, :3])
    return filled_in, _hidden(*truth, time[kept], gyr[kept]), len(runs)


def _hidden(clock: Floats, gyr: Floats, runs: list[Integers], time: Floats, rates: Floats) -> float:
    """RMS error, degrees, of the turn over each run of samples when it is read from ``rates``."""
    step = float(np.median(np.diff(clock)))
    read = np.stack([np.interp(clock, time, column) for column in rates.T], axis=-1)
    missed = [np.linalg.norm((read[run] - gyr[run]).sum(axis=0)) * step for run in runs]
    return float(np.degrees(np.sqrt(np.mean(np.square(missed)))))


def _print(what: str, imus: dict[str, Imu], rng: np.random.Generator) -> None:
    for segment, imu in imus.items():
        if imu.gyr is not None:
            filled, straight, gaps = errors(imu.time, imu.gyr, imu.acc, rng)
            print(f"{what:>10} {segment:>16} {gaps:>5} {filled:>8.2f} {straight:>9.2f}", flush=True)


def main() -> None:
    """Print a line per speed and sensor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recording", type=Path)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"{'m/s':>10} {'sensor':>16} {'gaps':>5} {'filled':>8} {'straight':>9}")
    if arguments.recording:
        with open_recording(arguments.recording) as recording:
            _print(arguments.recording.stem[:10], placed_imus(recording), rng)
        return
    for speed in SPEEDS:
        session = simulate(plan_for(120.0, speed), errors=IDEAL)
        _print(f"{speed}", {segment: session.imu(segment) for segment in SEGMENTS}, rng)


if __name__ == "__main__":
    main()
