"""How long a session is, if it can be one: much is kept for every second of it."""

from typing import Final

from trackside.errors import SignalError
from trackside.recordings.reader import Recording

LONGEST: Final = 7 * 86400.0  # s


def session_length(recording: Recording) -> float:
    """The recording's duration in s.

    Raises SignalError for one of weeks or years: then some of its time stamps are wrong.
    """
    if recording.duration > LONGEST:
        raise SignalError(
            f"{recording.path}: a session of {recording.duration / 86400.0:.0f} days: expected at "
            "most 7; some of its time stamps are wrong, see 'trackside info'"
        )
    return recording.duration
