"""The library of the Lab Streaming Layer (LSL), which is optional, and its clock."""

import time
from importlib.util import find_spec
from typing import Any

from trackside.errors import TracksideError


class LslMissingError(TracksideError):
    """LSL was asked for and cannot be used: says what to install."""


def is_installed() -> bool:
    """Whether pylsl is there; nothing is loaded."""
    return find_spec("pylsl") is not None


def load() -> Any:
    """The module ``pylsl``; the first call loads the library and reads its configuration.

    Raises :class:`LslMissingError`.
    """
    try:
        import pylsl
    except (ImportError, RuntimeError, OSError) as error:  # RuntimeError: pylsl without liblsl
        raise LslMissingError(
            f"the Lab Streaming Layer needs more than is installed ({error}): "
            "pip install 'trackside[lsl]'"
        ) from error
    return pylsl


def lsl_minus_host() -> float:
    """LSL's clock minus the host's (``time.monotonic``), s: 0 where both are the system's.

    The best of three comparisons, since a thread may be interrupted amid one.
    """
    pylsl = load()
    comparisons = []
    for _ in range(3):
        before = time.monotonic()
        lsl = pylsl.local_clock()
        after = time.monotonic()
        comparisons.append((after - before, lsl - 0.5 * (before + after)))
    return float(min(comparisons)[1])
