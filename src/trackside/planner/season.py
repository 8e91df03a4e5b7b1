"""The season's running: the exact optimum of the model, found week by week where weeks allow it.

Weeks meet only in the rules from Sunday to Monday. So each is solved alone first, which is a bound
for the whole; where two neighbours break a rule between them they are solved together. When no two
do any more, what was found is feasible and as good as its bound: the optimum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.season_model import (
    GROUPS,
    NOT_FIXED,
    RACE,
    SeasonDemand,
    build_model,
    fits_together,
)
from trackside.planner.season_rules import RunType, SeasonRules

KILOMETRE = 1000.0
WEEKEND = (5, 6)
LEAST_GAP = 1e-9

Progress = Callable[[float, str], None]
"""Called with the share done, from 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Season:
    """The runs of T weeks.

    ``distances`` (T, 7, 4) m, types in RunType's order; ``goals`` (T,) m of the weeks. In km, as
    the model has it: ``objective``, and its parts ``off_goals`` and ``off_shares``. ``gap``: by how
    much, relatively, the objective may be above the least there is.
    """

    distances: Floats
    goals: Floats
    objective: float
    off_goals: float
    off_shares: float
    gap: float

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return int((self.distances > 0.0).sum())


def solve_season(
    goals: Sequence[float] | Floats,
    aerobic_shares: Sequence[float] | Floats,
    rules: SeasonRules | None = None,
    *,
    longest: Floats | None = None,
    races: Mapping[int, float] | None = None,
    settled: Mapping[int, tuple[RunType, float]] | None = None,
    gap: float = 1e-6,
    tell: Progress | None = None,
) -> Season:
    """The season that misses weekly goals (T,) m and shares of the types least.

    ``aerobic_shares`` (T,): of easy and long running; the rest is anaerobic and threshold running
    in equal parts. ``longest`` (T, 7) m: how far there is time to run on each day, 0 for a day off.
    ``races``: distance in m by day, counted from 0; a race stands for the long run of its week and
    does not count in its goal. ``settled``: days that stay as they are, distance 0 for a rest.
    Raises :class:`~trackside.planner.linear_model.ConflictError` if the rules cannot all be kept.
    """
    rules = rules or SeasonRules()
    demand = _demand(np.asarray(goals, float), np.asarray(aerobic_shares), rules, longest)
    demand = _with_settled(demand, rules, races or {}, settled or {})
    blocks = [(week, week + 1) for week in range(len(demand.goals))]
    solved: dict[tuple[int, int], tuple[Floats, float, float]] = {}
    while True:
        for done, block in enumerate(blocks):
            if block not in solved:
                if tell:
                    tell(done / len(blocks), f"week {block[0] + 1}")
                solved[block] = _solve_weeks(demand.weeks(*block), rules, gap)
        distances = np.concatenate([solved[block][0] for block in blocks])
        clash = _clash(blocks, _kinds(demand, distances), rules)
        if clash is None:
            break
        blocks[clash : clash + 2] = [(blocks[clash][0], blocks[clash + 1][1])]
    bound = sum(solved[block][2] for block in blocks)
    return _season(demand, distances, rules, bound)


def _demand(
    goals: Floats, aerobic_shares: Floats, rules: SeasonRules, longest: Floats | None
) -> SeasonDemand:
    """What Andrews' rules ask of weeks with these goals, m."""
    goals = goals / KILOMETRE
    caps = np.outer(goals, [rules.longest_share, rules.longest_share, rules.anaerobic_share, 0.0])
    caps[:, -1] = np.minimum(rules.threshold_share * goals, rules.longest_threshold / KILOMETRE)
    caps = np.maximum(caps, np.array(rules.least_cap) / KILOMETRE)
    shortest = np.minimum(np.array(rules.shortest) / KILOMETRE, caps)
    limits = np.repeat(caps[:, None], 7, axis=1)
    if longest is not None:
        limits = np.minimum(limits, longest[:, :, None] / KILOMETRE)
    shortest = np.repeat(shortest[:, None], 7, axis=1)
    limits[limits < shortest] = 0.0
    _place_long_runs(limits)
    days = (limits > 0.0).any(axis=2).sum(axis=1)
    rest = (1.0 - aerobic_shares) / 2.0
    return SeasonDemand(
        goals=np.where(days > 0, goals, 0.0),
        shares=np.stack([aerobic_shares, rest, rest], axis=1),
        shortest=shortest,
        longest=limits,
        fewest=np.minimum(rules.fewest_runs, days),
        longs=np.minimum(days, 1),
        fixed=np.full(limits.shape[:2], NOT_FIXED),
        run=np.zeros(limits.shape[:2]),
    )


def _place_long_runs(limits: Floats) -> None:
    """Long runs are for the weekend; without time there, for the day that has most of it."""
    long = list(RunType).index(RunType.LONG)
    for week in limits:
        days = [day for day in WEEKEND if week[day, long] > 0.0] or [int(week[:, long].argmax())]
        week[[day for day in range(7) if day not in days], long] = 0.0


def _with_settled(
    demand: SeasonDemand,
    rules: SeasonRules,
    races: Mapping[int, float],
    settled: Mapping[int, tuple[RunType, float]],
) -> SeasonDemand:
    """The demand with days that nobody may change any more."""
    demand = replace(
        demand,
        **{name: getattr(demand, name).copy() for name in ("longest", "fewest", "longs", "fixed")},
        **{name: getattr(demand, name).copy() for name in ("shortest", "run")},
    )
    long = list(RunType).index(RunType.LONG)
    for day, distance in races.items():
        at = divmod(day, 7)
        demand.fixed[at], demand.run[at] = RACE, distance / KILOMETRE
        demand.longest[at] = 0.0
        demand.longs[at[0]] = 0
        demand.longest[at[0], :, long] = 0.0
    for day, (kind, distance) in settled.items():
        at = divmod(day, 7)
        demand.fixed[at], demand.run[at] = list(RunType).index(kind), distance / KILOMETRE
        demand.shortest[at], demand.longest[at] = 0.0, max(distance / KILOMETRE, 1e-3)
    for week in range(len(demand.goals)):
        free = (demand.longest[week] > 0.0).any(axis=1) & (demand.fixed[week] == NOT_FIXED)
        ran = (demand.fixed[week] != NOT_FIXED) & (demand.fixed[week] != RACE)
        runs = int((demand.run[week][ran] > 0.0).sum())
        raced = int((demand.fixed[week] == RACE).sum())
        demand.fewest[week] = min(max(rules.fewest_runs - raced, 0), int(free.sum()) + runs)
        if ran.any() and demand.longs[week]:
            done = demand.fixed[week][ran] == long
            possible = (demand.longest[week, free, long] > 0.0).any()
            demand.longs[week] = int((done & (demand.run[week][ran] > 0)).sum()) or int(possible)
    return demand


def _solve_weeks(
    demand: SeasonDemand, rules: SeasonRules, gap: float
) -> tuple[Floats, float, float]:
    """Distances (T, 7, 4) in km of consecutive weeks, their cost, and a bound for it."""
    built = build_model(demand, rules)
    found = built.model.solve("the season", max(gap / 10.0, LEAST_GAP))
    runs = found.values[built.runs] > 0.5
    distances = np.where(runs, found.values[built.distance], 0.0)
    return distances, found.objective, found.objective * (1.0 - found.gap)


def _kinds(demand: SeasonDemand, distances: Floats) -> Integers:
    """Type of each day's run (T, 7), RACE, or −1 for a rest."""
    kinds = np.where(distances.any(axis=2), distances.argmax(axis=2), -1)
    return np.where(demand.fixed == RACE, RACE, kinds)


def _clash(blocks: Sequence[tuple[int, int]], kinds: Integers, rules: SeasonRules) -> int | None:
    """The first block that breaks a rule with the next one."""
    for i, (_, end) in enumerate(blocks[:-1]):
        if not fits_together(kinds[end - 1 : end + 1].ravel(), rules.most_runs):
            return i
    return None


def _season(demand: SeasonDemand, distances: Floats, rules: SeasonRules, bound: float) -> Season:
    raced = demand.fixed == RACE
    week = np.where(raced[:, :, None], 0.0, distances).sum(axis=(1, 2))
    off_goals = float(np.abs(week - demand.goals).sum())
    groups = np.stack([distances[:, :, list(g)].sum(axis=(1, 2)) for g in GROUPS], axis=1)
    off_shares = float(np.abs(groups - demand.shares * demand.goals[:, None]).sum())
    runs = int((distances > 0.0).sum())
    objective = off_goals + rules.share_weight * off_shares + rules.run_weight / 1000.0 * runs
    return Season(
        distances=distances * KILOMETRE,
        goals=demand.goals * KILOMETRE,
        objective=objective,
        off_goals=off_goals,
        off_shares=off_shares,
        gap=max(objective - bound, 0.0) / max(objective, 1e-9),
    )
