"""The replay's window: what keys and buttons do, and the clock that plays."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QVBoxLayout, QWidget

from trackside.errors import TracksideError
from trackside.viewer.analysis import Analysis
from trackside.viewer.camera import VIEWS
from trackside.viewer.controls import Controls
from trackside.viewer.film import Film
from trackside.viewer.ghosts import Ghost, Place
from trackside.viewer.help_overlay import HelpOverlay
from trackside.viewer.playback import Playback
from trackside.viewer.replay import Replay
from trackside.viewer.replay_view import ReplayView
from trackside.viewer.scheme import DARK, LIGHT, Scheme
from trackside.viewer.stage import Stage
from trackside.viewer.stride_table import StrideTable
from trackside.viewer.style import style_sheet, text_size
from trackside.viewer.timeline import Timeline, TimelineMarks
from trackside.viewer.tracks import Track, thinned
from trackside.viewer.video import RATE

FRAME_TIME = 16  # ms
KEYS = (
    ("Space", "play, pause"),
    ("← →", "back, on by a frame"),
    ("Shift ← →", "back, on by a second"),
    ("Home End", "first, last moment"),
    ("↑ ↓", "faster, slower"),
    ("[ ]", "stride before, next stride"),
    ("L", "loop this stride"),
    ("B N", "lap before, next lap"),
    ("1 … 5", "view: side, front, back, top, follow"),
    ("G", "ghost over, beside, its own way, hidden"),
    ("S", "ghost in step, or by time"),
    ("P", "save a picture (PNG)"),
    ("V", "save a video (MP4)"),
    ("D", "light, dark"),
    ("F", "full screen"),
    ("H ?", "this list"),
)
_MOUSE = "Mouse: drag to turn the view, wheel to come nearer. Click the bar of time to go there."
_PLACES = (Place.OVER, Place.BESIDE, Place.ITS_OWN, None)


class ReplayWindow(QMainWindow):
    """Plays a replay.

    ``playback``, ``stage``, ``strides`` and ``tracks`` tell where it is; ``view`` shows it.
    ``pictures``: the folder into which pictures and videos go.
    """

    def __init__(
        self, replay: Replay, scheme: Scheme = LIGHT, pictures: Path | None = None
    ) -> None:
        super().__init__()
        self.setWindowTitle(_title(replay))
        self.replay = replay
        self.stage = Stage(replay, scheme)
        self.playback = Playback(replay.start, replay.end, replay.step)
        self.strides, self.ghost_strides = StrideTable(), StrideTable()
        self.tracks: list[Track] = []
        self._pictures = pictures or Path.cwd()
        self._text = 0
        self._analyses: list[Analysis] = []
        self._film: Film | None = None
        self.view = ReplayView(replay)
        self.timeline = Timeline(replay.start, replay.end, _timeline_marks(replay))
        laps = len(replay.laps) + 1 if len(replay.laps) else 0
        self.controls = Controls(laps, may_open=replay.open_ghost is not None)
        self._lay_out()
        self.help = HelpOverlay(self, KEYS, _MOUSE)
        self._connect()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last_tick = 0.0
        self.setMinimumSize(960, 600)
        self.resize(1280, 800)
        self._restyle()
        self.look_from("follow")
        if replay.ghost is not None:
            self.take_ghost(replay.ghost)
        if replay.motion is None:
            self._take_strides(StrideTable(reason="there is no skeleton with our joints"), 1.0)
        self._begin(Analysis(replay.motion, replay.tracks, self), self._take_strides)

    def play_or_pause(self) -> None:
        """Play, or pause."""
        self.playback.toggle()
        self._last_tick = time.perf_counter()
        if self.playback.playing:
            self._timer.start(FRAME_TIME)
        self.show_moment()

    def seek(self, moment: float) -> None:
        """Go to a moment in s."""
        self.playback.seek(moment)
        self.show_moment()

    def step_frames(self, count: int) -> None:
        """Go on by frames, or back."""
        self.playback.step_frames(count)
        self.show_moment()

    def play_at(self, speed: float) -> None:
        """Play at ``speed`` times the real one."""
        self.playback.speed = speed
        self.show_moment()

    def change_speed(self, up: bool) -> None:
        """The next speed, faster or slower."""
        self.playback.change_speed(up)
        self.show_moment()

    def loop_stride(self) -> None:
        """Play the stride that goes on over and over, or no longer."""
        looping = self.playback.loop is not None
        self.playback.loop = None if looping else self.strides.stride(self.playback.moment)
        if not looping and self.playback.loop is None:
            self.say("no stride goes on at this moment: nothing to loop")
        self.show_moment()

    def next_stride(self, count: int) -> None:
        """Go to the start of the next stride, or to that of one before; a loop goes along."""
        steps = next(iter(self.strides.steps.values()), None)
        if steps is None:
            self.say("no strides to go to")
            return
        row = _next(steps.start, self.playback.moment, count)
        looping = self.playback.loop is not None
        self.playback.loop = None
        self.playback.seek(float(steps.start[row]))
        if looping:
            self.playback.loop = float(steps.start[row]), float(steps.end[row])
        self.show_moment()

    def next_lap(self, count: int) -> None:
        """Go to the next lap's start, or to that of one before."""
        starts = np.concatenate([[self.replay.start], self.replay.laps])
        self.seek(float(starts[_next(starts, self.playback.moment, count)]))

    def look_from(self, name: str) -> None:
        """Take a preset view."""
        self.stage.look_from(name)
        self.controls.show_view(name)
        self.show_moment()

    def place_ghost(self, place: Place | None) -> None:
        """Put the ghost over the athlete, beside, where it was, or hide it."""
        self.stage.place = place
        self._show_ghost()

    def next_place(self) -> None:
        """Put the ghost into the next place."""
        if self.stage.ghost is None:
            self.say("no ghost yet: choose one with the button Ghost")
            return
        self.place_ghost(_PLACES[(_PLACES.index(self.stage.place) + 1) % len(_PLACES)])

    def keep_step(self, in_step: bool | None = None) -> None:
        """Show the ghost at the same share of its stride, or at the same time since its start."""
        if self.stage.ghost is not None:
            wanted = not self.stage.ghost.in_step if in_step is None else in_step
            self.stage.ghost = self.stage.ghost.stepping(wanted)
        self._show_ghost()

    def take_ghost(self, ghost: Ghost) -> None:
        """Show another ghost, and look for its strides."""
        self.stage.ghost, self.stage.place = ghost, self.stage.place or Place.OVER
        self._take_ghost_strides(self.strides if ghost.motion is None else StrideTable(), 0.0)
        if ghost.motion is not None:
            self._begin(Analysis(ghost.motion, parent=self), self._take_ghost_strides)
        self.view.show_scheme(self.stage.scheme, self._text, ghost.title)
        self._show_ghost()

    def ghost_of_lap(self, lap: int) -> None:
        """Take a lap of this session as the ghost, counted from 1, against the lap we are in."""
        if self.replay.again is None:
            return
        bounds = np.concatenate([[self.replay.start], self.replay.laps, [self.replay.end]])
        own = bounds[_next(bounds[:-1], self.playback.moment, 0)]
        start, end = float(bounds[lap - 1]), float(bounds[lap])
        self.take_ghost(Ghost(f"lap {lap}", self.replay.again(), start, end, float(own)))

    def ask_for_ghost(self) -> None:
        """Ask for a file, and take what moves in it as the ghost."""
        files = "Motions (*.h5 *.bvh *.mvnx);;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(self, "Compare with", "", files)
        if chosen and self.replay.open_ghost is not None:
            try:
                ghost = self.replay.open_ghost(Path(chosen))
                self.take_ghost(ghost.beginning(self.playback.moment))
            except (TracksideError, OSError) as error:
                self.say(str(error))

    def save_picture(self, path: Path | None = None) -> None:
        """Keep the scene and its curves as PNG; without a path under a name of its own."""
        path = path or self._free_name("png")
        written = self.view.grab().save(str(path), "PNG")
        self.say(f"saved {path}" if written else f"{path}: cannot be written there")

    def save_video(self, path: Path | None = None, span: tuple[float, float] | None = None) -> None:
        """Begin a video: of ``span`` in s, or the loop, or all that is left of the session.

        The window goes on living meanwhile; while one is made, this stops it. Raises
        MissingDataError without ffmpeg.
        """
        if self._film is not None and self.filming:
            self._film.stop()
            return
        here, speed = self.playback.moment, self.playback.speed
        start, end = span or self.playback.loop or (here, self.replay.end)
        moments = np.arange(start, end, speed / RATE).tolist() or [start]
        path = path or self._free_name("mp4")
        self.playback.playing = False
        self._film = Film(path, moments, self._picture_of, self)
        length = len(moments) / RATE
        self._film.done.connect(
            lambda: self._end_video(here, f"saved {path}: {length:.1f} s, played at {speed:g}×")
        )
        self._film.start()

    def finish_video(self) -> None:
        """Wait until the video is made; raises VideoError or OSError if it could not be."""
        while self.filming:
            QApplication.processEvents()
        if self._film is not None and self._film.error is not None:
            raise self._film.error

    @property
    def filming(self) -> bool:
        """Whether a video is being made."""
        return self._film is not None and not self._film.is_done

    def change_scheme(self) -> None:
        """From light to dark, or back."""
        self.stage.scheme = LIGHT if self.stage.scheme is DARK else DARK
        self._restyle()

    @property
    def busy(self) -> bool:
        """Whether strides, heart rate and the like are still looked for."""
        return any(analysis.isRunning() for analysis in self._analyses)

    def say(self, text: str) -> None:
        """Tell something in passing."""
        self.view.say(text)

    def show_moment(self) -> None:
        """Show the moment that playback is at."""
        self.view.show_moment(self.stage, self.playback.moment)
        self.timeline.show_moment(self.playback.moment, self.playback.loop)
        self.controls.show_playback(self.playback)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop what goes on in other threads, and let go of the files."""
        self._timer.stop()
        if self._film is not None and self.filming:
            self._film.stop()
        for analysis in self._analyses:
            analysis.stop()
        self._analyses.clear()
        self.replay.close()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let text grow with the window."""
        super().resizeEvent(event)
        self.view.share_width(self.width())
        if text_size(self.height()) != self._text:
            self._restyle()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.playback.advance(now - self._last_tick)
        self._last_tick = now
        if not self.playback.playing:
            self._timer.stop()
        self.show_moment()

    def _picture_of(self, moment: float) -> QImage:
        """A frame of the video."""
        self.playback.moment = moment
        self.show_moment()
        if self._film is not None:
            self.setWindowTitle(f"video: {100 * self._film.share:.0f} % (V stops it)")
        return self.view.grab().toImage()

    def _end_video(self, here: float, said: str) -> None:
        error = self._film.error if self._film is not None else None
        self.say(said if error is None else str(error))
        self.setWindowTitle(_title(self.replay))
        self.playback.moment = here
        self.show_moment()

    def _begin(self, analysis: Analysis, take: Callable[[StrideTable, float], None]) -> None:
        analysis.strides.connect(take)
        analysis.tracks.connect(self._take_tracks)
        analysis.failed.connect(self.say)
        self._analyses.append(analysis)
        analysis.start()

    def _take_strides(self, table: StrideTable, share: float) -> None:
        self.strides = table
        self._take_ghost_strides(self.ghost_strides, share)
        cadence = Track("Cadence", "steps/min", *table.cadence())
        if len(cadence.time):
            self._take_tracks([thinned(cadence)])
        self.say("" if share >= 1.0 else f"looking for strides: {100 * share:.0f} %")

    def _take_ghost_strides(self, table: StrideTable, share: float) -> None:
        del share
        ghost = self.stage.ghost
        self.ghost_strides = self.strides if ghost and ghost.motion is None else table
        if ghost is not None:
            self.stage.ghost = ghost.among(self.ghost_strides, self.strides)
            table = self.ghost_strides.within(ghost.start, ghost.end)
        self.view.show_strides(self.strides, table)
        self.show_moment()

    def _take_tracks(self, tracks: list[Track]) -> None:
        names = {track.name for track in tracks}
        self.tracks = [*tracks, *(track for track in self.tracks if track.name not in names)]
        self.view.show_tracks(self.tracks)
        self.show_moment()

    def _show_ghost(self) -> None:
        ghost = self.stage.ghost
        self.controls.show_ghost(ghost is not None, self.stage.place, bool(ghost and ghost.in_step))
        self.show_moment()

    def _restyle(self) -> None:
        self._text = text_size(self.height())
        scheme, ghost = self.stage.scheme, self.stage.ghost
        self.setStyleSheet(style_sheet(scheme, self._text))
        self.view.show_scheme(scheme, self._text, ghost.title if ghost else "")
        self.timeline.show_scheme(scheme, self._text)
        self.controls.show_scheme(scheme, self._text)
        self.help.show_scheme(scheme, self._text)
        self.show_moment()

    def _lay_out(self) -> None:
        whole = QWidget()
        whole.setObjectName("window")
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.timeline)
        column.addWidget(self.controls)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        controls = self.controls
        controls.played.connect(self.play_or_pause)
        controls.stepped.connect(self.step_frames)
        controls.speed_chosen.connect(self.play_at)
        controls.looped.connect(self.loop_stride)
        controls.view_chosen.connect(self.look_from)
        controls.place_chosen.connect(self.place_ghost)
        controls.step_kept.connect(self.keep_step)
        controls.lap_chosen.connect(self.ghost_of_lap)
        controls.file_wanted.connect(self.ask_for_ghost)
        controls.picture_wanted.connect(self.save_picture)
        controls.video_wanted.connect(self._save_video_or_say)
        controls.scheme_changed.connect(self.change_scheme)
        controls.help_wanted.connect(self.help.toggle)
        self.timeline.sought.connect(self.seek)
        self.view.sought.connect(self.seek)
        self.view.scene.camera_moved.connect(self._take_camera)
        for key, act in self._shortcuts().items():
            QShortcut(QKeySequence(key), self, act)

    def _shortcuts(self) -> dict[str, Callable[[], None]]:
        playback = self.playback
        views = {
            str(number): lambda name=name: self.look_from(name)
            for number, name in enumerate(VIEWS, start=1)
        }
        return {
            **views,
            "Space": self.play_or_pause,
            "Left": lambda: self.step_frames(-1),
            "Right": lambda: self.step_frames(1),
            "Shift+Left": lambda: self.seek(playback.moment - 1.0),
            "Shift+Right": lambda: self.seek(playback.moment + 1.0),
            "Home": lambda: self.seek(playback.start),
            "End": lambda: self.seek(playback.end),
            "Up": lambda: self.change_speed(True),
            "Down": lambda: self.change_speed(False),
            "[": lambda: self.next_stride(-1),
            "]": lambda: self.next_stride(1),
            "L": self.loop_stride,
            "B": lambda: self.next_lap(-1),
            "N": lambda: self.next_lap(1),
            "G": self.next_place,
            "S": self.keep_step,
            "P": self.save_picture,
            "V": self._save_video_or_say,
            "D": self.change_scheme,
            "F": lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
            "H": self.help.toggle,
            "?": self.help.toggle,
        }

    def _save_video_or_say(self) -> None:
        try:
            self.save_video()
        except (TracksideError, OSError) as error:
            self.say(str(error))

    def _take_camera(self, azimuth: float, elevation: float, distance: float) -> None:
        self.stage.take_camera(self.playback.moment, azimuth, elevation, distance)
        self.controls.show_view(None)
        self.show_moment()

    def _free_name(self, ending: str) -> Path:
        """A name in the folder of pictures that is not taken yet."""
        stem = f"{Path(self.replay.title).stem}-{self.playback.moment:.2f}s"
        path = self._pictures / f"{stem}.{ending}"
        number = 2
        while path.exists():
            path, number = self._pictures / f"{stem}-{number}.{ending}", number + 1
        return path


def _title(replay: Replay) -> str:
    return f"{replay.title} – Trackside"


def _next(starts: "np.ndarray", moment: float, count: int) -> int:
    """The row of ``starts`` (K,) that began last at ``moment``, and ``count`` on, within bounds."""
    here = int(np.searchsorted(starts, moment + 1e-6, side="right")) - 1
    return min(max(here + count, 0), len(starts) - 1)


def _timeline_marks(replay: Replay) -> TimelineMarks:
    return TimelineMarks(replay.laps, replay.marks, replay.gaps())
