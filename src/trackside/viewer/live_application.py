"""The live window as an application of its own."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from trackside.errors import MissingDataError
from trackside.viewer.live_picture import LiveTitle
from trackside.viewer.opening import check_viewer
from trackside.viewer.scheme import SCHEMES

if TYPE_CHECKING:
    from trackside.viewer.live_window import LiveWindow

NO_SCREEN = "there is no screen to show a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)"


def show_live(
    title: LiveTitle,
    pressed: Callable[[str], None],
    start: "Callable[[LiveWindow], None]",
    scheme: str,
) -> None:
    """Open the window, call ``start`` with it, and return when it has been closed.

    Raises MissingDataError where there is no screen, or the libraries are missing.
    """
    check_viewer()
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(map(os.environ.get, screens)):
        raise MissingDataError(NO_SCREEN)
    from PySide6.QtWidgets import QApplication

    from trackside.viewer.event_loop import run_until_closed
    from trackside.viewer.live_window import LiveWindow
    from trackside.viewer.offscreen import prepare_graphics

    prepare_graphics()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = LiveWindow(title, pressed, SCHEMES[scheme])
    window.show()
    start(window)
    run_until_closed(application)
