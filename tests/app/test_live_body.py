"""The live pipeline against the one for recordings, and what only a live one meets."""

import copy
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest
from live_replay import TURN, AtOnce, cut, turns
from pebble import ProcessExpired

from trackside.app.live_body import BodyFrame, LiveBody
from trackside.app.live_calibration import Found, followed, look
from trackside.app.live_sensor import HISTORY, LiveSensor
from trackside.app.simulating import record_session
from trackside.app.solving import Heading, Solution, SolveOptions, solve
from trackside.app.tracks import SAMPLES_AS_STAMPED
from trackside.filters.orientation import estimate_orientation
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, skeleton_for
from trackside.recordings.model import Block
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession

DURATION, RATE = 24.0, 50.0
CALIBRATED = 19.0  # s
LEGS = KITS["lower-body-8"]
SKELETON = skeleton_for(1.75)


@pytest.fixture(scope="module")
def session() -> SimulatedSession:
    return simulate(walking_session(DURATION, 1.4), LEGS, IDEAL, rate=RATE)


@pytest.fixture(scope="module")
def solution(session: SimulatedSession, tmp_path_factory: pytest.TempPathFactory) -> Solution:
    path = tmp_path_factory.mktemp("live") / "walk.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        return solve(recording, SolveOptions(heading=Heading.JOINTS, height=1.75))


def imus(session: SimulatedSession) -> list[Block]:
    return [session.arrays()[segment] for segment in LEGS]


def live(session: SimulatedSession) -> LiveBody:
    return LiveBody(session.streams, SKELETON, AtOnce())


def played(
    body: LiveBody, blocks: Sequence[Block], start: float = 0.0, end: float = DURATION
) -> list[BodyFrame]:
    frames = []
    for turn in turns(blocks, start, end):
        for block in turn:
            body.add(block)
        frames.append(body.frame())
    return frames


@pytest.fixture(scope="module")
def begun(session: SimulatedSession) -> tuple[LiveBody, list[BodyFrame]]:
    """Somebody who has stood and walked for so long that the calibration is there."""
    body = live(session)
    return body, played(body, imus(session), end=CALIBRATED)


@pytest.fixture
def walking(begun: tuple[LiveBody, list[BodyFrame]]) -> LiveBody:
    return copy.deepcopy(begun[0])


@pytest.fixture(scope="module")
def frames(session: SimulatedSession, begun: tuple[LiveBody, list[BodyFrame]]) -> list[BodyFrame]:
    body, before = begun
    return [*before, *played(copy.deepcopy(body), imus(session), CALIBRATED)]


def test_live_poses_are_those_of_the_recording(frames: list[BodyFrame], solution: Solution) -> None:
    """Joint angles differ from the smoothed ones by 2° RMS at most, once it is calibrated."""
    known = [frame for frame in frames if frame.calibrated and frame.time < DURATION - 0.5]
    assert len(known) > 6.0 / TURN
    time = np.array([frame.time for frame in known])
    shown = Pose(
        SKELETON,
        time,
        np.stack([frame.orientations for frame in known], axis=1),
        np.stack([frame.root for frame in known]),
        np.stack([frame.measured for frame in known], axis=1),
    )
    assert shown.measured[[INDEX[segment] for segment in LEGS]].all()
    wanted, found = joint_angles(solution.pose.at(time)), joint_angles(shown)
    for name in wanted:
        if name != "pelvis_heading":
            rms = np.degrees(np.sqrt(np.mean((wanted[name] - found[name]) ** 2)))
            assert rms < 2.0, name


def test_live_joints_are_about_as_uncertain(frames: list[BodyFrame], solution: Solution) -> None:
    """What is told live is what is told afterwards, but for what smoothing makes surer."""
    known = [frame for frame in frames if frame.calibrated and frame.time < DURATION - 0.5]
    after = solution.pose.at(np.array([frame.time for frame in known])).joint_sd
    assert after is not None
    live_sd = np.stack([frame.joint_sd for frame in known], axis=1)
    joints = [INDEX[segment] for segment in LEGS]
    ratio = np.median(live_sd[joints] / after[joints], axis=1)
    assert (ratio > 0.7).all(), ratio
    assert (ratio < 2.5).all(), ratio
    assert np.isnan(frames[0].joint_sd).all()


def test_the_skeleton_goes_over_the_ground(frames: list[BodyFrame], solution: Solution) -> None:
    """Its way is as long as the recording's to a tenth, and feet stay above the ground."""
    known = [frame for frame in frames if frame.calibrated]
    first, last = known[0], known[-1]
    way = np.linalg.norm(last.root - first.root)
    path = solution.pose.at(np.array([first.time, last.time])).root
    assert way == pytest.approx(np.linalg.norm(path[1] - path[0]), rel=0.1)


def test_it_says_what_is_to_be_done_until_it_is_calibrated(frames: list[BodyFrame]) -> None:
    """Before it stands upright, unmeasured; then it asks to walk on, and shows what it measures."""
    todo = list(dict.fromkeys(frame.todo for frame in frames))
    assert "stand still" in todo[0]
    assert any("walk on" in text for text in todo)
    assert todo[-1] == ""
    for frame in frames:
        assert frame.measured.any() == frame.calibrated


def test_a_lost_sensor_is_told(session: SimulatedSession, walking: LiveBody) -> None:
    """A silent sensor is not measured any more, and unsure; others go on, and it comes back."""
    there = [block for block in imus(session) if block.stream != "left_shank"]
    lost = played(walking, there, CALIBRATED, CALIBRATED + 1.0)[-1]
    assert not lost.measured[INDEX["left_shank"]]
    assert lost.measured[INDEX["right_shank"]]
    left, right = (lost.joint_sd[INDEX[f"{side}_shank"]] for side in ("left", "right"))
    assert left > 0.8 > 0.2 > right
    back = played(walking, imus(session), CALIBRATED + 1.0, CALIBRATED + 1.5)[-1]
    assert back.measured[INDEX["left_shank"]]


def test_a_sensor_that_comes_late_is_named(session: SimulatedSession) -> None:
    """Without a new standing it has no mounting: it is said, and the others are shown."""
    there = [block for block in imus(session) if block.stream != "right_foot"]
    body = live(session)
    played(body, there, 3.0, 16.0)
    frame = played(body, imus(session), 16.0, 16.5)[-1]
    assert frame.uncalibrated == ("right_foot",)
    assert frame.calibrated
    assert not frame.measured[INDEX["right_foot"]]


def test_calibrating_anew_forgets(session: SimulatedSession, walking: LiveBody) -> None:
    """After the key the skeleton stands until somebody stood and walked again."""
    assert walking.frame().calibrated
    walking.calibrate_anew()
    assert not played(walking, imus(session), CALIBRATED, CALIBRATED + 4.0)[-1].calibrated


def test_an_earlier_calibration_needs_no_standing(
    session: SimulatedSession, solution: Solution
) -> None:
    """With its mountings somebody who walks already is calibrated on the way: same angles."""
    body = LiveBody(session.streams, SKELETON, AtOnce(), StaticPose.N, solution.calibration)
    frames = played(body, imus(session), 12.0, DURATION)
    known = [frame for frame in frames if frame.calibrated]
    assert known
    found = solution.pose.at(np.array([known[-1].time]))
    for part in ("shank", "foot"):
        inner, outer = (
            INDEX[f"left_{'thigh' if part == 'shank' else 'shank'}"],
            INDEX[f"left_{part}"],
        )
        relative = [
            qt.multiply(qt.conjugate(pose[inner]), pose[outer])
            for pose in (known[-1].orientations, found.orientations[:, 0])
        ]
        assert np.degrees(qt.angle_between(*relative)) < 6.0


def test_nobody_there_is_said(session: SimulatedSession) -> None:
    """Without a sensor on the body there is a skeleton, and a word why it does not move."""
    frame = LiveBody(session.streams[-1:], SKELETON, AtOnce()).frame()
    assert "No body-worn sensor" in frame.todo
    assert np.isfinite(frame.root).all()


def test_degrees_per_second_are_told_and_the_others_go_on(session: SimulatedSession) -> None:
    """A sensor in the wrong unit is named with the remedy; no other is touched."""
    body = live(session)
    block = cut(session.arrays()["left_foot"], 10.0, 12.0)
    wrong = {name: array * 180.0 for name, array in block.values.items()}
    body.add(Block("left_foot", block.time, wrong))
    assert "degrees" in body.problems["left_foot"]
    assert played(body, imus(session), 0.0, 0.5)[-1].time > 0.4


def test_blocks_of_any_length_give_the_same(session: SimulatedSession) -> None:
    """A sensor's orientations are those of the filter over the whole, bit for bit."""
    imu = session.imu("left_shank")
    assert imu.gyr is not None
    whole = estimate_orientation(imu.gyr, imu.acc, time=imu.time, parameters=SAMPLES_AS_STAMPED)
    sensor = LiveSensor(imu.stream)
    for (block,) in turns([session.arrays()["left_shank"]], 0.0, 4.0, 0.1):
        sensor.add(block)
        sensor.add(block)  # what does not go on in time is left out
    kept = sensor.kept(-np.inf).track()
    assert len(kept.time) == round(4.0 * RATE)
    np.testing.assert_array_equal(kept.orientations, whole.quaternions[: len(kept.time)])


def test_between_and_after_samples(session: SimulatedSession) -> None:
    """Between two samples it lies between; a moment later it has turned on; then it stays."""
    sensor = LiveSensor(session.imu("left_shank").stream)
    assert not sensor.at(0.0).measured
    block = session.arrays()["left_shank"]
    sensor.add(cut(block, 0.0, 15.0))
    whole = session.imu("left_shank")
    late = LiveSensor(whole.stream)
    late.add(cut(block, 0.0, 16.0))
    ahead, held = sensor.newest + 0.03, sensor.newest + 0.2
    assert (
        np.degrees(qt.angle_between(sensor.at(ahead).orientation, late.at(ahead).orientation)) < 2.0
    )
    assert sensor.at(ahead).measured
    assert sensor.at(held).measured
    assert not sensor.at(sensor.newest + 1.0).measured
    middle = 0.5 * (sensor.newest + whole.time[np.searchsorted(whole.time, sensor.newest) - 1])
    assert sensor.at(middle).measured


def test_memory_is_bounded() -> None:
    """Only the last minutes are kept, however many come."""
    stream = (
        simulate(walking_session(12.0, 1.4), ("pelvis",), IDEAL, rate=20.0).imu("pelvis").stream
    )
    sensor = LiveSensor(stream)
    size = round(HISTORY * 20.0)
    still = np.tile([0.0, 0.0, 9.81], (size // 3, 1))
    for number in range(10):
        time = (number * len(still) + np.arange(len(still))) / 20.0
        sensor.add(Block("pelvis", time, {"gyroscope": 0 * still, "accelerometer": still}))
    kept = sensor.kept(-np.inf).track().time
    assert size <= len(kept) <= 2 * size
    np.testing.assert_allclose(np.diff(kept), 0.05)
    assert kept[-1] == sensor.newest


def test_drifts_are_followed(session: SimulatedSession) -> None:
    """A heading that has turned since the calibration is found from how the joint accelerates."""
    sensors = [LiveSensor(session.imu(segment).stream) for segment in LEGS]
    for sensor in sensors:
        sensor.add(session.arrays()[sensor.segment])
    kept = [sensor.kept(0.0) for sensor in sensors]
    found = look(kept, StaticPose.N, None)
    assert isinstance(found, Found)
    turned = qt.about_axis([0.0, 0.0, 1.0], np.deg2rad(20.0))
    row = found.calibration.segments.index("left_shank")
    shank = next(each for each in kept if each.segment == "left_shank").rows
    shank[:, 1:5] = qt.multiply(turned, shank[:, 1:5])
    after = followed(found, kept)
    assert after is not None
    change = np.degrees(after.drifts - found.headings.drifts)
    below = found.calibration.segments.index("left_foot")
    assert change[row] == pytest.approx(20.0, abs=4.0)
    assert np.abs(np.delete(change, [row, below])).max() < 4.0
    silent = [each for each in kept if each.segment != "right_foot"]
    assert followed(found, silent) is None
    assert followed(found, []) is None


class Killed(Executor):
    """Somebody kills its process while it does its first job."""

    def __init__(self) -> None:
        self._jobs = 0

    def submit(self, job: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do the job, but for the first one."""
        self._jobs += 1
        if self._jobs > 1:
            return AtOnce().submit(job, *args, **kwargs)
        lost: Future[Any] = Future()
        lost.set_exception(ProcessExpired("killed"))  # type: ignore[no-untyped-call]  # pebble has no type here
        return lost


def test_a_look_that_is_lost_is_made_up_for(session: SimulatedSession) -> None:
    """The window goes on, and what was not found is found by the next look."""
    body = LiveBody(session.streams, SKELETON, Killed())
    assert not played(body, imus(session), end=2.0)[-1].calibrated
    assert played(body, imus(session), start=2.0)[-1].calibrated
