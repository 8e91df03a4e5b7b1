"""A day's workouts, cut anew to another load or kind."""

from dataclasses import dataclass, replace

from trackside.planner.athlete import Athlete
from trackside.planner.freedom import run_of
from trackside.planner.load_demand import DayKind
from trackside.planner.run_choice import REST_DAY
from trackside.planner.season_loads import TOO_MUCH
from trackside.planner.supplements import TIRING
from trackside.planner.training_plan import PlannedDay
from trackside.planner.workout_cutting import Paces, cut_to_load
from trackside.planner.workout_library import Library
from trackside.planner.workout_size import workout_size
from trackside.planner.workouts import Repeat, Step, Workout

EASY_RUN = "EASY"
LONGEST = 150.0
"""m per TRIMP: further than anybody runs for a load."""


@dataclass(frozen=True)
class Cutting:
    """With what workouts are cut: the library of their templates, for whom."""

    library: Library
    athlete: Athlete

    def run(self, before: Workout | None, kind: DayKind, load: float, same: bool) -> Workout:
        """A run of about ``load`` TRIMP like ``before``; an easy one if it is not the ``same``."""
        easy = before is None or (kind is DayKind.EASY and not same)
        code = EASY_RUN if easy or before is None else before.code
        if code not in self.library and before is not None:
            return scaled(before, load / before.load, self.athlete)
        workout = self._cut(code, load)
        if workout.load > TOO_MUCH * load:
            workout = min(workout, self._cut(EASY_RUN, load), key=lambda one: one.load)
        return workout

    def _cut(self, code: str, load: float) -> Workout:
        paces = Paces.of(self.athlete)
        return cut_to_load(self.library[code], load, LONGEST * load, self.athlete, paces)


def changed_day(
    day: PlannedDay,
    kinds: tuple[DayKind, DayKind],
    load: float,
    cutting: Cutting,
    moved: Workout | None = None,
) -> tuple[Workout, ...]:
    """The workouts of a day that goes from one of the ``kinds`` to the other, with a load (TRIMP).

    ``moved``: a session of another day that is done on this one. What is beside the run stays.
    """
    at = run_of(day)
    beside = tuple(
        one for i, one in enumerate(day.workouts) if i != at and one.code != REST_DAY.code
    )
    if kinds[1] is DayKind.REST:
        tiring = tuple(one for one in beside if one.type in TIRING)
        rest = () if tiring else (REST_DAY,)
        return (*tiring, *rest, *(one for one in beside if one not in tiring))
    before = moved or (None if at is None else day.workouts[at])
    same = moved is not None or kinds[0] is kinds[1]
    return (cutting.run(before, kinds[1], load, same), *beside)


def scaled(workout: Workout, share: float, athlete: Athlete) -> Workout:
    """A workout that no library has, with all that is not repeated longer or shorter."""
    steps = tuple(
        part if isinstance(part, Repeat) else _scaled_step(part, share) for part in workout.steps
    )
    distance, duration, load = workout_size(steps, athlete)
    return replace(workout, steps=steps, distance=distance, duration=duration, load=load)


def _scaled_step(step: Step, share: float) -> Step:
    return replace(
        step,
        duration=None if step.duration is None else float(round(share * step.duration)),
        distance=None if step.distance is None else float(round(share * step.distance, -2)),
    )
