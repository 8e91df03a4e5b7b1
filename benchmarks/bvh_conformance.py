"""Read a folder of unusual BVH files, and compare joint positions with what Blender made of them.

    python benchmarks/bvh_conformance.py --data DATA/bvh_conformance

``out_blender.jsonl`` in the folder holds, a line for each file that Blender read, the heads of its
bones in one frame, in cm: ``{"k": name, "ok": true, "P": {bone: [head, tail]}}``. Which frame it
was is not told: the nearest one counts. Refused files are shown with the error.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.kinematics.bvh_file import read_bvh_file, world_positions


def blenders_heads(path: Path) -> dict[str, Floats]:
    """Joint positions (J, 3) in cm by the name of the file."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    read = [line for line in lines if line.get("ok")]
    return {line["k"]: np.array([head for head, _ in line["P"].values()]) for line in read}


def main() -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser(description="Compare BVH readings with Blender's.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of files")
    folder = parser.parse_args().data
    heads = blenders_heads(folder / "out_blender.jsonl")
    for path in sorted(folder.glob("*.bvh")):
        try:
            positions = world_positions(read_bvh_file(path))
        except FileFormatError as problem:
            print(f"{path.name:<28} refused: {problem.place}: expected {problem.expected}")
            continue
        if path.stem not in heads:
            print(f"{path.name:<28} read; Blender did not")
            continue
        apart = np.linalg.norm(positions - heads[path.stem][:, None], axis=-1)
        print(f"{path.name:<28} read; {apart.max(axis=0).min():.1e} cm from Blender")


if __name__ == "__main__":
    main()
