"""Draws a scene with the processor alone, where no graphics card would.

OpenGL is there without a card, too (Mesa's llvmpipe), but it can only draw triangles. Limbs are
drawn here as what they are, by rays of sight, and the ground by its lines, which costs far less.
"""

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from trackside.arrays import Floats
from trackside.viewer.camera import Camera
from trackside.viewer.ground import GRID_FADE, LANE_FADE, Lines
from trackside.viewer.ground_raster import draw_lines, draw_surface
from trackside.viewer.raster import Sight, clear_depth, draw_limbs, draw_see_through, draw_shadows
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import Scheme

SHADOW = 0.22


class SoftwarePainter:
    """Draws into a picture in memory; see :class:`~trackside.viewer.scene_painter.ScenePainter`."""

    def __init__(self) -> None:
        self._pixels = np.empty((0, 0), np.uint32)
        self._depth = np.empty((0, 0), np.float32)
        self.take_ground(Ground())

    def take_ground(self, ground: Ground) -> None:
        """As in ScenePainter."""
        self._ground = ground
        self._grid_ends = _ends(ground.grid)
        self._lane_ends = _ends(ground.lane_lines)
        self._lane_corners = ground.lane[:, :3].astype(float)

    def picture(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: QSize, ratio: float
    ) -> QImage:
        """As in ScenePainter."""
        width, height = max(size.width(), 1), max(size.height(), 1)
        if self._pixels.shape != (height, width):
            self._pixels = np.empty((height, width), np.uint32)
            self._depth = np.empty((height, width), np.float32)
        self._pixels.fill(0xFF000000 | int(scheme.background[1:], 16))
        if np.isfinite(camera.eye).all():  # the kernels count on numbers
            self._draw_ground(scene, camera, ratio)
            self._draw_bodies(scene, camera)
        return QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)

    def _draw_ground(self, scene: Scene, camera: Camera, ratio: float) -> None:
        height, width = self._pixels.shape
        ground, x, y = self._ground, *scene.middle[:2]
        sight = _GroundSight(camera, width, height, np.array([x, y]))
        grid = self._grid_ends + np.array([np.floor(x), np.floor(y), 0.0])
        draw_lines(self._pixels, ground.grid, *sight.of(grid), GRID_FADE, ratio)
        draw_surface(self._pixels, ground.lane, *sight.of(self._lane_corners), LANE_FADE)
        draw_lines(self._pixels, ground.lane_lines, *sight.of(self._lane_ends), LANE_FADE, ratio)

    def _draw_bodies(self, scene: Scene, camera: Camera) -> None:
        pixels, depth = self._pixels, self._depth
        height, width = pixels.shape
        rays = camera.rays(width, height)
        sight = Sight(camera.eye, rays[0], rays[1], rays[2], camera.ahead(), camera.light())
        if len(scene.bodies):
            draw_shadows(pixels, depth, scene.bodies, sight, SHADOW)
        clear_depth(depth, scene.bodies, sight)
        clear_depth(depth, scene.ghosts, sight)
        draw_limbs(pixels, depth, scene.bodies, sight)
        if len(scene.ghosts):
            draw_see_through(pixels, depth, scene.ghosts, sight, float(scene.ghosts[0, 18]))


class _GroundSight:
    """Where the ground appears in a picture, and how far it is from ``middle`` (2,)."""

    def __init__(self, camera: Camera, width: int, height: int, middle: Floats) -> None:
        across, up, _, ahead = camera.matrix(width / height)
        columns, rows = 0.5 * width * (ahead + across), 0.5 * height * (ahead - up)
        self._matrix = np.stack([columns, rows, ahead], axis=-1)
        self._middle = middle

    def of(self, points: Floats) -> tuple[Floats, Floats]:
        """Points (..., 3) m as the kernels take them: (..., 3), and (..., 2) m."""
        seen = points @ self._matrix[:3] + self._matrix[3]
        return seen, points[..., :2] - self._middle


def _ends(lines: Lines) -> Floats:
    """(L, 2, 3) m."""
    return lines[:, :6].reshape(-1, 2, 3).astype(float)
