"""The root path and the flights it finds, on real recordings with a reference.

    python benchmarks/root_path_recordings.py --data DIR

DIR/foot_walk: one foot-worn IMU on a closed walk of about 25 m (xioTechnologies/Gait-Tracking).
Prints how far from its start the walk ends.

DIR/sacral_running: the load on the sacrum of treadmill runners, and the force under their feet
(alcantarar/Recurrent_GRF_Prediction). Prints for how much of the time flight and stance are told
rightly, and the flights found and true.
"""

import argparse
from pathlib import Path

import numpy as np

from trackside.app.tracks import SAMPLES_AS_STAMPED
from trackside.filters.orientation import estimate_orientation
from trackside.kinematics.calibration import StaticPose, calibrate, rest_orientations
from trackside.kinematics.common_clock import SensorTrack, on_common_clock
from trackside.kinematics.contacts import GRAVITY, flights, stretches
from trackside.kinematics.facing import facings
from trackside.kinematics.root_path import distance, root_path
from trackside.kinematics.skeleton import skeleton_for
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.standing import find_standing

FOOT_RATE = 400.0  # Hz
SACRAL_RATE, SACRAL_SAMPLES = 500.0, 2480
FLIGHT_FORCE = 0.05  # of body weight


def foot_walk(folder: Path) -> None:
    """Follow the foot and print where it ends."""
    table = np.genfromtxt(folder / "short_walk.csv", delimiter=",", skip_header=1)
    later = np.diff(np.maximum.accumulate(table[:, 0]), prepend=-1.0) > 0  # some were sent twice
    time, gyr, acc = (np.ascontiguousarray(part) for part in np.split(table[later], [1, 4], axis=1))
    time, gyr, acc = time[:, 0], np.deg2rad(gyr), acc * GRAVITY
    estimate = estimate_orientation(gyr, acc, time=time, parameters=SAMPLES_AS_STAMPED, smooth=True)
    track = SensorTrack("right_foot", time, estimate.quaternions, gyr, acc)
    motion = on_common_clock([track], FOOT_RATE)
    stretch = find_standing(motion)
    rest = rest_orientations(motion, *stretch)
    facing = facings(motion, rest, stretch, north=False)
    calibration = calibrate(motion.segments, rest, facing.angles, StaticPose.N, stretch)
    orientations = segment_orientations(motion, calibration, facing.drifts)
    whole, _ = solve_chain(motion.segments, orientations, motion.measured)
    way = root_path(skeleton_for(), whole, motion, calibration.mountings)
    end = 1000 * np.hypot(*way.path[-1, :2])
    print(f"foot_walk: {distance(motion.time, way.path):.1f} m, ends {end:.0f} mm from its start")


def sacral_running(folder: Path) -> None:
    """Compare flights with the force plate's and print them by trial."""
    loads = np.loadtxt(folder / "acceleration.csv", delimiter=",")[:, :SACRAL_SAMPLES]
    forces = np.loadtxt(folder / "vertical_grf.csv", delimiter=",")
    time = np.arange(SACRAL_SAMPLES) / SACRAL_RATE
    shares = []
    print("sacral_running: trial, told rightly in %, flights found, true")
    for trial, (load, force) in enumerate(zip(loads, forces, strict=True)):
        own, true = flights(time, load * GRAVITY), force < FLIGHT_FORCE
        shares.append(float(np.mean(own == true)))
        counts = (len(stretches(flying)[0]) for flying in (own, true))
        print(f"{trial:>5}{100 * shares[-1]:>8.1f}" + "".join(f"{n:>5}" for n in counts))
    print(f"  all{100 * np.mean(shares):>8.1f}")


def main() -> None:
    """Run on whatever of the data there is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    for run in (foot_walk, sacral_running):
        folder = data / run.__name__
        if folder.is_dir():
            run(folder)
        else:
            print(f"{folder}: missing, left out")


if __name__ == "__main__":
    main()
