"""A number to be read from afar, above its course over the last seconds."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from trackside.viewer.lettering import font
from trackside.viewer.scheme import Scheme

CURVE_WIDTH: Final = 2.5  # px at 800 px of window height
POINT_EVERY: Final = 2.0
"""px; of values that come more often than that the last one is drawn."""
MARGIN: Final = 10.0
SHORT_NOTE: Final = 9
"""Letters; a note as short as "zone 3" is as important as the number."""
_NO_NUMBER = "–"


@dataclass(frozen=True)
class Band:
    """A range of values with a colour and a name, such as a heart-rate zone."""

    low: float
    high: float
    colour: str
    name: str


@dataclass(frozen=True)
class Curve:
    """One course: its name as shown, and its colour."""

    name: str
    colour: str


class ScrollPlot(QWidget):
    """Shows the newest values in large figures and their last ``span`` s as curves.

    ``name`` and ``unit``: as shown; ``least`` (low, high): the range that is always shown, which
    grows by what is measured; ``digits`` behind the point. Courses are named when they are first
    added.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        span: float,
        least: tuple[float, float],
        scheme: Scheme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 90)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.name, self.unit = name, unit
        self.scheme = scheme
        self.note = ""
        """What is said beside the number, such as the zone, or why there is none."""
        self.bands: Sequence[Band] = ()
        self._span, self._least = span, least
        self._curves: dict[str, Curve] = {}
        self._times: deque[float] = deque()
        self._values: dict[str, deque[float]] = {}

    @property
    def newest(self) -> dict[str, float]:
        """The last value of each course by name; NaN where it is not known."""
        return {name: values[-1] for name, values in self._values.items() if values}

    def restart(self, name: str, curves: Mapping[str, Curve]) -> None:
        """Show something else from now on."""
        self.name = name
        self._curves = dict(curves)
        self._times.clear()
        self._values = {key: deque() for key in curves}

    def add(self, time: float, values: Mapping[str, float]) -> None:
        """Take the values at ``time`` (s); what is older than the span is forgotten."""
        if self._times and time <= self._times[-1]:
            return
        self._times.append(time)
        for name, course in self._values.items():
            course.append(values.get(name, np.nan))
        while self._times[0] < time - self._span:
            self._times.popleft()
            for course in self._values.values():
                course.popleft()

    def place_of(self, time: float, value: float) -> QPointF:
        """Where a value at a time is drawn, px."""
        area, (low, high) = self._area(), self._range()
        end = self._times[-1] if self._times else 0.0
        x = area.right() - (end - time) / self._span * area.width()
        y = area.bottom() - (value - low) / (high - low) * area.height()
        return QPointF(x, y)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Draw everything."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.scheme.panel))
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self._paint_figures(painter)
        self._paint_scale(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_curves(painter)

    @property
    def _scale(self) -> float:
        """How large everything is: 1 for a third of a window of 800 px."""
        return max(0.55, min(self.height() / 210.0, self.width() / 380.0))

    def _area(self) -> QRectF:
        """Where curves are drawn, below the figures."""
        top = 88.0 * self._scale
        left = 46.0 * self._scale
        bottom = self.height() - MARGIN
        return QRectF(left, top, self.width() - left - MARGIN, max(bottom - top, 8.0))

    def _range(self) -> tuple[float, float]:
        known = [v for course in self._values.values() for v in course if np.isfinite(v)]
        low, high = min([self._least[0], *known]), max([self._least[1], *known])
        return low, high

    def _paint_figures(self, painter: QPainter) -> None:
        scale = self._scale
        painter.setPen(QColor(self.scheme.muted))
        painter.setFont(font(15 * scale))
        heading = f"{self.name}  [{self.unit}]"
        painter.drawText(QPointF(MARGIN, 20 * scale), heading)
        short = len(self.note) <= SHORT_NOTE
        painter.setFont(font((34 if short else 15) * scale, bold=True))
        painter.setPen(QColor(self.scheme.text))
        width = painter.fontMetrics().horizontalAdvance(self.note)
        baseline = (74 if short else 20) * scale
        painter.drawText(QPointF(self.width() - MARGIN - width, baseline), self.note)
        x = MARGIN
        for key, curve in self._curves.items():
            x += self._paint_figure(painter, x, curve, self.newest.get(key, np.nan)) + 18 * scale

    def _paint_figure(self, painter: QPainter, x: float, curve: Curve, value: float) -> float:
        """One large figure from ``x`` on, and how wide it is, px."""
        scale = self._scale
        text = f"{value:.0f}".replace("-", "−") if np.isfinite(value) else _NO_NUMBER
        painter.setFont(font(54 * scale, bold=True))
        painter.setPen(QColor(curve.colour))
        painter.drawText(QPointF(x, 74 * scale), text)
        width = float(painter.fontMetrics().horizontalAdvance(text))
        if not curve.name:
            return width
        painter.setFont(font(15 * scale, bold=True))
        painter.drawText(QPointF(x + width + 5 * scale, 74 * scale), curve.name)
        return width + 5 * scale + painter.fontMetrics().horizontalAdvance(curve.name)

    def _paint_scale(self, painter: QPainter) -> None:
        area, (low, high) = self._area(), self._range()
        painter.save()
        painter.setClipRect(area)
        for band in self.bands:
            top, bottom = self._height_of(band.high), self._height_of(band.low)
            colour = QColor(band.colour)
            colour.setAlphaF(0.22)
            painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), colour)
            painter.setFont(font(12 * self._scale))
            painter.setPen(QColor(self.scheme.muted))
            painter.drawText(QPointF(area.left() + 4, bottom - 2), band.name)
        painter.restore()
        painter.setPen(QPen(QColor(self.scheme.panel_line), 1.0))
        painter.drawRect(area)
        painter.setFont(font(12 * self._scale))
        painter.setPen(QColor(self.scheme.muted))
        for value, y in ((high, area.top() + 11 * self._scale), (low, area.bottom())):
            text = f"{value:.0f}".replace("-", "−")
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QPointF(area.left() - width - 4, y), text)

    def _height_of(self, value: float) -> float:
        return self.place_of(0.0, value).y()

    def _paint_curves(self, painter: QPainter) -> None:
        if not self._times:
            return
        area, (low, high) = self._area(), self._range()
        times = np.array(self._times)
        # In steps that stay as they are while time goes on, so that a curve does not tremble.
        step = self._span / max(area.width() / POINT_EVERY, 1.0)
        slot = np.floor(times / step)
        x = area.right() - (times[-1] - times) * (area.width() / self._span)
        for key, curve in self._curves.items():
            values = np.array(self._values[key])
            y = area.bottom() - (values - low) * (area.height() / (high - low))
            painter.setPen(QPen(QColor(curve.colour), CURVE_WIDTH * self._scale))
            known = np.isfinite(y)
            for run in np.split(np.arange(len(y)), np.flatnonzero(np.diff(known)) + 1):
                if known[run[0]] and len(run) > 1:
                    drawn = run[np.diff(slot[run], append=np.inf) > 0]
                    points = zip(x[drawn].tolist(), y[drawn].tolist(), strict=True)
                    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in points]))
