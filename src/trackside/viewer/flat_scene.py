"""The scene without OpenGL: limbs as thick lines, farthest first, where nothing else can be had."""

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from trackside.arrays import Floats
from trackside.viewer.camera import Camera
from trackside.viewer.limbs import Capsules
from trackside.viewer.scene import Ground, Scene
from trackside.viewer.scheme import LIGHT, Scheme

_CORNERS = 7  # columns of a surface's corner
_FAR = 12.0  # m beyond which ground is left out


class FlatSceneWidget(QWidget):
    """Stands in for a SceneWidget; see there for what is called alike."""

    camera_moved = Signal(float, float, float)
    drawn = Signal()
    failed = Signal(str)

    def __init__(self, scheme: Scheme = LIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 240)
        self.scheme, self.camera, self.scene = scheme, Camera(), Scene()
        self.failure: str | None = None
        self.painted = 0
        self._ground = Ground()

    def show_scene(self, scene: Scene, camera: Camera) -> None:
        """Draw this from there at the next occasion."""
        self.scene, self.camera = scene, camera
        self.update()

    def show_ground(self, ground: Ground, scheme: Scheme) -> None:
        """Draw this ground, on that scheme's background, from now on."""
        self.scheme, self._ground = scheme, ground
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the scene."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.scheme.background))
        self._draw_ground(painter)
        self._draw_limbs(painter, self.scene.bodies)
        self._draw_limbs(painter, self.scene.ghosts)
        painter.end()
        self.painted += 1
        self.drawn.emit()

    def _draw_ground(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        corners = self._ground.lane.reshape(-1, 3, _CORNERS).astype(float)
        for points, row in zip(self._project(corners[..., :3]), corners, strict=True):
            if np.isfinite(points).all() and self._near(row[0, :3]):
                painter.setBrush(_colour(row[0, 3:]))
                painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
        shift = np.append(np.floor(self.scene.middle[:2]), 0.0)
        for table, offset in ((self._ground.grid, shift), (self._ground.lane_lines, np.zeros(3))):
            lines = table.astype(float)
            ends = self._project(lines[:, :6].reshape(-1, 2, 3) + offset)
            for points, row in zip(ends, lines, strict=True):
                if np.isfinite(points).all() and self._near(row[:3] + offset):
                    painter.setPen(QPen(_colour(row[6:10]), float(row[10])))
                    painter.drawLine(QPointF(*points[0]), QPointF(*points[1]))

    def _draw_limbs(self, painter: QPainter, limbs: Capsules) -> None:
        if not len(limbs):
            return
        points = limbs[:, :6].reshape(-1, 2, 3).astype(float)
        away = np.linalg.norm(points.mean(axis=1) - self.camera.eye, axis=1)
        size = self.camera.pixel_size(self.height()) * away / self.camera.distance
        thick = np.linalg.norm(limbs[:, 6:9], axis=1) + np.linalg.norm(limbs[:, 12:15], axis=1)
        for number in np.argsort(-away):
            ends = self._project(points[number])
            if np.isfinite(ends).all():
                pen = QPen(
                    _colour(limbs[number, 15:19].astype(float)), float(thick[number] / size[number])
                )
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(QPointF(*ends[0]), QPointF(*ends[1]))

    def _project(self, points: Floats) -> Floats:
        return self.camera.project(points, self.width(), max(self.height(), 1))

    def _near(self, point: Floats) -> bool:
        return bool(np.linalg.norm(point - np.array(self.scene.middle)) < _FAR)


def _colour(rgba: Floats) -> QColor:
    return QColor.fromRgbF(*np.clip(rgba, 0.0, 1.0).tolist())
