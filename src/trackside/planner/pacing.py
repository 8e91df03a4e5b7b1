"""Pacing a race: how speed is shared out over a course, and what the same effort comes to.

Effort is speed on the flat that costs the same: speed times what the slope costs. The budget is
what the athlete's VDOT says: the mean effort of a race of that duration. As uneven effort tires
more than its mean, the mean is the one of fourth powers, by which "normalised" power and graded
speed are averaged (Allen & Coggan, *Training and Racing with a Power Meter*, 2006; S. McGregor,
"Run training stress score", 2009); here over 100 m, not 30 s.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from trackside.arrays import Floats
from trackside.planner.race_performance import race_time
from trackside.planner.slope_cost import relative_cost, slowing

# By how much the efforts of both halves differ. Finishers of the big marathons were on average
# 3.4 % (men) and 2.8 % (women) slower in the second half: Kais et al., Kinesiology 51 (2019).
SPLIT = 0.03
STRAIN_POWER = 4.0


class Pacing(StrEnum):
    """Ways to share out effort over a race."""

    EVEN_EFFORT = "even_effort"
    EVEN_PACE = "even_pace"
    NEGATIVE_SPLIT = "negative_split"
    POSITIVE_SPLIT = "positive_split"


@dataclass(frozen=True, eq=False)
class PacedRace:
    """A race in parts of the same length: ``duration`` (s) and ``effort`` (m/s on the flat), (N,).

    Without heat; ``time`` is the sum of the durations, s.
    """

    duration: Floats
    effort: Floats

    @property
    def time(self) -> float:
        """From start to finish, s."""
        return float(self.duration.sum())


def paced_race(pacing: Pacing, length: float, gradient: Floats, vdot: float) -> PacedRace:
    """Return the race over ``length`` (m) that an athlete of this VDOT can run with a pacing.

    The course is cut into N parts of the same length with gradients (N,), rise over run. On the
    flat, even effort takes the time that Daniels and Gilbert's formulas predict.

    Raises
    ------
    ParameterError
        If nobody's VDOT over this distance is like that.
    """
    step = length / len(gradient)
    speed = _relative_speed(pacing, gradient)
    duration = step / speed
    effort = speed * relative_cost(gradient)
    # Speeds have no scale yet. Racing k times as fast takes 1/k of the time at k times the effort:
    # both times each other, which is a distance on the flat, stay as they are.
    strain = np.average(effort**STRAIN_POWER, weights=duration) ** (1 / STRAIN_POWER)
    relative_time = float(duration.sum())
    scale = relative_time / race_time(vdot, float(strain) * relative_time)
    return PacedRace(duration / scale, effort * scale)


def _relative_speed(pacing: Pacing, gradient: Floats) -> Floats:
    """Speeds (N,) in proportion to one another."""
    if pacing is Pacing.EVEN_PACE:
        return np.ones(len(gradient))
    change = {Pacing.NEGATIVE_SPLIT: SPLIT, Pacing.POSITIVE_SPLIT: -SPLIT}.get(pacing, 0.0)
    position = (np.arange(len(gradient)) + 0.5) / len(gradient)
    return (1.0 + change * (2 * position - 1)) / slowing(gradient)
