"""Keys pressed at the terminal, one by one, while the event loop goes on."""

import os
import sys
from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

KeyHandler = Callable[[str], None]


@contextmanager
def pressed_keys(handle: KeyHandler) -> Iterator[None]:
    """Call ``handle`` in the event loop for every key, as long as the block runs.

    Without a terminal, or in the background of one, no key ever comes.
    """
    if not sys.stdin.isatty():
        yield
    elif sys.platform == "win32":
        with _console_keys(handle):
            yield
    else:
        with terminal_keys(sys.stdin.fileno(), handle):
            yield


if sys.platform == "win32":

    @contextmanager
    def _console_keys(handle: KeyHandler) -> Iterator[None]:
        import msvcrt

        loop, ended = get_running_loop(), Event()

        def watch() -> None:
            while not ended.wait(0.05):
                while msvcrt.kbhit():
                    loop.call_soon_threadsafe(handle, msvcrt.getwch())

        Thread(target=watch, name="keyboard", daemon=True).start()
        try:
            yield
        finally:
            ended.set()

else:
    import termios
    import tty

    @contextmanager
    def terminal_keys(terminal: int, handle: KeyHandler) -> Iterator[None]:
        """Keys of a terminal (its file descriptor), which neither shows them nor waits for Enter.

        Ctrl-C remains a signal.
        """
        if _is_in_background(terminal):  # to touch it from there would stop us
            yield
            return
        loop = get_running_loop()

        def read() -> None:
            try:
                keys = os.read(terminal, 64)
            except OSError:  # the window was closed
                keys = b""
            if not keys:
                loop.remove_reader(terminal)
            for key in keys.decode("utf-8", "ignore"):
                handle(key)

        settings = termios.tcgetattr(terminal)
        tty.setcbreak(terminal, termios.TCSANOW)
        loop.add_reader(terminal, read)
        try:
            yield
        finally:
            loop.remove_reader(terminal)
            termios.tcsetattr(terminal, termios.TCSANOW, settings)

    def _is_in_background(terminal: int) -> bool:
        try:
            return os.tcgetpgrp(terminal) != os.getpgrp()
        except OSError:  # somebody else's terminal, which cannot stop us
            return False
