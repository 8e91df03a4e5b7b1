"""The live window: the athlete on the track, three numbers, and every sensor's state.

It only draws what it is given. :meth:`LiveWindow.offer` may be called from any thread.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QVBoxLayout, QWidget

from trackside.viewer.camera import VIEWS
from trackside.viewer.cue_banner import CueBanner
from trackside.viewer.lettering import font
from trackside.viewer.live_picture import LivePicture, LiveTitle
from trackside.viewer.live_stage import LiveStage
from trackside.viewer.scene_widget import SceneWidget
from trackside.viewer.scheme import LIGHT, SCHEMES, Scheme
from trackside.viewer.scroll_plot import Band, Curve, ScrollPlot
from trackside.viewer.sensor_strip import SensorStrip

HEART_SPAN: Final = 60.0  # s
CADENCE_SPAN: Final = 60.0
ANGLE_SPAN: Final = 6.0
SIZE: Final = (1280, 800)
SMALLEST: Final = 0.8  # as large as letters are in a window of that size

ZONE_COLOURS: Final = ("#9DB4C4", "#56B4E9", "#009E73", "#E69F00", "#D55E00")
"""From easy to hard (Okabe & Ito)."""
KEYS: Final = {Qt.Key.Key_1 + number: view for number, view in enumerate(VIEWS)}


class Line(QWidget):
    """Lines of text on a ground of one colour, as large as they fit."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.text = ""
        self.right = ""
        self._usual = size
        self._ink = self._ground = "#000000"
        self.set_scale(1.0)

    def set_scale(self, scale: float) -> None:
        """Draw everything so many times as large."""
        self._size = self._usual * scale
        self.setFixedHeight(round(1.9 * self._size))

    def say(self, text: str, right: str = "", *, ink: str, ground: str) -> None:
        """Show a text on the left, and another one on the right, in these colours."""
        if (text, right, ink, ground) == (self.text, self.right, self._ink, self._ground):
            return
        self.text, self.right, self._ink, self._ground = text, right, ink, ground
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Draw both texts; the left one gives way."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._ground))
        painter.setPen(QColor(self._ink))
        painter.setFont(font(self._size, bold=True))
        metrics = painter.fontMetrics()
        inner = self.rect().adjusted(12, 0, -12, 0)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, vertical | Qt.AlignmentFlag.AlignRight, self.right)
        room = inner.width() - metrics.horizontalAdvance(self.right) - 24 * bool(self.right)
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, vertical | Qt.AlignmentFlag.AlignLeft, text)


class LiveWindow(QMainWindow):
    """Shows pictures as they come.

    ``title``: what stays; ``pressed`` is called with the keys that are not the window's own:
    "l" lap, "m" mark, "c" calibrate anew, "a" another angle. ``drawn`` is emitted with each picture
    when it is on the screen.
    """

    drawn = Signal(object)
    _offered = Signal()
    _ended = Signal(str)

    def __init__(
        self, title: LiveTitle, pressed: Callable[[str], None], scheme: Scheme = LIGHT
    ) -> None:
        super().__init__()
        self.title = title
        self.scheme = scheme
        self._pressed = pressed
        self._newest: LivePicture | None = None
        self._asked = False
        self._on_scene: LivePicture | None = None
        self._end = ""
        self._angle = ""
        self._turn = 0
        """Of the plot that is drawn with this picture: one at a time, which nobody sees."""
        self._stage = LiveStage(title.skeleton, scheme)
        self.setWindowTitle(f"{title.name} – Trackside")
        self.scene = SceneWidget(scheme)
        self.head, self.todo, self.foot = Line(22), Line(26), Line(15)
        highest = max((180.0, *title.zones[-1:]))
        self.heart = ScrollPlot("Heart rate", "bpm", HEART_SPAN, (60.0, highest), scheme)
        self.cadence = ScrollPlot("Cadence", "steps/min", CADENCE_SPAN, (120.0, 200.0), scheme)
        self.angle = ScrollPlot("Angle", "°", ANGLE_SPAN, (0.0, 90.0), scheme)
        self.plots = (self.heart, self.cadence, self.angle)
        self.strip = SensorStrip(scheme)
        self.cue = CueBanner(scheme)
        self._lay_out()
        self._dress()
        self._offered.connect(self._take)
        self._ended.connect(self._say_end)
        self.scene.camera_moved.connect(self._stage.turn)
        # Queued, as a widget's picture is on the screen once its painting has returned.
        self.scene.drawn.connect(self._tell_drawn, Qt.ConnectionType.QueuedConnection)
        self.scene.failed.connect(self._say_end)
        self.resize(*SIZE)

    def offer(self, picture: LivePicture) -> None:
        """Have this drawn instead of what has not been drawn yet; from any thread, at once."""
        self._newest = picture
        if not self._asked:
            self._asked = True
            self._offered.emit()

    def end(self, why: str) -> None:
        """Say that nothing more will come, or close the window without a reason; any thread."""
        self._ended.emit(why)

    def show_picture(self, picture: LivePicture) -> None:
        """Draw a picture."""
        scene, camera = self._stage.scene(picture), self._stage.camera(picture)
        ground = self._stage.ground(picture)
        if ground is not None:
            self.scene.show_ground(ground, self.scheme)
        self.scene.show_scene(scene, camera)
        self._plot(picture)
        self.strip.show_states(picture.sensors)
        self.cue.say(*picture.cue)
        self._say(picture)
        self._on_scene = picture

    def change_scheme(self) -> None:
        """From light to dark, or back."""
        names = list(SCHEMES)
        self.scheme = SCHEMES[names[(names.index(self.scheme.name) + 1) % len(names)]]
        self._dress()
        if self._on_scene is not None:
            self.show_picture(self._on_scene)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The window's own keys, and those for somebody else."""
        key = event.key()
        if key in KEYS:
            self._stage.look_from(KEYS[key])
        elif key == Qt.Key.Key_D:
            self.change_scheme()
        elif key == Qt.Key.Key_F:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        elif key in (Qt.Key.Key_Q, Qt.Key.Key_Escape):
            self.close()
        elif event.text().lower() in {"l", "m", "c", "a"} and not event.isAutoRepeat():
            self._press(event.text().lower())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Letters grow with the window."""
        super().resizeEvent(event)
        scale = max(SMALLEST, min(self.width() / SIZE[0], self.height() / SIZE[1]))
        for part in (self.head, self.todo, self.cue, self.foot, self.strip):
            part.set_scale(scale)

    def _press(self, key: str) -> None:
        if key in "lm" and not self.title.can_mark:
            self._say_end("Laps and marks: press l or m where the recording runs")
            return
        self._pressed(key)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(1)
        for plot in self.plots:
            column.addWidget(plot, 1)
        middle = QHBoxLayout()
        middle.setSpacing(1)
        middle.addWidget(self.scene, 63)
        middle.addLayout(column, 37)
        whole = QVBoxLayout()
        whole.setSpacing(0)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.head)
        whole.addWidget(self.todo)
        whole.addWidget(self.cue)
        whole.addLayout(middle, 1)
        whole.addWidget(self.strip)
        whole.addWidget(self.foot)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _dress(self) -> None:
        """Put everything into the colours of the scheme."""
        scheme = self.scheme
        self.setStyleSheet(f"QMainWindow, QWidget {{ background: {scheme.panel_line}; }}")
        self._stage.use(scheme)
        for plot in self.plots:
            plot.scheme = scheme
            plot.update()
        for part in (self.strip, self.cue):
            part.scheme = scheme
            part.update()
        self.heart.restart("Heart rate", {"bpm": Curve("", scheme.heart)})
        self.cadence.restart("Cadence", {"steps": Curve("", scheme.accent)})
        self._angle = ""
        zones = self.title.zones
        self.heart.bands = [
            Band(low, high, colour, f"{number}")
            for number, (low, high, colour) in enumerate(
                zip(zones, zones[1:], ZONE_COLOURS, strict=False), start=1
            )
        ]

    def _take(self) -> None:
        self._asked = False
        if self._newest is not None:
            self.show_picture(self._newest)

    def _tell_drawn(self) -> None:
        if self._on_scene is not None:
            self.drawn.emit(self._on_scene)

    def _say_end(self, why: str) -> None:
        self._end = why
        if not why:
            self.close()
            return
        if self._on_scene is not None:
            self._say(self._on_scene)
        else:
            self.todo.say(why, ink="#FFFFFF", ground="#A30B2E")

    def _plot(self, picture: LivePicture) -> None:
        self.heart.add(picture.time, {"bpm": picture.heart_rate})
        self.heart.note = self._zone(picture.heart_rate)
        moving = picture.cadence > 0.0
        self.cadence.add(picture.time, {"steps": picture.cadence if moving else np.nan})
        self.cadence.note = "" if moving else self._why_no_cadence(picture)
        self.cadence.facts = picture.strides.facts if moving and picture.strides else ()
        if picture.angle != self._angle:
            self._angle = picture.angle
            curves = {name: self._curve(name) for name in picture.angles}
            self.angle.restart(picture.angle.replace("_", " ").capitalize(), curves)
        self.angle.add(picture.time, picture.angles)
        self.angle.deviations = picture.angles_sd
        known = any(np.isfinite(value) for value in picture.angles.values())
        self.angle.note = "" if known else self._why_no_angle(picture)
        self._turn = (self._turn + 1) % len(self.plots)
        self.plots[self._turn].update()

    def _curve(self, name: str) -> Curve:
        side = {"left": "L", "right": "R"}.get(name.partition("_")[0], "")
        return Curve(side, self.scheme.of_side(name))

    def _zone(self, bpm: float) -> str:
        """In which zone a heart rate is, in words."""
        if not np.isfinite(bpm):
            return "no heart rate yet"
        zones = self.title.zones
        if not zones:
            return ""
        number = int(np.searchsorted(zones[:-1], bpm, side="right"))
        return f"zone {number}" if number else "below zone 1"

    def _why_no_cadence(self, picture: LivePicture) -> str:
        return "standing" if picture.cadence == 0.0 else "no leg sensor or foot pod yet"

    def _why_no_angle(self, picture: LivePicture) -> str:
        return "no sensor on both segments" if picture.calibrated else "not calibrated"

    def _say(self, picture: LivePicture) -> None:
        minutes, seconds = divmod(int(picture.time), 60)
        right = f"lap {picture.laps + 1} · {picture.marks} marks"
        name = f"{self.title.name}  {self.title.athlete}".strip()
        clock = f"{minutes}:{seconds:02d}"
        scheme = self.scheme
        self.head.say(f"{clock}   {name}", right, ink=scheme.text, ground=scheme.panel)
        self._say_todo(picture)
        keys = "l lap · m mark · " if self.title.can_mark else ""
        keys += "c calibrate · a angle · 1–5 view · d dark · f full screen · q close"
        self.foot.say(keys, self.title.delay, ink=scheme.muted, ground=scheme.panel)

    def _say_todo(self, picture: LivePicture) -> None:
        """The one thing that matters most now, over the whole width."""
        text = self._end or picture.todo or (picture.remarks[0] if picture.remarks else "")
        self.todo.setVisible(bool(text))
        if not text:
            return
        if self._end or picture.todo:
            dark = self.scheme.name == "dark"
            ink, ground = ("#000000", "#FFC46B") if dark else ("#3A1D00", "#FFD9A0")
        else:
            ink, ground = self.scheme.text, self.scheme.panel
        more = len(picture.remarks) - (not (self._end or picture.todo))
        self.todo.say(text, f"+{more} more" if more > 0 else "", ink=ink, ground=ground)
