"""Standard deviations of joints against errors that were really made."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, SolveOptions, solve
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration, StaticPose, calibrate, segment_in_pose
from trackside.kinematics.common_clock import BodyMotion, SensorTrack
from trackside.kinematics.facing import Facing
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import pose_from_arrays, pose_to_arrays
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX, PARENTS
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.uncertainty import joint_deviations
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17, KITS
from trackside.simulation.sensor_errors import IDEAL, REALISTIC

INCLINATION, HEADING = np.deg2rad([1.5, 1.0])
STANDING_AT = 3.0  # s


@pytest.fixture(scope="module")
def truth() -> Pose:
    """Twelve seconds of an athlete, who stands and runs, at 10 Hz."""
    pose = simulate(plan_for(12, 4.0), ("pelvis",), IDEAL).truth.pose
    return pose.at(np.arange(0.0, 12.0, 0.1))


def motion_of(kit: tuple[str, ...], orientations: Floats, time: Floats) -> BodyMotion:
    nothing = np.zeros((*orientations.shape[:2], 3))
    seen = np.ones(orientations.shape[:2], bool)
    return BodyMotion(time, kit, orientations, nothing, nothing, seen, seen.copy())


def tracks_of(motion: BodyMotion) -> list[SensorTrack]:
    """Tracks whose filter told the same deviations all the time."""
    same = np.ones(len(motion.time))
    return [
        SensorTrack(
            segment,
            motion.time,
            motion.orientations[i],
            None,
            motion.acc[i],
            inclination_sd=INCLINATION * same,
            heading_sd=HEADING * same,
        )
        for i, segment in enumerate(motion.segments)
    ]


def covariance_of(count: int) -> Floats:
    """Of facings known to 4° from neighbour to neighbour, and to 6° for all together."""
    steps = np.tril(np.ones((count, count))) * np.deg2rad(4.0)
    steps[:, 0] = np.deg2rad(6.0)
    return steps @ steps.T


def standing(kit: tuple[str, ...], pose: StaticPose, facings: Floats) -> Calibration:
    """Sensors along their segments' axes, stood with, facing east, found to face elsewhere."""
    rest = np.stack([segment_in_pose(segment, pose) for segment in kit])
    return calibrate(kit, rest, facings, pose, (STANDING_AT, STANDING_AT))


def apart(own: Floats, true: Floats) -> Floats:
    """Error (23, N) rad of each joint's rotation; nothing for the pelvis."""
    parents = list(PARENT_INDEX)
    relative = [qt.multiply(qt.conjugate(pose[parents]), pose) for pose in (own, true)]
    error = qt.angle_between(*relative)
    error[0] = 0.0
    return error


def worn_joints(kit: tuple[str, ...]) -> list[int]:
    return [INDEX[segment] for segment in kit if PARENTS[segment] in kit]


@pytest.mark.parametrize("pose", StaticPose)
def test_drawn_errors_are_as_large_as_told(truth: Pose, pose: StaticPose) -> None:
    """Inclinations, facings and drifts drawn as uncertain as supposed: joints err as told."""
    rng = np.random.default_rng(7)
    covariance, count = covariance_of(len(KIT_17)), len(KIT_17)
    sensors = truth.orientations[[INDEX[segment] for segment in KIT_17]]
    still = np.zeros((count, len(truth.time)))
    joints, squares, told = worn_joints(KIT_17), [], []
    for _ in range(60):
        tilts = rng.normal(0.0, INCLINATION / np.sqrt(2.0), (*still.shape, 3)) * (1.0, 1.0, 0.0)
        motion = motion_of(KIT_17, qt.multiply(qt.from_rotation_vector(tilts), sensors), truth.time)
        found = standing(KIT_17, pose, rng.multivariate_normal(np.zeros(count), covariance))
        drifts = rng.normal(0.0, HEADING * np.sqrt(2.0), (count, 1)) + still
        whole, _ = solve_chain(KIT_17, segment_orientations(motion, found, drifts), motion.measured)
        facing = Facing(found.facings, drifts, covariance, ())
        sd = joint_deviations(whole, motion, found, facing, tracks_of(motion))
        squares.append(apart(whole, truth.orientations)[joints] ** 2)
        told.append(sd[joints] ** 2)
    ratio = np.sqrt(np.mean(squares, axis=(0, 2)) / np.mean(told, axis=(0, 2)))
    assert 0.9 < np.sqrt(np.mean(ratio**2)) < 1.1
    assert ratio.min() > 0.75, ratio
    assert ratio.max() < 1.3, ratio


@pytest.mark.parametrize("speed", [1.3, 9.0])
def test_solved_joints_are_not_more_certain_than_right(speed: float, tmp_path: Path) -> None:
    """Realistic sensors from end to end: errors are no larger than told, nor out of all relation.

    What the deviations allow for soft tissue, the simulated athlete does not have.
    """
    session = simulate(plan_for(20, speed), KITS["lower-body-8"], REALISTIC, seed=1)
    path = tmp_path / "run.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        pose = solve(recording, SolveOptions(heading=Heading.JOINTS)).pose.span(8.0, 19.0)
    assert pose.joint_sd is not None
    error = apart(pose.orientations, session.truth.pose.at(pose.time).orientations)
    joints = worn_joints(KITS["lower-body-8"])
    normalised = np.sqrt(np.mean((error[joints] / pose.joint_sd[joints]) ** 2))
    assert 0.1 < normalised < 1.5


def test_gaps_and_segments_without_sensor_are_uncertain(truth: Pose) -> None:
    """A lost sensor is the less certain the longer; joints that nobody sees are the least so."""
    kit = ("pelvis", "right_thigh", "right_shank")
    motion = motion_of(kit, truth.orientations[[INDEX[name] for name in kit]], truth.time)
    measured = motion.measured.copy()
    measured[2, 60:80] = False
    motion = replace(motion, measured=measured)
    found = standing(kit, StaticPose.N, np.zeros(3))
    facing = Facing(found.facings, np.zeros(measured.shape), covariance_of(3), ())
    whole, _ = solve_chain(kit, motion.orientations, measured)
    sd = joint_deviations(whole, motion, found, facing, tracks_of(motion))
    knee = sd[INDEX["right_shank"]]
    assert (np.diff(knee[60:69]) > 0.05).all()
    assert knee[69] > 0.8 > 0.2 > knee[80]
    assert (sd[INDEX["right_foot"]] > knee[:60].max()).all()
    assert (sd[INDEX["left_shank"]] > sd[INDEX["right_thigh"]]).all()


def test_standing_as_calibrated_hides_the_facing(truth: Pose) -> None:
    """A wrong facing does not matter while segments are upright, whichever way they face."""
    kit = ("pelvis", "right_thigh")
    upright = np.stack([segment_in_pose(segment, StaticPose.N) for segment in kit])
    turned = qt.multiply(qt.about_axis(UP, np.array([1.0])), upright)
    motion = motion_of(kit, np.repeat(turned[:, None], len(truth.time), axis=1), truth.time)
    found = standing(kit, StaticPose.N, np.zeros(2))
    whole, _ = solve_chain(kit, motion.orientations, motion.measured)
    no_drift = np.zeros(motion.measured.shape)
    for covariance in (np.zeros((2, 2)), 1e3 * covariance_of(2)):
        facing = Facing(found.facings, no_drift, covariance, ())
        sd = joint_deviations(whole, motion, found, facing, tracks_of(motion))
        known = np.sqrt(2.0 * INCLINATION**2 + 4.0 * HEADING**2)
        np.testing.assert_allclose(sd[INDEX["right_thigh"]], known, rtol=1e-6)


def test_deviations_are_kept_with_the_pose(truth: Pose) -> None:
    """They go into a recording and come out of it; poses without them stay without."""
    sd = np.random.default_rng(1).random(truth.orientations.shape[:2])
    kept = pose_from_arrays(pose_to_arrays(replace(truth, joint_sd=sd))).joint_sd
    assert kept is not None
    np.testing.assert_allclose(kept, sd, rtol=1e-6)
    assert pose_from_arrays(pose_to_arrays(truth)).joint_sd is None
    part = replace(truth, joint_sd=sd).span(2.0, 5.0)
    np.testing.assert_array_equal(part.joint_sd, sd[:, 20:50])
