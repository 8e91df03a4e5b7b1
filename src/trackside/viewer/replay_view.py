"""What a replay shows: the scene with its caption, and the curves beside it."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from trackside.viewer.panels import FIRST_SHOWN, AnglePanel, TrackPanel
from trackside.viewer.replay import Replay
from trackside.viewer.scene_widget import SceneWidget
from trackside.viewer.scheme import Scheme
from trackside.viewer.stage import Stage
from trackside.viewer.stride_table import StrideTable
from trackside.viewer.timeline import clock_text
from trackside.viewer.tracks import Track

TRACKS = (("Heart rate", "bpm"), ("Cadence", "steps/min"))
_CLOCK_WIDTH = 8.0  # heights of the text that the longest moment is wide
_ANGLE_AXIS = "stride [%], mean ± SD; bold: this one; dotted: toe-off"


class ReplayView(QWidget):
    """The scene, angle panels and track panels of one replay.

    ``sought`` is emitted with the moment in s that was clicked.
    """

    sought = Signal(float)

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self.setObjectName("window")
        self._replay = replay
        self.scene = SceneWidget()
        self.angle_panels = [
            AnglePanel(name, _ANGLE_AXIS if name == FIRST_SHOWN[-1] else "") for name in FIRST_SHOWN
        ]
        self.track_panels = [TrackPanel(*each) for each in TRACKS]
        self._ground_key: tuple[str, int] | None = None
        self._said_missing = list(replay.missing)
        self._clock, self._legend = QLabel(), QLabel()
        self._nothing, self._missing, self._said = QLabel(), QLabel(), QLabel()
        self._lay_out()
        self.scene.failed.connect(lambda what: self._add_missing(f"the picture failed: {what}"))
        for panel in self.track_panels:
            panel.sought.connect(self.sought)
            panel.hide()

    def show_moment(self, stage: Stage, moment: float) -> None:
        """Show a moment in s of the stage."""
        camera = stage.camera(moment)
        key = stage.ground_key(moment)
        if key != self._ground_key:
            self._ground_key = key
            self.scene.show_ground(stage.ground(moment), stage.scheme)
        shown = stage.scene(moment, camera)
        self.scene.show_scene(shown, camera)
        for panel in self._panels():
            if not panel.isHidden():
                panel.show_moment(moment)
        fine = 0.01 if self._replay.step < 0.5 else 1.0
        self._clock.setText(clock_text(moment, fine))
        if self._replay.actor is not None:
            self._nothing.setVisible(not len(shown.bodies))
            if not len(shown.bodies):
                self._nothing.setText(f"no pose at {clock_text(moment, 0.1)}")

    def show_strides(self, table: StrideTable, ghost: StrideTable) -> None:
        """Take the strides of the athlete and of the ghost."""
        for panel in self.angle_panels:
            panel.show_strides(table, ghost)
        for panel in self.angle_panels[1:]:
            panel.setVisible(not table.reason)  # to say why there are no curves, one is enough

    def show_tracks(self, tracks: list[Track]) -> None:
        """Take what is known over the session; what is not, is not shown."""
        known = {track.name: track for track in tracks if np.isfinite(track.values).any()}
        there = [panel for panel in self.track_panels if panel.name in known]
        for panel in self.track_panels:
            panel.setVisible(panel in there)
        for panel in there:
            span = self._replay.start, self._replay.end
            panel.show_track(known[panel.name], span, last=panel is there[-1])

    def show_scheme(self, scheme: Scheme, text: int, ghost: str) -> None:
        """Take colours and a text size in px; ``ghost``: what the ghost is, or empty."""
        parts = []
        if self._replay.actor is not None:
            parts += [("right", scheme.right), ("left", scheme.left)]
        if self._replay.tells:
            parts.append(("no sensor", scheme.unmeasured))
        if ghost:
            parts.append((f"ghost: {ghost} (curves dashed)", scheme.ghost))
        self._legend.setText(
            "&nbsp;&nbsp; ".join(
                f'<span style="color:{colour}">■</span> {name}' for name, colour in parts
            )
        )
        # Of a fixed size, so that another moment asks for no other layout of the window:
        self._clock.setFixedSize(round(_CLOCK_WIDTH * text), 2 * text)
        for panel in self._panels():
            panel.show_scheme(scheme, text)
        self._ground_key = None

    def _panels(self) -> list[AnglePanel | TrackPanel]:
        return [*self.angle_panels, *self.track_panels]

    def _lay_out(self) -> None:
        head = QFrame()
        head.setObjectName("bar")
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 4, 12, 4)
        title = QLabel(self._replay.title)
        title.setObjectName("title")
        title.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._clock.setObjectName("clock")
        row.addWidget(title)
        row.addSpacing(16)
        row.addWidget(self._clock)
        row.addSpacing(16)
        self._said.setObjectName("muted")
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._said, 1)
        row.addWidget(self._legend)
        self._nothing.setObjectName("nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._missing.setObjectName("missing")
        self._missing.setWordWrap(True)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._nothing)
        column.addWidget(self.scene, 1)
        column.addWidget(self._missing)
        self._show_missing()
        self._nothing.setVisible(self._replay.actor is None)
        self._nothing.setText("nobody moves in this file: see below")
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(6)
        for panel in self._panels():
            column.addWidget(panel, 3 if isinstance(panel, AnglePanel) else 2)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 3)
        splitter.setChildrenCollapsible(False)
        self._splitter = splitter
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(splitter, 1)

    def say(self, text: str) -> None:
        """Tell something in passing."""
        self._said.setText(text)
        self._said.setToolTip(text)

    @property
    def said(self) -> str:
        """What was told in passing last."""
        return self._said.text()

    @property
    def nothing(self) -> str:
        """Why nobody is seen, or empty."""
        return self._nothing.text() if not self._nothing.isHidden() else ""

    @property
    def missing(self) -> str:
        """What the file, or the screen, lacks."""
        return self._missing.text()

    @property
    def legend(self) -> str:
        """What the colours mean, as HTML."""
        return self._legend.text()

    def share_width(self, width: int) -> None:
        """Give the curves three eighths of the width."""
        self._splitter.setSizes([round(0.63 * width), round(0.37 * width)])

    def _add_missing(self, text: str) -> None:
        self._said_missing.append(text)
        self._show_missing()

    def _show_missing(self) -> None:
        self._missing.setText("\n".join(self._said_missing))
        self._missing.setVisible(bool(self._said_missing))
