"""Workouts in plain words."""

import pytest

from trackside.planner.workout_text import (
    clock_text,
    distance_text,
    duration_text,
    pace_range_text,
    pace_text,
    title,
    workout_lines,
)
from trackside.planner.workouts import Intensity, Repeat, SessionType, Step, Workout

FAST = (1000 / 255, 1000 / 245)  # m/s: 4:15 to 4:05 /km
INTERVALS = Workout(
    "INT1",
    SessionType.INTERVALS,
    "Kilometres at interval pace",
    (
        Step("Warm up", Intensity.WARM_UP, duration=900.0, speed=(1000 / 390, 1000 / 340)),
        Repeat(
            4,
            (
                Step("", Intensity.ACTIVE, distance=1000.0, speed=FAST),
                Step("jog", Intensity.RECOVERY, distance=400.0),
            ),
        ),
        Step("Run home", Intensity.COOL_DOWN, distance=2500.0, heart_rate=(119.6, 140.2)),
    ),
    distance=11_000.0,
)


def test_steps_in_plain_words() -> None:
    """Amount, purpose and name without saying a thing twice, paces per km, heart rates in bpm."""
    assert workout_lines(INTERVALS) == [
        "15 min warm up at 5:40–6:30 /km",
        "4 × (1000 m at 4:05–4:15 /km, 400 m easy jog)",
        "2.5 km cool-down run home at 120–140 bpm",
    ]


def test_both_targets_are_told() -> None:
    """A step with a pace and a heart rate tells both."""
    step = Step("", Intensity.ACTIVE, duration=1200.0, speed=FAST, heart_rate=(160.0, 170.0))
    workout = Workout("T", SessionType.TEMPO, "", (step,))
    assert workout_lines(workout) == ["20 min at 4:05–4:15 /km, 160–170 bpm"]


@pytest.mark.parametrize(
    ("workout", "expected"),
    [
        (INTERVALS, "Intervals 11.0 km"),
        (Workout("T", SessionType.RACE_PACE, "", distance=8049.0), "Race pace 8.0 km"),
        (Workout("S", SessionType.STRENGTH, "", duration=1800.0), "Strength 30 min"),
        (Workout("R", SessionType.REST, ""), "Rest"),
    ],
)
def test_titles(workout: Workout, expected: str) -> None:
    """Distance if there is one, else time, else the type alone."""
    assert title(workout) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (29.6, "30 s"),
        (59.7, "1 min"),
        (90.0, "1 min 30 s"),
        (599.6, "10 min"),
        (629.0, "10 min"),
        (4500.0, "75 min"),
        (7199.0, "2 h 00 min"),
        (7500.0, "2 h 05 min"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    """Rounded before they are split, so that never 60 s or 60 min appear."""
    assert duration_text(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(59.6, "1:00"), (245.0, "4:05"), (3599.7, "1:00:00")]
)
def test_clock(seconds: float, expected: str) -> None:
    """As on a stop-watch, carried over properly."""
    assert clock_text(seconds) == expected


def test_paces_and_distances() -> None:
    """A pace is min:s /km, one pace if both ends read the same; distances in m or km."""
    assert pace_text(1000 / 245) == "4:05"
    assert pace_range_text((4.0, 4.001)) == "4:10 /km"
    assert [distance_text(d) for d in (400.0, 1609.344, 2000.0, 21097.5)] == [
        "400 m",
        "1609 m",
        "2 km",
        "21.1 km",
    ]
