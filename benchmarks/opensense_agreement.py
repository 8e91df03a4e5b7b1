"""Give our .sto to OpenSense, and compare the coordinates that it finds with those of our .mot.

    python benchmarks/opensense_agreement.py --opensim-python PYTHON --model Rajagopal_2015.osim

PYTHON is an interpreter with the package ``opensim`` (``pip install opensim``), which the project
does not depend on. The motion is the simulated athlete's own, running, so that what differs is the
model: its knees, ankles and elbows are hinges with oblique axes, and it has no shoulder girdle.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from trackside.app.simulating import plan_for
from trackside.kinematics.frame_rate import at_rate
from trackside.kinematics.opensim_motion import read_mot, write_mot
from trackside.kinematics.opensim_sensors import sensor_orientations, write_sto
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.sensor_errors import IDEAL

SOLVER = Path(__file__).with_name("opensense_ik.py")
SHOWN = (
    *("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
    *("hip_flexion_r", "hip_adduction_r", "hip_rotation_r", "knee_angle_r", "ankle_angle_r"),
    *("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
    *("arm_flex_r", "arm_add_r", "arm_rot_r", "elbow_flex_r"),
)


def main() -> None:
    """Write, let OpenSense solve, compare."""
    parser = argparse.ArgumentParser(description="Compare OpenSense's coordinates with ours.")
    parser.add_argument("--opensim-python", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an .osim file by Rajagopal")
    arguments = parser.parse_args()
    pose = at_rate(simulate(plan_for(15, 3.5), KITS["full-17"], IDEAL).truth.pose, 50.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_mot(folder / "ours.mot", pose)
        write_sto(folder / "run.sto", sensor_orientations(pose))
        command = [str(arguments.opensim_python), str(SOLVER), str(arguments.model)]
        subprocess.run([*command, str(folder / "run.sto"), name], check=True, capture_output=True)
        ours = read_mot(folder / "ours.mot").coordinates
        theirs = read_mot(folder / "ik_run.mot").coordinates
    print(f"{len(pose.time)} frames of running: OpenSense's coordinates against ours")
    for coordinate in SHOWN:
        apart = np.rad2deg(theirs[coordinate] - ours[coordinate])
        spread = np.rad2deg(np.ptp(ours[coordinate]))
        print(
            f"  {coordinate:<18} range {spread:6.1f}°  mean {apart.mean():6.2f}°"
            f"  RMS {np.sqrt(np.mean(apart**2)):6.2f}°"
        )


if __name__ == "__main__":
    main()
