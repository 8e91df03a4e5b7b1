"""Objects of OpenGL that live in its current context: meshes, tables of rows, programs."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from OpenGL.GL import shaders


class Mesh:
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


class Table:
    """A vertex array of a table with one row for each corner, or for each instance of a mesh."""

    def __init__(self, columns: tuple[int, ...], mesh: Mesh | None = None) -> None:
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


def _attribute(number: int, count: int, stride: int, start: int, *, each_instance: bool) -> None:
    GL.glEnableVertexAttribArray(number)
    GL.glVertexAttribPointer(
        number, count, GL.GL_FLOAT, GL.GL_FALSE, 4 * stride, ctypes.c_void_p(4 * start)
    )
    GL.glVertexAttribDivisor(number, int(each_instance))


class Program:
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
        """Draw with it."""
        GL.glUseProgram(self._program)

    def matrix(self, name: str, value: Any) -> None:
        """Give it a matrix."""
        GL.glUniformMatrix4fv(self._place(name), 1, GL.GL_TRUE, np.asarray(value, np.float32))

    def vector(self, name: str, value: Any) -> None:
        """Give it two or three numbers."""
        numbers = [float(number) for number in value]
        {2: GL.glUniform2f, 3: GL.glUniform3f}[len(numbers)](self._place(name), *numbers)

    def number(self, name: str, value: float) -> None:
        """Give it a number."""
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
