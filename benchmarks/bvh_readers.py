"""Open a BVH that Trackside wrote in readers that it does not own, and compare joint positions.

    python benchmarks/bvh_readers.py [--frames 200] [--assimp assimp]

Twice: the file that ``write_bvh`` makes of the whole motion, and the one that LiveBvhWriter wrote
in pieces, with blanks behind its frame count. Readers: bvhio and pybvh (own forward kinematics),
the ``bvh`` package (parsing only; the forward kinematics here is by rotation matrices), three.js'
BVHLoader in Node, whose package ``three`` npm installs into a temporary folder, and assimp's
command (Debian: assimp-utils), which prints 6 digits. A reader that is not there is named and left
out. The reference are the pose's own joints, before they became a BVH.
"""

import argparse
import importlib
import importlib.util
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import bvh
import bvhio
import numpy as np
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.bvh_live import LiveBvhWriter
from trackside.kinematics.bvh_names import JOINT_NAMES
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
    east, north = 0.9 * np.sin(0.8 * time), -0.9 * np.cos(0.8 * time)
    root = np.stack([east, north, 0.95 + 0 * time], axis=-1)
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


def pybvh_positions(path: Path) -> Floats:
    """What pybvh makes of the file, (23, N, 3) cm."""
    document = importlib.import_module("pybvh").read_bvh_file(path)
    order = [document.joint_names.index(name) for name in JOINT_NAMES.values()]
    return np.asarray(document.joint_positions()[:, order], float).swapaxes(0, 1)


def assimp_positions(assimp: str, path: Path, frames: int) -> Floats:
    """What assimp makes of the file, taken from parent to child, (23, N, 3) cm."""
    shown = path.with_suffix(".json")
    command = [assimp, "export", str(path), str(shown), "-fassjson"]
    subprocess.run(command, check=True, capture_output=True)
    scene = json.loads(shown.read_text())
    channels = {channel["name"]: channel for channel in scene["animations"][0]["channels"]}
    positions: dict[str, Floats] = {}

    def walk(node: dict[str, Any], turn: Floats, place: Floats) -> None:
        if node["name"] not in channels:
            return  # an end site
        channel = channels[node["name"]]
        shift = np.array([value for _, value in channel["positionkeys"]])
        place = place + qt.rotate(turn, shift)
        turn = qt.multiply(turn, [value for _, value in channel["rotationkeys"]])
        positions[node["name"]] = place
        for child in node.get("children", ()):
            walk(child, turn, place)

    walk(scene["rootnode"], np.tile(qt.IDENTITY, (frames, 1)), np.zeros((frames, 3)))
    return np.array([positions[name] for name in JOINT_NAMES.values()])


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
    print(f"  {reader:<10} {apart.shape[1]:>6} frames  max joint difference {apart.max():.2e} cm")


def compare(path: Path, reference: Floats, assimp: str) -> None:
    """Print what every reader makes of the file."""
    frames = reference.shape[1]
    report("bvhio", bvhio_positions(path, frames), reference)
    report("bvh", bvh_positions(path, frames), reference)
    if importlib.util.find_spec("pybvh") is None:
        print("  pybvh      not compared: not installed")
    else:
        report("pybvh", pybvh_positions(path), reference)
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        print(f"  three.js   not compared: {' and '.join(missing)} not found")
    else:
        report("three.js", three_positions(path, path.parent), reference)
    if shutil.which(assimp) is None:
        print(f"  assimp     not compared: {assimp} not found")
    else:
        report("assimp", assimp_positions(assimp, path, frames), reference)


def write_live(path: Path, pose: Pose) -> None:
    """Write the pose in pieces of 7 frames."""
    with LiveBvhWriter(path, pose.skeleton, pose.rate) as writer:
        for start in range(0, len(pose.time), 7):
            piece = slice(start, start + 7)
            writer.write(pose.orientations[:, piece], pose.root[piece])


def main() -> None:
    """Write, read in each reader, compare."""
    parser = argparse.ArgumentParser(description="Compare what other BVH readers make of our file.")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--assimp", default="assimp", help="assimp's command")
    arguments = parser.parse_args()
    pose = lively_pose(arguments.frames)
    with tempfile.TemporaryDirectory() as folder:
        for title, write in {"written as a whole": write_bvh, "written live": write_live}.items():
            path = Path(folder) / f"{title.replace(' ', '_')}.bvh"
            write(path, pose)
            print(title)
            compare(path, own_positions(pose), arguments.assimp)


if __name__ == "__main__":
    main()
