"""Joint angles of a real full-body recording against those from the maker's own orientations.

    python benchmarks/full_body_agreement.py --data FOLDER

FOLDER holds full_body/full_body_example_data.mat (16 IMUs, 100 Hz, no magnetometer). Both sets of
orientations take the same way from the static pose on: same calibration stretch, same facings, same
chain. What differs is the filter alone, and so is what is printed: RMS difference per joint angle,
with the mean removed in brackets, and how far each heading drifts against the maker's.

The maker's quaternions are those of its segments, not of its sensors. The constant turn between
both is found from the angular rates (Wahba's problem) and undone first.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from trackside.app.sensors import placed_imus
from trackside.app.solving import Solution, solve
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import calibrate, rest_orientations
from trackside.kinematics.common_clock import BodyMotion, SensorTrack, on_common_clock
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import JOINTS, joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import Recording, open_recording

SETTLED = 5.0  # s at the start, during which a filter may still find its inclination


def maker_tracks(recording: Recording) -> list[SensorTrack]:
    """Tracks of the maker's orientations, turned back from segment to sensor."""
    tracks = []
    for segment, imu in placed_imus(recording).items():
        assert imu.gyr is not None
        time, makers = recording.orientation(segment)
        moving = np.linalg.norm(imu.gyr, axis=1) > 0.5
        rates = qt.angular_rates(time, makers)
        to_segment, _ = Rotation.align_vectors(rates[moving], imu.gyr[moving])
        sensor = qt.multiply(makers, to_segment.as_quat(scalar_first=True))
        tracks.append(SensorTrack(segment, time, sensor, imu.gyr, imu.acc))
    return tracks


def through_same_calibration(theirs: BodyMotion, solution: Solution) -> Pose:
    """The maker's motion with the calibration stretch and facings that ours was solved with."""
    own = solution.calibration
    ours = on_common_clock(solution.tracks, solution.pose.rate)
    rest = rest_orientations(theirs, own.start, own.end)
    apart = qt.multiply(rest, qt.conjugate(rest_orientations(ours, own.start, own.end)))
    calibration = calibrate(
        own.segments, rest, own.facings + heading(apart), own.pose, (own.start, own.end)
    )
    segments = segment_orientations(theirs, calibration, np.zeros(theirs.measured.shape))
    whole, measured = solve_chain(theirs.segments, segments, theirs.measured)
    return Pose(solution.pose.skeleton, theirs.time, whole, solution.pose.root, measured)


def heading(q: Floats) -> Floats:
    """Twist (...) in rad of quaternions (..., 4) about the vertical."""
    return 2 * np.arctan2(q[..., 3], q[..., 0])


def print_agreement(ours: Pose, theirs: Pose) -> None:
    """A row per joint: RMS difference of its three angles, and without the mean difference."""
    settled = ours.time > ours.time[0] + SETTLED
    own, other = joint_angles(ours), joint_angles(theirs)
    print(f"{'joint':<16}" + "".join(f"{name:>26}" for name in ("first", "second", "third")))
    for joint in JOINTS:
        cells = []
        for name in joint.angles:
            key = f"{joint.name}_{name}"
            difference = np.rad2deg(wrap(own[key] - other[key]))[settled]
            rms = float(np.sqrt(np.mean(difference**2)))
            cells.append(f"{name} {rms:.1f} ({difference.std():.1f})")
        print(f"{joint.name:<16}" + "".join(f"{cell:>26}" for cell in cells))


def print_drifts(solution: Solution, theirs: BodyMotion) -> None:
    """How far each sensor's heading drifts against the maker's, filter alone and corrected."""
    ours = on_common_clock(solution.tracks, solution.pose.rate)
    minutes = (ours.time[-1] - ours.time[0]) / 60
    second = round(solution.pose.rate)
    settled = ours.time > ours.time[0] + SETTLED
    print(
        "\nsensors against the maker's: RMS inclination in degrees; drift of the heading from the"
    )
    print("first to the last second in °/min (with the joints' correction)")
    for i, segment in enumerate(ours.segments):
        apart = qt.multiply(ours.orientations[i], qt.conjugate(theirs.orientations[i]))
        raw = np.unwrap(heading(apart))
        for_joints = raw - solution.facing.drifts[i]
        drift, corrected = (
            np.rad2deg(row[-second:].mean() - row[:second].mean()) / minutes
            for row in (raw, for_joints)
        )
        w, _, _, z = apart[settled].T
        inclination = 2 * np.arccos(np.clip(np.hypot(w, z), 0, 1))
        rms = np.rad2deg(np.sqrt(np.mean(inclination**2)))
        print(f"{segment:<16}{rms:>8.2f}{drift:>8.2f} ({corrected:.2f})")


def main() -> int:
    """Import, solve, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with full_body/")
    arguments = parser.parse_args()
    source = (arguments.data or Path()) / "full_body" / "full_body_example_data.mat"
    if not source.is_file():
        print(f"{source} is not there: name the data folder with --data; nothing measured")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full_body.h5"
        import_recording(source, path)
        with open_recording(path) as recording:
            solution = solve(recording)
            theirs = on_common_clock(maker_tracks(recording), solution.pose.rate)
    print("RMS difference in degrees (mean removed)")
    print_agreement(solution.pose, through_same_calibration(theirs, solution))
    print_drifts(solution, theirs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
