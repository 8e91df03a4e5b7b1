"""The last seconds of some values, in arrays that are ready to be drawn."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from trackside.arrays import Floats

_ROOM: Final = 256
"""Moments that there is room for at first."""


class Courses:
    """Named values over time; what is older than ``span`` s before the newest is forgotten."""

    def __init__(self, names: Sequence[str], span: float) -> None:
        self.names = tuple(names)
        self._span = span
        self._rows = np.empty((1 + len(self.names), _ROOM))
        self._first = self._end = 0

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def time(self) -> Floats:
        """(N,) s, increasing."""
        return self._rows[0, self._first : self._end]

    @property
    def values(self) -> Floats:
        """(V, N), ordered as the names; NaN where unknown."""
        return self._rows[1:, self._first : self._end]

    def add(self, time: float, values: Mapping[str, float]) -> None:
        """Take the values at ``time`` (s); a time that does not go on is passed over."""
        if len(self) and time <= self._rows[0, self._end - 1]:
            return
        if self._end == self._rows.shape[1]:
            self._make_room()
        self._rows[:, self._end] = (time, *(values.get(name, np.nan) for name in self.names))
        self._end += 1
        self._first += int(np.searchsorted(self.time, time - self._span))

    def range(self, low: float, high: float) -> tuple[float, float]:
        """From the least to the largest of the values, but at least from ``low`` to ``high``."""
        known = self.values[np.isfinite(self.values)]
        return float(known.min(initial=low)), float(known.max(initial=high))

    def _make_room(self) -> None:
        """Move what is kept to the front, in a larger table if it fills more than half of it."""
        columns, room = len(self), self._rows.shape[1]
        rows = np.empty((len(self._rows), 2 * room if 2 * columns > room else room))
        rows[:, :columns] = self._rows[:, self._first : self._end]
        self._rows, self._first, self._end = rows, 0, columns
