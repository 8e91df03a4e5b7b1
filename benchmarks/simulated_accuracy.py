"""Joint angles and gait of the simulated athlete against the truth, with ideal and real sensors.

    python benchmarks/simulated_accuracy.py [--seeds 3] [--duration 60]

Prints RMS errors in degrees over both sides and all seeds from 4 s after the start of motion on,
headings from the joints alone (no magnetometer), and the error of cadence and of the step count.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from trackside.app.sensors import placed_imus
from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, SolveOptions, solve
from trackside.kinematics.gait import gait_features
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import joint_angles
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.sensor_errors import IDEAL, REALISTIC, SensorErrors

ANGLES = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_flexion",
    "ankle_dorsiflexion",
    "shoulder_flexion",
    "elbow_flexion",
)
SPEEDS = (1.3, 3.5, 6.0, 9.0)  # m/s; the first walks
STANDING = 6.0  # s at the start of a simulated session
SETTLING = 4.0  # s


def errors_of(
    speed: float, sensors: SensorErrors, seed: int, duration: float, folder: Path
) -> dict[str, list[float]]:
    """Squared errors in degrees² by angle, and errors of cadence and steps."""
    session = simulate(plan_for(duration, speed), errors=sensors, seed=seed)
    path = folder / f"{speed}-{seed}.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        solution = solve(recording, SolveOptions(heading=Heading.JOINTS))
        features = gait_features(placed_imus(recording))
    pose = solution.pose.span(STANDING + SETTLING, duration)
    own, true = joint_angles(pose), joint_angles(session.truth.pose.at(pose.time))
    result: defaultdict[str, list[float]] = defaultdict(list)
    for angle in ANGLES:
        for side in SIDES:
            error = np.rad2deg(wrap(own[f"{side}_{angle}"] - true[f"{side}_{angle}"]))
            result[angle].append(float(np.mean(error**2)))
    steps = session.truth.steps.values()
    strides = np.concatenate([side.stride_time for side in steps])
    result["cadence"].append((features.mean_cadence - 120 / strides.mean()) ** 2)
    contacts = sum(len(side.initial_contact) for side in steps)
    result["steps"].append((features.steps - contacts) ** 2)
    return result


def main() -> None:
    """Print a table per kind of sensor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--duration", type=float, default=60.0, help="s, standing included")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, sensors in (("ideal", IDEAL), ("realistic", REALISTIC)):
            print(f"\n{name} sensors, 17 of them, RMS error in degrees; steps/min; steps")
            print(f"{'m/s':>5}" + "".join(f"{key:>19}" for key in (*ANGLES, "cadence", "steps")))
            for speed in SPEEDS:
                squares: defaultdict[str, list[float]] = defaultdict(list)
                for seed in range(arguments.seeds):
                    found = errors_of(speed, sensors, seed, arguments.duration, Path(folder))
                    for key, values in found.items():
                        squares[key] += values
                cells = (f"{np.sqrt(np.mean(squares[key])):>19.2f}" for key in squares)
                print(f"{speed:>5}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
