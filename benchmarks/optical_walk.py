"""Joint angles of a walk with turns against its optical reference.

    python benchmarks/optical_walk.py --data FOLDER

FOLDER holds neura_walk (9 IMUs of the legs, 100 Hz; Vicon, Plug-in-Gait). The way is that of
`trackside solve`: one static pose, no magnetometer (and once more with it), nothing fitted to the
reference. RMS differences over the span that the reference's makers synchronised. "From standing"
takes as zero each one's angle before the first step, where both stand still: Plug-in-Gait's ankle
is not zero there, as its foot frame is turned against the standing foot. "Varying" is without the
mean difference; "told" is the standard deviation of the joint's rotation that the pose tells. The
left hip's and ankle's reference is known to be at fault.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat

from trackside.app.solving import Heading, SolveOptions, solve
from trackside.arrays import Floats
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording

PLACEMENTS: Final = {
    "B40B91": "pelvis",
    "B40C3C": "right_thigh",
    "B40C45": "left_thigh",
    "B40C4A": "right_shank",
    "B40C49": "left_shank",
    "B40C48": "right_foot",
    "B40C55": "left_foot",
}
DISTAL: Final = {"hip": "thigh", "knee": "shank", "ankle": "foot"}
SYNCHRONISED: Final = slice(1119, 2074)  # samples of the reference's span
STANDING: Final = slice(0, 200)  # samples before the first step


def reference_angles(folder: Path) -> dict[str, Floats]:
    """Flexion (N,) in degrees of each joint, by our names and signs."""
    vicon = loadmat(folder / "vicon" / "S02-Trial-Walk-1.mat")
    angles = {}
    for side, letter in (("right", "R"), ("left", "L")):
        angles[f"{side}_hip_flexion"] = -vicon[f"Root_{letter}_Femur"][:, 0]
        angles[f"{side}_knee_flexion"] = vicon[f"{letter}_Femur_{letter}_Tibia"].ravel()
        angles[f"{side}_ankle_dorsiflexion"] = -vicon[f"{letter}_Tibia_{letter}_Foot"][:, 0]
    return angles


def rms(values: Floats) -> float:
    """Root mean square, NaN left out."""
    return float(np.sqrt(np.nanmean(values**2)))


def print_agreement(pose: Pose, reference: dict[str, Floats]) -> None:
    """A row per angle: RMS difference in degrees in the three ways, and what the pose tells."""
    ours = joint_angles(pose)
    print(f"{'RMS difference, °':<24}{'as is':>8}{'from standing':>16}{'varying':>10}{'told':>8}")
    for name, theirs in reference.items():
        difference = np.rad2deg(ours[name][: len(theirs)]) - theirs
        span = difference[SYNCHRONISED]
        standing = span - np.nanmean(difference[STANDING])
        told = rms(np.rad2deg(deviations(pose, name)[SYNCHRONISED]))
        print(f"{name:<24}{rms(span):8.2f}{rms(standing):16.2f}{np.nanstd(span):10.2f}{told:8.2f}")


def deviations(pose: Pose, angle: str) -> Floats:
    """Standard deviation (N,) rad that the pose tells of the joint with an angle's name."""
    assert pose.joint_sd is not None
    side, joint, _ = angle.split("_")
    return pose.joint_sd[INDEX[f"{side}_{DISTAL[joint]}"]]


def main() -> int:
    """Print the agreement by joints and by magnetic north."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder that holds neura_walk")
    folder = parser.parse_args().data
    if folder is None or not (folder / "neura_walk").is_dir():
        print("not measured: name the folder that holds neura_walk with --data")
        return 0
    walk = folder / "neura_walk"
    reference = reference_angles(walk)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "walk.h5"
        import_recording(walk / "imu", path, placements=PLACEMENTS)
        with open_recording(path) as recording:
            for heading in (Heading.JOINTS, Heading.NORTH):
                solution = solve(recording, SolveOptions(heading=heading))
                print(f"\nheadings by {heading.value}")
                print_agreement(solution.pose, reference)
    return 0


if __name__ == "__main__":
    sys.exit(main())
