"""Keeping a C library's own lines off the standard output."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_output() -> Iterator[None]:
    """Throw away what is written to the process's standard output while the block runs.

    For HiGHS, which prints a line of its own that none of its options turns off, into tables and
    JSON. Other threads are silent meanwhile, too.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        _flush_c_streams()
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def _flush_c_streams() -> None:
    """Write out what C holds back, as long as it goes nowhere."""
    library = ctypes.cdll.msvcrt if os.name == "nt" else ctypes.CDLL(None)
    library.fflush(None)
