"""The scene in a window: the one module that knows OpenGL.

All capsules are one instanced mesh, so that a frame costs a few calls however many bodies there
are. The profile is core 3.3, which macOS insists on. :func:`prepare_graphics` must run before the
application exists.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from OpenGL.GL import shaders
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QSurfaceFormat,
    QWheelEvent,
)
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from trackside.arrays import Floats
from trackside.viewer import shaders as glsl
from trackside.viewer.camera import Camera
from trackside.viewer.ground import GRID_FADE, LANE_FADE, Lines
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import LIGHT, Scheme, rgb

SAMPLES = 0
LIMB_MESH, SOFTWARE_LIMB_MESH, SHADOW_MESH = (24, 7), (12, 4), (6, 2)
"""Corners around, rings on each half-sphere."""
_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "swr", "gdi generic")
SHADOW = 0.22
ORBIT_SPEED = 0.008  # rad/px
ZOOM_STEP = 0.9  # per notch of the wheel


def prepare_graphics() -> None:
    """Ask for core OpenGL 3.3, without waiting for the screen: before the application exists."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setStencilBufferSize(8)
    wanted.setSwapInterval(0)
    QSurfaceFormat.setDefaultFormat(wanted)


@cache
def renderer() -> str | None:
    """What draws OpenGL on this screen; None if nothing does, as on Qt's platform "offscreen"."""
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return None
    try:
        return str(GL.glGetString(GL.GL_RENDERER).decode())
    finally:
        context.doneCurrent()


def draws_in_software() -> bool:
    """Whether the processor does the graphics card's work, so that corners and samples cost."""
    return any(name in (renderer() or "").lower() for name in _SOFTWARE)


class SceneWidget(QOpenGLWidget):
    """Shows a scene from a camera; the mouse turns (left), and comes nearer (wheel).

    ``camera_moved`` is emitted with the camera's new azimuth and elevation in rad and distance in m
    when the mouse moved it. ``failure`` holds what went wrong while painting, which Qt would only
    print; ``painted`` counts the frames.
    """

    camera_moved = Signal(float, float, float)
    failed = Signal(str)

    def __init__(self, scheme: Scheme = LIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if not draws_in_software():
            wanted = self.format()
            wanted.setSamples(SAMPLES)
            self.setFormat(wanted)
        self.setMinimumSize(320, 240)
        self.scheme = scheme
        self.camera = Camera()
        self.scene = Scene()
        self.failure: str | None = None
        self.painted = 0
        self._ground = Ground()
        self._ground_is_new = True
        self._pressed: QPointF | None = None
        self._painter: _Painter | None = None

    def show_scene(self, scene: Scene, camera: Camera) -> None:
        """Draw this from there at the next occasion."""
        self.scene, self.camera = scene, camera
        self.update()

    def show_ground(self, ground: Ground, scheme: Scheme) -> None:
        """Draw this ground, on that scheme's background, from now on."""
        self.scheme, self._ground, self._ground_is_new = scheme, ground, True
        self.update()

    def initializeGL(self) -> None:  # noqa: N802 - Qt's name
        """Compile the programs, once there is a context, and again when it is replaced."""
        self._painter, self._ground_is_new = None, True
        self._guarded(self._prepare)

    def paintGL(self) -> None:  # noqa: N802 - Qt's name
        """Draw the scene."""
        self._guarded(self._paint)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the scene."""
        self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Turn the camera about its target."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = event.position() - self._pressed
        self._pressed = event.position()
        self._move(self.camera.orbited(-ORBIT_SPEED * moved.x(), ORBIT_SPEED * moved.y()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Come nearer or go away."""
        self._move(self.camera.zoomed(ZOOM_STEP ** (event.angleDelta().y() / 120.0)))

    def _move(self, camera: Camera) -> None:
        self.camera = camera
        self.camera_moved.emit(camera.azimuth, camera.elevation, camera.distance)
        self.update()

    def _prepare(self) -> None:
        self._painter = _Painter()

    def _paint(self) -> None:
        if self._painter is None:
            return
        if self._ground_is_new:
            self._painter.take_ground(self._ground)
            self._ground_is_new = False
        ratio = self.devicePixelRatio()
        size = (round(self.width() * ratio), round(self.height() * ratio))
        self._painter.paint(self.scene, self.camera, self.scheme, size, ratio)
        self.painted += 1

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do a step of painting; keep what goes wrong, as Qt passes over exceptions here."""
        try:
            step()
        except Exception as error:  # whatever it is, the window must say so
            if self.failure is None:
                self.failure = f"{type(error).__name__}: {error}".splitlines()[0]
                self.failed.emit(self.failure)


class _Table:
    """A vertex array of a table with one row for each corner, or for each instance of a mesh."""

    def __init__(self, columns: tuple[int, ...], mesh: "_Mesh | None" = None) -> None:
        self.array = GL.glGenVertexArrays(1)
        self.rows = 0
        self._buffer = GL.glGenBuffers(1)
        GL.glBindVertexArray(self.array)
        if mesh is not None:
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, mesh.corners)
            _attribute(0, 4, 4, 0, each_instance=False)
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, mesh.indices)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._buffer)
        start = 0
        for number, count in enumerate(columns, start=0 if mesh is None else 1):
            _attribute(number, count, sum(columns), start, each_instance=mesh is not None)
            start += count

    def fill(self, table: NDArray[np.float32]) -> None:
        """Take other rows."""
        self.rows = len(table)
        table = np.ascontiguousarray(table, np.float32)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._buffer)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, table.nbytes, table, GL.GL_DYNAMIC_DRAW)


class _Mesh:
    """A capsule of unit size in the graphics memory."""

    def __init__(self, around: int, rings: int) -> None:
        corners, order = capsule_mesh(around, rings)
        self.corners, self.indices = GL.glGenBuffers(2)
        self.size = len(order)
        GL.glBindVertexArray(0)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self.corners)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, corners.nbytes, corners, GL.GL_STATIC_DRAW)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self.indices)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, order.nbytes, order, GL.GL_STATIC_DRAW)


def _attribute(number: int, count: int, stride: int, start: int, *, each_instance: bool) -> None:
    GL.glEnableVertexAttribArray(number)
    GL.glVertexAttribPointer(
        number, count, GL.GL_FLOAT, GL.GL_FALSE, 4 * stride, ctypes.c_void_p(4 * start)
    )
    GL.glVertexAttribDivisor(number, int(each_instance))


class _Painter:
    """The programs and buffers of one OpenGL context."""

    def __init__(self) -> None:
        limbs = SOFTWARE_LIMB_MESH if draws_in_software() else LIMB_MESH
        columns = (3, 3, 3, 3, 3, 4)
        self._limb_mesh, self._shadow_mesh = _Mesh(*limbs), _Mesh(*SHADOW_MESH)
        self._bodies = _Table(columns, self._limb_mesh)
        self._shadows = _Table(columns, self._shadow_mesh)
        self._grid, self._lane_lines = (_Table((2, 3, 3, 4, 1)) for _ in range(2))
        self._lane = _Table((3, 4))
        self._capsule = _Program(glsl.CAPSULE_VERTEX, glsl.CAPSULE_FRAGMENT)
        self._shadow = _Program(glsl.SHADOW_VERTEX, glsl.SHADOW_FRAGMENT)
        self._line = _Program(glsl.LINE_VERTEX, glsl.LINE_FRAGMENT)
        self._surface = _Program(glsl.SURFACE_VERTEX, glsl.SURFACE_FRAGMENT)

    def take_ground(self, ground: Ground) -> None:
        self._grid.fill(_line_corners(ground.grid))
        self._lane_lines.fill(_line_corners(ground.lane_lines))
        self._lane.fill(ground.lane)

    def paint(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: tuple[int, int], ratio: float
    ) -> None:
        matrix = camera.matrix(size[0] / max(size[1], 1))
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

    def _paint_lines(self, lines: "_Table", offset: Floats, fade: tuple[float, float]) -> None:
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

    def _draw(self, table: _Table, mesh: _Mesh) -> None:
        GL.glBindVertexArray(table.array)
        GL.glDrawElementsInstanced(
            GL.GL_TRIANGLES, mesh.size, GL.GL_UNSIGNED_SHORT, None, table.rows
        )


def _line_corners(lines: Lines) -> NDArray[np.float32]:
    """Two triangles (6 L, 13) for each line, which the program makes as wide as it wants."""
    corner = np.array([[0, -1], [0, 1], [1, -1], [1, -1], [0, 1], [1, 1]], np.float32)
    return np.hstack([np.tile(corner, (len(lines), 1)), np.repeat(lines, 6, axis=0)])


class _Program:
    """A compiled program and where its uniforms are."""

    def __init__(self, vertex: str, fragment: str) -> None:
        GL.glBindVertexArray(GL.glGenVertexArrays(1))  # core profiles validate with one only
        self._program = shaders.compileProgram(
            shaders.compileShader(vertex, GL.GL_VERTEX_SHADER),
            shaders.compileShader(fragment, GL.GL_FRAGMENT_SHADER),
            validate=False,
        )
        self._places: dict[str, int] = {}

    def use(self) -> None:
        GL.glUseProgram(self._program)

    def matrix(self, name: str, value: Any) -> None:
        GL.glUniformMatrix4fv(self._place(name), 1, GL.GL_TRUE, np.asarray(value, np.float32))

    def vector(self, name: str, value: Any) -> None:
        numbers = [float(number) for number in value]
        {2: GL.glUniform2f, 3: GL.glUniform3f}[len(numbers)](self._place(name), *numbers)

    def number(self, name: str, value: float) -> None:
        GL.glUniform1f(self._place(name), value)

    def _place(self, name: str) -> int:
        if name not in self._places:
            self._places[name] = GL.glGetUniformLocation(self._program, name)
        return self._places[name]


def capsule_mesh(around: int, rings: int) -> tuple[NDArray[np.float32], Any]:
    """A capsule of unit size: corners (M, 4) as the program takes them, and triangles' indices.

    ``around`` corners on each ring, ``rings`` rings on each half-sphere.
    """
    angle = np.arange(around) * (2 * np.pi / around)
    rise = np.linspace(0.0, 0.5 * np.pi, rings)
    levels = [(-r, 0.0) for r in rise[::-1]] + [(r, 1.0) for r in rise]
    corners = np.array(
        [
            (np.cos(r) * np.sin(a), np.sin(r), np.cos(r) * np.cos(a), end)
            for r, end in levels
            for a in angle
        ],
        np.float32,
    )
    low = np.arange(len(levels) - 1)[:, None] * around + np.arange(around)
    right = np.arange(len(levels) - 1)[:, None] * around + (np.arange(around) + 1) % around
    faces = np.stack([low, right, low + around, right, right + around, low + around], axis=-1)
    return corners, np.ascontiguousarray(faces.ravel().astype(np.uint16))
