"""Open a BVH that Trackside wrote in readers that it does not own, and compare joint positions.

    python benchmarks/bvh_readers.py [--frames 200]

Readers: bvhio (own forward kinematics), the ``bvh`` package (parsing only; the forward kinematics
here is by rotation matrices), and three.js' BVHLoader in Node, whose package ``three`` npm installs
into a temporary folder. The reference are the pose's own joints, before they became a BVH.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import bvh
import bvhio
import numpy as np
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import JOINT_NAMES, write_bvh
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

THREE_READER = Path(__file__).with_suffix(".mjs")


def lively_pose(frames: int, rate: float = 100.0) -> Pose:
    """An athlete on a curve, every segment swinging about all its axes, (23, frames)."""
    rng = np.random.default_rng(11)
    time = np.arange(frames) / rate
    swing = rng.normal(scale=0.5, size=(len(SEGMENTS), 1, 3))
    phase = rng.uniform(0, 2 * np.pi, size=(len(SEGMENTS), 1, 3))
    turned = qt.from_rotation_vector(swing * np.sin(9.0 * time[:, None] + phase))
    heading = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], 0.8 * time), STANDING_FACING_EAST)
    root = np.stack([6 * np.sin(0.8 * time), -6 * np.cos(0.8 * time), 1 + 0 * time], axis=-1)
    measured = np.ones((len(SEGMENTS), frames), bool)
    return Pose(skeleton_for(1.8), time, qt.multiply(heading, turned), root, measured)


def own_positions(pose: Pose) -> Floats:
    """The pose's joints in the order of JOINT_NAMES, (23, N, 3) cm, y up."""
    x, y, z = np.moveaxis(pose.joints()[[INDEX[segment] for segment in JOINT_NAMES]], -1, 0)
    return 100.0 * np.stack([y, z, x], axis=-1)


def bvhio_positions(path: Path, frames: int) -> Floats:
    """What bvhio makes of the file, (23, N, 3) cm."""
    root = bvhio.readAsHierarchy(str(path))
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    positions = np.empty((len(JOINT_NAMES), frames, 3))
    for frame in range(frames):
        root.loadPose(frame)
        positions[:, frame] = [tuple(joints[name].PositionWorld) for name in JOINT_NAMES.values()]
    return positions


def bvh_positions(path: Path, frames: int) -> Floats:
    """What the ``bvh`` package reads, taken through rotation matrices, (23, N, 3) cm."""
    document = bvh.Bvh(path.read_text())
    turns: dict[str, Rotation] = {}
    positions: dict[str, Floats] = {}
    for name in document.get_joints_names():
        channels = document.joint_channels(name)
        values = np.array(document.frames_joint_channels(name, channels))
        assert len(values) == frames
        order = "".join(channel[0] for channel in channels[-3:])
        turn = Rotation.from_euler(order, values[:, -3:], degrees=True)
        parent = document.joint_parent(name)
        if parent is None:
            turns[name], positions[name] = turn, values[:, :3]
        else:
            shift = turns[parent.name].apply(document.joint_offset(name))
            turns[name] = turns[parent.name] * turn
            positions[name] = positions[parent.name] + shift
    return np.stack([positions[name] for name in JOINT_NAMES.values()])


def three_positions(path: Path, folder: Path) -> Floats:
    """What three.js' BVHLoader shows at each frame's time, (23, N, 3) cm."""
    shutil.copy(THREE_READER, folder)
    quiet = ["--silent", "--no-audit", "--no-fund"]
    subprocess.run(["npm", "install", *quiet, "--prefix", str(folder), "three"], check=True)
    command = ["node", str(folder / THREE_READER.name), str(path), *JOINT_NAMES.values()]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    return np.array(json.loads(shown.stdout)).transpose(1, 0, 2)


def report(reader: str, positions: Floats, reference: Floats) -> None:
    """Print the largest distance from the reference in cm."""
    apart = np.linalg.norm(positions - reference, axis=-1)
    print(f"{reader:<10} {apart.shape[1]:>6} frames  max joint difference {apart.max():.2e} cm")


def main() -> None:
    """Write, read in each reader, compare."""
    parser = argparse.ArgumentParser(description="Compare what other BVH readers make of our file.")
    parser.add_argument("--frames", type=int, default=200)
    frames = parser.parse_args().frames
    pose = lively_pose(frames)
    reference = own_positions(pose)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "pose.bvh"
        write_bvh(path, pose)
        report("bvhio", bvhio_positions(path, frames), reference)
        report("bvh", bvh_positions(path, frames), reference)
        missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
        if missing:
            print(f"three.js   not compared: {' and '.join(missing)} not found")
        else:
            report("three.js", three_positions(path, folder), reference)


if __name__ == "__main__":
    main()
