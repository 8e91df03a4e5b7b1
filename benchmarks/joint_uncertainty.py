"""Whether joints are as uncertain as the pose says: errors of the simulated athlete against it.

    python benchmarks/joint_uncertainty.py [--seeds 2] [--duration 40]

Realistic sensors, 17 of them, headings from the joints alone. For each joint between two sensors
and each speed: RMS of the true error of its rotation, of the standard deviation told, and of the
error divided by it, over both sides and all seeds, from 4 s after the start of motion on. Quotients
near 1 would be just right, above it too sure. The athlete's sensors sit on bones: what the
deviations allow for soft tissue does not occur.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, SolveOptions, solve
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENTS
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17
from trackside.simulation.sensor_errors import REALISTIC

SPEEDS = (1.3, 3.5, 6.0, 9.0)  # m/s; the first walks
SETTLED = 10.0  # s
Squares = defaultdict[str, list[Floats]]


def judged(speed: float, seed: int, duration: float, folder: Path, squares: Squares) -> None:
    """Add squares of error, deviation and quotient, (3,), of each joint of one session."""
    session = simulate(plan_for(duration, speed), KIT_17, REALISTIC, seed=seed)
    path = folder / "session.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        pose = solve(recording, SolveOptions(heading=Heading.JOINTS)).pose.span(SETTLED, duration)
    true = session.truth.pose.at(pose.time)
    assert pose.joint_sd is not None
    for segment in KIT_17:
        parent = PARENTS[segment]
        if parent in KIT_17:
            error = qt.angle_between(*(rotation(each, segment, parent) for each in (pose, true)))
            sd = pose.joint_sd[INDEX[segment]]
            parts = np.array([np.rad2deg(error), np.rad2deg(sd), error / sd])
            name = segment.removeprefix("right_").removeprefix("left_")
            squares[name].append(np.mean(parts**2, axis=1))


def rotation(pose: Pose, segment: str, parent: str) -> Floats:
    """Rotation (N, 4) of a segment against its parent."""
    return qt.multiply(qt.conjugate(pose.segment(parent)), pose.segment(segment))


def main() -> None:
    """Print a table by speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--duration", type=float, default=40.0, help="s, standing included")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for speed in SPEEDS:
            squares: Squares = defaultdict(list)
            for seed in range(arguments.seeds):
                judged(speed, seed, arguments.duration, Path(folder), squares)
            every = np.sqrt(np.mean(np.concatenate(list(squares.values())), axis=0))
            print(f"\n{speed} m/s, {arguments.seeds} seeds: error / told, all {every[2]:.2f}")
            for name, rows in squares.items():
                error, told, quotient = np.sqrt(np.mean(rows, axis=0))
                print(f"  {name:<10} {error:5.2f}°  told {told:5.2f}°  {quotient:5.2f}", flush=True)


if __name__ == "__main__":
    main()
