"""Every error that Trackside raises on purpose, under one root.

Messages are written for the person at the keyboard: what is wrong, where, and what to do.
The command line prints them as one line and exits with code 2, or 1 where a service is at fault.
"""

from pathlib import Path


class TracksideError(Exception):
    """Root of all errors that are somebody's business to read."""


class FileFormatError(TracksideError):
    """A file is not what it should be: names the file, the place in it, and what was expected."""

    def __init__(self, path: Path | str, place: str, expected: str) -> None:
        super().__init__(f"{path}: {place}: expected {expected}")
        self.path = Path(path)
        self.place = place
        self.expected = expected


class ParameterError(TracksideError, ValueError):
    """A value that somebody chose cannot be: names the value and what was expected."""


class SignalError(TracksideError):
    """Sensor samples cannot be used as they are: wrong shape, unit, or nothing but NaN."""


class CalibrationError(TracksideError):
    """The recording does not hold what a sensor-to-segment calibration needs."""


class MissingDataError(TracksideError):
    """A recording lacks what was asked of it, such as a sensor on a segment or a solved pose."""


class UnknownError(TracksideError, LookupError):
    """What was asked for is not there: names it."""


class ConflictError(TracksideError):
    """What was asked for goes against what is stored, such as a day that is past."""


class ServiceError(TracksideError):
    """A service did not do what it was asked: names its address and the reason.

    ``status``: of its answer, None if there was none.
    """

    def __init__(self, address: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{address}: {reason}")
        self.reason = reason
        self.status = status
