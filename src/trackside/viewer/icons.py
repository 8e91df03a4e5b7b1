"""Icons of the player's buttons, drawn in the scheme's colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

_SIZE = 64  # px; scaled down by the buttons
_PLAY = ((18, 10), (18, 54), (54, 32))
_FORWARD = ((14, 12), (14, 52), (44, 32))


def play_icon(colour: str) -> QIcon:
    """A triangle to the right."""
    return _icon(colour, [_PLAY], [])


def pause_icon(colour: str) -> QIcon:
    """Two bars."""
    return _icon(colour, [], [(15, 11, 12, 42), (37, 11, 12, 42)])


def step_icon(colour: str, *, back: bool = False) -> QIcon:
    """A triangle to a bar: one frame."""
    return _icon(colour, [_FORWARD], [(46, 12, 7, 40)], mirrored=back)


def _icon(
    colour: str,
    polygons: list[tuple[tuple[int, int], ...]],
    bars: list[tuple[int, int, int, int]],
    *,
    mirrored: bool = False,
) -> QIcon:
    picture = QPixmap(_SIZE, _SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if mirrored:
        painter.translate(_SIZE, 0)
        painter.scale(-1, 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    for polygon in polygons:
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in polygon]))
    for bar in bars:
        painter.drawRoundedRect(QRectF(*bar), 2, 2)
    painter.end()
    return QIcon(picture)
