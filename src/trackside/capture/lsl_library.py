"""The library of the Lab Streaming Layer (LSL), which is optional, and its clock."""

import os
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any, Final

from trackside.errors import TracksideError

_PLACES: Final = ("lsl_api.cfg", "~/lsl_api/lsl_api.cfg", "/etc/lsl_api/lsl_api.cfg")
"""Where liblsl looks for its configuration, after what ``LSLAPICFG`` names (its api_config.h)."""

_loaded = Event()


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
    if not _loaded.is_set():
        _loaded.set()
        keep_quiet(pylsl)
    return pylsl


def keep_quiet(pylsl: Any) -> None:
    """Have liblsl write nothing to the terminal, where the live table is; what matters is logged.

    Not where a configuration file of LSL's own says what it shall do. To be called before anything
    else, and possible since liblsl 1.17.
    """
    named = os.environ.get("LSLAPICFG")
    configured = any(Path(place).expanduser().exists() for place in (named, *_PLACES) if place)
    if not configured and hasattr(pylsl, "set_config_content"):
        pylsl.set_config_content("[log]\nlevel = -3\n")


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
