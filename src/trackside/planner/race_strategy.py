"""The strategy for the goal race: what is to be expected, and how to pace it.

Ways of pacing are compared that spend the same effort (:mod:`~trackside.planner.pacing`) on the
course and in the weather of the day. Fuel, wind, altitude, crowds and the surface are left out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_zones import fraction_of_reserve
from trackside.planner.heat_slowdown import (
    heat_slowdown,
    is_dangerous,
    wet_bulb_globe_temperature,
)
from trackside.planner.pacing import SPLIT, PacedRace, Pacing, paced_race
from trackside.planner.profile import GoalRace
from trackside.planner.race_course import RaceCourse
from trackside.planner.race_heart_rate import race_heart_rate
from trackside.planner.race_performance import race_time
from trackside.planner.race_plan import RacePlan
from trackside.planner.slope_cost import STEEPEST
from trackside.planner.workout_text import clock_text, distance_text

PART = 100.0  # m, of the same speed
COURSE_TOLERANCE = 0.03  # of the goal's distance, by which a course may differ
TARGET_TOLERANCE = 0.02  # of the time expected, within which a target is met
FINISH_FACTORS = (0.8, 2.0)  # of the time expected, that can be asked for
LONGEST_FITTED = 4 * 3600.0  # s, see race_performance.vdot
USUAL_HUMIDITY = 0.5


@dataclass(frozen=True, eq=False)
class RaceStrategy:
    """What to expect of the goal race on a course (of exactly its distance) in some weather.

    ``prediction``: time (s) on the flat in the cool. ``wbgt``: wet-bulb globe temperature (°C),
    None if the weather is not known; ``slowdown``: fraction by which heat lengthens the race.
    ``plans``: one for each pacing, all of the same effort. ``statements`` for the athlete.
    """

    goal: GoalRace
    course: RaceCourse
    prediction: float
    wbgt: float | None
    slowdown: float
    plans: tuple[RacePlan, ...]
    statements: tuple[str, ...]

    @property
    def recommended(self) -> RacePlan:
        """The plan to race by: even effort, which no other pacing of that effort beats by much."""
        return self.plan(Pacing.EVEN_EFFORT)

    def plan(self, pacing: Pacing) -> RacePlan:
        """The plan with a pacing."""
        return next(plan for plan in self.plans if plan.pacing is pacing)


def plan_race(
    athlete: Athlete,
    course: RaceCourse | None = None,
    temperature_c: float | None = None,
    humidity: float = USUAL_HUMIDITY,
    finish_time: float | None = None,
) -> RaceStrategy:
    """Return the strategy for the athlete's goal race, by today's fitness.

    Parameters
    ----------
    athlete
        Whose VDOT, heart rates and goal are planned with.
    course
        Where the race is; flat if left out. Its length is adapted to the goal's distance.
    temperature_c
        Air temperature (°C); without it, heat is left out.
    humidity
        Relative humidity, 0 to 1.
    finish_time
        Time (s) to finish in with even effort, instead of what today's fitness is good for.

    Raises
    ------
    ParameterError
        If the course is more than 3 % longer or shorter than the race, or steeper than 45 %; if
        temperature or humidity are no weather's; if the finish time is less than 0.8 of what is
        expected, or more than twice as much.
    """
    goal = athlete.goal
    course = _fitting(goal, course)
    wbgt = None
    if temperature_c is not None:
        wbgt = wet_bulb_globe_temperature(temperature_c, humidity)
    edges = np.linspace(0.0, goal.distance, math.ceil(goal.distance / PART) + 1)
    gradient = _gradients(course, edges)
    races = {pacing: paced_race(pacing, goal.distance, gradient, athlete.vdot) for pacing in Pacing}
    even = races[Pacing.EVEN_EFFORT].time
    slowdown = 0.0 if wbgt is None else heat_slowdown(wbgt, even)
    expected = (1 + slowdown) * even
    pace = 1.0 if finish_time is None else _finish_factor(finish_time, expected)
    plans = tuple(
        _plan(athlete, course, edges, pacing, race, pace, wbgt, slowdown, even)
        for pacing, race in races.items()
    )
    prediction = race_time(athlete.vdot, goal.distance)
    statements = _statements(athlete, course, prediction, expected, wbgt, slowdown, finish_time)
    return RaceStrategy(goal, course, prediction, wbgt, slowdown, plans, tuple(statements))


def _fitting(goal: GoalRace, course: RaceCourse | None) -> RaceCourse:
    if course is None:
        return RaceCourse.flat(goal.distance)
    if abs(course.length - goal.distance) > COURSE_TOLERANCE * goal.distance:
        raise ParameterError(
            f"the course is {distance_text(course.length)} long, {goal.name} "
            f"{distance_text(goal.distance)}: expected them to agree within "
            f"{COURSE_TOLERANCE:.0%}"
        )
    return course.stretched_to(goal.distance)


def _gradients(course: RaceCourse, edges: Floats) -> Floats:
    gradient = np.diff(course.elevation_at(edges)) / np.diff(edges)
    steepest = int(np.argmax(np.abs(gradient)))
    if abs(gradient[steepest]) > STEEPEST:
        raise ParameterError(
            f"the course has a gradient of {gradient[steepest]:.0%} after "
            f"{edges[steepest] / 1000:.1f} km: expected at most {STEEPEST:.0%}"
        )
    return gradient


def _finish_factor(finish_time: float, expected: float) -> float:
    low, high = (factor * expected for factor in FINISH_FACTORS)
    if not low <= finish_time <= high:
        raise ParameterError(
            f"a finish time of {finish_time:g} s; expected {clock_text(low)} to "
            f"{clock_text(high)}, as today's fitness is good for {clock_text(expected)}"
        )
    return finish_time / expected


def _plan(
    athlete: Athlete,
    course: RaceCourse,
    edges: Floats,
    pacing: Pacing,
    race: PacedRace,
    pace: float,
    wbgt: float | None,
    slowdown: float,
    even: float,
) -> RacePlan:
    """The race in the heat and as fast as asked for, with its heart rates.

    What heat costs comes out of the speed: the effort, and so the heart rate, stays the same.
    """
    duration = race.duration * (1 + slowdown) * pace
    elapsed = np.concatenate(([0.0], np.cumsum(duration)))
    middle = (elapsed[:-1] + elapsed[1:]) / 2
    beats = race_heart_rate(athlete, race.effort / pace, middle, wbgt)
    lost = (race.time - even) * (1 + slowdown) * pace
    return RacePlan(
        pacing=pacing,
        distance=edges,
        elapsed=elapsed,
        elevation=course.elevation_at(edges),
        heart_rate=beats,
        mean_fraction=fraction_of_reserve(athlete, float(np.average(beats, weights=duration))),
        peak_fraction=fraction_of_reserve(athlete, float(beats.max())),
        explanation=_explanation(pacing, lost),
    )


def _explanation(pacing: Pacing, lost: float) -> str:
    meaning = {
        Pacing.EVEN_EFFORT: "The same effort all the way: slower uphill, faster downhill",
        Pacing.EVEN_PACE: "The same pace all the way, however much a climb takes",
        Pacing.NEGATIVE_SPLIT: f"Effort rises: {SPLIT:.0%} more in the second half",
        Pacing.POSITIVE_SPLIT: f"Effort falls: {SPLIT:.0%} less in the second half",
    }[pacing]
    if pacing is Pacing.EVEN_EFFORT:
        return f"{meaning}."
    if abs(lost) < 0.5:
        return f"{meaning}; as fast as even effort."
    return (
        f"{meaning}; {clock_text(abs(lost))} {'slower' if lost > 0 else 'faster'} than even effort."
    )


def _statements(
    athlete: Athlete,
    course: RaceCourse,
    prediction: float,
    expected: float,
    wbgt: float | None,
    slowdown: float,
    finish_time: float | None,
) -> Iterator[str]:
    goal = athlete.goal
    yield (
        f"Today's fitness (VDOT {athlete.vdot:.1f}) is good for {clock_text(prediction)} over "
        f"{distance_text(goal.distance)} on the flat in the cool."
    )
    if prediction > LONGEST_FITTED:
        yield "Times above 4 h are extrapolated: the formulas were fitted to shorter races."
    if course.elevation.any():
        lost = expected / (1 + slowdown) - prediction
        yield (
            f"The course, with {course.ascent:.0f} m of ascent, "
            f"{'costs' if lost >= 0 else 'saves'} {clock_text(abs(lost))}."
        )
    if wbgt is not None:
        yield from _weather(wbgt, slowdown)
    if finish_time is not None:
        yield f"Planned for {clock_text(finish_time)}, expected are {clock_text(expected)}."
    if goal.target_time is not None:
        yield _target(goal.target_time, expected)


def _weather(wbgt: float, slowdown: float) -> Iterator[str]:
    yield f"A wet-bulb globe temperature of {wbgt:.0f} °C costs about {slowdown:.1%} of the time."
    if is_dangerous(wbgt):
        yield (
            "So warm a marathon should not be started by runners who are not used to heat: "
            "run by feel, not by pace, and stop when unwell."
        )


def _target(target: float, expected: float) -> str:
    change = expected - target
    relative = abs(change) / expected
    if relative <= TARGET_TOLERANCE:
        return f"The target of {clock_text(target)} is within reach."
    if change > 0:
        return (
            f"The target of {clock_text(target)} is {clock_text(change)} ({relative:.0%}) faster "
            f"than today's fitness is good for on the day: starting at its pace risks the finish; "
            f"start for {clock_text(expected)}."
        )
    return (
        f"The target of {clock_text(target)} is {clock_text(-change)} ({relative:.0%}) slower than "
        "today's fitness is good for: it leaves a reserve."
    )
