"""How fast BVH is written and read: 5,000 frames × 96 channels, and an hour of a whole body.

    python benchmarks/bvh_speed.py [--hour] [--bvhio]

Beside pybvh, where that is installed (it is no dependency of the project: ``pip install pybvh``).
"""

import argparse
import importlib
import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from bvh_readers import lively_pose

from trackside.kinematics.bvh import bvh_from_pose, pose_from_bvh
from trackside.kinematics.bvh_file import (
    BvhDocument,
    BvhJoint,
    read_bvh_file,
    world_positions,
    write_bvh_file,
)

ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")
T = TypeVar("T")
POSITIONS = ("Xposition", "Yposition", "Zposition")


def chain_document(frames: int = 5_000, joints: int = 31) -> BvhDocument:
    """A chain of joints (96 channels) with smooth random motion."""
    rng = np.random.default_rng(0)
    chain = [BvhJoint("J0", -1, (0.0, 0.0, 0.0), (*POSITIONS, *ROTATIONS))]
    chain += [BvhJoint(f"J{n}", n - 1, (0.0, 9.0, 0.0), ROTATIONS) for n in range(1, joints)]
    chain[-1] = BvhJoint("Tip", joints - 2, (0.0, 9.0, 0.0), ROTATIONS, (0.0, 5.0, 0.0))
    phase = rng.uniform(0, 2 * np.pi, 3 + 3 * joints)
    swing = 60.0 * np.sin(np.arange(frames)[:, None] / 30.0 + phase)
    return BvhDocument(tuple(chain), swing, 1 / 120)


def report(what: str, run: Callable[[], T], repeats: int = 20) -> T:
    """Print the best of several runs in s, after one that compiles; the last result."""
    result = run()
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        spent.append(time.perf_counter() - start)
    print(f"{what:<48} {min(spent):8.3f} s")
    return result


def small_file(folder: Path, with_bvhio: bool) -> None:
    """5,000 × 96 through Trackside and the peers that are there."""
    document = chain_document()
    path = folder / "small.bvh"
    print("5,000 frames × 96 channels")
    report("  trackside write", lambda: write_bvh_file(path, document))
    again = report("  trackside read", lambda: read_bvh_file(path))
    report("  trackside forward kinematics", lambda: world_positions(again))
    if importlib.util.find_spec("pybvh") is None:
        print("  pybvh is not installed: not compared")
    else:
        pybvh = importlib.import_module("pybvh")
        theirs = report("  pybvh read", lambda: pybvh.read_bvh_file(path))
        report("  pybvh write", lambda: pybvh.write_bvh_file(theirs, folder / "theirs.bvh"))
    if with_bvhio:
        bvhio = importlib.import_module("bvhio")
        report("  bvhio read", lambda: bvhio.readAsBvh(str(path)), repeats=1)


def hour_file(folder: Path) -> None:
    """An hour of 23 segments at 100 Hz: 360,000 × 72."""
    pose = lively_pose(360_000)
    path = folder / "hour.bvh"
    print("1 hour at 100 Hz, 360,000 frames × 72 channels")
    document = report("  pose to document", lambda: bvh_from_pose(pose), repeats=2)
    report("  write", lambda: write_bvh_file(path, document), repeats=2)
    print(f"  file size {path.stat().st_size / 1e6:.0f} MB")
    again = report("  read", lambda: read_bvh_file(path), repeats=2)
    report("  document to pose", lambda: pose_from_bvh(again), repeats=2)


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description="Time BVH writing and reading.")
    parser.add_argument("--hour", action="store_true", help="also an hour of a whole body")
    parser.add_argument("--bvhio", action="store_true", help="also bvhio, which takes seconds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small_file(Path(folder), arguments.bvhio)
        if arguments.hour:
            hour_file(Path(folder))


if __name__ == "__main__":
    main()
