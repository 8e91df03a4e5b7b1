"""Which workout each day of a season gets, before loads cut it to size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trackside.arrays import Floats
from trackside.planner.athlete import Athlete
from trackside.planner.calendar import Calendar, Day, KeyRace, Week
from trackside.planner.race_performance import race_time
from trackside.planner.season_rules import RunType
from trackside.planner.training_schema import SchemaWeek
from trackside.planner.workout_cutting import Paces, cut_to_distance, shortest
from trackside.planner.workout_library import Library, WorkoutTemplate
from trackside.planner.workout_size import workout_size
from trackside.planner.workouts import Intensity, SessionType, Step, Workout

SMALLEST = {
    RunType.EASY: "EASY",
    RunType.LONG: "LONG",
    RunType.ANAEROBIC: "FARTLEK",
    RunType.THRESHOLD: "STEADY",
}
"""Stands in where a run is too short for the workouts of its week."""

REST_DAY = Workout("REST", SessionType.REST, "Rest: no running. Sleep, eat well, walk if you like.")


@dataclass(frozen=True)
class RunChoice:
    """What a day is for, at its full size.

    ``kind``, ``template`` and ``smallest``, what stands in where the template is too long, are None
    for a rest and a race; ``race`` is for all others.
    """

    day: Day
    week: Week
    workout: Workout
    kind: RunType | None = None
    template: WorkoutTemplate | None = None
    smallest: WorkoutTemplate | None = None

    @property
    def race(self) -> KeyRace | None:
        """The race or trial of the day."""
        return self.day.race


def choose_runs(
    calendar: Calendar,
    distances: Floats,
    schema: Sequence[SchemaWeek],
    library: Library,
    athlete: Athlete,
) -> list[RunChoice]:
    """The workout of every day for the season's ``distances`` (T, 7, 4) m, types as in RunType.

    ``schema``: the week of the schema for each week of the calendar. A type's runs of a week go
    through the codes of the schema in turn.
    """
    paces = Paces.of(athlete)
    chosen: list[RunChoice] = []
    for week, runs, wanted in zip(calendar.weeks, distances, schema, strict=True):
        chosen += _week(week, runs, wanted, library, athlete, paces)
    return chosen


def _week(
    week: Week,
    runs: Floats,
    wanted: SchemaWeek,
    library: Library,
    athlete: Athlete,
    paces: Paces,
) -> Iterator[RunChoice]:
    codes: Mapping[RunType, Sequence[str]] = {kind: getattr(wanted, kind) for kind in RunType}
    so_far = dict.fromkeys(RunType, 0)
    for day, distance in zip(week.days, runs, strict=True):
        if day.race is not None:
            yield RunChoice(day, week, race_workout(day.race, athlete, paces))
        elif not distance.any():
            yield RunChoice(day, week, REST_DAY)
        else:
            kind, length = list(RunType)[int(distance.argmax())], float(distance.max())
            turn = so_far[kind] % len(codes[kind])
            so_far[kind] += 1
            names = [*codes[kind][turn:], *codes[kind][:turn], SMALLEST[kind]]
            template = _longest_that_fits([library[name] for name in names], length, paces)
            workout = cut_to_distance(template, length, athlete, paces)
            yield RunChoice(day, week, workout, kind, template, library[SMALLEST[kind]])


def _longest_that_fits(
    templates: Sequence[WorkoutTemplate], distance: float, paces: Paces
) -> WorkoutTemplate:
    """The first template that can be cut to a distance (m); else the last."""
    return next((one for one in templates if shortest(one, paces) <= distance), templates[-1])


def race_workout(race: KeyRace, athlete: Athlete, paces: Paces) -> Workout:
    """The race itself: the goal at its pace, a trial as fast as fitness has it."""
    if race.goal:
        speeds = paces.speeds["race"]
        kind, code = SessionType.RACE, "RACE"
        definition = f"{race.name}: start calmly, hold your pace, and use what is left at the end."
    else:
        pace = race.distance / race_time(athlete.vdot, race.distance)
        speeds = (0.98 * pace, 1.02 * pace)
        kind, code = SessionType.TRIAL, "TRIAL"
        definition = (
            f"{race.name}: warm up well, race evenly, and write the time down: it sets new paces."
        )
    steps = (Step(race.name, Intensity.ACTIVE, distance=race.distance, speed=speeds),)
    return Workout(code, kind, definition, steps, *workout_size(steps, athlete))
