"""A switch that neither chatters nor misses: on above one level, off below a lower one."""

from dataclasses import dataclass

GAP = 10.0
"""s without a value, after which what was going on begins anew."""


@dataclass
class Hysteresis:
    """Is on once a value has been above ``enter`` for ``hold`` s, until it is below ``leave``.

    It goes off as it went on, after ``hold`` s. Values that are not known (NaN) change nothing.
    """

    enter: float
    leave: float
    hold: float
    is_on: bool = False
    _since: float | None = None
    _last: float | None = None

    def update(self, time: float, value: float) -> bool:
        """Take a value at ``time`` s, later than the last; whether it goes on just now."""
        if value != value or (self._last is not None and time <= self._last):  # NaN, or the past
            return False
        if self._last is not None and time - self._last > GAP:
            self._since = None
        self._last = time
        turning = value < self.leave if self.is_on else value > self.enter
        if not turning:
            self._since = None
            return False
        if self._since is None:
            self._since = time
        if time - self._since < self.hold:
            return False
        self.is_on = not self.is_on
        self._since = None
        return self.is_on

    def reset(self) -> None:
        """As at the beginning: what was measured belongs to something else now."""
        self.is_on, self._since, self._last = False, None, None


class Smooth:
    """An exponential mean over ``seconds`` of values at irregular times; NaN before the first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._time: float | None = None
        self.value = float("nan")

    def update(self, time: float, value: float) -> float:
        """The mean after a value at ``time`` s; NaN and the past leave it as it is."""
        if value != value or (self._time is not None and time <= self._time):
            return self.value
        if self._time is None or time - self._time > max(GAP, self._seconds):
            self.value = value
        else:
            step = (time - self._time) / self._seconds
            self.value += (value - self.value) * (1.0 - 2.718281828459045**-step)
        self._time = time
        return self.value
