"""Training schemas: which workouts each week of a preparation is made of."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass as validated

from trackside.errors import FileFormatError, ParameterError
from trackside.planner.calendar import Calendar, Phase
from trackside.planner.toml_resource import parse_toml
from trackside.planner.workout_library import STRICT, Library

Codes = Annotated[tuple[str, ...], Field(min_length=1)]
SHIPPED = ("marathon_21_weeks.toml", "shorter_races_12_weeks.toml")


@validated(frozen=True, config=STRICT)
class SchemaWeek:
    """A week of a schema: codes of workouts for the runs of each type, first run first.

    ``also``: what is done beside running. ``long_run_km``: the programme's own range.
    """

    phase: Phase
    focus: str
    easy: Codes
    long: Codes
    anaerobic: Codes
    threshold: Codes
    also: tuple[str, ...] = ()
    long_run_km: tuple[float, float] | None = None


@validated(frozen=True, config=STRICT)
class TrainingSchema:
    """A preparation for a goal race of at least ``least_distance_m``, week by week."""

    id: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    name: str
    least_distance_m: Annotated[float, Field(ge=0.0)]
    week: Annotated[tuple[SchemaWeek, ...], Field(min_length=1)]

    def weeks_of(self, phase: Phase) -> Sequence[SchemaWeek]:
        """The weeks of a phase, or all if there are none."""
        return [week for week in self.week if week.phase is phase] or self.week


@cache
def shipped_schemas() -> tuple[TrainingSchema, ...]:
    """The schemas that ship with Trackside, that of the longest races first."""
    folder = files("trackside.planner") / "schemas"
    return tuple(
        parse_toml((folder / name).read_text(encoding="utf-8"), TrainingSchema, Path(name))
        for name in SHIPPED
    )


def schema_for(distance: float) -> TrainingSchema:
    """The schema that ships for a goal race of ``distance`` (m)."""
    return next(one for one in shipped_schemas() if distance >= one.least_distance_m)


def find_schema(name: str, library: Library) -> TrainingSchema:
    """The schema with an id, or that of a TOML file, checked against the workouts there are.

    Raises :class:`ParameterError` for an unknown id and :class:`FileFormatError` for a file that
    is not a schema or names workouts that the library does not have.
    """
    known = {schema.id: schema for schema in shipped_schemas()}
    if name in known:
        return known[name]
    path = Path(name)
    if path.suffix != ".toml":
        ids = ", ".join(known)
        raise ParameterError(f"schema {name!r}: expected one of {ids}, or the path of a TOML file")
    schema = parse_toml(path.read_text(encoding="utf-8"), TrainingSchema, path)
    for week, code in unknown_codes(schema, library):
        expected = f"a workout of the library ({', '.join(library)}), not {code!r}"
        raise FileFormatError(path, f"week {week}", expected)
    return schema


def unknown_codes(schema: TrainingSchema, library: Library) -> Iterator[tuple[int, str]]:
    """The workouts that a schema names and the library does not have, each with its week."""
    for number, week in enumerate(schema.week, start=1):
        for code in (*week.easy, *week.long, *week.anaerobic, *week.threshold, *week.also):
            if code not in library:
                yield number, code


def place_schema(schema: TrainingSchema, calendar: Calendar) -> list[SchemaWeek]:
    """The week of the schema for each week of the calendar: phase by phase, stretched to fit."""
    placed = []
    for week in calendar.weeks:
        phase = [other.number for other in calendar.weeks if other.phase is week.phase]
        choice = schema.weeks_of(week.phase)
        # the last weeks of a phase correspond: what leads to the race is never left out
        from_end = phase[-1] - week.number
        placed.append(choice[len(choice) - 1 - from_end * len(choice) // len(phase)])
    return placed
