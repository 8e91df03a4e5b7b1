"""Calibration by a static pose, by movement alone, and by both, against truth.

    python benchmarks/calibration_ways.py [--seeds 3] [--speeds 1.4 3.2] [--data FOLDER]

Simulated athletes with realistic sensors in random orientations on 17 segments, no magnetometer,
stand for 5 s and go for 40 s; then others who, between, show squats, swings of the arms, bends of
the elbows and turns of the palms for 8 s each. Printed are the RMS turn in degrees of the mountings
that were found against the true ones, how sure movement says it is, and RMS errors of joint angles.
The simulated athlete holds the pose exactly; "careless" turns each sensor between standing and
going by angles drawn with the deviations of how people hold a pose (2.5° sideways, 6° about the
long axis, 5° forwards). What he shows with squats and arms he shows exactly, too. FOLDER holds
neura_walk, a walk with an optical reference (Plug-in Gait): RMS error, and without its mean in
brackets. The reference of the ankle is taken from its mean over the first two seconds, in which the
athlete stands; that of hip and knee as it is. Its left hip and ankle glitch.
"""

import argparse
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from optical_walk import PLACEMENTS, STANDING, SYNCHRONISED, reference_angles

from trackside.app.simulating import record_session
from trackside.app.solving import Heading, SolveOptions, calibrate_recording, solve
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import Way
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.movement_calibration import POSE_SD, calibrate_by_movement, refined
from trackside.recordings.importing import import_recording
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import Phase, SessionPlan, functional_movements, run, stand, walk
from trackside.simulation.session import SimulatedSession

PARTS = ("pelvis", "t8", "thigh", "shank", "foot", "upper_arm", "forearm", "hand")
ANGLES = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_flexion",
    "ankle_dorsiflexion",
    "shoulder_flexion",
    "elbow_flexion",
)
SPEEDS = (1.4, 3.2, 5.5)  # m/s
GOING = 40.0  # s
SHOWN = (stand(5.0), *functional_movements(8.0), stand(3.0))


def true_mountings(session: SimulatedSession, segments: tuple[str, ...]) -> Floats:
    """Segment → sensor (S, 4)."""
    mountings = session.truth.mountings
    return qt.conjugate(np.stack([mountings[segment].orientation for segment in segments]))


def rms_deg(angle: Floats) -> float:
    """Root mean square in degrees of angles in rad."""
    return float(np.rad2deg(np.sqrt(np.mean(np.square(angle)))))


def angle_errors(path: Path, session: SimulatedSession, way: Way) -> dict[str, list[Floats]]:
    """Errors (N,) rad of both sides' joint angles."""
    with open_recording(path) as recording:
        solution = solve(recording, SolveOptions(heading=Heading.JOINTS, way=way))
    pose = solution.pose.span(session.duration - GOING + 4.0, session.duration)
    own, true = joint_angles(pose), joint_angles(session.truth.pose.at(pose.time))
    return {
        angle: [wrap(own[f"{side}_{angle}"] - true[f"{side}_{angle}"]) for side in SIDES]
        for angle in ANGLES
    }


def print_simulated(
    speed: float, before: tuple[Phase, ...], said: str, seeds: int, folder: Path
) -> None:
    """Errors of mountings and of joint angles at one speed; what is done before, and ``said``."""
    mounting: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    joints: defaultdict[str, defaultdict[str, list[Floats]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for seed in range(seeds):
        going = walk(GOING, speed) if speed < 2.0 else run(GOING, speed)
        session = simulate(SessionPlan((*before, going)), seed=100 + seed)
        path = folder / "session.h5"
        record_session(session, path)
        with open_recording(path) as recording:
            posed = calibrate_recording(recording, SolveOptions(heading=Heading.JOINTS))
        movement = calibrate_by_movement(posed.motion, False)
        segments = posed.motion.segments
        true = true_mountings(session, segments)
        rng = np.random.default_rng(seed)
        pose = posed.calibration.mountings
        off = qt.from_rotation_vector(POSE_SD * rng.standard_normal((len(segments), 3)))
        careless = qt.multiply(pose, off)
        found = {
            "pose": pose,
            "movement": movement.mountings,
            "both": refined(pose, movement)[0],
            "careless pose": careless,
            "careless, both": refined(careless, movement)[0],
        }
        for i, segment in enumerate(segments):
            for part in (part for part in PARTS if segment.endswith(part)):
                for name, mountings in found.items():
                    error = float(qt.angle_between(mountings[i], true[i]))
                    mounting[name][part].append(error)
                told = float(np.linalg.norm(movement.sd[i]))
                mounting["movement says"][part].append(told)
        for way in Way:
            for angle, errors in angle_errors(path, session, way).items():
                joints[way][angle] += errors
    print(f"\n{speed} m/s{said}")
    print(f"{'mountings off by':<27}" + "".join(f"{part:>11}" for part in PARTS))
    for name, parts in mounting.items():
        cells = "".join(f"{rms_deg(np.array(parts[part])):>11.1f}" for part in PARTS)
        print(f"{name:<27}{cells}")
    print(f"{'joint angles off by':<27}" + "".join(f"{angle:>20}" for angle in ANGLES))
    for way in Way:
        cells = "".join(f"{rms_deg(np.concatenate(joints[way][a])):>20.1f}" for a in ANGLES)
        print(f"{way.value:<27}{cells}", flush=True)


def print_recorded(data: Path, folder: Path) -> None:
    """Errors of the walk with an optical reference, by way of calibration."""
    source = data / "neura_walk"
    if not source.is_dir():
        print(f"\n{source} is not there: no recording measured")
        return
    path = folder / "walk.h5"
    import_recording(source / "imu", path, placements=PLACEMENTS)
    seen = reference_angles(source)
    for side in SIDES:
        seen[f"{side}_ankle_dorsiflexion"] -= seen[f"{side}_ankle_dorsiflexion"][STANDING].mean()
    names = [name for name in seen if name not in ("left_hip_flexion", "left_ankle_dorsiflexion")]
    standing = ", ".join(f"{name} {seen[name][STANDING].mean():.1f}" for name in names)
    print(f"\nneura_walk; while standing the reference has {standing}")
    print(f"{'':<10}" + "".join(f"{name:>26}" for name in names))
    options = SolveOptions(heading=Heading.JOINTS)
    for way in Way:
        with open_recording(path) as recording:
            pose = solve(recording, replace(options, way=way)).pose
        own = joint_angles(pose)
        cells = []
        for name in names:
            error = np.rad2deg(own[name][SYNCHRONISED]) - seen[name][SYNCHRONISED]
            cells.append(f"{np.sqrt(np.mean(error**2)):.2f} ({error.std():.2f})")
        print(f"{way.value:<10}" + "".join(f"{cell:>26}" for cell in cells))


def main() -> None:
    """Print tables by speed, then the recording's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--speeds", type=float, nargs="*", default=SPEEDS, help="m/s")
    parser.add_argument("--data", type=Path, help="folder with neura_walk/")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for speed in arguments.speeds:
            for before, said in (((stand(5.0),), ""), (SHOWN, ", squats and arms shown before")):
                print_simulated(speed, before, said, arguments.seeds, Path(folder))
        if arguments.data:
            print_recorded(arguments.data, Path(folder))


if __name__ == "__main__":
    main()
