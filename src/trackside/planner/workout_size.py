"""What a workout comes to: distance, time and load of its steps for an athlete."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trackside.planner.athlete import Athlete
from trackside.planner.training_load import banister_trimp, reserve_fraction
from trackside.planner.workouts import Repeat, Step


class WorkoutSize(NamedTuple):
    """Distance in m, duration in s, load as Banister's TRIMP."""

    distance: float
    duration: float
    load: float


def steps_in_order(steps: Iterable[Step | Repeat]) -> Iterator[Step]:
    """Every step as often as it is done."""
    for part in steps:
        if isinstance(part, Repeat):
            for _ in range(part.times):
                yield from part.steps
        else:
            yield part


def workout_size(steps: Iterable[Step | Repeat], athlete: Athlete) -> WorkoutSize:
    """Return what ``steps`` come to, each run at the middle of its speeds.

    Load follows from speed by :func:`~trackside.planner.training_load.reserve_fraction`. A step
    without a speed (strength, stretching) takes its time, but adds no distance and no load: heart
    rate does not say what it costs.
    """
    total = WorkoutSize(0.0, 0.0, 0.0)
    for step in steps_in_order(steps):
        size = _step_size(step, athlete)
        total = WorkoutSize(*(sum(pair) for pair in zip(total, size, strict=True)))
    return total


def _step_size(step: Step, athlete: Athlete) -> WorkoutSize:
    if step.speed is None:
        return WorkoutSize(0.0, step.duration or 0.0, 0.0)
    speed = sum(step.speed) / 2.0
    if step.distance is None:
        duration = step.duration or 0.0
        distance = speed * duration
    else:
        distance, duration = step.distance, step.distance / speed
    load = banister_trimp(duration, reserve_fraction(speed, athlete.vdot), athlete.sex)
    return WorkoutSize(distance, duration, load)
