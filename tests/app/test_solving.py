"""The whole way from sensors to joint angles, against the simulated athlete's truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trackside.app.sensors import placed_imus
from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, Solution, SolveOptions, solve, store
from trackside.arrays import Floats
from trackside.errors import CalibrationError, MissingDataError, SignalError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.gait import gait_features
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import read_pose
from trackside.kinematics.root_path import distance
from trackside.kinematics.treadmill import Ground
from trackside.recordings.model import Block, Kind
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.kits import KITS
from trackside.simulation.plan import Activity, Phase, SessionPlan, run, stand, walk
from trackside.simulation.sensor_errors import IDEAL, REALISTIC
from trackside.simulation.session import SimulatedSession

FULL, LEGS = KITS["full-17"], KITS["lower-body-8"]


@pytest.fixture(scope="module")
def ideal_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[SimulatedSession, Path]:
    """Half a minute of running with ideal sensors, recorded."""
    return recorded(simulate(plan_for(30, 3.5), FULL, IDEAL), tmp_path_factory.mktemp("ideal"))


def recorded(session: SimulatedSession, folder: Path) -> tuple[SimulatedSession, Path]:
    path = folder / "session.h5"
    record_session(session, path)
    return session, path


def solved(path: Path, options: SolveOptions | None = None) -> Solution:
    with open_recording(path) as recording:
        return solve(recording, options)


def rms_errors(session: SimulatedSession, pose: Pose, since: float = 8.0) -> dict[str, float]:
    """RMS error in degrees of every joint angle from ``since`` s on."""
    kept = pose.span(since, session.duration)
    own, true = joint_angles(kept), joint_angles(session.truth.pose.at(kept.time))
    return {name: rms_deg(wrap(own[name] - true[name])) for name in own}


def test_bends_do_not_tilt_the_body(tmp_path: Path) -> None:
    """Round a bend at 6 m/s, where 1 m/s² of leaning in passes for gravity, inclinations hold."""
    plan = SessionPlan((stand(6.0), run(30.0, 6.0)), Track())
    session, path = recorded(simulate(plan, LEGS, IDEAL), tmp_path)
    pose = solved(path, SolveOptions(heading=Heading.JOINTS)).pose.span(11.0, session.duration)
    truth = session.truth.pose.at(pose.time)
    for segment in ("pelvis", "right_thigh", "left_foot"):
        up, true_up = (
            qt.rotate(qt.conjugate(of.segment(segment)), np.array([0.0, 0.0, 1.0]))
            for of in (pose, truth)
        )
        assert rms_deg(np.linalg.norm(np.cross(up, true_up), axis=-1)) < 0.5


def rms_deg(error: Floats) -> float:
    return float(np.rad2deg(np.sqrt(np.mean(error**2))))


@pytest.mark.parametrize("heading", [Heading.JOINTS, Heading.NORTH])
def test_ideal_sensors_give_exact_joint_angles(
    ideal_run: tuple[SimulatedSession, Path], heading: Heading
) -> None:
    """With ideal sensors flexion angles are exact to 0.5° RMS, with and without magnetometers."""
    session, path = ideal_run
    errors = rms_errors(session, solved(path, SolveOptions(heading=heading)).pose)
    flexions = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion", "elbow_flexion")
    for side in ("right", "left"):
        for angle in flexions:
            assert errors[f"{side}_{angle}"] < 0.5, (side, angle, errors)


def test_facing_is_found_without_being_told(ideal_run: tuple[SimulatedSession, Path]) -> None:
    """Without magnetometers all segments agree on where forward is, to two degrees."""
    session, path = ideal_run
    solution = solved(path, SolveOptions(heading=Heading.JOINTS))
    errors = rms_errors(session, solution.pose)
    for name in ("left_hip_rotation", "right_knee_adduction", "left_shoulder_abduction"):
        assert errors[name] < 2.0, (name, errors[name])


def test_solution_is_kept_in_the_recording(
    ideal_run: tuple[SimulatedSession, Path], tmp_path: Path
) -> None:
    """What was stored is what is read, and what was measured stays as it was."""
    copy = tmp_path / "copy.h5"
    copy.write_bytes(ideal_run[1].read_bytes())
    solution = solved(copy)
    with open_recording(copy) as recording:
        before = recording.imu("pelvis")
    store(copy, solution)
    with open_recording(copy) as recording:
        pose = read_pose(recording)
        np.testing.assert_array_equal(recording.imu("pelvis").acc, before.acc)
    np.testing.assert_allclose(pose.orientations, solution.pose.orientations, atol=1e-6)
    np.testing.assert_array_equal(pose.measured, solution.pose.measured)


def test_unsolved_recording_says_what_to_do(ideal_run: tuple[SimulatedSession, Path]) -> None:
    """Asking for a pose that is not there names the command that makes it."""
    with (
        open_recording(ideal_run[1]) as recording,
        pytest.raises(MissingDataError, match="trackside solve"),
    ):
        read_pose(recording)


@pytest.mark.parametrize("speed", [1.3, 3.5])
def test_realistic_sensors_on_the_legs(speed: float, tmp_path: Path) -> None:
    """Walking and easy running with realistic sensors stay within clinical use, 6° RMS."""
    session, path = recorded(simulate(plan_for(30, speed), LEGS, REALISTIC, seed=3), tmp_path)
    errors = rms_errors(session, solved(path).pose)
    for side in ("right", "left"):
        for angle in ("hip_flexion", "knee_flexion"):
            assert errors[f"{side}_{angle}"] < 6.0, (side, angle, errors)


@pytest.mark.parametrize("kit", ["pelvis", "feet"])
def test_few_sensors_still_give_a_whole_skeleton(kit: str, tmp_path: Path) -> None:
    """One or two sensors yield all 23 segments, of which only theirs are called measured."""
    session, path = recorded(simulate(plan_for(20, 2.8), KITS[kit], IDEAL), tmp_path)
    pose = solved(path).pose
    assert np.isfinite(pose.orientations).all()
    assert int(pose.measured.any(axis=1).sum()) == len(KITS[kit])
    with open_recording(path) as recording:
        features = gait_features(placed_imus(recording))
    true = [steps.stride_time for steps in session.truth.steps.values()]
    cadence = 120 / np.mean(np.concatenate(true))
    assert features.mean_cadence == pytest.approx(cadence, abs=2.0)


def test_t_pose_calibrates_arms(tmp_path: Path) -> None:
    """Standing with the arms out calibrates as well as with the arms hanging."""
    plan = SessionPlan((Phase(Activity.T_POSE, 6.0), run(20.0, 3.0)))
    session, path = recorded(simulate(plan, FULL, IDEAL), tmp_path)
    errors = rms_errors(session, solved(path, SolveOptions(pose=StaticPose.T)).pose, since=10)
    assert errors["left_elbow_flexion"] < 1.0
    assert errors["right_shoulder_flexion"] < 1.5


@pytest.mark.parametrize(
    ("kit", "first"),
    [(FULL, 0.0), (LEGS, 4.0), (("right_thigh", "right_shank"), 0.0)],
    ids=["whole body", "stood before", "one leg"],
)
def test_sitting_calibrates_as_well(kit: tuple[str, ...], first: float, tmp_path: Path) -> None:
    """Sitting instead of standing, hips, knees and arms are right; no sensor seems misplaced."""
    before = (stand(first),) if first else ()
    plan = SessionPlan((*before, Phase(Activity.SIT_POSE, 6.0), stand(2.0), walk(14.0, 1.4)))
    session, path = recorded(simulate(plan, kit, REALISTIC, seed=5), tmp_path)
    solution = solved(path, SolveOptions(pose=StaticPose.SIT, heading=Heading.JOINTS))
    assert first <= solution.calibration.start < first + 3.0
    assert not solution.check.placement.misplaced
    errors = rms_errors(session, solution.pose, since=first + 9.0)
    wanted = {"right_knee_flexion": 1.5}
    if "pelvis" in kit:
        wanted |= {"left_knee_flexion": 1.5, "right_hip_flexion": 1.5, "left_hip_rotation": 5.0}
    if "right_hand" in kit:
        wanted |= {"left_elbow_flexion": 1.5, "right_shoulder_flexion": 1.5}
    for name, limit in wanted.items():
        assert errors[name] < limit, (name, errors[name])


def test_rising_shows_the_trunk_where_forward_is(tmp_path: Path) -> None:
    """Without sensors on the legs, getting up from the seat leads forward."""
    plan = SessionPlan((Phase(Activity.SIT_POSE, 6.0), stand(2.0), walk(10.0, 1.4)))
    kit = ("pelvis", "t8", "right_upper_arm")
    session, path = recorded(simulate(plan, kit, REALISTIC, seed=5), tmp_path)
    solution = solved(path, SolveOptions(pose=StaticPose.SIT, heading=Heading.JOINTS))
    errors = rms_errors(session, solution.pose, since=9.0)
    assert errors["right_shoulder_flexion"] < 3.0


def test_gait_features_match_the_truth(ideal_run: tuple[SimulatedSession, Path]) -> None:
    """Cadence within one step a minute, and no step lost or invented but at the ends."""
    session, path = ideal_run
    with open_recording(path) as recording:
        features = gait_features(placed_imus(recording))
    steps = session.truth.steps.values()
    strides = np.concatenate([side.stride_time for side in steps])
    assert features.mean_cadence == pytest.approx(120 / strides.mean(), abs=1.0)
    contacts = sum(len(side.initial_contact) for side in steps)
    assert features.steps == pytest.approx(contacts, abs=2)


def test_limits_are_for_those_who_want_them(tmp_path: Path) -> None:
    """A shank whose sensor is turned by 35° bends a knee backwards, unless limits are wanted."""
    _, path = recorded(simulate(plan_for(16, 1.4), LEGS, IDEAL, seed=4), tmp_path)
    options = SolveOptions(heading=Heading.JOINTS)
    own = solved(path, options).calibration
    mountings = own.mountings.copy()
    shank = own.segments.index("right_shank")
    mountings[shank] = qt.multiply(mountings[shank], qt.about_axis([0.0, 0.0, 1.0], 0.6))
    wrong = replace(own, mountings=mountings)
    with open_recording(path) as recording:
        free = solve(recording, options, earlier=wrong)
        held = solve(recording, replace(options, limits=True), earlier=wrong)
    least = [np.rad2deg(joint_angles(s.pose)["right_knee_flexion"].min()) for s in (free, held)]
    assert least[0] < -25.0
    assert least[1] > -15.1


def test_never_standing_still_is_said(ideal_run: tuple[SimulatedSession, Path]) -> None:
    """A recording that begins in mid-run cannot be calibrated; the error shows the way out."""
    session, path = ideal_run
    late = path.with_name("late.h5")
    with RecordingWriter(late, session.streams) as writer:
        for block in session.arrays().values():
            kept = block.time > 12.0
            values = {name: channel[kept] for name, channel in block.values.items()}
            writer.write(type(block)(block.stream, block.time[kept], values))
    with pytest.raises(CalibrationError, match="--calibrate"):
        solved(late)


def test_sensor_without_place_is_said(tmp_path: Path) -> None:
    """A recording without any placed IMU names the option that places them."""
    path = tmp_path / "heart.h5"
    session = simulate(plan_for(10, 1.2), KITS["pelvis"], IDEAL)
    streams = [stream for stream in session.streams if stream.kind is Kind.HEART_RATE]
    with RecordingWriter(path, streams):
        pass
    with open_recording(path) as recording, pytest.raises(MissingDataError, match="--place"):
        solve(recording)


def test_samples_stamped_in_bursts_are_refused(tmp_path: Path) -> None:
    """Moments of arrival are none of measurement: nothing can be said of what moved meanwhile."""
    path = tmp_path / "bursts.h5"
    session = simulate(plan_for(10, 1.2), KITS["pelvis"], IDEAL)
    with RecordingWriter(path, session.streams) as writer:
        block = session.arrays()["pelvis"]
        packet = np.arange(len(block)) % 10
        writer.write(Block("pelvis", block.time - packet * 0.0099, block.values))
    with (
        open_recording(path) as recording,
        pytest.raises(SignalError, match="pelvis: samples are stamped in bursts"),
    ):
        solve(recording)


def test_lap_on_the_track_closes_without_magnetometers(tmp_path: Path) -> None:
    """Realistic sensors at 3.5 m/s: 400 m close within 1 %, and feet slip less than 2 cm."""
    plan = SessionPlan((stand(6.0), run(126.0, 3.5)), Track())
    session, path = recorded(simulate(plan, LEGS, REALISTIC, seed=1), tmp_path)
    solution = solved(path, SolveOptions(heading=Heading.JOINTS))
    pose, truth = solution.pose, session.truth
    along = np.cumsum(truth.speed) / truth.pose.rate
    start, end = 11.0, float(np.interp(along[1100] + 400.0, along, truth.pose.time))
    lap = pose.span(start, end)
    assert np.hypot(*(lap.root[-1] - lap.root[0])[:2]) < 4.0
    assert distance(lap.time, lap.root) == pytest.approx(400.0, rel=0.02)
    assert np.percentile(np.concatenate(solution.way.skates), 95) < 0.02


@pytest.mark.parametrize("kit", [KITS["feet"], (*KITS["pelvis"], *KITS["feet"])])
def test_walking_feet_go_the_same_way(kit: tuple[str, ...], tmp_path: Path) -> None:
    """Two feet, which no sensor joins, agree on where forward is, and on the distance to 5 %."""
    session, path = recorded(simulate(plan_for(30, 1.3), kit, REALISTIC, seed=2), tmp_path)
    pose = solved(path, SolveOptions(heading=Heading.JOINTS)).pose
    true = session.truth.pose
    own = np.hypot(*(pose.root[-1] - pose.root[1000])[:2])
    assert own == pytest.approx(np.hypot(*(true.root[-1] - true.root[1000])[:2]), rel=0.05)


def test_treadmill_keeps_the_skeleton_in_place(
    ideal_run: tuple[SimulatedSession, Path], tmp_path: Path
) -> None:
    """On a treadmill the belt runs instead of the athlete, and is kept beside the contacts."""
    copy = tmp_path / "copy.h5"
    copy.write_bytes(ideal_run[1].read_bytes())
    solution = solved(copy, SolveOptions(ground=Ground.TREADMILL))
    assert np.abs(solution.pose.root[:, :2]).max() < 0.6
    store(copy, solution)
    with open_recording(copy) as recording:
        kept = recording.processed("RootPath")
    assert np.median(kept["BeltSpeed"][1500:2500]) == pytest.approx(3.5, rel=0.02)
    np.testing.assert_array_equal(kept["Contact"], solution.way.contacts)
