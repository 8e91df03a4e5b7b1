"""The panels beside the scene: an angle over the stride, and values over the session."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout

from trackside.arrays import Floats
from trackside.kinematics.comparison import without_side
from trackside.kinematics.stride_curves import PERCENT
from trackside.recordings.placements import SIDES
from trackside.viewer.plots import Plot, bounds
from trackside.viewer.readings import Readings
from trackside.viewer.scheme import LIGHT, Scheme
from trackside.viewer.stride_table import AngleStrides, StrideTable
from trackside.viewer.tracks import Track

_VALUES_WIDTH, _VALUE_WIDTH = 14, 9  # heights of the text that the widest values are wide
FIRST_SHOWN = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")


class AnglePanel(QFrame):
    """One angle over the stride: mean and band of all strides, and the stride that goes on.

    ``preferred``: the angle that is shown first; ``axis``: what stands below the plot.
    """

    def __init__(self, preferred: str, axis: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.plot = Plot()
        self.chosen = QComboBox()
        self.chosen.setToolTip("Which angle")
        self.chosen.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._values = Readings()
        self._preferred, self._axis = preferred, axis
        self._why_not = QLabel()
        self._why_not.setObjectName("muted")
        self._why_not.setWordWrap(True)
        self._why_not.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._table, self._ghost = StrideTable(), StrideTable()
        self._scheme = LIGHT
        self._drawn: dict[str, int | None] = {}
        self._names: list[str] = []
        """The chosen angle of both sides, as far as they are there."""
        head = QHBoxLayout()
        head.addWidget(self.chosen)
        head.addStretch(1)
        head.addWidget(self._values)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 2)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._why_not, 1)
        layout.addWidget(self.plot, 1)
        self.chosen.currentIndexChanged.connect(lambda _: self._draw())
        self.say_why_not("looking for strides …")

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px."""
        self._scheme = scheme
        self._values.give_room(_VALUES_WIDTH * text, text, scheme.panel)
        self.plot.show_scheme(scheme, text)
        self._draw()

    def say_why_not(self, text: str) -> None:
        """Tell why there are no curves; empty where there are."""
        self._why_not.setText(text)
        self._why_not.setVisible(bool(text))
        self.plot.setVisible(not text)
        self.chosen.setVisible(not text)

    def show_strides(self, table: StrideTable, ghost: StrideTable) -> None:
        """Take the strides of the athlete and those of a ghost."""
        self._table, self._ghost = table, ghost
        names = list(dict.fromkeys(without_side(name) for name in table.names))
        if names != [self.chosen.itemData(i) for i in range(self.chosen.count())]:
            kept = self.chosen.currentData() or self._preferred
            self.chosen.blockSignals(True)
            self.chosen.clear()
            for name in names:
                self.chosen.addItem(name.replace("_", " "), name)
            self.chosen.setCurrentIndex(max(self.chosen.findData(kept), 0))
            self.chosen.blockSignals(False)
        self._draw()

    def show_moment(self, moment: float) -> None:
        """Put the cursors, and the stride that goes on, at ``moment`` s."""
        said = []
        for name in self._names:
            strides = self._table.angle(name)
            found = None if strides is None else strides.at(moment)
            colour = self._scheme.of_side(name)
            self.plot.show_cursor(name, None if found is None else found[1], colour)
            row = None if found is None else found[0]
            if row != self._drawn.get(name, -1):
                self._drawn[name] = row
                self._draw_stride(name, strides, row)
            if found is not None and strides is not None:
                angle = np.interp(found[1], PERCENT, strides.curves[found[0]])
                text = f"{_side_word(name)}{np.rad2deg(angle):.0f}°".replace("-", "−")
                said.append((text, colour))
        self._values.show_texts(said)

    def _draw(self) -> None:
        self.plot.clear_curves()
        self._drawn = {}
        bare = self.chosen.currentData()
        names = [name for name in self._table.names if without_side(name) == bare]
        self._names = names
        if not names:
            if self._table.reason:
                self.say_why_not(f"no angles over the stride: {self._table.reason}")
            return
        self.say_why_not("")
        self.plot.show_axes(self._axis, "°")
        self.plot.show_ticks([0, 20, 40, 60, 80, 100])
        self.plot.show_scheme(self._scheme, self.plot.text)
        shown: list[Floats] = []
        for name in names:
            strides = self._table.angle(name)
            if strides is None:
                continue
            curve = strides.mean()
            mean, sd = np.rad2deg(curve.mean), np.rad2deg(curve.sd)
            self.plot.show_band(f"{name} mean", PERCENT, mean, sd, self._scheme.of_side(name))
            shown += [mean - sd, mean + sd]
            other = self._ghost.angle(name)
            if other is not None:
                mean = np.rad2deg(other.mean().mean)
                self.plot.show_line(
                    f"{name} ghost", PERCENT, mean, self._scheme.of_side(name), 1.5, dashed=True
                )
                shown.append(mean)
        for side, stance in self._table.stance.items():
            if np.isfinite(stance) and f"{side}_{self.chosen.currentData()}" in names:
                colour = self._scheme.of_side(side)
                self.plot.show_mark(f"{side} toe-off", 100.0 * stance, colour)
        self.plot.fit_angles((-3.0, 104.0), *bounds(shown))

    def _draw_stride(self, name: str, strides: AngleStrides | None, row: int | None) -> None:
        if strides is None or row is None:
            self.plot.remove_trace(name)
            return
        curve = np.rad2deg(strides.curves[row])
        self.plot.show_trace(name, PERCENT, curve, self._scheme.of_side(name))


class TrackPanel(QFrame):
    """One value over the whole session; a click goes there."""

    sought = Signal(float)

    def __init__(self, name: str, unit: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.name, self.unit, self._last = name, unit, True
        self.plot = Plot()
        self._value = Readings()
        self._track: Track | None = None
        self._span, self._scale = (0.0, 1.0), 1.0
        self._scheme = LIGHT
        title = QLabel(f"{name} [{unit}]")
        title.setObjectName("title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 2)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.plot, 1)
        self.plot.sought.connect(lambda place: self.sought.emit(place * self._scale))

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px."""
        self._scheme = scheme
        self._value.give_room(_VALUE_WIDTH * text, text, scheme.panel)
        self.plot.show_scheme(scheme, text)
        if self._track is not None:
            self.show_track(self._track, self._span, last=self._last)

    def show_track(self, track: Track, span: tuple[float, float], *, last: bool) -> None:
        """Draw a track over the session, from ``span``'s start to its end in s.

        ``last``: whether no panel is below, so that the axis has its name there.
        """
        self._track, self._span, self._last = track, span, last
        colour = self._scheme.heart if track.unit == "bpm" else self._scheme.accent
        minutes = span[1] - span[0] > 600.0
        self._scale = 60.0 if minutes else 1.0  # s per unit of the axis
        axis = "time [min]" if minutes else "time [s]"
        self.plot.show_axes(axis if self._last else "", "")
        self.plot.show_line("track", track.time / self._scale, track.values, colour, 1.6)
        low, high = bounds([track.values])
        room = 0.08 * max(high - low, 10.0)
        self.plot.show_range(
            (span[0] / self._scale, span[1] / self._scale), (low - room, high + room)
        )

    def show_moment(self, moment: float) -> None:
        """Put the cursor at ``moment`` s."""
        if self._track is None:
            return
        self.plot.show_cursor("now", moment / self._scale, self._scheme.text)
        value = self._track.at(moment)
        text = "–" if np.isnan(value) else f"{value:.0f} {self.unit}"
        self._value.show_texts([(text, self._scheme.text)])


def _side_word(name: str) -> str:
    side = name.partition("_")[0]
    return f"{side} " if side in SIDES else ""
