"""Without OpenGL the scene is drawn flat, from the same camera."""

import pytest

pytest.importorskip("PySide6")
pytest.importorskip("pyqtgraph")

from runners_on_screen import run, shown

from trackside.viewer import replay_view
from trackside.viewer.actors import PoseInMemory, SkeletonActor
from trackside.viewer.flat_scene import FlatSceneWidget
from trackside.viewer.replay import Replay


def test_flat_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle of every limb is drawn where the camera sees it, and the window tells why so."""
    monkeypatch.setattr(replay_view, "renderer", lambda: None)
    replay = Replay("run", SkeletonActor(PoseInMemory(run())), 0.0, 10.0)
    with shown(replay) as window:
        assert "no OpenGL" in window.view.missing
        window.look_from("side")
        window.seek(4.3)
        scene = window.view.scene
        assert isinstance(scene, FlatSceneWidget)
        image = scene.grab().toImage()
        limbs = scene.scene.bodies[:, :6].reshape(-1, 2, 3).astype(float).mean(axis=1)
        places = scene.camera.project(limbs, scene.width(), scene.height())
        sky = image.pixelColor(2, 2)
        assert all(image.pixelColor(round(x), round(y)) != sky for x, y in places)
