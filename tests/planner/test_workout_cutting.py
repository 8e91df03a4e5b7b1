"""The library of workouts, and workouts cut to distances and loads."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import runner
from trackside.errors import FileFormatError
from trackside.planner.race_performance import training_speeds
from trackside.planner.workout_cutting import (
    ROUNDED,
    Paces,
    cut_to_distance,
    cut_to_load,
    shortest,
)
from trackside.planner.workout_library import read_library, workout_library
from trackside.planner.workout_size import steps_in_order, workout_size
from trackside.planner.workouts import Intensity, Repeat, SessionType, Step

ATHLETE = runner()
PACES = Paces.of(ATHLETE)
LIBRARY = workout_library()
RUNS = sorted(code for code, template in LIBRARY.items() if template.is_run)


def test_every_kind_of_session_is_in_the_library() -> None:
    """But rests, races and trials, which no library is needed for."""
    elsewhere = {SessionType.REST, SessionType.RACE, SessionType.TRIAL}
    assert {template.type for template in LIBRARY.values()} == set(SessionType) - elsewhere


@given(code=st.sampled_from(RUNS), distance=st.floats(2000.0, 35_000.0))
def test_a_run_comes_to_its_distance(code: str, distance: float) -> None:
    """Less by a rounded step for each part that is cut to size, and never more."""
    template = LIBRARY[code]
    if distance < shortest(template, PACES):
        return
    workout = cut_to_distance(template, distance, ATHLETE, PACES)
    parts = sum(isinstance(part, Step) for part in workout.steps)
    assert distance - parts * ROUNDED - 1e-6 <= workout.distance <= distance + 1e-6
    assert (workout.distance, workout.duration, workout.load) == workout_size(
        workout.steps, ATHLETE
    )


@given(code=st.sampled_from(RUNS), longest=st.floats(6000.0, 30_000.0), share=st.floats(0.3, 1.2))
def test_a_run_is_cut_to_its_load(code: str, longest: float, share: float) -> None:
    """Never above it, but for the shortest; close below it, if repeats are not too coarse."""
    template = LIBRARY[code]
    full = cut_to_distance(template, longest, ATHLETE, PACES)
    load = share * full.load
    workout = cut_to_load(template, load, longest, ATHLETE, PACES)
    least = cut_to_load(template, 0.0, longest, ATHLETE, PACES)
    assert workout.load <= max(load, least.load) + 1e-9
    assert workout.distance <= longest
    if share >= 1.0:
        assert workout == full
    elif load > 1.3 * least.load:
        assert workout.load > 0.8 * load


def test_repeats_and_paces_are_those_of_the_template() -> None:
    """8 km of 800 m intervals: five of them at interval speed, the rest easy."""
    workout = cut_to_distance(LIBRARY["INT800"], 8000.0, ATHLETE, PACES)
    warm_up, repeat, cool_down = workout.steps
    assert isinstance(warm_up, Step)
    assert isinstance(repeat, Repeat)
    assert isinstance(cool_down, Step)
    assert repeat.times == 5
    hard, jog = repeat.steps
    assert (hard.distance, jog.distance) == (800.0, 400.0)
    assert hard.speed == training_speeds(ATHLETE.vdot).interval
    assert (warm_up.intensity, cool_down.intensity) == (Intensity.WARM_UP, Intensity.COOL_DOWN)
    assert warm_up.distance == 1200.0
    assert sum(step is hard for step in steps_in_order(workout.steps)) == 5


def test_race_pace_is_the_targets_or_that_of_fitness() -> None:
    goal = ATHLETE.goal
    slow, fast = PACES.speeds["race"]
    assert slow < goal.distance / 12480.0 < fast  # 3:28, what VDOT 45 is good for
    from dataclasses import replace

    hurried = replace(ATHLETE, goal=replace(goal, target_time=10_800.0))
    slow, fast = Paces.of(hurried).speeds["race"]
    assert slow < goal.distance / 10_800.0 < fast


def test_sessions_beside_running_are_as_long_as_their_steps() -> None:
    workout = cut_to_distance(LIBRARY["GYM"], 0.0, ATHLETE, PACES)
    assert (workout.distance, workout.duration, workout.load) == (0.0, 1500.0, 0.0)


WORKOUT = """
[[workout]]
code = "MINE"
type = "tempo"
name = "Mine"
definition = "Do it."
steps = [{ name = "Run", intensity = "active", pace = "easy", share = 1 }]
"""


def test_a_file_adds_workouts(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WORKOUT, encoding="utf-8")
    library = read_library(path)
    assert library["MINE"].type is SessionType.TEMPO
    assert set(LIBRARY) < set(library)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "tempo"', 'type = "sprint"', r"workout\.0\.type.*'sprint'"),
        ("share = 1", "share = 1, distance_m = 5", "expected one of share, distance_m"),
        ('pace = "easy", share', "distance_m", "a step without a pace needs duration_s"),
        ("share = 1", "share = 0", r"share.*greater than 0"),
        ('name = "Mine"', 'nmae = "Mine"', "name"),
        ('code = "MINE"', 'code = "mine"', r"code.*'mine'"),
        ("[[workout]]", "[[workout]", "valid TOML"),
        (
            '{ name = "Run", intensity = "active", pace = "easy", share = 1 }',
            '{ repeats = [3, 2], steps = [{ name = "R", intensity = "active", duration_s = 9 }] }',
            "the least first",
        ),
    ],
)
def test_what_is_wrong_with_a_workout_is_named(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WORKOUT.replace(old, new), encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_library(path)
