"""A screen for tests that open real windows: the one that is there, else Xvfb with Mesa."""

import atexit
import os
import shutil
import subprocess
import sys

import pytest

SIZE = "1600x1200x24"
PATIENCE = 60_000
"""ms that a window may take on a busy machine, on which kernels are compiled meanwhile."""


def application() -> "QApplication":  # type: ignore[name-defined]  # noqa: F821
    """The application of this process on a screen; skips the test where there can be none."""
    from PySide6.QtWidgets import QApplication

    from trackside.viewer.offscreen import prepare_graphics

    running = QApplication.instance()
    if running is not None:
        return running
    open_screen()
    prepare_graphics()
    opened = QApplication([])
    atexit.register(opened.shutdown)  # before the screen goes: exit handlers run last to first
    return opened


def open_screen() -> None:
    """Set DISPLAY to a screen that lasts as long as this process."""
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("neither a screen nor Xvfb is there: apt-get install xvfb libgl1-mesa-dri")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        os.environ["DISPLAY"] = f":{numbers.readline().strip()}"
    atexit.register(server.kill)
