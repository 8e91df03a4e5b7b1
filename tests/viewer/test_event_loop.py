"""A window's event loop, and what asks a program to end."""

import signal
import subprocess
import sys

import pytest

pytest.importorskip("PySide6")

from screen import open_screen

WINDOW = """
import signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from trackside.viewer.event_loop import run_until_closed

signal.signal(signal.SIGINT, {handler})
application = QApplication([])
window = QWidget()
window.show()
QTimer.singleShot(0, lambda: print("there", flush=True))
if {seconds}:
    QTimer.singleShot(1000 * {seconds}, window.close)
run_until_closed(application)
assert signal.getsignal(signal.SIGINT) is {handler}
print("closed")
"""


def ended_by(number: int, handler: str, seconds: float = 0.0) -> str:
    """What a window says after it was sent a signal, while nothing happens in it."""
    open_screen()
    command = [sys.executable, "-c", WINDOW.format(handler=handler, seconds=seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.send_signal(number)
        said, _ = process.communicate(timeout=60.0)
    assert process.returncode == 0
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_asks_the_program_to_end_closes_its_windows(number: int) -> None:
    """In order, although Qt waits for nothing but its own events."""
    assert ended_by(number, "signal.default_int_handler") == "closed\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_who_does_not_want_to_hear_is_left_alone() -> None:
    """A window beside a recorder: Ctrl-C is for that."""
    assert ended_by(signal.SIGINT, "signal.SIG_IGN", 0.2) == "closed\n"
