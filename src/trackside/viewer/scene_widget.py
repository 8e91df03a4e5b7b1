"""The scene in a window, and the mouse that turns it."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from trackside.viewer.camera import Camera
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scene_painter import ScenePainter, painter_here
from trackside.viewer.scheme import LIGHT, Scheme

ORBIT_SPEED = 0.008  # rad/px
ZOOM_STEP = 0.9  # per notch of the wheel


class SceneWidget(QWidget):
    """Shows a scene from a camera; the mouse turns (left), and comes nearer (wheel).

    ``camera_moved`` is emitted with the camera's new azimuth and elevation in rad and distance in m
    when the mouse moved it; ``drawn`` with each frame. ``failure`` holds what went wrong while
    painting, which Qt would only print; ``painted`` counts the frames.
    """

    camera_moved = Signal(float, float, float)
    drawn = Signal()
    failed = Signal(str)

    def __init__(self, scheme: Scheme = LIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 240)
        self.scheme = scheme
        self.camera = Camera()
        self.scene = Scene()
        self.failure: str | None = None
        self.painted = 0
        self._ground = Ground()
        self._ground_is_new = True
        self._pressed: QPointF | None = None
        self._painter: ScenePainter | None = None

    def show_scene(self, scene: Scene, camera: Camera) -> None:
        """Draw this from there at the next occasion."""
        self.scene, self.camera = scene, camera
        self.update()

    def show_ground(self, ground: Ground, scheme: Scheme) -> None:
        """Draw this ground, on that scheme's background, from now on."""
        self.scheme, self._ground, self._ground_is_new = scheme, ground, True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the scene."""
        del event
        try:
            picture = self._picture()
        except Exception as error:  # whatever it is, the window must say so
            if self.failure is None:
                self.failure = f"{type(error).__name__}: {error}".splitlines()[0]
                self.failed.emit(self.failure)
            return
        painter = QPainter(self)
        painter.drawImage(0, 0, picture)
        painter.end()
        self.painted += 1
        self.drawn.emit()

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

    def _picture(self) -> QImage:
        """The scene in the size and the resolution of the widget."""
        if self._painter is None:
            self._painter = painter_here()
        if self._ground_is_new:
            self._painter.take_ground(self._ground)
            self._ground_is_new = False
        ratio = self.devicePixelRatio()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        picture = self._painter.picture(self.scene, self.camera, self.scheme, size, ratio)
        picture.setDevicePixelRatio(ratio)
        return picture
