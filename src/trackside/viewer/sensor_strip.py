"""A tile for every sensor: is it there, and is all of it. To be read at two metres."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from trackside.viewer.lettering import font
from trackside.viewer.scheme import Scheme
from trackside.viewer.sensor_state import Health, SensorState

TILE_HEIGHT: Final = 78.0  # px at a scale of 1
LEAST_WIDTH: Final = 132.0  # px of a tile likewise
WIDEST: Final = 260.0
GAP: Final = 5
MOST_ROWS: Final = 3
SMALLEST: Final = 0.65
"""As what part of their size words that are too long are written, before they are cut."""


class SensorStrip(QWidget):
    """Shows the states of sensors, in as many rows as they need."""

    def __init__(self, scheme: Scheme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.scheme = scheme
        self.states: Sequence[SensorState] = ()
        self._scale = 1.0

    def set_scale(self, scale: float) -> None:
        """Draw everything so many times as large."""
        self._scale = scale
        self.updateGeometry()

    def show_states(self, states: Sequence[SensorState]) -> None:
        """Draw these from now on; only tiles that have changed are drawn anew."""
        before, self.states = self.states, tuple(states)
        if len(before) != len(self.states):
            self.updateGeometry()
            self.update()
            return
        for number, (old, new) in enumerate(zip(before, self.states, strict=True)):
            if new is not old and new != old:
                self.update(self.tile(number).toAlignedRect())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as all tiles need."""
        rows = self._rows(len(self.states))
        return QSize(640, round(rows * (TILE_HEIGHT * self._scale + GAP) + GAP))

    def tile(self, number: int) -> QRectF:
        """Where a sensor's tile is, px."""
        rows = self._rows(len(self.states))
        columns = -(-len(self.states) // rows)
        row, column = divmod(number, columns)
        width = min((self.width() - GAP) / columns, WIDEST * self._scale)
        height = (self.height() - GAP) / rows
        return QRectF(GAP + column * width, GAP + row * height, width - GAP, height - GAP)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the tiles that are to be drawn."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.scheme.panel_line))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, state in enumerate(self.states):
            tile = self.tile(number)
            if event.region().intersects(tile.toAlignedRect()):
                self._paint_tile(painter, tile, state)

    def _rows(self, count: int) -> int:
        fitting = max(1, int((self.width() - GAP) // (LEAST_WIDTH * self._scale)))
        return min(MOST_ROWS, max(1, -(-count // fitting)))

    def _paint_tile(self, painter: QPainter, tile: QRectF, state: SensorState) -> None:
        ground, ink = self._colours(state.health)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(tile, 4, 4)
        scale = tile.height() / TILE_HEIGHT
        left, right = tile.left() + 8 * scale, tile.right() - 6 * scale
        mark = QRectF(left, tile.top() + 8 * scale, 16 * scale, 16 * scale)
        _paint_mark(painter, mark, state.health, ink)
        painter.setPen(QColor(ink))
        lines = (
            (mark.right() + 6 * scale, 23, 19, short_label(state.label)),
            (left, 48, 20, first_line(state)),
            (left, 69, 14, second_line(state)),
        )
        for x, baseline, size, text in lines:
            _write(painter, QPointF(x, tile.top() + baseline * scale), size * scale, text, right)

    def _colours(self, health: Health) -> tuple[str, str]:
        """Ground and ink of a tile: what is well recedes, what is not stands out."""
        dark = self.scheme.name == "dark"
        if health is Health.BAD:
            return ("#FF7A98", "#000000") if dark else ("#A30B2E", "#FFFFFF")
        if health is Health.DOUBTFUL:
            return ("#FFC46B", "#000000") if dark else ("#FFD9A0", "#3A1D00")
        return self.scheme.panel, self.scheme.text


def first_line(state: SensorState) -> str:
    """What matters most: that something is wrong, or how fast samples come."""
    well = state.link == "streaming"
    if not well:
        return state.link
    battery = "" if state.battery == "–" else f" · {state.battery}"
    return f"{state.rate} Hz{battery}"


def second_line(state: SensorState) -> str:
    """What is missing, and the clock."""
    missing = "none missing" if state.missing == "0" else f"{state.missing} missing"
    return missing if state.clock == "–" else f"{missing} · {state.clock}"


def short_label(label: str) -> str:
    """``left_shank`` as "L shank"."""
    side, _, part = label.partition("_")
    short = {"left": "L", "right": "R"}.get(side)
    words = f"{short} {part}" if short and part else label
    text = words.replace("_", " ")
    return text[:1].upper() + text[1:]


def _write(painter: QPainter, place: QPointF, size: float, text: str, right: float) -> None:
    """Write up to the edge ``right`` (px): smaller if it must be, cut where that is not enough."""
    fitting, words = _fitted(text, size, right - place.x())
    painter.setFont(fitting)
    painter.drawText(place, words)


@lru_cache(maxsize=512)
def _fitted(text: str, size: float, room: float) -> tuple[QFont, str]:
    """The largest letters up to ``size`` in which a text has room (px), and what is left of it."""
    pixels = size
    while True:
        fitting = font(pixels, bold=True)
        metrics = QFontMetricsF(fitting)
        if pixels <= size * SMALLEST or metrics.horizontalAdvance(text) <= room:
            return fitting, metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        pixels -= 1.0


def _paint_mark(painter: QPainter, box: QRectF, health: Health, ink: str) -> None:
    """A tick, an exclamation mark or a cross: not by colour alone."""
    pen = QPen(QColor(ink), box.width() / 6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    x, y, size = box.left(), box.top(), box.width()
    if health is Health.GOOD:
        tick = [(0.1, 0.55), (0.4, 0.85), (0.95, 0.15)]
        painter.drawPolyline(QPolygonF([QPointF(x + a * size, y + b * size) for a, b in tick]))
    elif health is Health.DOUBTFUL:
        middle = x + 0.5 * size
        painter.drawLine(QPointF(middle, y + 0.05 * size), QPointF(middle, y + 0.6 * size))
        painter.drawPoint(QPointF(middle, y + 0.95 * size))
    else:
        for a, b in ((0.1, 0.9), (0.9, 0.1)):
            painter.drawLine(
                QPointF(x + a * size, y + 0.1 * size), QPointF(x + b * size, y + 0.9 * size)
            )
