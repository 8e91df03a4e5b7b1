"""The season's running: the exact optimum of the model, found week by week where weeks allow it.

Weeks meet only in the rules from Sunday to Monday. So each is solved alone first, which is a bound
for the whole. Where two neighbours break a rule between them, the later one is solved again after
the earlier one as it is: mostly it then does as well in another order of its days. Where it does
not, both are solved together. When no two clash any more, what was found is feasible and as good
as its bound: the optimum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.calendar import Calendar
from trackside.planner.linear_model import ConflictError
from trackside.planner.season_model import (
    ANAEROBIC,
    EASY,
    GROUPS,
    LONG,
    NOT_FIXED,
    RACE,
    THRESHOLD,
    SeasonDemand,
    build_model,
    fits_together,
)
from trackside.planner.season_rules import RunType, SeasonRules
from trackside.planner.weekly_goals import Progression, aerobic_shares, weekly_goals

KILOMETRE = 1000.0
WEEKEND = (5, 6)
LEAST_GAP = 1e-9

GOAL_REACHED = 100.0
"""A week that is less than so many m short of its goal has reached it."""
TOGETHER = 2
"""Weeks of a plan that are solved together at most: more would take minutes for some days of little
time, to be some hundred metres nearer to the goals."""
ATTEMPTS = 3
"""How often goals are brought down to what there is time for."""
EVE = 5.0
"""km to run at most on the day before a race."""
HARD_OR_LONG = [LONG, ANAEROBIC, THRESHOLD]
LEAST_BESIDE_RACE = 0.3
"""Of a week's goal, what is run beside a race at least."""

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
    together: float = np.inf,
    tell: Progress | None = None,
) -> Season:
    """The season that misses weekly goals (T,) m and shares of the types least.

    ``aerobic_shares`` (T,): of easy and long running; the rest is anaerobic and threshold running
    in equal parts. ``longest`` (T, 7) m: how far there is time to run on each day, 0 for a day off.
    ``races``: distance in m by day, counted from 0; a race stands for the long run of its week and
    does not count in its goal. ``settled``: days that stay as they are, distance 0 for a rest.
    ``together``: how many weeks that clash are solved together at most, if there is another way to
    follow one with the next; what this costs is part of the gap that is reported.
    Raises :class:`~trackside.planner.linear_model.ConflictError` if the rules cannot all be kept.
    """
    rules = rules or SeasonRules()
    demand = _demand(np.asarray(goals, float), np.asarray(aerobic_shares), rules, longest)
    demand = _with_settled(demand, rules, races or {}, settled or {})
    blocks = [(week, week + 1) for week in range(len(demand.goals))]
    solved: dict[tuple[int, int], _Solved] = {}
    while True:
        for done, block in enumerate(blocks):
            if block not in solved:
                if tell:
                    tell(done / len(blocks), f"week {block[0] + 1}")
                solved[block] = _solve_weeks(demand.weeks(*block), rules, gap)
        distances = np.concatenate([solved[block].distances for block in blocks])
        clash = _clash(blocks, _kinds(demand, distances), rules)
        if clash is None:
            break
        before, after = blocks[clash : clash + 2]
        weeks = demand.weeks(after[0] - 1, after[1])
        other = _solve_after(weeks, solved[before].distances[-1], rules, gap)
        too_many = after[1] - before[0] > together
        as_good = other is not None and other.cost - solved[after].bound <= gap * other.cost
        if other is not None and (as_good or too_many):
            solved[after] = replace(other, bound=solved[after].bound)
        else:
            blocks[clash : clash + 2] = [(before[0], after[1])]
    bound = sum(solved[block].bound for block in blocks)
    return _season(demand, distances, rules, bound)


def plan_season(
    calendar: Calendar,
    start: float,
    speed: float,
    rules: SeasonRules | None = None,
    progression: Progression | None = None,
    *,
    settled: Mapping[int, tuple[RunType, float]] | None = None,
    gap: float = 1e-3,
    tell: Progress | None = None,
) -> Season:
    """The season of a calendar for an athlete who runs ``start`` m a week now.

    ``speed``: of easy running, m/s; with the time that there is on each day it limits distances.
    Weekly goals follow :mod:`~trackside.planner.weekly_goals`; where there is no time for one, the
    weeks after it build on what can be run. ``settled`` days as in :func:`solve_season`.
    """
    days = calendar.days
    longest = speed * np.array([day.available for day in days]).reshape(-1, 7)
    races = {i: day.race.distance for i, day in enumerate(days) if day.race is not None}
    shares = aerobic_shares(calendar)
    within: Sequence[float] | None = None
    for _ in range(ATTEMPTS):
        planned = weekly_goals(calendar, start, progression, within)
        goals = _beside_races(np.array(planned), races)
        season = solve_season(
            goals,
            shares,
            rules,
            longest=longest,
            races=races,
            settled=settled,
            gap=gap,
            together=TOGETHER,
            tell=tell,
        )
        run = season.distances.sum(axis=(1, 2))
        reached = run > goals - GOAL_REACHED
        if reached.all():
            break
        within = np.where(reached, np.inf, run + np.array(planned) - goals).tolist()
    return season


def _beside_races(goals: Floats, races: Mapping[int, float]) -> Floats:
    """What is left of weekly goals (T,) m beside races, at least a part of them."""
    left = goals.copy()
    for day, distance in races.items():
        week = day // 7
        left[week] = max(left[week] - distance, LEAST_BESIDE_RACE * goals[week])
    return left


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
    time = limits.max(axis=2) if longest is None else longest / KILOMETRE
    limits = np.minimum(limits, time[:, :, None])
    shortest = np.repeat(shortest[:, None], 7, axis=1)
    limits[limits < shortest] = 0.0
    _place_long_runs(limits, time, rules)
    days = (limits[:, :, EASY] > 0.0).sum(axis=1)
    rest = (1.0 - aerobic_shares) / 2.0
    return SeasonDemand(
        goals=np.where(days > 0, goals, 0.0),
        shares=np.stack([aerobic_shares, rest, rest], axis=1),
        shortest=shortest,
        longest=limits,
        fewest=np.minimum(rules.fewest_runs, days),
        longs=(limits[:, :, LONG] > 0.0).any(axis=1).astype(np.int64),
        fixed=np.full(limits.shape[:2], NOT_FIXED),
        run=np.zeros(limits.shape[:2]),
    )


def _place_long_runs(limits: Floats, time: Floats, rules: SeasonRules) -> None:
    """Long runs are for the weekend; without time there, for the day that has most of it.

    ``time`` (T, 7): how far there is time to run, km. Where nobody could run further than an easy
    run must be, there is no long run.
    """
    least = rules.shortest[EASY] / KILOMETRE / rules.easy_share
    for week, hours in zip(limits, time, strict=True):
        possible = week[:, LONG] >= least
        days = [day for day in WEEKEND if possible[day]] or [int(hours.argmax())]
        week[[day for day in range(7) if day not in days or not possible[day]], LONG] = 0.0


def _with_settled(
    demand: SeasonDemand,
    rules: SeasonRules,
    races: Mapping[int, float],
    settled: Mapping[int, tuple[RunType, float]],
) -> SeasonDemand:
    """The demand with days that nobody may change any more."""
    demand = _copied(demand)
    for day, distance in races.items():
        at = divmod(day, 7)
        demand.fixed[at], demand.run[at] = RACE, distance / KILOMETRE
        demand.longest[at] = 0.0
        demand.longs[at[0]] = 0
        demand.longest[at[0], :, LONG] = 0.0
        _easy_around(demand, day)
    for day, (kind, distance) in settled.items():
        _settle(demand, divmod(day, 7), list(RunType).index(kind), distance / KILOMETRE)
    for week in range(len(demand.goals)):
        free = (demand.longest[week, :, EASY] > 0.0) & (demand.fixed[week] == NOT_FIXED)
        demand.longs[week] &= (demand.longest[week, :, LONG] > 0.0).any()
        ran = (demand.fixed[week] != NOT_FIXED) & (demand.fixed[week] != RACE)
        runs = int((demand.run[week][ran] > 0.0).sum())
        raced = int((demand.fixed[week] == RACE).sum())
        demand.fewest[week] = min(max(rules.fewest_runs - raced, 0), int(free.sum()) + runs)
        if ran.any() and demand.longs[week]:
            done = demand.fixed[week][ran] == LONG
            possible = (demand.longest[week, free, LONG] > 0.0).any()
            demand.longs[week] = int((done & (demand.run[week][ran] > 0)).sum()) or int(possible)
    return demand


def _copied(demand: SeasonDemand) -> SeasonDemand:
    return SeasonDemand(*(getattr(demand, field.name).copy() for field in fields(demand)))


def _settle(demand: SeasonDemand, at: tuple[int, int], kind: int, run: float) -> None:
    """A day stays as it is: a run in km of that type, or a rest if it is 0."""
    demand.fixed[at], demand.run[at] = kind, run
    demand.shortest[at], demand.longest[at] = 0.0, max(run, 1e-3)


def _easy_around(demand: SeasonDemand, race: int) -> None:
    """No hard runs on the days before and after a race, and on the eve no far one either."""
    for day in (race - 1, race + 1):
        if 0 <= day < demand.fixed.size:
            demand.longest[day // 7, day % 7, HARD_OR_LONG] = 0.0
    if race > 0:
        eve = demand.longest[(race - 1) // 7, (race - 1) % 7]
        eve[EASY] = min(eve[EASY], EVE)


@dataclass(frozen=True)
class _Solved:
    """Consecutive weeks: ``distances`` (T, 7, 4) km, their cost, and a bound for it."""

    distances: Floats
    cost: float
    bound: float


def _solve_weeks(demand: SeasonDemand, rules: SeasonRules, gap: float) -> _Solved:
    built = build_model(demand, rules)
    found = built.model.solve("the season", max(gap / 10.0, LEAST_GAP))
    runs = found.values[built.runs] > 0.5
    distances = np.where(runs, found.values[built.distance], 0.0)
    return _Solved(distances, found.objective, found.objective * (1.0 - found.gap))


def _solve_after(
    demand: SeasonDemand, first: Floats, rules: SeasonRules, gap: float
) -> _Solved | None:
    """The weeks after the first of these, which stays as it is: ``first`` (7, 4) km.

    None if nothing can follow it.
    """
    demand = _copied(demand)
    for day in np.flatnonzero(demand.fixed[0] != RACE):
        _settle(demand, (0, int(day)), int(first[day].argmax()), float(first[day].max()))
    try:
        both = _solve_weeks(demand, rules, gap)
    except ConflictError:
        return None
    alone = _solve_weeks(demand.weeks(0, 1), rules, gap)
    return _Solved(both.distances[1:], both.cost - alone.cost, both.bound - alone.cost)


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
