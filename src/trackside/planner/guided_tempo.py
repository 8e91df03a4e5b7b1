"""Tempo runs whose speeds follow from heart rate, found by the session's optimisation.

The run keeps its time and its load; how fast its parts are follows from how the athlete's heart
answers, so that it is neither idle nor above threshold.
"""

from dataclasses import replace

from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.heart_rate_zones import heart_rate
from trackside.planner.session import Segment, optimise_session, problem_for
from trackside.planner.workout_cutting import Paces
from trackside.planner.workout_size import workout_size
from trackside.planner.workouts import Intensity, Step, Workout

MINUTE = 60.0
PARTS = (
    ("Warm-up", Intensity.WARM_UP, (0.0, 0.75)),
    ("Tempo, first part", Intensity.ACTIVE, (0.65, 0.92)),
    ("Tempo, second part", Intensity.ACTIVE, (0.65, 0.92)),
    ("Cool-down", Intensity.COOL_DOWN, (0.0, 0.80)),
)
"""Names, intensities, and bounds of heart rate as shares of the reserve."""

GUARD_SDS = 0.3
"""How far bounds are drawn in, in standard deviations of the heart-rate model."""
NEAR_LOAD = 0.05
WIDTH = 0.02
"""Speeds are given as a range, this far either way."""
EVALUATIONS = 3000
LEAST_MINUTES = 20


def guided_tempo(workout: Workout, athlete: Athlete, model: HeartRateModel) -> Workout | None:
    """The tempo ``workout`` with speeds and durations from the athlete's heart-rate model.

    As long in whole minutes and of the same load, to within 5 %. None if the run is shorter than
    20 min, or no programme keeps heart rate within its bounds: then the workout's own speeds hold.
    """
    minutes = int(workout.duration / MINUTE)
    if minutes < LEAST_MINUTES:
        return None
    paces = Paces.of(athlete).speeds
    easy, fast = paces["easy"], (paces["marathon"][0], paces["threshold"][1])
    edge = tuple(MINUTE * m for m in range(5, max(minutes // 3, 6) + 1))
    middle = tuple(MINUTE * m for m in range(4, max(minutes // 2, 6) + 1))
    segments = [
        Segment(
            fast if part is Intensity.ACTIVE else easy,
            middle if part is Intensity.ACTIVE else edge,
            band,
        )
        for _, part, band in PARTS
    ]
    problem = problem_for(athlete, model, segments, MINUTE * minutes, workout.load, GUARD_SDS)
    found = optimise_session(problem, EVALUATIONS)
    if found.violation > 0.0:
        return None
    steps = tuple(
        Step(
            name,
            intensity,
            duration=float(duration),
            speed=((1.0 - WIDTH) * float(speed), (1.0 + WIDTH) * float(speed)),
            heart_rate=None
            if intensity is not Intensity.ACTIVE
            else (heart_rate(athlete, band[0]), heart_rate(athlete, band[1])),
        )
        for (name, intensity, band), speed, duration in zip(
            PARTS, found.speeds, found.durations, strict=True
        )
    )
    distance, duration, load = workout_size(steps, athlete)
    if abs(load / workout.load - 1.0) > NEAR_LOAD:
        return None
    return replace(workout, steps=steps, distance=distance, duration=duration, load=load)
