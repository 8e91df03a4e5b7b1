"""A number to be read from afar, above its course over the last seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from trackside.viewer.courses import Courses
from trackside.viewer.lettering import font
from trackside.viewer.scheme import Scheme

CURVE_WIDTH: Final = 2.5  # px at 800 px of window height
POINT_EVERY: Final = 2.0
"""px; of values that come more often than that the last one is drawn."""
MARGIN: Final = 10.0
GAP: Final = 18.0  # px between figures
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
        self.deviations: Mapping[str, float] = {}
        """By course, the standard deviation that is written beside its value; none where NaN."""
        self.facts: Sequence[tuple[str, str]] = ()
        """Names with units, and values, that stand beside the figures as far as there is room."""
        self.bands: Sequence[Band] = ()
        self._span, self._least = span, least
        self._curves: dict[str, Curve] = {}
        self._courses = Courses((), span)
        self._range = least

    @property
    def newest(self) -> dict[str, float]:
        """The last value of each course by name; NaN where it is not known."""
        if not len(self._courses):
            return {}
        return dict(zip(self._courses.names, self._courses.values[:, -1].tolist(), strict=True))

    def restart(self, name: str, curves: Mapping[str, Curve]) -> None:
        """Show something else from now on."""
        self.name = name
        self._curves = dict(curves)
        self._courses = Courses(tuple(curves), self._span)
        self._range = self._least

    def add(self, time: float, values: Mapping[str, float]) -> None:
        """Take the values at ``time`` (s); what is older than the span is forgotten."""
        self._courses.add(time, values)
        self._range = self._courses.range(*self._least)

    def place_of(self, time: float, value: float) -> QPointF:
        """Where a value at a time is drawn, px."""
        area, (low, high) = self._area(), self._range
        end = float(self._courses.time[-1]) if len(self._courses) else 0.0
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
        x, newest = MARGIN, self.newest
        for key, curve in self._curves.items():
            value, sd = newest.get(key, np.nan), self.deviations.get(key, np.nan)
            x += self._paint_figure(painter, x, curve, value, sd) + GAP * scale
        self._paint_facts(painter, x, self.width() - MARGIN - (width + GAP * scale) * short)

    def _paint_figure(
        self, painter: QPainter, x: float, curve: Curve, value: float, sd: float
    ) -> float:
        """One large figure from ``x`` on with what is beside it, and how wide it is, px."""
        scale = self._scale
        text = f"{value:.0f}".replace("-", "−") if np.isfinite(value) else _NO_NUMBER
        painter.setFont(font(54 * scale, bold=True))
        painter.setPen(QColor(curve.colour))
        painter.drawText(QPointF(x, 74 * scale), text)
        width = float(painter.fontMetrics().horizontalAdvance(text))
        doubt = f"±{sd:.0f}" if np.isfinite(sd) and np.isfinite(value) else ""
        painter.setFont(font(15 * scale, bold=True))
        for words, y in ((curve.name, 74), (doubt, 50)):
            painter.drawText(QPointF(x + width + 5 * scale, y * scale), words)
        metrics = painter.fontMetrics()
        beside = max(metrics.horizontalAdvance(words) for words in (curve.name, doubt))
        return width + (5 * scale + beside if beside else 0.0)

    def _paint_facts(self, painter: QPainter, left: float, right: float) -> None:
        """As many facts as there is room for between ``left`` and ``right``, px."""
        scale, x = self._scale, left + GAP * self._scale
        small, large = font(13 * scale), font(34 * scale, bold=True)
        for name, value in self.facts:
            width = max(
                QFontMetricsF(small).horizontalAdvance(name),
                QFontMetricsF(large).horizontalAdvance(value),
            )
            if x + width > right:
                return
            painter.setFont(small)
            painter.setPen(QColor(self.scheme.muted))
            painter.drawText(QPointF(x, 42 * scale), name)
            painter.setFont(large)
            painter.setPen(QColor(self.scheme.text))
            painter.drawText(QPointF(x, 74 * scale), value)
            x += width + GAP * scale

    def _paint_scale(self, painter: QPainter) -> None:
        area, (low, high) = self._area(), self._range
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
        if not len(self._courses):
            return
        area, (low, high) = self._area(), self._range
        # In steps that stay as they are while time goes on, so that a curve does not tremble.
        step = self._span / max(area.width() / POINT_EVERY, 1.0)
        times = self._courses.time
        drawn = np.diff(times // step, append=np.inf) > 0.0
        x = area.right() - (times[-1] - times[drawn]) * (area.width() / self._span)
        courses = self._courses.values[:, drawn]
        for curve, values in zip(self._curves.values(), courses, strict=True):
            y = area.bottom() - (values - low) * (area.height() / (high - low))
            # Lines with square ends, which overlap, cost half of what one with joints does.
            painter.setPen(QPen(QColor(curve.colour), CURVE_WIDTH * self._scale))
            ends = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=-1)
            known = np.isfinite(ends).all(axis=1)
            painter.drawLines([QLineF(*each) for each in ends[known].tolist()])
