"""The one way to compile a numeric kernel."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile an array function with numba, cached on disk and releasing the GIL.

    Keep a kernel and all that it calls in one file: numba's cache does not notice edits elsewhere
    (numba issue 1833). Call it with C-contiguous arrays only, so that it compiles once.
    """
    compiled: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


def pixel_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """As :func:`kernel`, for what is only looked at: all numbers are finite.

    Products and sums may be rounded at once, so that the last bit is not the same on all machines.
    """
    loose = {"contract", "arcp", "nsz", "nnan", "ninf"}
    compiled: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy", fastmath=loose)(
        function
    )
    return compiled
