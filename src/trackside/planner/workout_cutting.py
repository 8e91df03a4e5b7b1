"""Templates of workouts cut to an amount of running: a distance, or a load."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from trackside.planner.athlete import Athlete
from trackside.planner.race_performance import SpeedRange, race_time, training_speeds
from trackside.planner.workout_library import RepeatTemplate, StepTemplate, WorkoutTemplate
from trackside.planner.workout_size import workout_size
from trackside.planner.workouts import Repeat, Step, Workout

RACE_PACE_WIDTH = 0.01
"""The goal race's pace may be missed by so much, either way."""
ROUNDED = 100.0  # m, of steps that are cut to size
LEAST_STEP = 200.0
"""m: steps that are cut to size are not shorter."""
SHORTEST_RUN, SHORTEST_SHARE = 2500.0, 0.5
"""No run is cut below so many m, nor below this part of its full length if that is less."""
BISECTIONS = 20


@dataclass(frozen=True)
class Paces:
    """Speed ranges (m/s) of an athlete by the names of the library."""

    speeds: Mapping[str, SpeedRange]

    @classmethod
    def of(cls, athlete: Athlete) -> Self:
        """Daniels' training speeds, and the goal race's: its target's, else as fitness has it."""
        speeds = training_speeds(athlete.vdot)
        goal = athlete.goal
        pace = goal.distance / (goal.target_time or race_time(athlete.vdot, goal.distance))
        race = pace * (1.0 - RACE_PACE_WIDTH), pace * (1.0 + RACE_PACE_WIDTH)
        names = ("easy", "long", "marathon", "threshold", "interval", "repetition")
        return cls({**{name: getattr(speeds, name) for name in names}, "race": race})


def shortest(template: WorkoutTemplate, paces: Paces) -> float:
    """The distance (m) below which a template cannot be cut."""
    filled = [part for part in template.steps if isinstance(part, StepTemplate) and part.share]
    repeats = [part for part in template.steps if isinstance(part, RepeatTemplate)]
    fixed = sum(part.repeats[0] * _length(part, paces) for part in repeats)
    return max(fixed / template.work, fixed + LEAST_STEP * len(filled))


def cut_to_distance(
    template: WorkoutTemplate, distance: float, athlete: Athlete, paces: Paces
) -> Workout:
    """The workout of a template that comes to ``distance`` (m), or a little less."""
    count = sum(isinstance(part, RepeatTemplate) for part in template.steps)
    parts = [
        (part, _times(part, template.work * distance / count, paces))
        if isinstance(part, RepeatTemplate)
        else (part, 1)
        for part in template.steps
    ]
    left = distance - sum(
        times * _length(part, paces) for part, times in parts if isinstance(part, RepeatTemplate)
    )
    shares = sum(part.share or 0.0 for part, _ in parts if isinstance(part, StepTemplate))
    steps = tuple(
        Repeat(times, tuple(_fixed_step(step, paces) for step in part.steps))
        if isinstance(part, RepeatTemplate)
        else _fixed_step(part, paces)
        if part.share is None
        else _cut_step(part, left * part.share / shares, paces)
        for part, times in parts
    )
    return sized(template, steps, athlete)


def sized(template: WorkoutTemplate, steps: tuple[Step | Repeat, ...], athlete: Athlete) -> Workout:
    """The workout of a template with these steps, with what they come to."""
    size = workout_size(steps, athlete)
    return Workout(
        template.code, template.type, f"{template.name}: {template.definition}", steps, *size
    )


def cut_to_load(
    template: WorkoutTemplate, load: float, longest: float, athlete: Athlete, paces: Paces
) -> Workout:
    """The longest workout of a template within ``load`` (TRIMP) and ``longest`` (m).

    If even the shortest is above the load, the shortest: of the template, and worth going out for.
    """
    worth = min(SHORTEST_RUN, SHORTEST_SHARE * longest)
    low = min(max(shortest(template, paces), worth), longest)
    workout = cut_to_distance(template, longest, athlete, paces)
    if workout.load <= load:
        return workout
    workout = cut_to_distance(template, low, athlete, paces)
    high = longest
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        tried = cut_to_distance(template, middle, athlete, paces)
        if tried.load <= load:
            low, workout = middle, tried
        else:
            high = middle
    return workout


def _times(part: RepeatTemplate, distance: float, paces: Paces) -> int:
    """How many repeats go into a distance, m."""
    least, most = part.repeats
    return min(max(int(distance / _length(part, paces)), least), most)


def _length(part: RepeatTemplate, paces: Paces) -> float:
    """Distance (m) of one repeat."""
    total = 0.0
    for step in part.steps:
        if step.distance_m is not None:
            total += step.distance_m
        elif step.pace is not None and step.duration_s is not None:
            total += step.duration_s * sum(paces.speeds[step.pace]) / 2.0
    return total


def _fixed_step(template: StepTemplate, paces: Paces) -> Step:
    return Step(
        template.name,
        template.intensity,
        duration=template.duration_s,
        distance=template.distance_m,
        speed=None if template.pace is None else paces.speeds[template.pace],
    )


def _cut_step(template: StepTemplate, length: float, paces: Paces) -> Step:
    """A step of ``length`` (m), rounded down."""
    return replace(
        _fixed_step(template, paces), distance=max(length // ROUNDED * ROUNDED, LEAST_STEP)
    )
