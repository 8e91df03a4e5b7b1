"""Drift of every joint angle over a long run of the simulated athlete, without magnetometers.

    python benchmarks/joint_drift.py [--minutes 20] [--speed 3.5] [--seeds 2] [--sensors ideal]

Laps of a 400 m track, 17 sensors. The error of each angle is averaged over every ten seconds; its
drift is the slope of these means over time by Theil and Sen (median of the slopes of all pairs), in
degrees per minute. Printed per angle: the drift that is largest in size over both sides and all
seeds, and the median of their sizes; besides, how far the means lie from that line (RMS), and the
RMS error as a whole.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

from trackside.app.simulating import record_session
from trackside.app.solving import Heading, SolveOptions, solve
from trackside.arrays import Floats
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import joint_angles
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.kits import KIT_17
from trackside.simulation.plan import WALKING_SPEEDS, SessionPlan, run, stand, walk
from trackside.simulation.sensor_errors import IDEAL, REALISTIC, SensorErrors

GOAL = 0.05  # °/min
STANDING = 6.0  # s
SETTLED = 16.0  # s; from then on the athlete moves at speed
MEAN_OVER = 10.0  # s
SENSORS = {"ideal": IDEAL, "realistic": REALISTIC}


def errors_of(
    minutes: float, speed: float, sensors: SensorErrors, seed: int, folder: Path
) -> tuple[Floats, dict[str, Floats]]:
    """Moments in s, and the error of every angle in degrees at them."""
    move = walk if speed <= WALKING_SPEEDS[1] else run
    plan = SessionPlan((stand(STANDING), move(60.0 * minutes, speed)), Track())
    session = simulate(plan, KIT_17, sensors, seed=seed)
    path = folder / "run.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        solution = solve(recording, SolveOptions(heading=Heading.JOINTS))
    pose = solution.pose.span(SETTLED, STANDING + 60.0 * minutes - 1.0)
    own, true = joint_angles(pose), joint_angles(session.truth.pose.at(pose.time))
    return pose.time, {name: np.rad2deg(wrap(own[name] - true[name])) for name in own}


def drift_of(time: Floats, error: Floats) -> tuple[float, float]:
    """Slope in °/min of an error in degrees, and how far its means lie from the line, RMS."""
    blocks = np.array_split(np.arange(len(time)), round((time[-1] - time[0]) / MEAN_OVER))
    minutes = np.array([time[block].mean() for block in blocks]) / 60.0
    means = np.array([error[block].mean() for block in blocks])
    slope, intercept = theilslopes(means, minutes)[:2]
    return float(slope), float(np.sqrt(np.mean((means - slope * minutes - intercept) ** 2)))


def main() -> None:
    """Print a table per kind of sensor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sensors", choices=SENSORS, action="append", help="all if not given")
    arguments = parser.parse_args()
    for kind in arguments.sensors or SENSORS:
        drifts: defaultdict[str, list[float]] = defaultdict(list)
        spreads: defaultdict[str, list[float]] = defaultdict(list)
        squares: defaultdict[str, list[float]] = defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(arguments.seeds):
                time, errors = errors_of(
                    arguments.minutes, arguments.speed, SENSORS[kind], seed, Path(folder)
                )
                for name, error in errors.items():
                    angle = next((name[len(s) + 1 :] for s in SIDES if name.startswith(s)), name)
                    drift, spread = drift_of(time, error)
                    drifts[angle].append(drift)
                    spreads[angle].append(spread)
                    squares[angle].append(float(np.mean(error**2)))
        where = f"{arguments.minutes:g} min at {arguments.speed} m/s"
        print(f"\n{kind} sensors, {where}; *: beyond the goal of {GOAL} °/min")
        print(f"{'':<24}{'worst':>8}{'median':>8} °/min{'means off':>12}{'RMS error':>12} °")
        for angle, values in drifts.items():
            print(
                f"{angle:<24}{max(values, key=abs):>+8.3f}{np.median(np.abs(values)):>8.3f}"
                f"{'' if max(map(abs, values)) <= GOAL else '  *':<6}"
                f"{np.sqrt(np.mean(np.square(spreads[angle]))):>12.2f}"
                f"{np.sqrt(np.mean(squares[angle])):>12.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
