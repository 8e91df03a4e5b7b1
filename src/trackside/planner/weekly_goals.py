"""How far each week of a plan goes: up by at most a tenth, easier weeks between, then a taper."""

from collections.abc import Sequence
from dataclasses import dataclass

from trackside.planner.calendar import Calendar, Phase, Week


@dataclass(frozen=True, slots=True)
class Progression:
    """How weekly distance develops.

    ``growth``: from the furthest week so far to the next, at most; ``recovery`` and ``taper``: of
    the furthest week so far, the taper from its first week on. No week goes further than ``peak``
    (m) or than ``most`` times the start, but at least ``least_peak`` (m) and the start are allowed.
    """

    growth: float = 1.10
    recovery: float = 0.80
    taper: tuple[float, float] = (0.75, 0.50)
    peak: float = 90_000.0
    most: float = 2.0
    least_peak: float = 40_000.0

    def furthest(self, start: float) -> float:
        """The longest week (m) of somebody who runs ``start`` m a week now."""
        return max(min(self.peak, max(self.most * start, self.least_peak)), start)


AEROBIC_SHARES = {
    Phase.BASE: (0.80, 0.80),
    Phase.BUILD: (0.75, 0.70),
    Phase.SPECIFIC: (0.65, 0.65),
    Phase.TAPER: (0.60, 0.60),
}
"""Andrews' share of aerobic running, in the first and the second half of each phase."""


def weekly_goals(
    calendar: Calendar,
    start: float,
    progression: Progression | None = None,
    within: Sequence[float] | None = None,
) -> list[float]:
    """The distance (m) of each week, from ``start`` (m) in the first.

    ``within``: how far (m) there is time to run in each week; what cannot be run is not built on.
    """
    rules = progression or Progression()
    peak = rules.furthest(start)
    furthest = start / rules.growth
    goals: list[float] = []
    for i, week in enumerate(calendar.weeks):
        wanted = min(_share(calendar, week, rules) * furthest, peak)
        goal = wanted if within is None else min(wanted, within[i])
        if week.phase is not Phase.TAPER and not week.is_recovery:
            furthest = max(furthest, goal)
        goals.append(goal)
    return goals


def _share(calendar: Calendar, week: Week, rules: Progression) -> float:
    """Of the furthest week so far."""
    if week.phase is Phase.TAPER:
        return rules.taper[week.number - len(calendar.weeks) - 1]
    return rules.recovery if week.is_recovery else rules.growth


def aerobic_shares(calendar: Calendar) -> list[float]:
    """The share of easy and long running in each week, by its phase."""
    shares = []
    for week in calendar.weeks:
        phase = [other.number for other in calendar.weeks if other.phase is week.phase]
        late = week.number - phase[0] >= len(phase) / 2
        shares.append(AEROBIC_SHARES[week.phase][late])
    return shares
