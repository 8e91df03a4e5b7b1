"""Opening a replay's window, or making its picture or video without anybody looking."""

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from trackside.errors import MissingDataError
from trackside.viewer.replay import Replay
from trackside.viewer.scheme import SCHEMES

_NEEDED = {
    "PySide6": "PySide6-Essentials",
    "pyqtgraph": "pyqtgraph",
    "OpenGL": "PyOpenGL",
    "pebble": "pebble",
}


@dataclass(frozen=True)
class Start:
    """How a replay begins: a name of VIEWS, one of SCHEMES, a moment in s, and the speed."""

    look_from: str = "follow"
    scheme: str = "light"
    moment: float | None = None
    speed: float = 1.0


def check_viewer() -> None:
    """Raise MissingDataError if the libraries of the windows are not installed."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingDataError(
            f"windows need {', '.join(missing)}: pip install 'trackside[viewer]'"
        )


def show_replay(
    replay: Replay,
    start: Start | None = None,
    *,
    size: tuple[int, int] = (1280, 800),
    picture: Path | None = None,
    video: Path | None = None,
) -> None:
    """Show a replay until its window is closed; or save a picture or a video of it, and end.

    ``size``: of the window in px. Raises MissingDataError where there is no screen to show it on.
    """
    start = start or Start()
    unseen = picture is not None or video is not None
    _check_screen(unseen)
    from PySide6.QtWidgets import QApplication

    from trackside.viewer.event_loop import run_until_closed
    from trackside.viewer.offscreen import prepare_graphics
    from trackside.viewer.replay_window import ReplayWindow

    prepare_graphics()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = ReplayWindow(replay, SCHEMES[start.scheme])
    window.resize(*size)
    window.show()
    window.look_from(start.look_from)
    window.play_at(start.speed)
    if start.moment is not None:
        window.seek(start.moment)
    if not unseen:
        run_until_closed(application)
        return
    try:
        while window.busy:
            application.processEvents()
        application.processEvents()
        if picture is not None:
            window.save_picture(picture)
        if video is not None:
            window.save_video(video, (replay.start, replay.end))
            window.finish_video()
    finally:
        window.close()


def _check_screen(unseen: bool) -> None:
    """Without a screen Qt's platform "offscreen" draws pictures; windows cannot be."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    if not unseen:
        raise MissingDataError(
            "no screen here to open a window on: --picture or --video saves what it would show, "
            "xvfb-run gives programs a screen that nobody sees"
        )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
