"""The moving body obeys the ground, gravity, the plan and the published curves."""

from functools import cache

import numpy as np
import pytest

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import (
    INDEX,
    STANDING_FACING_EAST,
    end_positions,
    joint_positions,
)
from trackside.simulation.course import Track
from trackside.simulation.gait import GRAVITY, stride_frequency
from trackside.simulation.gait_curves import RUNNING, SPRINTING, WALKING, LegCurves
from trackside.simulation.motion import Motion, motion_of
from trackside.simulation.plan import (
    Activity,
    Phase,
    SessionPlan,
    jump,
    lie,
    run,
    running_session,
    sit,
    stand,
    walk,
    walking_session,
)

STEP = 1 / 800
SIDES = ("right", "left")

PLANS = {
    "walk slowly": walking_session(16.0, 0.8),
    "walk": walking_session(16.0, 1.4),
    "walk fast": walking_session(16.0, 2.2),
    "jog": running_session(16.0, 2.0),
    "run": running_session(18.0, 3.5),
    "run fast": running_session(20.0, 6.0),
    "sprint": running_session(22.0, 9.5),
    "all": SessionPlan((stand(3), walk(8, 1.4), run(8, 3.0), walk(8, 1.6), run(8, 6.0), stand(9))),
    "track": SessionPlan((stand(3), run(30, 6.0)), Track()),
    "exercise": SessionPlan(
        (stand(2), Phase(Activity.SQUAT, 6), Phase(Activity.ARM_SWING, 4), walk(6, 1.4), stand(6))
    ),
    "sit": SessionPlan(
        (Phase(Activity.SIT_POSE, 5), walk(6, 1.4), stand(4), Phase(Activity.SIT_POSE, 4))
    ),
}


@cache
def moving(name: str) -> tuple[Motion, Floats, Floats]:
    motion = motion_of(PLANS[name], 1.75, STEP)
    return motion, *motion.poses(0, round(PLANS[name].duration / STEP))


def feet(name: str) -> Floats:
    """Heel, ball and toe tip of both feet, (2, 3, M, 3) m."""
    motion, orientations, root = moving(name)
    skeleton = motion.body.skeleton
    joints = joint_positions(skeleton, orientations, root)
    ends = end_positions(skeleton, orientations, joints)
    places = []
    for number, side in enumerate(SIDES):
        foot, toe = INDEX[f"{side}_foot"], INDEX[f"{side}_toe"]
        heel = joints[foot] + qt.rotate(orientations[foot], skeleton.heels[number])
        places.append([heel, joints[toe], ends[toe]])
    return np.array(places)


def on_ground(name: str) -> Booleans:
    """Whether each foot is in stance, (2, M)."""
    motion, orientations, _ = moving(name)
    phase = motion.body.timeline.phase[motion.lead :][: orientations.shape[1]]
    planted = []
    for stances in motion.stances:
        table = stances.table
        k = np.searchsorted(table[:, 0], phase, side="right") - 1
        planted.append(phase <= table[k, 1])
    return np.array(planted)


def sagittal(q: Floats, heading: float) -> Floats:
    """Angle (M,) rad by which a segment's long axis is turned forward in the sagittal plane."""
    axis = qt.rotate(q, [0.0, -1.0, 0.0])
    ahead = axis[:, 0] * np.cos(heading) + axis[:, 1] * np.sin(heading)
    return np.arctan2(ahead, -axis[:, 2])


@pytest.mark.parametrize("name", PLANS)
def test_feet_do_not_skate(name: str) -> None:
    """Throughout every stance the heel, the ball or the toe tip is within 2 mm of its footprint."""
    motion, orientations, _ = moving(name)
    skeleton, places = motion.body.skeleton, feet(name)
    phase = motion.body.timeline.phase[motion.lead :][: orientations.shape[1]]
    ball = skeleton.offsets[INDEX["right_toe"], 0]
    ahead = (skeleton.heels[0, 0], ball, ball + skeleton.length("right_toe"))
    for number, stances in enumerate(motion.stances):
        for row in stances.table:
            inside = (phase >= row[0]) & (phase <= row[1])
            direction = np.array([np.cos(row[4]), np.sin(row[4]), 0.0])
            footprint = np.array([row[2], row[3], 0.0])
            off = [
                np.linalg.norm(place[inside] - footprint - distance * direction, axis=-1)
                for place, distance in zip(places[number], ahead, strict=True)
            ]
            assert (np.min(off, axis=0) < 0.002).all()


@pytest.mark.parametrize("name", PLANS)
def test_feet_stay_above_ground(name: str) -> None:
    """No point of a foot is ever more than 2 mm below the ground; in mid-swing it is off it."""
    height = feet(name)[..., 2]
    assert height.min() > -0.002
    swinging = ~on_ground(name)
    middle = swinging & np.roll(swinging, 64, axis=1) & np.roll(swinging, -64, axis=1)
    assert height.min(axis=1)[middle].min(initial=1.0) > 0.002


@pytest.mark.parametrize("name", PLANS)
def test_motion_is_smooth(name: str) -> None:
    """No joint's acceleration exceeds 150 g, which a jump of position or speed would."""
    motion, orientations, root = moving(name)
    joints = joint_positions(motion.body.skeleton, orientations, root)
    acceleration = np.diff(joints, 2, axis=1) / STEP**2
    assert np.linalg.norm(acceleration, axis=-1).max() < 150 * GRAVITY


@pytest.mark.parametrize("name", PLANS)
def test_quaternions_are_unit_and_do_not_flip(name: str) -> None:
    """Orientations are unit quaternions whose sign never jumps, so that they have derivatives."""
    q = moving(name)[1]
    assert np.allclose(np.linalg.norm(q, axis=-1), 1.0, atol=1e-12)
    assert ((q[:, 1:] * q[:, :-1]).sum(axis=-1) > 0.99).all()


def test_standing_is_the_neutral_pose() -> None:
    """In N-pose all segment frames are parallel, facing the plan's heading, and nothing moves."""
    motion, orientations, root = moving("run")
    facing = qt.multiply(qt.about_axis([0, 0, 1.0], 0.6), STANDING_FACING_EAST)
    assert np.degrees(qt.angle_between(orientations[:, :4800], facing)).max() < 1e-5
    assert np.ptp(root[:4800], axis=0).max() == 0.0
    assert root[0, 2] == pytest.approx(1.75 * 0.53)
    assert moving("all")[1][:, -1] == pytest.approx(np.tile(facing, (23, 1)), abs=1e-7)
    assert motion.body.timeline.speed[motion.lead] == 0.0


def test_t_pose_spreads_the_arms() -> None:
    """In T-pose the arms point sideways, palms down, and the rest of the body stands."""
    plan = SessionPlan((stand(2), Phase(Activity.T_POSE, 4), stand(2)), heading=0.0)
    orientations, _ = motion_of(plan, 1.75, STEP).poses(round(5 / STEP), 1)
    for side, right in (("right", 1.0), ("left", -1.0)):
        hand = orientations[INDEX[f"{side}_hand"], 0]
        assert qt.rotate(hand, [0, -1.0, 0]) == pytest.approx([0, -right, 0], abs=1e-12)
        assert qt.rotate(hand, [0, 0, -right]) == pytest.approx([0, 0, -1.0], abs=1e-12)
    assert orientations[INDEX["t8"], 0] == pytest.approx(STANDING_FACING_EAST)


@pytest.mark.parametrize(
    ("activity", "moved", "fixed"),
    [
        (Activity.ELBOW_BEND, {"elbow_flexion": 120.0}, "elbow_pronation"),
        (Activity.PRONATION, {"elbow_flexion": 90.0, "elbow_pronation": 60.0}, "elbow_adduction"),
    ],
)
def test_forearms_move_alone(activity: Activity, moved: dict[str, float], fixed: str) -> None:
    """Both elbows bend, or forearms turn inwards and outwards, and everything else stands."""
    plan = SessionPlan((stand(1), Phase(activity, 6), stand(2)), heading=0.0)
    step = 0.01
    motion = motion_of(plan, 1.75, step)
    orientations, root = motion.poses(0, 900)
    time = np.asarray(step * np.arange(900), np.float64)
    seen = np.ones(orientations.shape[:2], bool)
    angles = joint_angles(Pose(motion.body.skeleton, time, orientations, root, seen))
    for side in ("right", "left"):
        for name, most in moved.items():
            assert np.rad2deg(angles[f"{side}_{name}"]).max() == pytest.approx(most, abs=2.0)
        assert np.abs(angles[f"{side}_{fixed}"]).max() < 1e-6
        shaken = qt.angle_between(orientations[INDEX[f"{side}_upper_arm"]], STANDING_FACING_EAST)
        assert shaken.max() < 1e-6
    assert np.ptp(root, axis=0).max() < 1e-9


def test_sitting_folds_hips_and_knees_alone() -> None:
    """Sitting, thighs are level and point forward; everything else is as upright as in standing."""
    plan = SessionPlan((stand(2), Phase(Activity.SIT_POSE, 6), stand(2)), heading=0.0)
    orientations, root = motion_of(plan, 1.75, STEP).poses(round(5 / STEP), 1)
    for segment, index in INDEX.items():
        if segment.endswith("thigh"):
            down = qt.rotate(orientations[index, 0], [0, -1.0, 0])
            assert down == pytest.approx([1.0, 0, 0], abs=1e-6)
        else:
            apart = qt.angle_between(orientations[index, 0], STANDING_FACING_EAST)
            assert apart == pytest.approx(0.0, abs=1e-6)
    assert root[0, 2] == pytest.approx(1.75 * (0.53 - 0.245), abs=1e-4)


@pytest.mark.parametrize("name", ["walk", "run", "sprint"])
def test_speed_is_that_of_the_plan(name: str) -> None:
    """Over whole strides the pelvis moves at the planned speed, at an even height."""
    _, _, root = moving(name)
    speed = PLANS[name].phases[1].speed
    stride = 1 / stride_frequency(np.array([speed]), np.array([float(name != "walk")]))[0]
    frames = np.arange(round(4 * stride / STEP) + 1)[[0, -1]]
    first, last = root[frames - frames[-1] - 1]
    assert np.linalg.norm(last[:2] - first[:2]) == pytest.approx(4 * stride * speed, abs=0.01)
    assert last[2] == pytest.approx(first[2], abs=1e-3)


@pytest.mark.parametrize("name", ["walk", "run", "sprint"])
def test_left_is_right_half_a_stride_later(name: str) -> None:
    """In steady gait the left leg repeats the right leg's angles half a stride later, mirrored."""
    motion, orientations, _ = moving(name)
    rate = motion.body.timeline.stride_rate[motion.lead + orientations.shape[1] - 1]
    half = 0.5 / rate / STEP
    frames = np.arange(1, round(2 * half))
    for part in ("thigh", "shank", "foot", "toe"):
        right = sagittal(orientations[INDEX[f"right_{part}"]], 0.6)
        left = sagittal(orientations[INDEX[f"left_{part}"]], 0.6)
        end = len(right) - 1 - frames
        earlier = np.interp(end - half, np.arange(len(right)), right)
        assert np.degrees(np.abs(left[end] - earlier)).max() < 0.1


@pytest.mark.parametrize("name", ["run", "sprint"])
def test_flight_is_ballistic(name: str) -> None:
    """While both feet are off the ground in steady running the pelvis falls with 9.81 m/s²."""
    root = moving(name)[2]
    flight = np.logical_not(np.asarray(on_ground(name).any(axis=0)))
    fall = np.diff(root[:, 2], 2) / STEP**2
    free = flight[2:] & flight[:-2] & (np.arange(len(fall)) > len(fall) - 1600)
    assert free.any()
    assert np.allclose(fall[free], -GRAVITY, atol=0.02)


@pytest.mark.parametrize(
    ("curves", "plan", "allowed_deg"),
    [
        (WALKING, walking_session(14.0, 1.4), (8.0, 16.0, 11.0)),
        (RUNNING, running_session(16.0, 3.2), (10.0, 14.0, 12.0)),
        (SPRINTING, running_session(20.0, 9.0), (10.0, 20.0, 18.0)),
    ],
)
def test_legs_stay_near_the_published_curves(
    curves: LegCurves, plan: SessionPlan, allowed_deg: tuple[float, ...]
) -> None:
    """Hip, knee and ankle differ from the published curves by no more than these degrees RMS."""
    deviation = leg_deviation_deg(curves, plan)
    assert (deviation < allowed_deg).all()


def leg_deviation_deg(curves: LegCurves, plan: SessionPlan) -> Floats:
    """RMS difference (3,) of hip, knee and ankle from the tables over the session's last stride."""
    motion = motion_of(plan, 1.75, STEP)
    count = round(plan.duration / STEP)
    orientations, _ = motion.poses(0, count)
    phase = motion.body.timeline.phase[motion.lead :][:count]
    last = np.floor(phase[-1]) - 1
    frames = np.searchsorted(phase, last + np.arange(20) / 20)
    thigh, shank, foot = (
        np.degrees(sagittal(orientations[INDEX[f"right_{part}"]][frames], plan.heading))
        for part in ("thigh", "shank", "foot")
    )
    angles = np.array([thigh, thigh - shank, foot - shank])
    table = np.array([curves.hip_deg, curves.knee_deg, curves.ankle_deg])
    rms: Floats = np.sqrt(np.mean((angles - table) ** 2, axis=1))
    return rms


@pytest.mark.parametrize("height", [1.5, 1.95])
def test_bodies_of_any_height_keep_their_feet(height: float) -> None:
    """Short and tall athletes run and stop, too, without a foot going under the ground."""
    plan = SessionPlan((stand(2), run(9, 8.0), stand(9)))
    motion = motion_of(plan, height, STEP)
    orientations, root = motion.poses(0, round(plan.duration / STEP))
    skeleton = motion.body.skeleton
    joints = joint_positions(skeleton, orientations, root)
    toe = INDEX["left_toe"]
    assert joints[toe, :, 2].min() > -0.002
    assert joints[0, -1, 2] == pytest.approx(0.53 * height)


def test_a_jump_flies_and_lands() -> None:
    """The pelvis rises by 0.3 m and falls freely; feet leave the ground, and come back to it."""
    plan = SessionPlan((stand(2), jump(5)))
    motion = motion_of(plan, 1.75, STEP)
    orientations, root = motion.poses(0, round(plan.duration / STEP))
    joints = joint_positions(motion.body.skeleton, orientations, root)
    ankle = joints[INDEX["right_foot"], :, 2]
    standing = root[0, 2]
    assert root[:, 2].max() - standing == pytest.approx(0.3, abs=1e-3)
    assert ankle.max() - ankle[0] > 0.25
    assert ankle.min() == pytest.approx(ankle[0], abs=3e-3)
    high = root[:, 2] > standing + 0.02
    flight = high[2:] & high[:-2]
    assert flight.sum() * STEP == pytest.approx(2 * 2 * np.sqrt(2 * 0.28 / GRAVITY), rel=0.05)
    assert np.allclose(np.diff(root[:, 2], 2)[flight] / STEP**2, -GRAVITY, atol=0.02)
    lifted = ankle[1:-1] > ankle[0] + 0.001
    landing = np.abs(np.diff(ankle, 2))[lifted].max() / STEP**2
    assert landing < 150.0  # m/s², no harder than real landings


def test_sitting_and_lying() -> None:
    """Who sits has level thighs and an upright chest; who lies is near the ground with both."""
    plan = SessionPlan((stand(2), sit(6), stand(4), lie(8), stand(4)))
    motion = motion_of(plan, 1.75, STEP)
    orientations, root = motion.poses(0, round(plan.duration / STEP))
    up = np.array([0.0, 1.0, 0.0])
    leaning = {
        name: np.degrees(np.arccos(np.minimum(qt.rotate(orientations[INDEX[name]], up)[:, 2], 1)))
        for name in ("t8", "right_thigh")
    }
    seated, lying = round(6.0 / STEP), round(18.0 / STEP)
    assert leaning["t8"][seated] < 5.0
    assert 75.0 < leaning["right_thigh"][seated] < 105.0
    assert leaning["t8"][lying] == pytest.approx(90.0, abs=5.0)
    assert leaning["right_thigh"][lying] == pytest.approx(90.0, abs=5.0)
    assert root[lying, 2] < 0.2
    assert root[-1, 2] == pytest.approx(root[0, 2], abs=1e-6)
