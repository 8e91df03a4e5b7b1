"""Load our .mot and .sto in OpenSim itself, and compare what its model does with our pose.

    python benchmarks/opensim_readers.py --opensim-python PYTHON --model Rajagopal_2015.osim

PYTHON is an interpreter with the package ``opensim`` (``pip install opensim``), which the project
does not depend on. One angle after the other is set to 20°, and every body that it moves has to
turn in the model as its segment does: exactly where the model's joint has three axes, and but for
the obliqueness of its axis elsewhere. A wrong sign would show as 40°.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import JOINTS
from trackside.kinematics.opensim_motion import GROUND_FROM_EARTH, write_mot
from trackside.kinematics.opensim_sensors import SENSOR_LABELS, sensor_orientations, write_sto
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENTS, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

READER = Path(__file__).with_name("opensim_bodies.py")
TURN_DEG = 20.0
AXES = np.eye(3)[[2, 0, 1]]  # of a joint's three angles


def one_by_one() -> tuple[Pose, list[str]]:
    """A neutral frame facing north-east, then one frame for each joint angle; and their names."""
    moves = [(joint, n) for joint in JOINTS for n in range(3)]
    heading = qt.about_axis([0.0, 0.0, 1.0], np.pi / 4)
    frames = 1 + len(moves)
    orientations = np.empty((len(SEGMENTS), frames, 4))
    for segment, parent in PARENTS.items():
        if parent is None:
            orientations[0] = qt.multiply(heading, STANDING_FACING_EAST)
            continue
        orientations[INDEX[segment]] = orientations[INDEX[parent]]
        for frame, (joint, n) in enumerate(moves, start=1):
            if joint.child == segment:
                turn = qt.about_axis(AXES[n], joint.signs[n] * np.deg2rad(TURN_DEG))
                above = orientations[INDEX[joint.parent], frame]
                orientations[INDEX[segment], frame] = qt.multiply(above, turn)
    root = np.tile([3.0, 4.0, 0.95], (frames, 1))
    seen = np.ones(orientations.shape[:2], bool)
    pose = Pose(skeleton_for(1.75), np.arange(frames) / 10.0, orientations, root, seen)
    return pose, [f"{joint.name}_{joint.angles[n]}" for joint, n in moves]


def opensim_says(python: Path, model: Path, mot: Path, sto: Path, bodies: list[str]) -> Any:
    """What benchmarks/opensim_bodies.py prints under that interpreter."""
    command = [str(python), str(READER), str(model), str(mot), str(sto), *bodies]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(shown.stdout.splitlines()[-1])


def degrees_apart(a: Floats, b: Floats) -> Floats:
    """The angle between rotations (..., 4), in degrees."""
    return np.asarray(np.rad2deg(qt.angle_between(a, b)))


def since_first(orientations: Floats) -> Floats:
    """The turns (S, N, 4), seen from ground, by which each frame differs from the first."""
    return qt.multiply(orientations, qt.conjugate(orientations[:, :1]))


def main() -> None:
    """Write, load in OpenSim, compare."""
    parser = argparse.ArgumentParser(description="Compare what OpenSim makes of our files.")
    parser.add_argument("--opensim-python", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an .osim file by Rajagopal")
    arguments = parser.parse_args()
    pose, angles = one_by_one()
    sensors = sensor_orientations(pose)
    segments = list(sensors.by_segment)
    bodies = [SENSOR_LABELS[segment].removesuffix("_imu") for segment in segments]
    with tempfile.TemporaryDirectory() as folder:
        mot, sto = Path(folder) / "pose.mot", Path(folder) / "sensors.sto"
        write_mot(mot, pose)
        write_sto(sto, sensors)
        said = opensim_says(arguments.opensim_python, arguments.model, mot, sto, bodies)
    print(f"columns that the model does not know: {said['unknown'] or 'none'}")
    matrices = np.array(said["bodies"]).swapaxes(0, 1).reshape(len(bodies), -1, 3, 3)
    theirs = Rotation.from_matrix(matrices.reshape(-1, 3, 3)).as_quat(scalar_first=True)
    ours = np.array([qt.multiply(GROUND_FROM_EARTH, pose.segment(name)) for name in segments])
    apart = degrees_apart(since_first(theirs.reshape(ours.shape)), since_first(ours))
    print(f"each angle at {TURN_DEG:g}°: the body that differs most from its segment")
    for frame, angle in enumerate(angles, start=1):
        worst = int(np.argmax(apart[:, frame]))
        print(f"  {angle:<28} {apart[worst, frame]:8.3f}° {bodies[worst]}")
    read = np.array(said["sensors"]).swapaxes(0, 1)
    wrote = [qt.multiply(GROUND_FROM_EARTH, q) for q in sensors.by_segment.values()]
    largest = float(degrees_apart(np.array(wrote), read).max())
    print(f"sensor orientations, {len(read)} columns: largest angle {largest:.2e}°")
    assert said["labels"] == [SENSOR_LABELS[segment] for segment in segments]


if __name__ == "__main__":
    main()
