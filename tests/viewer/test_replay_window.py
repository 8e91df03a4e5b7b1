"""The replay window on a real screen: what it shows is the pose, and all its keys do what they say.

Qt and pyqtgraph pass over exceptions while painting; the fixture of each window looks for them.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")
pytest.importorskip("pyqtgraph")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from runners_on_screen import painted, pixels, run, shown, until

from screen import application
from trackside.app.replaying import open_replay
from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX
from trackside.viewer.actors import PoseInMemory, SkeletonActor
from trackside.viewer.camera import VIEWS
from trackside.viewer.ghosts import Ghost, Place
from trackside.viewer.limbs import NO_CAPSULES
from trackside.viewer.replay import Replay
from trackside.viewer.replay_window import ReplayWindow
from trackside.viewer.scheme import DARK, LIGHT, rgb
from trackside.viewer.tracks import Track


@pytest.fixture(autouse=True)
def nothing_is_swallowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Exceptions in slots and paint events are printed by Qt, and no more: here they count."""
    seen: list[BaseException] = []

    def keep(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        seen.append(error)

    monkeypatch.setattr(sys, "excepthook", keep)
    yield
    assert not seen


def replay(pose: Pose | None = None, **more: object) -> Replay:
    """A replay of the simulated run."""
    from contextlib import nullcontext

    motion = PoseInMemory(pose or run())
    return Replay(
        "run.h5",
        SkeletonActor(motion),
        0.0,
        float(motion.time[-1]),
        motion=lambda: nullcontext(motion),
        again=lambda: SkeletonActor(motion),
        tracks=lambda: [Track("Heart rate", "bpm", np.arange(10.0), 150.0 + np.arange(10.0))],
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def window() -> Iterator[ReplayWindow]:
    """One window for all that only looks and plays."""
    laps = np.array([3.0, 6.0])
    with shown(replay(laps=laps)) as opened:
        yield opened


def key(window: ReplayWindow, name: Qt.Key, shift: bool = False) -> None:
    """Press a key of the window."""
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(window, name, modifier)


def silhouette(window: ReplayWindow, colour: str) -> Floats:
    """Where the scene's picture has a colour, however lit: rows and columns (N, 2)."""
    painted(window)
    picture = pixels(window.view.scene.grab().toImage())
    wanted = rgb(colour) / np.linalg.norm(rgb(colour))
    brightness = np.linalg.norm(picture, axis=2)
    alike = picture @ wanted / np.maximum(brightness, 1.0)
    return np.argwhere((alike > 0.992) & (brightness > 60.0)).astype(float)


@pytest.mark.parametrize("view", [*VIEWS])
def test_joints_are_where_the_picture_shows_them(window: ReplayWindow, view: str) -> None:
    """From every side, the right leg's joints lie in the picture's right-coloured limbs.

    The silhouette's lowest or outermost point is where the projected foot is.
    """
    window.look_from(view)
    window.seek(4.3)
    scene = window.view.scene
    found = silhouette(window, LIGHT.right)
    pose = run()
    joints = pose.joints()[:, 430]
    names = ["right_thigh", "right_shank", "right_foot", "right_forearm", "right_hand"]
    where = scene.camera.project(joints[[INDEX[n] for n in names]], scene.width(), scene.height())
    nearest = [np.linalg.norm(found - place[::-1], axis=1).min() for place in where]
    hidden = {"top": {0, 1, 2}, "front": {0}}.get(view, {0})  # below the trunk, in the pelvis
    assert max(d for n, d in enumerate(nearest) if n not in hidden) < 3.0, nearest
    size = scene.camera.pixel_size(scene.height())
    outline = scene.camera.project(
        scene.scene.bodies[:, :6].reshape(-1, 3).astype(float), scene.width(), scene.height()
    )
    assert found[:, 1].min() > outline[:, 0].min() - 0.15 / size
    assert found[:, 1].max() < outline[:, 0].max() + 0.15 / size


def test_one_joint_to_the_pixel(window: ReplayWindow) -> None:
    """A ball put onto a joint appears, as its centre of mass, where the camera projects it."""
    window.look_from("side")
    window.seek(4.3)
    scene = window.view.scene
    whole = scene.scene
    for joint in ("left_hand", "head", "right_toe"):
        place = run().joints()[INDEX[joint], 430]
        ball = whole.bodies[:1].copy()
        ball[0, :6] = np.tile(place, 2)
        ball[0, 6:15] = np.ravel(0.05 * np.eye(3))
        ball[0, 15:] = (1.0, 0.0, 1.0, 1.0)
        scene.show_scene(replace(whole, bodies=ball), scene.camera)
        middle = silhouette(window, "#FF00FF").mean(axis=0)[::-1] + 0.5
        expected = scene.camera.project(place, scene.width(), scene.height())
        np.testing.assert_allclose(middle, expected, atol=1.0)
    window.show_moment()


def test_plays_and_pauses(window: ReplayWindow) -> None:
    """The space bar plays, the picture moves, and the space bar pauses."""
    window.seek(1.0)
    painted(window)
    before = pixels(window.view.scene.grab().toImage())
    key(window, Qt.Key.Key_Space)
    until(lambda: window.playback.moment > 1.2)
    key(window, Qt.Key.Key_Space)
    assert not window.playback.playing
    painted(window)
    assert np.abs(pixels(window.view.scene.grab().toImage()) - before).max() > 100


def test_keys(window: ReplayWindow) -> None:
    """Frames, seconds, ends, speed, laps, strides and loops are reached by keys."""
    window.seek(4.0)
    key(window, Qt.Key.Key_Right)
    assert window.playback.moment == pytest.approx(4.01)
    key(window, Qt.Key.Key_Left)
    key(window, Qt.Key.Key_Left)
    assert window.playback.moment == pytest.approx(3.99)
    key(window, Qt.Key.Key_Right, shift=True)
    assert window.playback.moment == pytest.approx(4.99)
    key(window, Qt.Key.Key_N)
    assert window.playback.moment == pytest.approx(6.0)
    key(window, Qt.Key.Key_B)
    assert window.playback.moment == pytest.approx(3.0)
    key(window, Qt.Key.Key_Home)
    assert window.playback.moment == 0.0
    key(window, Qt.Key.Key_Up)
    assert window.playback.speed == 2.0
    key(window, Qt.Key.Key_Down)
    assert window.playback.speed == 1.0
    window.seek(5.0)
    key(window, Qt.Key.Key_L)
    loop = window.playback.loop
    assert loop is not None
    assert loop[0] <= 5.0 < loop[1]
    key(window, Qt.Key.Key_BracketRight)
    assert window.playback.loop is not None
    assert window.playback.loop[0] == pytest.approx(loop[1], abs=0.03)
    key(window, Qt.Key.Key_L)
    assert window.playback.loop is None


def test_a_click_on_the_bar_goes_there(window: ReplayWindow) -> None:
    """The bar of time is where one clicks to."""
    place = window.timeline.place_of(7.5).toPoint()
    QTest.mouseClick(window.timeline, Qt.MouseButton.LeftButton, pos=place)
    assert window.playback.moment == pytest.approx(7.5, abs=0.05)


def test_mouse_turns_the_view(window: ReplayWindow) -> None:
    """Dragging turns the camera about the athlete, and it stays turned while he goes on."""
    window.look_from("side")
    scene = window.view.scene
    before = scene.camera.azimuth
    centre = scene.rect().center()
    QTest.mousePress(scene, Qt.MouseButton.LeftButton, pos=centre)
    moved = centre + centre / 4
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        QPointF(moved),
        scene.mapToGlobal(QPointF(moved)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    application().sendEvent(scene, event)
    QTest.mouseRelease(scene, Qt.MouseButton.LeftButton, pos=moved)
    turned = scene.camera.azimuth
    assert abs(turned - before) > 0.3
    heading = window.stage.camera(7.5).azimuth - window.stage.view.turn
    window.seek(2.0)
    later = scene.camera.azimuth - window.stage.view.turn
    assert later == pytest.approx(heading, abs=0.1)


def test_cursor_is_at_the_share_of_the_stride(window: ReplayWindow) -> None:
    """In every plot the cursor of a side stands at the share of its stride that is over."""
    window.seek(5.0)
    for panel in window.view.angle_panels:
        angle = f"right_{panel.chosen.currentData()}"
        strides = window.strides.angle(angle)
        assert strides is not None
        found = strides.at(5.0)
        assert found is not None
        assert panel.plot.cursor(angle) == pytest.approx(found[1])
    assert [panel.chosen.currentData() for panel in window.view.angle_panels] == [
        "hip_flexion",
        "knee_flexion",
        "ankle_dorsiflexion",
    ]


def test_light_and_dark(window: ReplayWindow) -> None:
    """D changes the whole window, the scene too."""
    for scheme in (DARK, LIGHT):
        key(window, Qt.Key.Key_D)
        painted(window)
        picture = pixels(window.grab().toImage())
        expected = 255.0 * rgb(scheme.panel)
        np.testing.assert_allclose(picture[-3, 3], expected, atol=2.0)
        sky = pixels(window.view.scene.grab().toImage())[3, 3]
        np.testing.assert_allclose(sky, 255.0 * rgb(scheme.background), atol=2.0)


def test_help_lists_all_keys(window: ReplayWindow) -> None:
    """H shows the keys over the window, any key hides them again."""
    key(window, Qt.Key.Key_H)
    assert window.help.isVisible()
    words = " ".join(label.text() for label in window.help.findChildren(QLabel))
    for word in ("play", "stride", "ghost", "lap", "video"):
        assert word in words
    QTest.keyClick(window.help, Qt.Key.Key_Escape)
    assert not window.help.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_text_never_overlaps(window: ReplayWindow, size: tuple[int, int]) -> None:
    """From 1280 × 720 to 4K every label and button has the room that its text needs."""
    window.resize(*size)
    until(lambda: (window.width(), window.height()) == size)
    painted(window)
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QToolButton):
            continue
        text = widget.text()
        if not text or widget.objectName() == "muted":
            continue
        needed = widget.minimumSizeHint()
        assert widget.width() >= needed.width() - 1, text
        assert widget.height() >= needed.height() - 1, text
    bars = [window.view, window.timeline, window.controls]
    for above, below in pairwise(bars):
        assert above.geometry().bottom() < below.geometry().top() + 1
    assert window.controls.geometry().bottom() <= window.height()
    window.resize(1280, 800)
    until(lambda: (window.width(), window.height()) == (1280, 800))
    painted(window)


def test_picture(window: ReplayWindow, tmp_path: Path) -> None:
    """The view is saved as a PNG that shows the scene."""
    path = tmp_path / "moment.png"
    window.seek(4.0)
    window.save_picture(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    window.save_picture(tmp_path / "no such folder" / "moment.png")
    assert "cannot be written" in window.view.said


def test_video_without_ffmpeg(
    window: ReplayWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ffmpeg a video is refused in words that tell how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDataError, match="ffmpeg"):
        window.save_video(tmp_path / "run.mp4")
    key(window, Qt.Key.Key_V)
    assert "apt install ffmpeg" in window.view.said


def test_video_has_every_frame(
    window: ReplayWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg is given each frame of the span, whole; afterwards the replay is where it was."""
    program = tmp_path / "ffmpeg"
    program.write_text('#!/bin/sh\nfor last; do :; done\n/usr/bin/wc -c > "$last"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    window.seek(2.0)
    video = tmp_path / "run.mp4"
    window.save_video(video, (4.0, 4.1))
    assert window.filming  # and the window goes on meanwhile
    window.finish_video()
    size = window.view.grab().size()
    assert int(video.read_text()) == 3 * 4 * size.width() * size.height()
    assert window.playback.moment == 2.0
    unfinished = tmp_path / "unfinished.mp4"
    window.save_video(unfinished, (0.0, 9.0))
    until(lambda: window.playback.moment > 0.1)
    key(window, Qt.Key.Key_V)
    until(lambda: not window.filming)
    assert "stopped before its end" in window.view.said
    assert not unfinished.exists()
    assert window.playback.moment == 2.0


def test_ghost() -> None:
    """A ghost appears in its colour, over and beside, in step, and its curves are dashed."""
    from contextlib import nullcontext

    motion = PoseInMemory(run(5.0))
    ghost = Ghost("faster", SkeletonActor(motion), 0.0, 10.0, motion=lambda: nullcontext(motion))
    with shown(replay().beside(ghost)) as window:
        window.look_from("front")
        window.seek(4.3)
        until(lambda: bool(window.ghost_strides.names))
        window.place_ghost(Place.BESIDE)
        painted(window)
        scene = window.view.scene
        with_ghost = pixels(scene.grab().toImage())
        shown_at = scene.scene.ghosts[:, :3].mean(axis=0)
        column = round(float(scene.camera.project(shown_at, scene.width(), scene.height())[0]))
        scene.show_scene(replace(scene.scene, ghosts=NO_CAPSULES), scene.camera)
        painted(window)
        without = pixels(scene.grab().toImage())
        changed = np.argwhere(np.abs(with_ghost - without).max(axis=2) > 20)
        assert abs(np.median(changed[:, 1]) - column) < 25
        key(window, Qt.Key.Key_G)
        assert window.stage.place is Place.ITS_OWN
        key(window, Qt.Key.Key_G)
        assert window.stage.place is None
        assert not len(scene.scene.ghosts)
        assert LIGHT.ghost in window.view.legend
        moment = window.stage.ghost.moment(4.3) if window.stage.ghost else np.nan
        key(window, Qt.Key.Key_S)
        assert window.stage.ghost is not None
        assert window.stage.ghost.moment(4.3) != pytest.approx(moment, abs=1e-3)


def test_lap_as_ghost() -> None:
    """Another lap of the same session is a ghost that starts with the lap that one is in."""
    with shown(replay(laps=np.array([3.0, 6.0]))) as window:
        window.seek(6.5)
        window.ghost_of_lap(1)
        ghost = window.stage.ghost
        assert ghost is not None
        assert (ghost.start, ghost.end, ghost.own_start) == (0.0, 3.0, 6.0)
        assert ghost.stepping(False).moment(7.0) == pytest.approx(1.0)
        assert len(window.ghost_strides.names)


def test_no_pose_is_said() -> None:
    """A recording without a pose opens, and tells what to do."""
    missing = ("no skeleton yet: run  trackside solve run.h5",)
    with shown(Replay("run.h5", None, 0.0, 8.0, missing=missing)) as window:
        words = " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())
        assert "trackside solve" in words
        window.seek(4.0)
        key(window, Qt.Key.Key_L)
        key(window, Qt.Key.Key_G)
        key(window, Qt.Key.Key_BracketRight)
        key(window, Qt.Key.Key_Space)


def test_gap_is_said() -> None:
    """Where there is no pose the window says so, and goes on afterwards."""
    pose = run()
    root = pose.root.copy()
    root[300:600] = np.nan
    with shown(
        replay(Pose(pose.skeleton, pose.time, pose.orientations, root, pose.measured))
    ) as window:
        window.seek(4.5)
        assert "no pose" in window.view.nothing
        window.seek(7.0)
        assert not window.view.nothing


def test_opened_from_a_file(tmp_path: Path) -> None:
    """A BVH opens as it is; no sensors are told of, so none is drawn as missing."""
    from trackside.kinematics.bvh import write_bvh

    path = tmp_path / "run.bvh"
    write_bvh(path, run().span(0.0, 3.0))
    with shown(open_replay(path)) as window:
        assert window.strides.names
        assert "no sensor" not in window.view.legend
        assert len(silhouette(window, LIGHT.right)) > 500
