"""Andrews' season as published, with the sign of the deviations mended, and his printed table.

C. Andrews, Optimal Season Running Schedule (2024): three types of run, weekly goals that rise by a
tenth, shares of the types, limits of runs. As printed, δ ≤ Σx − M bounds the deviation from above
and leaves overshoot free; here it is what the week is off its goal. Deviations from the shares are
in his constraints but not in his objective; they are given a hundredth of its weight, so that they
decide only where nothing else does. He says, but does not model, a threshold run's least length and
the long run on a weekend; :func:`broken_rules` looks at these, too.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import FileFormatError
from trackside.planner.linear_model import LinearModel
from trackside.planner.season_rules import andrews_aerobic_shares, andrews_goals

TYPES = ("aerobic", "anaerobic", "threshold")
AEROBIC, ANAEROBIC, THRESHOLD = range(3)
CAPS = (0.30, 0.10, 0.20)  # of the week's goal
LONGEST_THRESHOLD, SHORTEST_THRESHOLD = 15.0, 3.0  # km
FEWEST_RUNS, MOST_RUNS, MOST_ANAEROBIC = 3, 6, 3
SHARE_WEIGHT = 0.01
GROWTH, TAPER = 0.10, 0.20
TAPER_WEEKS = 2
SLACK = 0.005
"""Shares that differ from a limit by less are rounding: the table is printed to 0.1 km."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class AndrewsSeason:
    """A season in km.

    ``distances`` (T, 7, 3) in TYPES' order, ``goals`` (T,); ``off_goals``: what the weeks miss of
    them in all, ``off_shares``: what the types miss of their shares.
    """

    distances: Floats
    goals: Floats
    off_goals: float
    off_shares: float


class BrokenRule(NamedTuple):
    """A rule that a table breaks: in which week, by what value, and what the limit is."""

    week: int
    rule: str
    value: str
    limit: str


def solve_strictly(start: float, weeks: int = 16, gap: float = 1e-3) -> AndrewsSeason:
    """Andrews' season from ``start`` km in the first week.

    Raises :class:`~trackside.planner.linear_model.ConflictError` if his rules cannot be kept.
    """
    goals, shares = np.array(andrews_goals(start, weeks)), _shares(weeks)
    model = LinearModel()
    caps = _caps(goals)
    distance = model.variables((weeks, 7, 3), 0.0, caps[:, None])
    runs = model.variables((weeks, 7, 3), 0.0, 1.0, integer=True)
    off = _deviation(model, "the week's goal", distance.reshape(weeks, -1), goals, 1.0)
    for kind in range(3):
        wanted = shares[:, kind] * goals
        _deviation(model, "the shares", distance[:, :, kind], wanted, SHARE_WEIGHT)
    x, y = distance.reshape(-1, 1), runs.reshape(-1, 1)
    limits = np.stack([np.ones(x.size), -np.repeat(caps, 7, axis=0).ravel()], axis=1)
    model.rule("the longest run of its type", np.hstack([x, y]), limits, upper=0.0)
    model.rule("one run a day", runs.reshape(-1, 3), upper=1.0)
    model.rule("3 to 6 runs", runs.reshape(weeks, -1), lower=FEWEST_RUNS, upper=MOST_RUNS)
    model.rule("3 anaerobic runs", runs[:, :, ANAEROBIC], upper=MOST_ANAEROBIC)
    fast = runs[:, :, ANAEROBIC].ravel()
    model.rule("no anaerobic runs on consecutive days", np.stack([fast[:-1], fast[1:]], 1), upper=1)
    found = model.solve("Andrews' season", gap)
    distances = np.where(found.values[runs] > 0.5, found.values[distance], 0.0)
    missed = np.abs(distances.sum(axis=1) - shares * goals[:, None]).sum()
    return AndrewsSeason(distances, goals, float(found.values[off].sum()), float(missed))


def _deviation(
    model: LinearModel, name: str, columns: Integers, wanted: Floats, weight: float
) -> Integers:
    over_under = model.variables((len(wanted), 2), cost=weight)
    signs = np.concatenate([np.ones(columns.shape[1]), [-1.0, 1.0]])
    model.rule(name, np.hstack([columns, over_under]), signs, wanted, wanted)
    return over_under


def _shares(weeks: int) -> Floats:
    aerobic = np.array(andrews_aerobic_shares(weeks))
    return np.stack([aerobic, (1.0 - aerobic) / 2.0, (1.0 - aerobic) / 2.0], axis=1)


def _caps(goals: Floats) -> Floats:
    caps = np.outer(goals, CAPS)
    caps[:, THRESHOLD] = np.minimum(caps[:, THRESHOLD], LONGEST_THRESHOLD)
    return caps


def read_table(path: Path) -> Floats:
    """A printed season (T, 7, 3) in km from a CSV file with the columns week, day, type and km.

    Raises :class:`FileFormatError` with the line that cannot be read.
    """
    rows: list[tuple[int, int, int, float]] = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for row in reader:
            try:
                at = int(row["week"]), int(row["day"]), TYPES.index(row["type"])
                rows.append((*at, float(row["km"])))
            except (KeyError, TypeError, ValueError) as error:
                expected = f"week, day (1–7), type ({', '.join(TYPES)}) and km"
                raise FileFormatError(path, f"line {reader.line_num}", expected) from error
            if not (rows[-1][0] >= 1 and 1 <= rows[-1][1] <= 7 and rows[-1][3] >= 0.0):
                raise FileFormatError(path, f"line {reader.line_num}", "week ≥ 1, day 1–7, km ≥ 0")
    if not rows:
        raise FileFormatError(path, "the table", "at least one run")
    table = np.zeros((max(row[0] for row in rows), 7, 3))
    for week, day, kind, km in rows:
        table[week - 1, day - 1, kind] += km
    return table


def broken_rules(table: Floats, start: float) -> list[BrokenRule]:
    """Where a season (T, 7, 3) in km breaks the rules that Andrews states, week by week.

    ``start``: the goal of its first week, km.
    """
    goals = np.array(andrews_goals(start, len(table)))
    found = [*_goals_missed(table, goals), *_ramps_broken(table), *_limits_broken(table, goals)]
    found += [*_consecutive(table), *_long_runs_missing(table)]
    return sorted(found)


def _goals_missed(table: Floats, goals: Floats) -> Iterator[BrokenRule]:
    for week, (run, goal) in enumerate(zip(table.sum(axis=(1, 2)), goals, strict=True), start=1):
        if abs(run / goal - 1.0) > SLACK:
            value = f"{run:.1f} km, {100 * (run / goal - 1):+.1f} %"
            yield BrokenRule(week, "the week's goal", value, f"{goal:.1f} km")


def _ramps_broken(table: Floats) -> Iterator[BrokenRule]:
    run = table.sum(axis=(1, 2))
    for week in range(1, len(table)):
        change = run[week] / run[week - 1] - 1.0
        taper = week >= len(table) - TAPER_WEEKS
        limit = -TAPER if taper else GROWTH
        if (abs(change - limit) if taper else change - limit) > SLACK:
            rule = "20 % less a week before the race" if taper else "at most 10 % more a week"
            yield BrokenRule(week + 1, rule, f"{100 * change:+.1f} %", f"{100 * limit:+.0f} %")


def _limits_broken(table: Floats, goals: Floats) -> Iterator[BrokenRule]:
    caps = _caps(goals)
    for week, kind in np.ndindex(len(table), 3):
        longest = table[week, :, kind].max()
        if longest > caps[week, kind] + 0.06:
            rule = f"the longest {TYPES[kind]} run"
            yield BrokenRule(week + 1, rule, f"{longest:.1f} km", f"{caps[week, kind]:.1f} km")
    for week, runs in enumerate((table > 0.0).sum(axis=(1, 2)), start=1):
        if not FEWEST_RUNS <= runs <= MOST_RUNS:
            yield BrokenRule(week, "runs a week", f"{runs}", f"{FEWEST_RUNS} to {MOST_RUNS}")
    for week, day in np.argwhere(table[:, :, THRESHOLD] > 0.0):
        km = table[week, day, THRESHOLD]
        if km < SHORTEST_THRESHOLD:
            yield BrokenRule(int(week) + 1, "the shortest threshold run", f"{km:.1f} km", "3.0 km")


def _consecutive(table: Floats) -> Iterator[BrokenRule]:
    fast = table[:, :, ANAEROBIC].ravel() > 0.0
    for day in np.flatnonzero(fast[:-1] & fast[1:]):
        week, names = int(day) // 7 + 1, (WEEKDAYS[day % 7], WEEKDAYS[(day + 1) % 7])
        yield BrokenRule(week, "no anaerobic runs on consecutive days", " and ".join(names), "one")


def _long_runs_missing(table: Floats) -> Iterator[BrokenRule]:
    for week, runs in enumerate(table[:, :, AEROBIC], start=1):
        longest = np.flatnonzero(runs > runs.max() - 0.06)
        if not (longest >= 5).any():
            names: Sequence[str] = [WEEKDAYS[day] for day in longest]
            yield BrokenRule(week, "a longest run on the weekend", ", ".join(names), "Sat or Sun")
