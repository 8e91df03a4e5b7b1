"""When a stream's samples of the last seconds came and were taken, and which they were."""

import numpy as np

from trackside.arrays import Floats, Integers

_ARRIVAL, _TIME, _NUMBER = range(3)


class RecentSamples:
    """Arrivals, times and numbers of the samples of the last ``span`` s, each in one piece.

    Those before may be there, too, until :meth:`forget`.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self._rows = np.empty((3, 256))
        self._start = self._end = 0

    def __len__(self) -> int:
        """How many samples there are."""
        return self._end - self._start

    @property
    def arrival(self) -> Floats:
        """When each came, (N,) s."""
        return self._rows[_ARRIVAL, self._start : self._end]

    @property
    def time(self) -> Floats:
        """When each was taken, (N,) s."""
        return self._rows[_TIME, self._start : self._end]

    @property
    def number(self) -> Floats:
        """The running number of each, (N,)."""
        return self._rows[_NUMBER, self._start : self._end]

    def add(self, arrival: Floats, time: Floats, number: Integers) -> None:
        """Take the next samples (n,), of which there is one at least."""
        if self._end + len(arrival) > self._rows.shape[1]:
            self.forget(float(arrival[-1]))
            self._make_room(len(arrival))
        rows, new = self._rows, slice(self._end, self._end + len(arrival))
        rows[_ARRIVAL, new], rows[_TIME, new], rows[_NUMBER, new] = arrival, time, number
        self._end = new.stop

    def forget(self, now: float) -> None:
        """Let go of those that came more than the span before ``now``, s."""
        self._start += int(np.searchsorted(self.arrival, now - self._span))

    def _make_room(self, count: int) -> None:
        """Move what is kept to the front, of an array at least twice as large as is needed."""
        kept = self._rows[:, self._start : self._end]
        size = max(self._rows.shape[1], 2 * (len(self) + count))
        rows = np.empty((len(self._rows), size))
        rows[:, : len(self)] = kept
        self._rows, self._start, self._end = rows, 0, len(self)
