"""Draws a scene with the processor alone, where no graphics card would.

OpenGL is there without a card, too (Mesa's llvmpipe), but it can only draw triangles. Limbs are
drawn here as what they are, by rays of sight, and the ground by its lines, which costs far less.
"""

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from trackside.arrays import Floats
from trackside.viewer.camera import Camera
from trackside.viewer.ground import GRID_FADE, LANE_FADE, Corners, Lines
from trackside.viewer.limbs import Capsules
from trackside.viewer.raster import (
    NEAR,
    Limbs,
    draw_limbs,
    draw_lines,
    draw_shadows,
    draw_surface,
    mix_pictures,
)
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import Scheme

SHADOW = 0.22
_EVERYWHERE = 1e6  # px


class SoftwarePainter:
    """Draws into a picture in memory; see :class:`~trackside.viewer.scene_painter.ScenePainter`."""

    def __init__(self) -> None:
        self._pixels = np.empty((0, 0), np.uint32)
        self._depth = np.empty((0, 0), np.float32)
        self._ground = Ground()

    def take_ground(self, ground: Ground) -> None:
        """As in ScenePainter."""
        self._ground = ground

    def picture(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: QSize, ratio: float
    ) -> QImage:
        """As in ScenePainter."""
        width, height = max(size.width(), 1), max(size.height(), 1)
        if self._pixels.shape != (height, width):
            self._pixels = np.empty((height, width), np.uint32)
            self._depth = np.empty((height, width), np.float32)
        self._pixels.fill(0xFF000000 | int(scheme.background[1:], 16))
        self._draw_ground(scene, camera, ratio)
        self._draw_bodies(scene, camera)
        return QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)

    def _draw_ground(self, scene: Scene, camera: Camera, ratio: float) -> None:
        height, width = self._pixels.shape
        middle = np.array(scene.middle)
        whole_metres = np.array([*np.floor(middle[:2]), 0.0])
        sight = _Sight(camera, width, height, middle)
        grid, lane, edges = self._ground.grid, self._ground.lane, self._ground.lane_lines
        draw_lines(self._pixels, sight.lines(grid, whole_metres, GRID_FADE, ratio))
        if len(lane):
            draw_surface(self._pixels, *sight.surface(lane), lane[0, 3:6].astype(float))
        draw_lines(self._pixels, sight.lines(edges, np.zeros(3), LANE_FADE, ratio))

    def _draw_bodies(self, scene: Scene, camera: Camera) -> None:
        pixels, depth = self._pixels, self._depth
        height, width = pixels.shape
        rays = camera.rays(width, height)
        bodies = _limbs(scene.bodies, camera, rays)
        if len(scene.bodies):
            sinking = rays[0, 2] + rays[2, 2] * np.arange(height)
            distances = np.where(sinking < 0.0, -camera.eye[2] / np.minimum(sinking, -1e-9), 0.0)
            shadows = _shadows(scene.bodies, camera, rays)
            draw_shadows(pixels, depth, bodies, *shadows, distances, SHADOW)
        depth.fill(np.inf)
        draw_limbs(pixels, depth, bodies)
        if len(scene.ghosts):
            before = pixels.copy()
            draw_limbs(pixels, depth, _limbs(scene.ghosts, camera, rays))
            mix_pictures(pixels, before, float(scene.ghosts[0, 18]))


class _Sight:
    """Where the ground appears in a picture, and how much of it is seen far from ``middle``."""

    def __init__(self, camera: Camera, width: int, height: int, middle: Floats) -> None:
        self._matrix = camera.matrix(width / height)
        self._size = np.array([width, height])
        self._middle = middle[:2]

    def lines(
        self, lines: Lines, offset: Floats, fade: tuple[float, float], ratio: float
    ) -> Floats:
        """Lines of the ground, moved by ``offset`` (3,) m, as rows for the kernel (L', 12)."""
        ends = lines[:, :6].reshape(-1, 2, 3) + offset
        opacity = lines[:, 9:10] * self._seen(ends, fade)
        clip = self._clip_space(ends)
        depths = clip[..., 3]
        kept = (opacity.max(axis=1) > 0.0) & (depths.max(axis=1) > NEAR)
        clip, depths, opacity = clip[kept], depths[kept], opacity[kept]
        beyond = np.maximum(depths[:, ::-1] - depths, NEAR)
        share = np.where(depths < NEAR, np.minimum((NEAR - depths) / beyond, 1.0), 0.0)
        clip += share[..., None] * (clip[:, ::-1] - clip)
        opacity += share * (opacity[:, ::-1] - opacity)
        table = np.empty((len(clip), 12))
        table[:, :4] = self._pixels(clip).reshape(-1, 4)
        table[:, 4:6], table[:, 6:8] = clip[..., 3], opacity
        table[:, 8], table[:, 9:] = 0.5 * ratio * lines[kept, 10], lines[kept, 6:9]
        return table

    def surface(self, corners: Corners) -> tuple[Floats, Floats]:
        """Triangles (T · 3, 7) as quadrangles (Q, 4, 2) px, and how opaque they are (Q,)."""
        places = corners[:, :3].reshape(-1, 3, 3).astype(float)
        opacity = corners[::3, 6] * self._seen(places, LANE_FADE).mean(axis=1)
        clip = self._clip_space(places)[:, [0, 1, 2, 2]]
        ahead = (clip[..., 3] >= NEAR).sum(axis=1)
        for number in np.flatnonzero((ahead > 0) & (ahead < 4)):
            clip[number] = _cut(clip[number, :3])
        kept = (ahead > 0) & (opacity > 0.0)
        return self._pixels(clip[kept]), opacity[kept]

    def _clip_space(self, points: Floats) -> Floats:
        return points @ self._matrix[:, :3].T + self._matrix[:, 3]

    def _pixels(self, clip: Floats) -> Floats:
        flat = clip[..., :2] / clip[..., 3:]
        return 0.5 * self._size * (1.0 + flat * [1.0, -1.0])

    def _seen(self, places: Floats, fade: tuple[float, float]) -> Floats:
        away = places[..., :2] - self._middle
        share = (np.hypot(away[..., 0], away[..., 1]) - fade[0]) / (fade[1] - fade[0])
        share = np.clip(share, 0.0, 1.0)
        return 1.0 - share * share * (3.0 - 2.0 * share)


def _cut(triangle: Floats) -> Floats:
    """The part of a triangle (3, 4) in clip space that is ahead of the eye, (4, 4)."""
    corners = []
    for a, b in zip(triangle, np.roll(triangle, -1, axis=0), strict=True):
        if a[3] >= NEAR:
            corners.append(a)
        if (a[3] >= NEAR) != (b[3] >= NEAR):
            corners.append(a + (NEAR - a[3]) / (b[3] - a[3]) * (b - a))
    return np.array([*corners, corners[-1]][:4])


def _limbs(capsules: Capsules, camera: Camera, rays: Floats) -> Limbs:
    """Capsules (K, 19) as the kernels take them, farthest first."""
    eye, table = camera.eye, _farthest_first(capsules, camera)
    starts, ends = table[:, 0:3], table[:, 3:6]
    axes = table[:, 6:15].reshape(-1, 3, 3)
    sizes = 1.0 / np.sum(axes * axes, axis=2)
    inverse = axes * sizes[..., None]
    to_eye = eye - 0.5 * (starts + ends)
    gaze = _unit(to_eye)
    lamp = np.broadcast_to(camera.light(), gaze.shape)
    lights = np.stack([lamp, gaze, _unit(lamp + gaze)], axis=1)
    return Limbs(
        eye=np.einsum("kij,kj->ki", inverse, eye - starts),
        rays=(rays @ inverse.swapaxes(1, 2)).reshape(-1, 9),
        start=-to_eye @ camera.ahead(),
        upward=np.ascontiguousarray(inverse[..., 2]),
        length=np.linalg.norm(np.einsum("kij,kj->ki", inverse, ends - starts), axis=1),
        lights=(lights @ inverse.swapaxes(1, 2)).reshape(-1, 9).astype(np.float32),
        sizes=sizes.astype(np.float32),
        colours=np.ascontiguousarray(table[:, 15:18]),
        strokes=_strokes(starts, ends, _thickness(table), camera, rays),
    )


def _shadows(capsules: Capsules, camera: Camera, rays: Floats) -> tuple[Floats, Floats]:
    """What the shadows of :func:`_limbs` cover at most: strokes (K, 5), and rows (K, 2)."""
    table = _farthest_first(capsules, camera)
    level = np.array([1.0, 1.0, 0.0])
    starts, ends, radius = table[:, 0:3] * level, table[:, 3:6] * level, _thickness(table)
    strokes = _strokes(starts, ends, radius, camera, rays)
    depths = (np.stack([starts, ends]) - camera.eye) @ camera.ahead()
    steep = abs(camera.eye[2]) / np.maximum(depths.min(axis=0) - radius, NEAR)
    upright = strokes[:, 4] * np.minimum(steep, 1.0) + 2.0
    rows = strokes[:, [1, 3]]
    return strokes, np.stack([rows.min(axis=1) - upright, rows.max(axis=1) + upright], axis=1)


def _farthest_first(capsules: Capsules, camera: Camera) -> Floats:
    """The order in which edges can be mixed with what is behind them."""
    middles = 0.5 * (capsules[:, 0:3] + capsules[:, 3:6])
    return capsules[np.argsort(-np.linalg.norm(middles - camera.eye, axis=1))].astype(float)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _thickness(capsules: Floats) -> Floats:
    """The longest half-axis of each capsule (K, 19), m."""
    axes = capsules[:, 6:15].reshape(-1, 3, 3)
    return np.asarray(np.sqrt(np.sum(axes * axes, axis=2).max(axis=1, initial=0.0)))


def _strokes(starts: Floats, ends: Floats, radius: Floats, camera: Camera, rays: Floats) -> Floats:
    """What capsules cover at most of the picture; see Limbs."""
    square, ahead = float(rays[1] @ rays[1]), camera.ahead()
    points = np.stack([starts, ends], axis=1) - camera.eye
    depths = points @ ahead
    nearest = depths.min(axis=1) - radius
    flat = points / np.maximum(depths, NEAR)[..., None]
    askew = 1.0 + np.max(np.sum((flat - ahead) ** 2, axis=2), axis=1, initial=0.0)
    table = np.empty((len(starts), 5))
    table[:, :4] = ((flat - rays[0]) @ rays[1:].T / square).reshape(-1, 4)
    table[:, 4] = askew * radius / (np.maximum(nearest, NEAR) * np.sqrt(square)) + 1.0
    table[nearest < NEAR] = (0.0, 0.0, 0.0, 0.0, _EVERYWHERE)
    return table
