"""Plots in the replay's window: the one module that knows pyqtgraph's plotting.

Grids are not drawn: pyqtgraph's cost more than all else in a frame. Each plot is drawn once into a
picture that is kept until something in it changes; a frame only moves the cursors over it.
"""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from trackside.arrays import Floats
from trackside.viewer.scheme import LIGHT, Scheme

LEAST_RANGE = 15.0
"""° that an angle's axis spans at least: what does not move must not look as if it trembled."""
_DEGREES = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0, 90.0, 180.0)
BAND_OPACITY = 55  # of 255


class _Axis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph is untyped
    """An axis with few numbers, far enough apart to be read, and a unit behind each."""

    unit, text = "", 12

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802 - pyqtgraph's name
        """One step, at which numbers do not touch."""
        room = (1.8 if self.orientation == "left" else 5.0) * self.text
        least = (high - low) * room / max(size, 1.0)
        if self.unit == "°" and least <= _DEGREES[-1]:
            return [(next(step for step in _DEGREES if step >= least), 0.0)]
        decade = 10.0 ** np.floor(np.log10(max(least, 1e-9)))
        step = next(decade * part for part in (1, 2, 5, 10) if decade * part >= least)
        return [(float(step), 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - pyqtgraph's name
        """Numbers with a true minus and their unit."""
        del scale
        digits = max(0, -int(np.floor(np.log10(spacing)))) if spacing > 0 else 0
        rounded = [round(value, digits) + 0.0 for value in values]
        return [f"{value:.{digits}f}{self.unit}".replace("-", "−") for value in rounded]


class Plot(pg.PlotWidget):  # type: ignore[misc] # likewise
    """A plot with bands, lines and cursors by name.

    ``sought`` is emitted with the place on the x axis that was clicked.
    """

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {side: _Axis(side) for side in ("bottom", "left")}
        super().__init__(parent, axisItems=axes)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(60)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setMenuEnabled(False)
        self.getPlotItem().getViewBox().setDefaultPadding(0.0)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._items: dict[str, list[Any]] = {}
        self._cursors: dict[str, tuple[float, str] | None] = {}
        self._traces: dict[str, tuple[Floats, Floats, str]] = {}
        self._still: QPixmap | None = None
        self._kept: QPixmap | None = None
        """With traces; ``_still`` is without them."""
        self._inner: tuple[QRect, QRectF] | None = None
        """Where curves are on the widget, px, and what part of the axes that is."""
        self._scheme = LIGHT
        self._label, self.text = "", 12
        self.scene().sigMouseClicked.connect(self._clicked)
        self.scene().changed.connect(self._draw_anew)

    def show_axes(self, bottom: str, unit: str) -> None:
        """What is plotted against, with its unit, or nothing; the unit of the upright axis."""
        self._label = bottom
        self.getAxis("left").unit = unit
        self._size_axes()

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px; curves keep theirs until they are drawn again."""
        self._scheme, self.text = scheme, text
        self.setBackground(scheme.panel)
        self._draw_anew()
        font = QFont(self.font())
        font.setPixelSize(text)
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(scheme.panel_line))
            axis.setTextPen(pg.mkPen(scheme.muted))
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=4, hideOverlappingLabels=True)
            axis.text = text
        self._size_axes()

    def clear_curves(self) -> None:
        """Take away all bands, lines and traces."""
        self._traces.clear()
        for name in list(self._items):
            self.remove(name)

    def remove(self, name: str) -> None:
        """Take away the bands and lines of that name."""
        for item in self._items.pop(name, ()):
            self.removeItem(item)

    def show_band(self, name: str, x: Floats, mean: Floats, spread: Floats, colour: str) -> None:
        """Draw a mean and a band of ± ``spread`` about it, all (N,)."""
        self.remove(name)
        shade = QColor(colour)
        shade.setAlpha(BAND_OPACITY)
        edges = [pg.PlotCurveItem(x, mean + sign * spread, pen=None) for sign in (1.0, -1.0)]
        band = pg.FillBetweenItem(*edges, brush=pg.mkBrush(shade))
        middle = pg.PlotCurveItem(x, mean, pen=self._pen(colour, 1.3), antialias=True)
        self._add(name, [*edges, band, middle])

    def show_line(
        self, name: str, x: Floats, y: Floats, colour: str, width: float, *, dashed: bool = False
    ) -> None:
        """Draw a line (N,); it breaks where it is not known."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        pen = self._pen(colour, width, style)
        if name in self._items and len(self._items[name]) == 1:
            self._items[name][0].setPen(pen)
            self._items[name][0].setData(x, y, connect="finite")
            return
        self.remove(name)
        self._add(name, [pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True)])

    def show_ticks(self, places: list[float]) -> None:
        """Number these places on the x axis, and no others."""
        self.getAxis("bottom").setTicks([[(place, f"{place:g}") for place in places]])

    def show_mark(self, name: str, place: float, colour: str) -> None:
        """Draw a thin dashed upright line there, with the curves of that name."""
        pen = self._pen(colour, 1.0, Qt.PenStyle.DotLine)
        self._add(name, [*self._items.pop(name, ()), pg.InfiniteLine(place, angle=90, pen=pen)])

    def show_cursor(self, name: str, place: float | None, colour: str) -> None:
        """Put an upright line there; None takes it away."""
        cursor = None if place is None else (place, colour)
        if cursor != self._cursors.get(name):
            self._update_at(self._cursors.get(name))
            self._cursors[name] = cursor
            self._update_at(cursor)

    def cursor(self, name: str) -> float | None:
        """Where a cursor is."""
        found = self._cursors.get(name)
        return None if found is None else found[0]

    def show_trace(self, name: str, x: Floats, y: Floats, colour: str) -> None:
        """Draw a bold line (N,) over the curves."""
        self._traces[name] = x, y, colour
        self._draw_traces_anew()

    def remove_trace(self, name: str) -> None:
        """Take that line away."""
        if self._traces.pop(name, None) is not None:
            self._draw_traces_anew()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Show the picture that is kept, and the cursors over it."""
        if self._kept is None:
            if self._still is None:
                self._still = self._picture()
            self._kept = QPixmap(self._still)
            self._draw_traces(self._kept)
        painter = QPainter(self.viewport())
        part, ratio = event.rect(), self._kept.devicePixelRatio()
        painter.drawPixmap(part, self._kept, QRect(part.topLeft() * ratio, part.size() * ratio))
        for cursor in self._cursors.values():
            if cursor is not None:
                painter.fillRect(self._cursor_box(cursor[0]), QColor(cursor[1]))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in its new size."""
        super().resizeEvent(event)
        self._draw_anew()

    def _picture(self) -> QPixmap:
        """Everything but traces and cursors."""
        self.scene().prepareForPaint()
        ratio = self.devicePixelRatio()
        picture = QPixmap(self.viewport().size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        painter.setRenderHints(self.renderHints())
        self.render(painter)
        painter.end()
        return picture

    def _draw_traces(self, picture: QPixmap) -> None:
        painter = QPainter(picture)
        painter.setTransform(self.viewportTransform())
        painter.setClipRect(self.getPlotItem().getViewBox().sceneBoundingRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, y, colour in self._traces.values():
            painter.setPen(self._pen(colour, 2.2))
            painter.drawPolyline(self._line_of(x, y))
        painter.end()

    def _draw_anew(self) -> None:
        self._still = self._inner = None
        self._draw_traces_anew()

    def _draw_traces_anew(self) -> None:
        self._kept = None
        self.viewport().update()

    def _cursor_box(self, place: float) -> QRect:
        """What the cursor at a place on the x axis covers, px of the widget."""
        if self._inner is None:
            box = self.getPlotItem().getViewBox()
            where = self.mapFromScene(box.sceneBoundingRect()).boundingRect()
            self._inner = where, box.viewRect()
        where, seen = self._inner
        wide = max(2, self.text // 7)
        share = (place - seen.left()) / seen.width()
        left = where.left() + round(share * where.width()) - wide // 2
        return QRect(left, where.top(), wide, where.height()) & where

    def _update_at(self, cursor: tuple[float, str] | None) -> None:
        if cursor is not None:
            self.viewport().update(self._cursor_box(cursor[0]))

    def _line_of(self, x: Floats, y: Floats) -> list[QPointF]:
        box = self.getPlotItem().getViewBox()
        low = box.mapViewToScene(QPointF(0.0, 0.0))
        high = box.mapViewToScene(QPointF(1.0, 1.0))
        right = low.x() + x * (high.x() - low.x())
        down = low.y() + y * (high.y() - low.y())
        return [QPointF(at, to) for at, to in zip(right.tolist(), down.tolist(), strict=True)]

    def show_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """The parts of both axes that are seen."""
        self.setXRange(*x, padding=0.0)
        self.setYRange(*y, padding=0.0)
        self._inner = None

    def fit_angles(self, x: tuple[float, float], low: float, high: float) -> None:
        """Show degrees from ``low`` to ``high`` with some room, and LEAST_RANGE at least."""
        missing = max(LEAST_RANGE - (high - low), 0.0) / 2
        room = 0.06 * (high - low + 2 * missing)
        self.show_range(x, (low - missing - room, high + missing + room))

    def _add(self, name: str, items: list[Any]) -> None:
        self._items[name] = items
        for item in items:
            if item.scene() is None:
                self.addItem(item)

    def _size_axes(self) -> None:
        bottom = self.getAxis("bottom")
        self.getAxis("left").setWidth(round(3.6 * self.text))
        bottom.setHeight(round((3.1 if self._label else 1.7) * self.text))
        bottom.setLabel(
            self._label or None, **{"color": self._scheme.muted, "font-size": f"{self.text}px"}
        )

    def _pen(self, colour: str, width: float, style: Any = Qt.PenStyle.SolidLine) -> Any:
        """A pen as thick as the text is large."""
        return pg.mkPen(colour, width=width * self.text / 12.0, style=style)

    def _clicked(self, event: Any) -> None:
        box = self.getPlotItem().getViewBox()
        if box.sceneBoundingRect().contains(event.scenePos()):
            self.sought.emit(float(box.mapSceneToView(event.scenePos()).x()))


def bounds(curves: list[Floats]) -> tuple[float, float]:
    """The least and the largest value of some curves that are known anywhere."""
    values = np.concatenate([np.ravel(curve) for curve in curves]) if curves else np.empty(0)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
