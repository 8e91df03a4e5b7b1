"""``trackside calibrate``: what it says of each sensor, keeps, and takes from another session."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from trackside.app.cli import app
from trackside.app.simulating import record_session
from trackside.errors import CalibrationError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import Calibration, Way
from trackside.kinematics.calibration_file import read_calibration
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose_file import read_pose
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk
from trackside.simulation.slips import Slip

KIT = ("pelvis", "right_thigh", "left_thigh", "right_shank", "left_shank")


def recorded(path: Path, plan: SessionPlan, kit: tuple[str, ...] = KIT, slip: bool = False) -> Path:
    """A session of the same kit, strapped on once: the seed is the same."""
    slips = [Slip("left_shank", 18.0, np.array([0.0, 0.6, 0.0]))] if slip else []
    record_session(simulate(plan, kit, seed=91, slips=slips), path)
    return path


def trackside(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def calibration_of(path: Path) -> Calibration:
    with open_recording(path) as recording:
        return read_calibration(recording)


@pytest.fixture(scope="module")
def slipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run during which the left shank's sensor slips by 34°."""
    plan = SessionPlan((stand(5.0), run(28.0, 3.0)))
    return recorded(tmp_path_factory.mktemp("slipped") / "run.h5", plan, slip=True)


def test_each_sensor_is_reported_in_words(slipped: Path) -> None:
    """The table tells the moments, and which sensor slipped, when, how far and what to do."""
    result = trackside("calibrate", slipped)
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "standing still in the N-pose" in words
    assert "in motion" in words
    assert "slipped at 18 s" in words
    assert "fasten it tighter" in words


def test_json_holds_the_same(slipped: Path) -> None:
    """Scripts get numbers by segment, and the warnings."""
    report = json.loads(trackside("calibrate", slipped, "--json").output)
    assert set(report["segments"]) == set(KIT)
    assert [warning["segment"] for warning in report["warnings"]] == ["left_shank"]
    assert report["segments"]["right_thigh"]["residual_deg"] < 10.0
    assert report["segments"]["pelvis"]["residual_deg"] is None
    start, end = report["moving_s"][0]
    assert start < 10.0 < 30.0 < end


def test_solve_warns_too(slipped: Path) -> None:
    """Whoever goes straight to the pose is told as well."""
    report = json.loads(trackside("solve", slipped, "--json").output)
    assert "slipped" in report["warnings"][0]["found"]


def test_mountings_of_another_session_are_taken(tmp_path: Path) -> None:
    """A session that begins in motion is calibrated by an earlier one of the same kit."""
    first = recorded(tmp_path / "first.h5", SessionPlan((stand(5.0), walk(15.0, 1.4))))
    second = recorded(tmp_path / "second.h5", SessionPlan((stand(5.0), run(25.0, 3.0))))
    assert trackside("calibrate", first).exit_code == 0
    assert trackside("calibrate", second).exit_code == 0
    own = calibration_of(second)
    result = trackside("calibrate", second, "--from", first, "--stretch", "12:16")
    assert result.exit_code == 0, result.output
    reused = calibration_of(second)
    assert (reused.start, reused.end) == (12.0, 16.0)
    np.testing.assert_allclose(reused.mountings, calibration_of(first).mountings, atol=1e-6)
    assert np.rad2deg(qt.angle_between(reused.mountings, own.mountings)).max() < 10.0
    apart = np.angle(np.exp(1j * (reused.facings - own.facings)))
    assert np.rad2deg(np.abs(apart)).max() < 10.0


def test_solving_with_anothers_mountings(tmp_path: Path) -> None:
    """Without a pose of its own, a session solved by an earlier one bends its knees rightly."""
    first = recorded(tmp_path / "first.h5", SessionPlan((stand(5.0), walk(15.0, 1.4))))
    plan = SessionPlan((stand(5.0), run(25.0, 3.0)))
    second = recorded(tmp_path / "second.h5", plan)
    assert trackside("calibrate", first).exit_code == 0
    result = trackside("solve", second, "--from", first, "--calibrate", "12:16")
    assert result.exit_code == 0, result.output
    with open_recording(second) as recording:
        pose = read_pose(recording).span(10.0, 29.0)
    own = joint_angles(pose)
    true = joint_angles(simulate(plan, KIT, seed=91).truth.pose.at(pose.time))
    for name in ("right_knee_flexion", "left_knee_flexion", "right_hip_flexion"):
        assert np.rad2deg(np.sqrt(np.mean((own[name] - true[name]) ** 2))) < 6.0


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walk that begins at once: nobody holds a pose."""
    plan = SessionPlan((stand(0.5), walk(20.0, 1.4)))
    return recorded(tmp_path_factory.mktemp("restless") / "walk.h5", plan)


def test_movement_alone_calibrates(restless: Path) -> None:
    """Each segment is told how sure it is, and scripts get the same; it is kept with that."""
    assert isinstance(trackside("calibrate", restless).exception, CalibrationError)
    result = trackside("calibrate", restless, "--by", "movement")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "calibrated by movement, straight ahead from" in words
    assert "Mount ±" in words
    report = json.loads(trackside("calibrate", restless, "--by", "movement", "--json").output)
    assert report["calibration_pose"] is None
    assert report["segments"]["left_shank"]["mounting_sd_deg"]["turn"] < 8.0
    kept = calibration_of(restless)
    assert kept.way is Way.MOVEMENT
    assert kept.sd is not None
    assert kept.sd.shape == (len(KIT), 3)


def test_solving_by_movement_bends_knees_rightly(restless: Path) -> None:
    """Solved without a pose, and told to be less sure than with one."""
    result = trackside("solve", restless, "--by", "movement")
    assert result.exit_code == 0, result.output
    with open_recording(restless) as recording:
        pose = read_pose(recording).span(6.0, 20.0)
    plan = SessionPlan((stand(0.5), walk(20.0, 1.4)))
    own, true = (
        joint_angles(pose),
        joint_angles(simulate(plan, KIT, seed=91).truth.pose.at(pose.time)),
    )
    for name, limit in (("right_knee_flexion", 6.0), ("left_hip_flexion", 5.0)):
        assert np.rad2deg(np.sqrt(np.mean((own[name] - true[name]) ** 2))) < limit
    assert pose.joint_sd is not None
    assert np.rad2deg(pose.joint_sd[INDEX["left_shank"]].min()) > 5.0


def test_a_pose_is_refined_by_movement(slipped: Path) -> None:
    """With both, the report says so."""
    result = trackside("calibrate", slipped, "--by", "both")
    assert result.exit_code == 0, result.output
    assert "refined by movement" in " ".join(result.output.split())
    assert calibration_of(slipped).way is Way.BOTH


def test_what_cannot_be_reused_is_said(tmp_path: Path, slipped: Path) -> None:
    """An uncalibrated source, and one that lacks a sensor, end in an error with the way out."""
    pelvis = recorded(tmp_path / "pelvis.h5", SessionPlan((stand(5.0), walk(8.0, 1.4))), KIT[:1])
    result = trackside("calibrate", slipped, "--from", pelvis)
    assert isinstance(result.exception, MissingDataError)
    assert "trackside calibrate" in str(result.exception)
    assert trackside("calibrate", pelvis).exit_code == 0
    result = trackside("calibrate", slipped, "--from", pelvis)
    assert isinstance(result.exception, CalibrationError)
    assert "right_thigh" in str(result.exception)
