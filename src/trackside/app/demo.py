"""The whole way in a minute: sensors, recording, skeleton, BVH, features and a picture."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from trackside.app.display import plain_table
from trackside.app.figures import draw_session
from trackside.app.sensors import placed_imus
from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import solve, store
from trackside.app.tables import write_csv
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.gait import GaitFeatures, gait_features
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.truth import Truth

ANGLES = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion", "elbow_flexion")


def run_demo(folder: Path, duration: float, speed: float, seed: int) -> None:
    """Simulate, record, solve, export and draw into ``folder``, telling what happens."""
    console = Console(markup=False, highlight=False)
    folder.mkdir(parents=True, exist_ok=True)
    files = {ending: folder / f"session.{ending}" for ending in ("h5", "bvh", "csv", "png")}
    with _step(console, f"Simulating {duration:g} s in a 17-sensor kit, running at {speed:g} m/s"):
        simulated = simulate(plan_for(duration, speed), seed=seed)
    with _step(console, "Recording it as live sensors would be"):
        record_session(simulated, files["h5"])
    with _step(console, "Solving the skeleton"), open_recording(files["h5"]) as recording:
        solution = solve(recording)
        features = gait_features(placed_imus(recording))
    truth = simulated.truth.pose.at(solution.pose.time)
    with _step(console, "Writing pose, BVH and joint angles"):
        store(files["h5"], solution)
        write_bvh(files["bvh"], solution.pose)
        write_csv(files["csv"], solution.pose)
    with _step(console, "Drawing the skeleton and its joint angles"):
        draw_session(files["png"], solution.pose, features.stride_events, truth)
    console.print(_features_table(features, simulated.truth))
    console.print(_angles_table(solution.pose, truth, features))
    console.print("\n".join(str(path) for path in files.values()))


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    with console.status(what):
        began = time.perf_counter()
        yield
    console.print(f"{what}: {time.perf_counter() - began:.1f} s")


def _features_table(features: GaitFeatures, truth: Truth) -> Table:
    table = plain_table("Gait", "Measured", "Truth", title="")
    strides = np.concatenate([steps.stride_time for steps in truth.steps.values()])
    contacts = sum(len(steps.initial_contact) for steps in truth.steps.values())
    table.add_row("Steps", str(features.steps), str(contacts))
    cadence = 120.0 * len(strides) / strides.sum()
    table.add_row("Cadence [steps/min]", f"{features.mean_cadence:.1f}", f"{cadence:.1f}")
    measured = features.stride_times
    table.add_row("Stride time, mean [s]", f"{measured.mean():.3f}", f"{strides.mean():.3f}")
    table.add_row("Stride time, SD [s]", f"{measured.std():.3f}", f"{strides.std():.3f}")
    return table


def _angles_table(solved: Pose, truth: Pose, features: GaitFeatures) -> Table:
    """RMS error of joint angles while running."""
    table = plain_table("Joint angle", "RMS error, right [°]", "left [°]", title="")
    running = (solved.time > features.step_times[0]) & (solved.time < features.step_times[-1])
    own, true = joint_angles(solved), joint_angles(truth)
    for angle in ANGLES:
        errors = (wrap(own[f"{s}_{angle}"] - true[f"{s}_{angle}"])[running] for s in SIDES)
        cells = (f"{np.rad2deg(np.sqrt(np.mean(error**2))):.2f}" for error in errors)
        table.add_row(angle.replace("_", " "), *cells)
    return table
