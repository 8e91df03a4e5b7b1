"""Strides while the athlete moves against those found afterwards, and what they cost.

    python benchmarks/live_strides.py [--seeds 2] [--duration 60]

Both feet of the simulated athlete, realistic sensors at 100 Hz, in blocks of 50 ms. How late a row
is, in strides after its end (of the samples' time, blocks included); live less afterwards; the cost
of a stride on one core.
"""

import argparse
import time as clock

import numpy as np
import pandas as pd

from trackside.app.simulating import plan_for
from trackside.kinematics.live_strides import LiveStrides
from trackside.kinematics.strides import stride_table
from trackside.recordings.model import Block, Imu
from trackside.simulation.athlete import simulate

SPEEDS = (1.3, 3.5, 6.0, 7.5)  # m/s; the first walks
BLOCK = 0.05  # s
FEET = ("right_foot", "left_foot")


def main() -> None:
    """One line a speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--duration", type=float, default=60.0, help="s, standing included")
    arguments = parser.parse_args()
    print("          rows    late [strides]  length, live − afterwards   contact time   CPU")
    print(
        " m/s live, all    mean, most      mean ± SD, most [mm]        most [ms]      [ms/stride]"
    )
    live_rows(_feet(3.5, 20.0, 0))  # compiled once
    for speed in SPEEDS:
        pairs, rows, strides, spent = [], 0, 0, 0.0
        for seed in range(arguments.seeds):
            imus = _feet(speed, arguments.duration, seed)
            start = clock.process_time()
            live = live_rows(imus)
            spent += clock.process_time() - start
            after = stride_table(imus)
            rows, strides = rows + len(live), strides + len(after)
            pairs.append(_pairs(live, after))
        print(f"{speed:4.1f}{rows:5d}{strides:5d}" + _line(pd.concat(pairs), spent / rows))


def _feet(speed: float, duration: float, seed: int) -> dict[str, Imu]:
    session = simulate(plan_for(duration, speed), FEET, rate=100.0, seed=seed)
    return {foot: session.imu(foot) for foot in FEET}


def live_rows(imus: dict[str, Imu]) -> pd.DataFrame:
    """The rows, with the time of the last sample that was needed."""
    strides = LiveStrides(imu.stream for imu in imus.values())
    rows = []
    for end in np.arange(0.0, max(imu.time[-1] for imu in imus.values()) + BLOCK, BLOCK):
        for imu in imus.values():
            part = slice(*np.searchsorted(imu.time, [end - BLOCK, end]))
            assert imu.gyr is not None
            values = {"gyroscope": imu.gyr[part], "accelerometer": imu.acc[part]}
            found = strides.feed(Block(imu.stream.name, imu.time[part], values))
            rows += [row | {"known_s": end} for row in found]
    return pd.DataFrame(rows)


def _pairs(live: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    return pd.merge_asof(
        live.dropna(subset="start_s").sort_values("start_s"),
        after.dropna(subset="start_s"),
        on="start_s",
        by="foot",
        direction="nearest",
        tolerance=0.1,
        suffixes=("", "_after"),
    ).dropna(subset="end_s_after")


def _line(pairs: pd.DataFrame, cost: float) -> str:
    late = (pairs["known_s"] - pairs["end_s"]) / pairs["stride_time_s"]
    length = 1000 * (pairs["stride_length_m"] - pairs["stride_length_m_after"])
    contact = 1000 * (pairs["contact_time_s"] - pairs["contact_time_s_after"])
    return (
        f"{late.mean():10.2f}{late.max():6.2f}"
        f"{length.mean():+12.1f} ± {length.std():.1f}{length.abs().max():8.1f}"
        f"{contact.abs().max():16.1f}{1000 * cost:14.1f}"
    )


if __name__ == "__main__":
    main()
