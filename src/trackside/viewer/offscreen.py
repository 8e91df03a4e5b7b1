"""OpenGL without a window: a context of its own, and the pictures drawn in it.

A window with a surface of OpenGL in it is composed anew for every frame, all of it, which costs
more than the scene where the processor does the graphics card's work; a picture is painted into
it like any other. The profile is core 3.3, which macOS insists on. :func:`prepare_graphics` must
run before the application exists.
"""

from collections.abc import Callable
from functools import cache

from OpenGL import GL
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QSurfaceFormat
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat

SAMPLES = 4
"""Of each pixel."""
_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "swr", "gdi generic")


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


def has_graphics_card() -> bool:
    """Whether OpenGL is there, and something else than the processor does its work."""
    name = (renderer() or "").lower()
    return bool(name) and not any(software in name for software in _SOFTWARE)


class Offscreen:
    """A context of OpenGL, and the framebuffer in which its pictures are drawn.

    Raises RuntimeError where there is no OpenGL.
    """

    def __init__(self) -> None:
        self._surface, self._context = QOffscreenSurface(), QOpenGLContext()
        self._surface.create()
        if not self._context.create():
            raise RuntimeError("there is no OpenGL on this screen")
        self._drawn: QOpenGLFramebufferObject | None = None
        self._resolved: QOpenGLFramebufferObject | None = None
        self._image = QImage()

    def enter(self) -> None:
        """Make this context the one that calls of OpenGL go to."""
        if not self._context.makeCurrent(self._surface):
            raise RuntimeError("OpenGL has been lost")

    def picture(self, size: QSize, draw: Callable[[], None]) -> QImage:
        """What ``draw`` draws, ``size`` px large; the image is drawn over by the next one.

        OpenGL counts rows from below and an image from above: draw upside down.
        """
        self.enter()
        if self._drawn is None or self._drawn.size() != size:
            self._drawn = self._framebuffer(size)
        self._drawn.bind()
        GL.glViewport(0, 0, size.width(), size.height())
        draw()
        if self._resolved is not None:
            QOpenGLFramebufferObject.blitFramebuffer(self._resolved, self._drawn)
            self._resolved.bind()
        GL.glReadPixels(
            0,
            0,
            size.width(),
            size.height(),
            GL.GL_BGRA,
            GL.GL_UNSIGNED_INT_8_8_8_8_REV,
            self._image.bits(),
        )
        return self._image

    def _framebuffer(self, size: QSize) -> QOpenGLFramebufferObject:
        wanted = QOpenGLFramebufferObjectFormat()
        wanted.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
        wanted.setSamples(SAMPLES)
        self._resolved = QOpenGLFramebufferObject(size)
        self._image = QImage(size, QImage.Format.Format_RGB32)
        return QOpenGLFramebufferObject(size, wanted)
