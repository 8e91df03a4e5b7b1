"""Draws a scene with OpenGL, where a graphics card does.

All capsules are one instanced mesh, so that a frame costs a few calls however many bodies there
are.
"""

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from trackside.arrays import Floats
from trackside.viewer import shaders as glsl
from trackside.viewer.camera import Camera
from trackside.viewer.gl_objects import Mesh, Program, Table
from trackside.viewer.ground import GRID_FADE, LANE_FADE, Lines
from trackside.viewer.offscreen import Offscreen
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import Scheme, rgb

LIMB_MESH, SHADOW_MESH = (24, 7), (6, 2)
"""Corners around, rings on each half-sphere."""
SHADOW = 0.22
_UPSIDE_DOWN = np.diag([1.0, -1.0, 1.0, 1.0])


class GlPainter:
    """Draws in a context of its own; see :class:`~trackside.viewer.scene_painter.ScenePainter`.

    Raises RuntimeError where there is no OpenGL.
    """

    def __init__(self) -> None:
        self._offscreen = Offscreen()
        self._offscreen.enter()
        columns = (3, 3, 3, 3, 3, 4)
        self._limb_mesh, self._shadow_mesh = Mesh(*LIMB_MESH), Mesh(*SHADOW_MESH)
        self._bodies = Table(columns, self._limb_mesh)
        self._shadows = Table(columns, self._shadow_mesh)
        self._grid, self._lane_lines = (Table((2, 3, 3, 4, 1)) for _ in range(2))
        self._lane = Table((3, 4))
        self._capsule = Program(glsl.CAPSULE_VERTEX, glsl.CAPSULE_FRAGMENT)
        self._shadow = Program(glsl.SHADOW_VERTEX, glsl.SHADOW_FRAGMENT)
        self._line = Program(glsl.LINE_VERTEX, glsl.LINE_FRAGMENT)
        self._surface = Program(glsl.SURFACE_VERTEX, glsl.SURFACE_FRAGMENT)

    def take_ground(self, ground: Ground) -> None:
        """As in ScenePainter."""
        self._offscreen.enter()
        self._grid.fill(_line_corners(ground.grid))
        self._lane_lines.fill(_line_corners(ground.lane_lines))
        self._lane.fill(ground.lane)

    def picture(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: QSize, ratio: float
    ) -> QImage:
        """As in ScenePainter."""
        within = size.width(), size.height()
        return self._offscreen.picture(
            size, lambda: self._paint(scene, camera, scheme, within, ratio)
        )

    def _paint(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: tuple[int, int], ratio: float
    ) -> None:
        matrix = _UPSIDE_DOWN @ camera.matrix(size[0] / max(size[1], 1))
        for program in (self._capsule, self._shadow, self._line, self._surface):
            program.use()
            program.matrix("camera", matrix)
        GL.glClearColor(*rgb(scheme.background), 1.0)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT | GL.GL_STENCIL_BUFFER_BIT)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(
            GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA
        )
        GL.glDepthFunc(GL.GL_LEQUAL)
        GL.glFrontFace(GL.GL_CW)
        self._paint_ground(scene, size, ratio)
        self._capsule.use()
        self._capsule.vector("eye", camera.eye)
        self._capsule.vector("key", camera.light())
        self._paint_bodies(scene)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _paint_ground(self, scene: Scene, size: tuple[int, int], ratio: float) -> None:
        """Ground lies below everything, so that it needs no depth of its own."""
        GL.glDepthMask(GL.GL_FALSE)
        GL.glDisable(GL.GL_DEPTH_TEST)
        offset = np.array([*np.floor(scene.middle[:2]), 0.0])
        self._line.use()
        self._line.vector("picture", size)
        self._line.number("pixel_ratio", ratio)
        for program in (self._line, self._surface):
            program.use()
            program.vector("middle", scene.middle)
            program.vector("fade", LANE_FADE)
        self._paint_lines(self._grid, offset, GRID_FADE)
        if self._lane.rows:
            self._surface.use()
            GL.glBindVertexArray(self._lane.array)
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, self._lane.rows)
        self._paint_lines(self._lane_lines, np.zeros(3), LANE_FADE)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)

    def _paint_lines(self, lines: Table, offset: Floats, fade: tuple[float, float]) -> None:
        if lines.rows:
            self._line.use()
            self._line.vector("fade", fade)
            self._line.vector("offset", offset)
            GL.glBindVertexArray(lines.array)
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, lines.rows)

    def _paint_bodies(self, scene: Scene) -> None:
        if len(scene.bodies):
            self._shadows.fill(scene.bodies)
            self._paint_shadow()
            self._bodies.fill(scene.bodies)
            self._paint_limbs()
        if len(scene.ghosts):
            self._bodies.fill(scene.ghosts)
            # Depth first, then colour: a see-through body must not show its own far side.
            GL.glColorMask(*[GL.GL_FALSE] * 4)
            self._paint_limbs()
            GL.glColorMask(*[GL.GL_TRUE] * 4)
            self._paint_limbs()

    def _paint_limbs(self) -> None:
        self._capsule.use()
        GL.glEnable(GL.GL_CULL_FACE)
        self._draw(self._bodies, self._limb_mesh)
        GL.glDisable(GL.GL_CULL_FACE)

    def _paint_shadow(self) -> None:
        """Each pixel is darkened once, wherever the sun above sees any limb."""
        self._shadow.use()
        self._shadow.number("darkness", SHADOW)
        GL.glDepthMask(GL.GL_FALSE)
        GL.glEnable(GL.GL_STENCIL_TEST)
        GL.glStencilFunc(GL.GL_EQUAL, 0, 0xFF)
        GL.glStencilOp(GL.GL_KEEP, GL.GL_KEEP, GL.GL_INCR)
        self._draw(self._shadows, self._shadow_mesh)
        GL.glDisable(GL.GL_STENCIL_TEST)
        GL.glDepthMask(GL.GL_TRUE)

    def _draw(self, table: Table, mesh: Mesh) -> None:
        GL.glBindVertexArray(table.array)
        GL.glDrawElementsInstanced(
            GL.GL_TRIANGLES, mesh.size, GL.GL_UNSIGNED_SHORT, None, table.rows
        )


def _line_corners(lines: Lines) -> NDArray[np.float32]:
    """Two triangles (6 L, 13) for each line, which the program makes as wide as it wants."""
    corner = np.array([[0, -1], [0, 1], [1, -1], [1, -1], [0, 1], [1, 1]], np.float32)
    return np.hstack([np.tile(corner, (len(lines), 1)), np.repeat(lines, 6, axis=0)])
