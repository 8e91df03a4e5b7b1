"""A race as it is to be run: when to be where, and at what heart rate."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.pacing import Pacing

KILOMETRE = 1000.0
MILE = 1609.344
SHORTEST_SPLIT = 100.0  # m
LEAST_REST = 1.0  # m; a mark closer to the finish is the finish


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a race, which ends ``distance`` m from the start after ``total`` s.

    ``length`` in m, ``time`` in s, ``gradient`` as rise over run, ``heart_rate`` its mean in bpm.
    """

    distance: float
    length: float
    time: float
    total: float
    gradient: float
    heart_rate: float

    @property
    def speed(self) -> float:
        """Mean speed, m/s."""
        return self.length / self.time


@dataclass(frozen=True, eq=False)
class RacePlan:
    """A race with one pacing, in N parts of constant speed.

    ``distance`` (m from the start), ``elapsed`` (s) and ``elevation`` (m) at the N + 1 ends of
    the parts, ``heart_rate`` (bpm) in each (N,). ``mean_fraction`` and ``peak_fraction`` of the
    heart-rate reserve; ``explanation`` for the athlete.
    """

    pacing: Pacing
    distance: Floats
    elapsed: Floats
    elevation: Floats
    heart_rate: Floats
    mean_fraction: float
    peak_fraction: float
    explanation: str

    @property
    def time(self) -> float:
        """From start to finish, s."""
        return float(self.elapsed[-1])

    @property
    def half_times(self) -> tuple[float, float]:
        """Times (s) for both halves of the distance."""
        half = float(np.interp(self.distance[-1] / 2, self.distance, self.elapsed))
        return half, self.time - half

    def splits(self, every: float = KILOMETRE) -> list[Split]:
        """Return the splits of a length (m), the last one shorter if need be.

        Raises
        ------
        ParameterError
            If the length is below 100 m.
        """
        if not every >= SHORTEST_SPLIT:
            raise ParameterError(f"splits of {every:g} m; expected {SHORTEST_SPLIT:g} m or more")
        length = self.distance[-1]
        marks = np.concatenate(([0.0], np.arange(every, length - LEAST_REST, every), [length]))
        total = np.interp(marks, self.distance, self.elapsed)
        elevation = np.interp(marks, self.distance, self.elevation)
        beats = np.concatenate(([0.0], np.cumsum(self.heart_rate * np.diff(self.elapsed))))
        mean_rate = np.diff(np.interp(marks, self.distance, beats)) / np.diff(total)
        columns = (
            marks[1:],
            np.diff(marks),
            np.diff(total),
            total[1:],
            np.diff(elevation) / np.diff(marks),
            mean_rate,
        )
        return [Split(*map(float, row)) for row in zip(*columns, strict=True)]
