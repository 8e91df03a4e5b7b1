"""Athlete profiles as TOML, with units in the keys; :mod:`.example_profile` shows every key."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from trackside.errors import FileFormatError, ParameterError
from trackside.planner.checked_table import (
    CheckedTable,
    choice,
    day,
    duration,
    identifier,
    list_of,
    number,
    text,
)
from trackside.planner.profile import (
    USUAL_TRAINING_SHARE,
    AthleteProfile,
    Experience,
    GoalRace,
    Injury,
    RaceResult,
    Sex,
)
from trackside.planner.race_performance import vdot

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GREATEST_VDOT = 90.0  # world records come to about 85
SLOWEST_RACE = 0.8  # m/s, a stroll

_race_distance = number(1, 200, "km", si=1000.0)
_week_distance = number(0, 300, "km", si=1000.0)
_day_time = number(0, 600, "minutes", si=60.0)


def read_profile(path: str | Path) -> AthleteProfile:
    """Return the profile in a TOML file.

    Raises
    ------
    FileFormatError
        If the file is no TOML.
    ParameterError
        If a key is unknown or missing, or a value cannot be: names file, key, value and what is
        expected.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # also of bytes that are no UTF-8 and numbers of 5000 digits
        raise FileFormatError(path, "the whole file", f"a TOML file ({error})") from error
    try:
        return profile_of(content)
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from error


def profile_of(content: Mapping[str, object]) -> AthleteProfile:
    """Return the profile in the tables of a TOML document, or of anything alike, such as JSON.

    Raises
    ------
    ParameterError
        As :func:`read_profile`, without the file.
    """
    table = CheckedTable("", content)
    profile = AthleteProfile(
        runner_id=table.required("runner_id", identifier),
        goal=_goal(table.table("goal")),
        age=table.optional("age", number(10, 100, "years")),
        sex=table.optional("sex", choice(Sex)),
        height=table.optional("height_cm", number(120, 230, "cm", si=0.01)),
        weight=table.optional("weight_kg", number(30, 200, "kg")),
        resting_heart_rate=table.optional("resting_heart_rate_bpm", number(25, 110, "bpm")),
        maximum_heart_rate=table.optional("maximum_heart_rate_bpm", number(100, 230, "bpm")),
        races=tuple(map(_race, table.tables("races"))),
        weekly_distances=table.optional("weekly_distances_km", list_of(_week_distance)) or (),
        available=_available(table.table("available_minutes")),
        injuries=tuple(map(_injury, table.tables("injuries"))),
        experience=table.optional("experience", choice(Experience)),
    )
    table.finish()
    return profile


def _goal(table: CheckedTable | None) -> GoalRace:
    if table is None:
        raise ParameterError("[goal] is missing: expected the race that the plan is for")
    goal = GoalRace(
        day=table.required("day", day),
        distance=table.required("distance_km", _race_distance),
        name=table.optional("name", text) or "Race",
        target_time=table.optional("target_time", duration),
    )
    if goal.target_time is not None:
        _check_speed(table, "target_time", goal.distance, goal.target_time)
    table.finish()
    return goal


def _race(table: CheckedTable) -> RaceResult:
    race = RaceResult(
        day=table.required("day", day),
        distance=table.required("distance_km", _race_distance),
        time=table.required("time", duration),
    )
    _check_speed(table, "time", race.distance, race.time)
    table.finish()
    return race


def _injury(table: CheckedTable) -> Injury:
    share = table.optional("training_share", number(0, 1))
    injury = Injury(
        place=table.required("place", text),
        until=table.optional("until", day),
        training_share=USUAL_TRAINING_SHARE if share is None else share,
    )
    table.finish()
    return injury


def _available(table: CheckedTable | None) -> tuple[float, ...] | None:
    if table is None:
        return None
    times = tuple(table.optional(name, _day_time) or 0.0 for name in DAYS)
    table.finish()
    return times


def _check_speed(table: CheckedTable, key: str, distance: float, time: float) -> None:
    """Refuse what no human runs: mostly a slip in distance or time."""
    if time == 0 or vdot(distance, time) > GREATEST_VDOT:
        table.refuse(key, f"a time for {distance / 1000:g} km slower than any world record")
    if distance / time < SLOWEST_RACE:
        table.refuse(key, f"a time for {distance / 1000:g} km faster than a stroll")
