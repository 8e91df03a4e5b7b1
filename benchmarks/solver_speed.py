"""Time per frame of the solver: 17 sensors, a whole recording and live; OpenSim's IK beside it.

    python benchmarks/solver_speed.py [--opensim-python PYTHON --model Rajagopal_2015.osim]

A simulated run, filtered already. Batch: the chain, the root path and the deviations of all joints
over all frames, best of 20. Live: one step for every frame with the deviations of all joints, the
sensors' headings corrected once a second; median and 99 %. All is processor time.

PYTHON is an interpreter with the package ``opensim``, which the project does not depend on. Its
inverse kinematics gets the orientations of the segments that its model has bodies for. Its time per
frame is the CPU time that 3 s more of running take, so that reading the model does not count.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, Solution, SolveOptions, solve
from trackside.arrays import Floats
from trackside.kinematics.common_clock import BodyMotion, on_common_clock
from trackside.kinematics.live_solver import LiveSolver
from trackside.kinematics.opensim_sensors import SensorOrientations, sensor_orientations, write_sto
from trackside.kinematics.root_path import root_path
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.uncertainty import (
    SensorDoubt,
    joint_deviations,
    joint_uncertainty,
    link_deviations,
    sensor_doubt,
)
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17, KITS
from trackside.simulation.sensor_errors import REALISTIC

DURATION, SPEED = 60.0, 3.5  # s, m/s
ROUNDS = 20
OPENSIM_START = 5.5  # s, standing
OPENSIM_ENDS = (8.0, 11.0)  # s
OPENSIM = Path(__file__).with_name("opensense_ik.py")


def solved_run() -> Solution:
    """The simulated run, recorded and solved."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.h5"
        record_session(simulate(plan_for(DURATION, SPEED), KIT_17, REALISTIC), path)
        with open_recording(path) as recording:
            return solve(recording, SolveOptions(heading=Heading.JOINTS))


def batch_times(solution: Solution, motion: BodyMotion) -> Floats:
    """Time in µs per frame of the chain, the root path and the joints' deviations, (3,)."""
    calibration, facing = solution.calibration, solution.facing
    moments = [time.process_time()]
    orientations = segment_orientations(motion, calibration, facing.drifts)
    whole, _ = solve_chain(motion.segments, orientations, motion.measured)
    moments.append(time.process_time())
    root_path(solution.pose.skeleton, whole, motion, calibration.mountings)
    moments.append(time.process_time())
    joint_deviations(whole, motion, calibration, facing, solution.tracks)
    moments.append(time.process_time())
    return 1e6 * np.diff(moments) / len(motion.time)


def live_times(solution: Solution, motion: BodyMotion) -> Floats:
    """Time in µs of each frame's step."""
    uncertainty = joint_uncertainty(solution.calibration, solution.facing, solution.tracks)
    doubt = sensor_doubt(motion, solution.tracks)
    linked = link_deviations(solution.facing.links, motion.time)
    solver = LiveSolver(solution.calibration, solution.pose.skeleton, uncertainty=uncertainty)
    every = round(motion.rate)
    took = []
    for n in range(len(motion.time)):
        now = slice(n, n + 1)
        own = SensorDoubt(doubt.inclination[:, now], doubt.heading[:, now], doubt.lost[:, now])
        began = time.process_time()
        if n % every == 0:
            solver.correct_headings(solution.facing.drifts[:, n], linked[:, n])
        solver.step(motion.orientations[:, n], motion.measured[:, n], own)
        took.append(1e6 * (time.process_time() - began))
    return np.array(took[every:])


def opensim_time(orientations: SensorOrientations, python: Path, model: Path) -> float:
    """OpenSim's time in µs per frame."""
    frames, seconds = [], []
    for end in OPENSIM_ENDS:
        inside = slice(*np.searchsorted(orientations.time, [OPENSIM_START, end]))
        rows = {segment: q[inside] for segment, q in orientations.by_segment.items()}
        with tempfile.TemporaryDirectory() as name:
            table = Path(name) / "run.sto"
            write_sto(table, SensorOrientations(orientations.time[inside], rows))
            command = [str(python), str(OPENSIM), str(model), str(table), name]
            run = subprocess.run(command, check=True, capture_output=True, text=True)
        frames.append(inside.stop - inside.start)
        seconds.append(float(run.stdout.split()[-1]))
    return 1e6 * (seconds[1] - seconds[0]) / (frames[1] - frames[0])


def of_kit(orientations: SensorOrientations, kit: tuple[str, ...]) -> SensorOrientations:
    """Those of the sensors that are in a kit."""
    rows = {segment: q for segment, q in orientations.by_segment.items() if segment in kit}
    return SensorOrientations(orientations.time, rows)


def main() -> None:
    """Print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opensim-python", type=Path)
    parser.add_argument("--model", type=Path, help="an .osim file by Rajagopal")
    arguments = parser.parse_args()
    solution = solved_run()
    motion = on_common_clock(solution.tracks, solution.pose.rate)
    parts = np.min([batch_times(solution, motion) for _ in range(ROUNDS)], axis=0)
    live = live_times(solution, motion)
    print(f"{len(KIT_17)} sensors, {len(motion.time)} frames, µs per frame")
    names = ("chain", "root path", "deviations")
    said = ", ".join(f"{name} {part:.1f}" for name, part in zip(names, parts, strict=True))
    print(f"  batch: {said}, all {parts.sum():.1f}")
    print(f"  live: median {np.median(live):.0f}, 99 % {np.percentile(live, 99):.0f}")
    if arguments.opensim_python and arguments.model:
        orientations = sensor_orientations(solution.pose)
        for kit in (KITS["lower-body-8"], KIT_17):
            given = of_kit(orientations, kit)
            took = opensim_time(given, arguments.opensim_python, arguments.model)
            print(f"  opensim's IK, {len(given.by_segment)} sensors: {took:.0f}", flush=True)
    else:
        print("  opensim's IK: not measured, give --opensim-python and --model")


if __name__ == "__main__":
    main()
