"""Who draws a scene: the graphics card by OpenGL, or the processor where there is none."""

from typing import Protocol

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from trackside.viewer.camera import Camera
from trackside.viewer.gl_painter import GlPainter
from trackside.viewer.offscreen import has_graphics_card
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import Scheme
from trackside.viewer.software_painter import SoftwarePainter


class ScenePainter(Protocol):
    """Makes pictures of scenes."""

    def take_ground(self, ground: Ground) -> None:
        """Draw this ground from now on."""
        ...

    def picture(
        self, scene: Scene, camera: Camera, scheme: Scheme, size: QSize, ratio: float
    ) -> QImage:
        """A scene ``size`` px large; a line's px are ``ratio`` of them.

        The next picture is drawn over it.
        """
        ...


def painter_here() -> ScenePainter:
    """The one that is fast on this screen; both draw the same."""
    return GlPainter() if has_graphics_card() else SoftwarePainter()
