"""The scene at a moment: lane, ghosts, actors of all kinds."""

import numpy as np
import pytest
from runners_on_screen import run

from trackside.kinematics.bvh_document import BvhDocument, BvhJoint, world_positions
from trackside.kinematics.pose import Pose
from trackside.viewer.actors import BonesActor, PoseInMemory, SkeletonActor
from trackside.viewer.camera import VIEWS
from trackside.viewer.ghosts import BESIDE, Ghost, Place
from trackside.viewer.ground import LANE_STEP
from trackside.viewer.lane import Lane
from trackside.viewer.limbs import body_for
from trackside.viewer.replay import Replay
from trackside.viewer.scheme import LIGHT
from trackside.viewer.stage import Stage
from trackside.viewer.tracks import MOST_POINTS, Track, thinned


def replay_of(pose: Pose, **more: object) -> Replay:
    actor = SkeletonActor(PoseInMemory(pose))
    return Replay("run", actor, pose.time[0], pose.time[-1], **more)  # type: ignore[arg-type]


def test_body_is_the_pose_of_that_moment() -> None:
    """On a frame it is that frame's body; between two it lies between."""
    pose = run()
    actor = SkeletonActor(PoseInMemory(pose))
    body = body_for(pose.skeleton, LIGHT)
    exact = [
        body.capsules(pose.orientations[:, n], pose.root[n], pose.measured[:, n])
        for n in (300, 301)
    ]
    np.testing.assert_allclose(actor.body(pose.time[300], LIGHT), exact[0], atol=1e-4)
    between = actor.body(0.5 * (pose.time[300] + pose.time[301]), LIGHT)
    np.testing.assert_allclose(between, 0.5 * (exact[0] + exact[1]), atol=1e-3)


def test_any_order_of_moments() -> None:
    """Jumping about shows the same as going straight there."""
    pose = run()
    jumping = SkeletonActor(PoseInMemory(pose))
    for moment in (9.0, 0.0, 5.5, 9.9, 0.3):
        straight = SkeletonActor(PoseInMemory(pose))
        np.testing.assert_array_equal(jumping.body(moment, LIGHT), straight.body(moment, LIGHT))
        assert jumping.guide(moment)[1] == straight.guide(moment)[1]


def test_camera_goes_along_smoothly() -> None:
    """From frame to frame the camera's target moves as the athlete runs, without the bobbing."""
    pose = run()
    stage = Stage(replay_of(pose), LIGHT, VIEWS["side"])
    moments = np.arange(2.0, 8.0, 0.02)
    targets = np.array([stage.camera(moment).target for moment in moments])
    assert np.ptp(targets[:, 2]) == 0.0
    speed = np.linalg.norm(np.diff(targets[:, :2], axis=0), axis=1) / 0.02
    assert speed.std() < 0.05 * speed.mean()
    away = np.linalg.norm(
        targets[:, :2]
        - np.stack([np.interp(moments, pose.time, pose.root[:, i]) for i in (0, 1)], axis=-1),
        axis=1,
    )
    assert away.max() < 0.3


def test_ghost_over_and_beside() -> None:
    """A ghost of the same moment lies on the athlete, or a step beside on the screen."""
    pose = run()
    replay = replay_of(pose, ghost=Ghost("same", SkeletonActor(PoseInMemory(pose)), 0.0, 10.0))
    stage = Stage(replay, LIGHT, VIEWS["front"])
    camera = stage.camera(5.0)
    for place, apart in ((Place.OVER, 0.0), (Place.BESIDE, BESIDE), (Place.ITS_OWN, 0.0)):
        stage.place = place
        scene = stage.scene(5.0, camera)
        moved = np.linalg.norm(scene.ghosts[:, :3] - scene.bodies[:, :3], axis=1)
        np.testing.assert_allclose(moved, apart, atol=1e-3)
    stage.place = None
    assert not len(stage.scene(5.0, camera).ghosts)


def test_ghost_who_runs_elsewhere_is_turned() -> None:
    """A ghost that runs another way is put over the athlete and faces the same way."""
    from trackside.kinematics import quaternions as qt

    pose = run()
    about = qt.about_axis([0.0, 0.0, 1.0], np.array(2.0))
    turned = Pose(
        pose.skeleton,
        pose.time,
        qt.multiply(about, pose.orientations),
        qt.rotate(about, pose.root) + np.array([50.0, 7.0, 0.0]),
        pose.measured,
    )
    ghost = Ghost("turned", SkeletonActor(PoseInMemory(turned)), 0.0, 10.0)
    stage = Stage(replay_of(pose, ghost=ghost), LIGHT)
    scene = stage.scene(4.0, stage.camera(4.0))
    np.testing.assert_allclose(scene.ghosts[:, :6], scene.bodies[:, :6], atol=2e-3)


def test_lane_lies_under_the_athlete() -> None:
    """The lane's nodes are even, lead past the athlete, and stay put while he runs along."""
    pose = run()
    lane = Lane(pose.time, pose.root)
    nodes, first = lane.about(5.0)
    np.testing.assert_allclose(np.linalg.norm(np.diff(nodes, axis=0), axis=1), LANE_STEP, rtol=0.05)
    here = pose.root[500, :2]
    assert np.linalg.norm(nodes - here, axis=1).min() < 0.35
    later, second = lane.about(6.0)
    np.testing.assert_allclose(later[:-10], nodes[second - first :][: len(later) - 10], atol=1e-9)


def test_who_stands_has_no_lane() -> None:
    """Swaying on the spot is no way, and NaN is none either."""
    time = np.arange(500) / 100.0
    swaying = np.stack([0.05 * np.sin(time), 0.03 * np.cos(2 * time), 0 * time + 1], axis=-1)
    assert not len(Lane(time, swaying).about(2.0)[0])
    assert not len(Lane(time, np.full((500, 3), np.nan)).about(2.0)[0])


def test_nan_in_the_middle() -> None:
    """Where nothing is known nobody is drawn, and the camera stays where he was."""
    pose = run()
    root, orientations = pose.root.copy(), pose.orientations.copy()
    root[300:600], orientations[:, 300:600] = np.nan, np.nan
    replay = replay_of(Pose(pose.skeleton, pose.time, orientations, root, pose.measured))
    stage = Stage(replay, LIGHT)
    camera = stage.camera(4.5)
    assert not len(stage.scene(4.5, camera).bodies)
    assert np.isfinite(camera.eye).all()
    np.testing.assert_allclose(replay.gaps(), [[3.0, 6.0]], atol=0.011)
    assert len(stage.scene(7.0, stage.camera(7.0)).bodies)


def test_bones_of_any_bvh() -> None:
    """A BVH with other joints is drawn from joint to joint, upright, as large as a person."""
    joints = (
        BvhJoint("base", -1, (0.0, 0.0, 0.0), ("Xposition", "Yposition", "Zposition")),
        BvhJoint("left_spar", 0, (0.0, 900.0, 0.0), ("Zrotation",), (0.0, 900.0, 0.0)),
        BvhJoint("right_spar", 1, (0.0, 900.0, 0.0), ("Zrotation",)),
    )
    document = BvhDocument(joints, np.zeros((10, 5)), 0.01)
    actor = BonesActor(document)
    capsules = actor.body(0.05, LIGHT)
    positions = world_positions(document)[:, 5]
    lengths = np.linalg.norm(capsules[:, 3:6] - capsules[:, :3], axis=1)
    ratio = np.linalg.norm(positions[1] - positions[0]) / np.linalg.norm(
        positions[2] - positions[1]
    )
    assert len(capsules) == 2
    assert lengths[0] / lengths[1] == pytest.approx(ratio, rel=1e-5)
    assert np.ptp(capsules[:, [2, 5]]) == pytest.approx(1.75, rel=1e-3)
    assert actor.guide(0.0)[1] == 0.0


def test_tracks_are_thinned_to_means() -> None:
    """A long track keeps its course and its gaps in as many points as a screen shows."""
    time = np.arange(20_000) / 10.0
    values = 120.0 + 30.0 * np.sin(time / 300.0)
    values[5000:7000] = np.nan
    thin = thinned(Track("Heart rate", "bpm", time, values))
    assert len(thin.time) == MOST_POINTS
    assert np.isnan(thin.at(600.0))
    assert thin.at(1000.0) == pytest.approx(np.interp(1000.0, time, values), abs=0.5)
