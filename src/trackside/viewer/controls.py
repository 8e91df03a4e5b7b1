"""The buttons of a replay."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QToolButton

from trackside.viewer.camera import VIEWS
from trackside.viewer.ghosts import Place
from trackside.viewer.icons import pause_icon, play_icon, step_icon
from trackside.viewer.playback import SPEEDS, Playback
from trackside.viewer.scheme import LIGHT, Scheme

_NO_GHOST = "hidden"


class Controls(QFrame):
    """Play, speed, views, ghost, pictures: each a signal, and what is shown as chosen."""

    played = Signal()
    stepped = Signal(int)
    speed_chosen = Signal(float)
    looped = Signal()
    view_chosen = Signal(str)
    place_chosen = Signal(object)
    step_kept = Signal(bool)
    lap_chosen = Signal(int)
    file_wanted = Signal()
    picture_wanted = Signal()
    video_wanted = Signal()
    scheme_changed = Signal()
    help_wanted = Signal()

    def __init__(self, laps: int, *, may_open: bool) -> None:
        super().__init__()
        self.setObjectName("bar")
        self._playing: bool | None = None
        self._scheme = LIGHT
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 6)
        row.setSpacing(4)
        self._back = self._button("", "Back by a frame  (←)", lambda: self.stepped.emit(-1))
        self._play = self._button("", "Play or pause  (Space)", self.played.emit)
        self._on = self._button("", "On by a frame  (→)", lambda: self.stepped.emit(1))
        self._speed = QComboBox()
        self._speed.setToolTip("Speed  (↑ ↓)")
        for speed in SPEEDS:
            self._speed.addItem(f"{speed:g}×", speed)
        self._speed.activated.connect(lambda i: self.speed_chosen.emit(SPEEDS[i]))
        self._loop = self._button(
            "Loop stride", "Play this stride over and over  (L)", self.looped.emit, checkable=True
        )
        self._views = {
            name: self._button(
                name.capitalize(),
                f"View from: {name}  ({number})",
                partial(self.view_chosen.emit, name),
                checkable=True,
            )
            for number, name in enumerate(VIEWS, start=1)
        }
        self._ghost = self._button("Ghost", "Compare with a second motion", lambda: None)
        self._ghost.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._ghost.setMenu(self._menu)
        self._place = QComboBox()
        self._place.setToolTip("Where the ghost is  (G)")
        for place in Place:
            self._place.addItem(place.value, place)
        self._place.addItem(_NO_GHOST, None)
        self._place.activated.connect(lambda i: self.place_chosen.emit(self._place.itemData(i)))
        self._in_step = self._button(
            "In step",
            "The ghost at the same share of its stride, or at the same time  (S)",
            lambda: self.step_kept.emit(self._in_step.isChecked()),
            checkable=True,
        )
        picture = self._button("Picture", "Save as PNG  (P)", self.picture_wanted.emit)
        video = self._button(
            "Video", "Save the loop, or all from here on, as video  (V)", self.video_wanted.emit
        )
        self._look = self._button("Dark", "Light or dark  (D)", self.scheme_changed.emit)
        keys = self._button("Keys", "All keys  (H)", self.help_wanted.emit)
        for group in (
            (self._back, self._play, self._on, self._speed, self._loop),
            tuple(self._views.values()),
            (self._ghost, self._place, self._in_step),
            (picture, video, self._look, keys),
        ):
            for widget in group:
                row.addWidget(widget)
            row.addStretch(1)
        row.takeAt(row.count() - 1)
        self._fill_menu(laps, may_open)
        self.show_ghost(False)

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px."""
        self._scheme, self._playing = scheme, None
        size = QSize(round(1.3 * text), round(1.3 * text))
        for button in (self._back, self._play, self._on):
            button.setIconSize(size)
        self._back.setIcon(step_icon(scheme.text, back=True))
        self._on.setIcon(step_icon(scheme.text))
        self._look.setText("Dark" if scheme is LIGHT else "Light")

    def show_playback(self, playback: Playback) -> None:
        """Show whether it plays, how fast, and whether a stride is looped."""
        if playback.playing != self._playing:
            self._playing = playback.playing
            icon = pause_icon if playback.playing else play_icon
            self._play.setIcon(icon(self._scheme.text))
        self._loop.setChecked(playback.loop is not None)
        index = self._speed.findData(playback.speed)
        if index != self._speed.currentIndex():
            self._speed.setCurrentIndex(index)

    def show_view(self, name: str | None) -> None:
        """Show which view is taken; None after the camera was moved by hand."""
        for key, button in self._views.items():
            button.setChecked(key == name)

    def show_ghost(self, there: bool, place: Place | None = None, in_step: bool = True) -> None:
        """Show where the ghost is, if there is one."""
        self._place.setVisible(there)
        self._in_step.setVisible(there)
        self._place.setCurrentIndex(len(Place) if place is None else list(Place).index(place))
        self._in_step.setChecked(in_step)

    def _fill_menu(self, laps: int, may_open: bool) -> None:
        for lap in range(1, laps + 1):
            action = QAction(f"Lap {lap} of this session", self)
            action.triggered.connect(partial(self._choose_lap, lap))
            self._menu.addAction(action)
        if may_open:
            action = QAction("Another recording or BVH …", self)
            action.triggered.connect(self.file_wanted.emit)
            self._menu.addAction(action)
        self._ghost.setEnabled(bool(self._menu.actions()))

    def _choose_lap(self, lap: int, _checked: bool = False) -> None:
        self.lap_chosen.emit(lap)

    def _button(
        self, text: str, tip: str, act: Callable[[], None], *, checkable: bool = False
    ) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _=False: act())
        return button
