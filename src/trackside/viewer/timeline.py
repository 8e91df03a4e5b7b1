"""The bar of time: where the replay is, laps, marks, the loop, and stretches without a pose."""

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from trackside.arrays import Floats
from trackside.viewer.scheme import LIGHT, Scheme

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)  # s


@dataclass(frozen=True)
class TimelineMarks:
    """What a timeline shows beside the time, all in s.

    ``laps`` (L,): ends of laps; ``marks``: moments of remarks; ``gaps`` (G, 2): without a pose.
    """

    laps: Floats = field(default_factory=lambda: np.empty(0))
    marks: tuple[tuple[float, str], ...] = ()
    gaps: Floats = field(default_factory=lambda: np.empty((0, 2)))


class Timeline(QWidget):
    """Shows and changes a moment between ``start`` and ``end`` s: click or drag.

    ``sought`` is emitted with the moment that was clicked.
    """

    sought = Signal(float)

    def __init__(self, start: float, end: float, marks: TimelineMarks) -> None:
        super().__init__()
        self._start, self._end, self._marks = start, max(end, start + 1e-3), marks
        self._moment, self._loop = start, (0.0, 0.0)
        self._scheme = LIGHT
        self._still: QPixmap | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(44)

    def show_moment(self, moment: float, loop: tuple[float, float] | None) -> None:
        """Put the cursor there."""
        loop = loop or (0.0, 0.0)
        if loop != self._loop or abs(self._x(moment) - self._x(self._moment)) > 0.25:
            self.update()
        self._moment, self._loop = moment, loop

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px."""
        self._scheme, self._still = scheme, None
        self.setFixedHeight(round(3.4 * text))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there while a button is held."""
        if event.buttons():
            self._seek(event)

    def place_of(self, moment: float) -> QPointF:
        """Where a moment is on the widget."""
        return QPointF(self._x(moment), 0.35 * self.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it all."""
        del event
        scheme, height = self._scheme, float(self.height())
        bar = self._bar()
        if self._still is None or self._still.size() != self.size():
            self._still = self._draw_still(bar)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._fill(painter, bar, self._start, self._moment, scheme.accent)
        for start, end in self._marks.gaps:
            self._fill(painter, bar, start, end, scheme.warning, 110)
        if self._loop[1] > self._loop[0]:
            self._fill(painter, bar.adjusted(0, -3, 0, 3), *self._loop, scheme.ghost, 190)
        self._draw_laps(painter, bar)
        painter.setPen(QPen(QColor(scheme.text), 2.0))
        x = self._x(self._moment)
        painter.drawLine(QPointF(x, bar.top() - 5), QPointF(x, bar.bottom() + 5))
        painter.setBrush(QColor(scheme.text))
        painter.drawEllipse(QPointF(x, bar.center().y()), 0.13 * height, 0.13 * height)
        painter.end()

    def _bar(self) -> QRectF:
        left, right = self._x(self._start), self._x(self._end)
        return QRectF(left, 0.26 * self.height(), right - left, 0.22 * self.height())

    def _draw_still(self, bar: QRectF) -> QPixmap:
        """What does not move: the bar and its numbers."""
        picture = QPixmap(self.size())
        picture.fill(QColor(self._scheme.panel))
        painter = QPainter(picture)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(bar, QColor(self._scheme.panel_line))
        self._draw_ticks(painter, bar)
        painter.end()
        return picture

    def _draw_ticks(self, painter: QPainter, bar: QRectF) -> None:
        painter.setPen(QColor(self._scheme.muted))
        measure = QFontMetricsF(painter.font())
        wide = measure.horizontalAdvance(clock_text(self._end, 60.0)) + 24.0
        span = self._end - self._start
        apart = wide / max(bar.width(), 1.0) * span
        step = next((step for step in _STEPS if step >= apart), span)
        last = -np.inf
        for moment in np.arange(np.ceil(self._start / step) * step, self._end + 1e-9, step):
            text = clock_text(float(moment), step)
            width = measure.horizontalAdvance(text)
            x = min(max(self._x(moment), 0.5 * width + 2), self.width() - 0.5 * width - 2)
            if x - 0.5 * width < last + 6:
                continue
            last = x + 0.5 * width
            painter.drawLine(
                QPointF(self._x(moment), bar.bottom() + 2),
                QPointF(self._x(moment), bar.bottom() + 6),
            )
            painter.drawText(QPointF(x - 0.5 * width, self.height() - measure.descent() - 2), text)

    def _draw_laps(self, painter: QPainter, bar: QRectF) -> None:
        painter.setPen(QPen(QColor(self._scheme.text), 1.5))
        for lap in self._marks.laps:
            x = self._x(lap)
            painter.drawLine(QPointF(x, bar.top() - 8), QPointF(x, bar.bottom()))
        painter.setPen(QPen(QColor(self._scheme.ghost), 1.5))
        for moment, _ in self._marks.marks:
            x = self._x(moment)
            painter.drawLine(QPointF(x, bar.top() - 6), QPointF(x, bar.top()))

    def _fill(
        self,
        painter: QPainter,
        bar: QRectF,
        start: float,
        end: float,
        colour: str,
        alpha: int = 255,
    ) -> None:
        shade = QColor(colour)
        shade.setAlpha(alpha)
        left, right = self._x(start), self._x(end)
        painter.fillRect(QRectF(left, bar.top(), max(right - left, 1.0), bar.height()), shade)

    def _x(self, moment: float) -> float:
        margin = 12.0
        share = (moment - self._start) / (self._end - self._start)
        return float(margin + np.clip(share, 0.0, 1.0) * (self.width() - 2 * margin))

    def _seek(self, event: QMouseEvent) -> None:
        share = (event.position().x() - 12.0) / max(self.width() - 24.0, 1.0)
        share = float(np.clip(share, 0.0, 1.0))
        self.sought.emit(self._start + share * (self._end - self._start))


def clock_text(moment: float, step: float) -> str:
    """A moment as ``12.3 s``, ``4:05`` or ``1:04:05``, as fine as ``step`` s asks for."""
    digits = 2 if step < 0.05 else 1 if step < 1 else 0
    if abs(moment) < 60.0 and step < 60.0:
        return f"{moment:.{digits}f} s"
    moment = round(moment, digits)
    minutes = int(moment // 60)
    whole = f"{moment % 60:0{digits + 3 if digits else 2}.{digits}f}"
    if minutes < 60:
        return f"{minutes}:{whole}"
    return f"{minutes // 60}:{minutes % 60:02d}:{whole}"
