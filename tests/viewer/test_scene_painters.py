"""The processor draws a scene as a graphics card does, and to the part of a pixel where it is."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")

from PySide6.QtCore import QSize
from runners_on_screen import pixels, run

from screen import application
from trackside.arrays import Floats
from trackside.viewer import scene_painter
from trackside.viewer.actors import PoseInMemory, SkeletonActor
from trackside.viewer.camera import VIEWS, Camera, camera_for
from trackside.viewer.gl_painter import GlPainter
from trackside.viewer.ground import grid, lane_lines, lane_surface
from trackside.viewer.limbs import NO_CAPSULES, Capsules
from trackside.viewer.scene import Ground, Scene, scene_of
from trackside.viewer.scene_painter import ScenePainter, painter_here
from trackside.viewer.scene_widget import SceneWidget
from trackside.viewer.scheme import LIGHT, rgb
from trackside.viewer.software_painter import SoftwarePainter

SIZE = QSize(803, 601)
MOMENT = 4.3


def ground() -> Ground:
    """The lane of the run."""
    way = run().root[::14, :2]
    return Ground(grid(LIGHT), lane_surface(way, LIGHT), lane_lines(way, LIGHT))


def runner(*, ghost: bool = False) -> Capsules:
    """The runner's limbs."""
    return SkeletonActor(PoseInMemory(run())).body(MOMENT, LIGHT, ghost=ghost)


def drawn(painter: ScenePainter, scene: Scene, camera: Camera, on: Ground | None = None) -> Floats:
    """A picture (H, W, 3) from 0 to 255."""
    application()
    painter.take_ground(on or Ground())
    return pixels(painter.picture(scene, camera, LIGHT, SIZE, 1.0))


def ball(place: Floats, radius: float) -> Capsules:
    """A ball of 100 % magenta."""
    table = np.zeros((1, 19), np.float32)
    table[0, :6] = np.tile(place, 2)
    table[0, 6:15] = np.ravel(radius * np.eye(3))
    table[0, 15:] = (1.0, 0.0, 1.0, 1.0)
    return table


@pytest.mark.parametrize("view", [*VIEWS])
def test_both_draw_the_same(view: str) -> None:
    """Pictures of both painters differ at edges and in shadows, whose edge is soft in one."""
    place, heading = SkeletonActor(PoseInMemory(run())).guide(MOMENT)
    camera = camera_for(VIEWS[view], place + np.array([0.0, 0.0, 0.9]), heading)
    beside = runner(ghost=True)
    beside[:, [0, 3]] += 0.7
    scene = scene_of([runner()], [beside], place)
    application()
    card = drawn(GlPainter(), scene, camera, ground())
    own = drawn(SoftwarePainter(), scene, camera, ground())
    apart = np.abs(card - own).max(axis=2)
    assert np.mean(apart) < 1.0
    assert np.mean(apart > 40.0) < 0.005


def test_a_ball_is_where_and_as_large_as_the_camera_sees_it() -> None:
    """Its centre and its area are right to a fraction of a pixel, as its edge is smooth."""
    camera = Camera((0.0, 0.0, 1.0), 3.0, 0.4, 0.0)
    place, radius = np.array([0.1, 0.2, 1.1]), 0.11
    picture = drawn(SoftwarePainter(), scene_of([], [ball(place, radius)], place), camera)
    cover = 1.0 - np.clip(picture[..., 1] / picture[0, 0, 1], 0.0, 1.0)
    rows, columns = np.indices(cover.shape) + 0.5
    middle = [np.sum(cover * each) / cover.sum() for each in (columns, rows)]
    expected = camera.project(place, SIZE.width(), SIZE.height())
    np.testing.assert_allclose(middle, expected, atol=0.3)
    away = float(np.linalg.norm(place - camera.eye))
    size = camera.pixel_size(SIZE.height()) * away / camera.distance
    assert cover.sum() == pytest.approx(np.pi * (radius / size) ** 2, rel=0.02)


def test_nearer_limbs_cover_those_behind() -> None:
    """Whatever the order in which they are given."""
    camera = Camera((0.0, 0.0, 1.0), 3.0, 0.0, 0.0)
    near, far = ball(np.array([0.3, 0.0, 1.0]), 0.1), ball(np.array([-0.3, 0.0, 1.0]), 0.2)
    near[0, 15:18] = (0.0, 1.0, 0.0)
    for order in ([near, far], [far, near]):
        picture = drawn(SoftwarePainter(), scene_of(order, [], np.zeros(3)), camera)
        middle = picture[SIZE.height() // 2, SIZE.width() // 2]
        assert middle[1] > 150.0 > middle[0]


@pytest.mark.parametrize("nowhere", [np.nan, np.inf])
def test_a_camera_that_is_nowhere_sees_nothing(nowhere: float) -> None:
    camera = Camera((nowhere, 0.0, 0.9), 3.0, 0.4, 0.0)
    picture = drawn(SoftwarePainter(), scene_of([runner()], [], np.zeros(3)), camera, ground())
    assert (picture == picture[0, 0]).all()


def test_what_is_behind_or_upon_the_eye_does_no_harm() -> None:
    """A limb behind is not drawn; one round the eye, and a lane through it, are no error."""
    camera = Camera((0.0, 0.0, 0.05), 3.0, 0.0, 0.0)
    behind = ball(camera.eye * 2.0, 0.2)
    empty = drawn(SoftwarePainter(), Scene(), camera)
    seen = drawn(SoftwarePainter(), scene_of([], [behind], np.zeros(3)), camera)
    np.testing.assert_array_equal(seen, empty)
    round_it = ball(camera.eye, 0.5)
    way = np.stack([np.arange(-6.0, 6.0, 0.5), np.zeros(24)], axis=-1)
    lane = Ground(grid(LIGHT), lane_surface(way, LIGHT), lane_lines(way, LIGHT))
    picture = drawn(SoftwarePainter(), scene_of([round_it], [], np.zeros(3)), camera, lane)
    assert picture.shape == (SIZE.height(), SIZE.width(), 3)


def test_a_ghost_is_seen_through_once() -> None:
    """Where its limbs cover each other, too, just its share of them is seen."""
    camera = Camera((0.0, 0.0, 1.0), 3.0, 0.0, 0.0)
    limbs = np.concatenate([ball(np.array([x, 0.0, 1.0]), 0.2) for x in (0.0, 0.2, 0.4)])
    whole = drawn(SoftwarePainter(), scene_of([], [limbs], np.zeros(3)), camera)
    limbs[:, 18] = 0.42
    ghost = drawn(SoftwarePainter(), scene_of([], [limbs], np.zeros(3)), camera)
    sky = 255.0 * rgb(LIGHT.background)
    np.testing.assert_allclose(ghost, sky + 0.42 * (whole - sky), atol=2.5)


def test_without_opengl_the_widget_draws_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where a graphics card is, it has that draw."""
    application()
    monkeypatch.setattr(scene_painter, "has_graphics_card", lambda: True)
    assert isinstance(painter_here(), GlPainter)
    monkeypatch.setattr(scene_painter, "has_graphics_card", lambda: False)
    assert isinstance(painter_here(), SoftwarePainter)
    widget = SceneWidget(LIGHT)
    widget.resize(SIZE)
    place = run().root[430]
    camera = camera_for(VIEWS["side"], place, 0.0)
    widget.show_scene(replace(scene_of([runner()], [], place), ghosts=NO_CAPSULES), camera)
    picture = pixels(widget.grab().toImage())
    assert widget.failure is None
    middles = runner()[:, :6].reshape(-1, 2, 3).astype(float).mean(axis=1)
    where = camera.project(middles, SIZE.width(), SIZE.height())
    assert all(np.abs(picture[int(y), int(x)] - picture[2, 2]).max() > 20 for x, y in where)
