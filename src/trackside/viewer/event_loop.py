"""Qt's event loop, which hears the terminal and the system, too."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtWidgets import QApplication

_ENDING: Final[dict[signal.Signals, Any]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""Signals that ask a program to end, and who handles them where nobody has said otherwise."""


def run_until_closed(application: QCoreApplication) -> None:
    """Let the windows work until the last one is closed.

    Ctrl-C in the terminal, or the system's wish that the program ends, closes them all, unless
    somebody else handles that. To be called in the main thread.
    """
    with _waking(application), _closing_on_signals():
        application.exec()


@contextmanager
def _closing_on_signals() -> Iterator[None]:
    ours = [number for number, usual in _ENDING.items() if signal.getsignal(number) is usual]
    for number in ours:
        signal.signal(number, lambda *_: QApplication.closeAllWindows())
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, _ENDING[number])


@contextmanager
def _waking(application: QCoreApplication) -> Iterator[None]:
    """Let Python handle signals at once: it does so between its own steps, and Qt does not wait."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, application)
        notifier.activated.connect(lambda *_: reader.recv(64))
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            notifier.setEnabled(False)
