"""Looks for broken rules in a season, day by day, without the model that made it.

Distances are km; a season is a list of weeks of seven days of (type, km) or None for a rest. A race
is ("race", km).
"""

from collections.abc import Sequence

from trackside.arrays import Floats
from trackside.planner.season_rules import RunType

Day = tuple[str, float] | None
TOLERANCE = 1e-4  # km


def days_of(distances: Floats, races: dict[int, float] | None = None) -> list[list[Day]]:
    """Weeks of days from distances (T, 7, 4) in m."""
    weeks: list[list[Day]] = []
    for week in range(len(distances)):
        days: list[Day] = []
        for day in range(7):
            runs = [
                (kind.value, float(metres) / 1000)
                for kind, metres in zip(RunType, distances[week, day], strict=True)
                if metres > 0
            ]
            if races and week * 7 + day in races:
                runs.append(("race", races[week * 7 + day] / 1000))
            assert len(runs) <= 1, f"week {week + 1}, day {day + 1}: {runs}"
            days.append(runs[0] if runs else None)
        weeks.append(days)
    return weeks


def broken(weeks: Sequence[Sequence[Day]], goals: Sequence[float]) -> list[str]:
    """What is broken, in words; ``goals`` in km. Days off and limits of time are not looked at."""
    found = []
    for number, (days, goal) in enumerate(zip(weeks, goals, strict=True), start=1):
        found += [f"week {number}: {text}" for text in _broken_in_week(days, goal)]
    return found + _broken_between_days([day for days in weeks for day in days])


def _broken_in_week(days: Sequence[Day], goal: float) -> list[str]:
    found = []
    run = [day for day in days if day is not None]
    longest = {
        "easy": max(0.3 * goal, 5),
        "long": max(0.3 * goal, 5),
        "anaerobic": max(0.1 * goal, 3),
        "threshold": max(min(0.2 * goal, 15), 3),
    }
    shortest = {"easy": 2, "long": 2, "anaerobic": 1, "threshold": 3}
    long = [km for kind, km in run if kind == "long"]
    raced = any(kind == "race" for kind, _ in run)
    for kind, km in run:
        if kind != "race" and km > longest[kind] + TOLERANCE:
            found.append(f"{kind} run of {km:.3f} km, at most {longest[kind]:.3f}")
        if kind != "race" and km < min(shortest[kind], longest[kind]) - TOLERANCE:
            found.append(f"{kind} run of {km:.3f} km is too short")
        if kind == "easy" and long and km > 0.75 * max(long) + TOLERANCE:
            found.append(f"easy run of {km:.3f} km beside a long one of {max(long):.3f}")
    if len(run) > 6:
        found.append(f"{len(run)} runs")
    if sum(kind == "anaerobic" for kind, _ in run) > 3:
        found.append("more than 3 anaerobic runs")
    if len(long) > 1 or (not long and not raced and sum(km for _, km in run) > 15):
        found.append(f"{len(long)} long runs")
    return found


def _broken_between_days(days: Sequence[Day]) -> list[str]:
    found = []
    kinds = [day[0] if day else "rest" for day in days]
    hard = {"anaerobic", "threshold"}
    for i in range(len(kinds) - 1):
        now, following = kinds[i], kinds[i + 1]
        if now in hard | {"long", "race"} and following in hard:
            found.append(f"day {i + 2}: {following} on the day after {now}")
        if following == "race" and now in hard:
            found.append(f"day {i + 1}: {now} on the day before a race")
    found += [
        f"seven runs in a row from day {i + 1}"
        for i in range(len(kinds) - 6)
        if "rest" not in kinds[i : i + 7]
    ]
    return found
