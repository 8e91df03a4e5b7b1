"""Workouts as FIT files, decoded by another library."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import INTERVALS, MONDAY, RACE, REST, STRENGTH, TEMPO, plan

from trackside.errors import ParameterError, TracksideError
from trackside.planner.workout_file import short_name, workout_bytes, write_workouts
from trackside.planner.workouts import Intensity, Repeat, SessionType, Step, Workout

NAMES = {"warm_up": "warmup", "cool_down": "cooldown"}


def messages(content: bytes | Path) -> list[tuple[str, dict[str, Any]]]:
    """All messages of a FIT file, raw values by field; checks the file's sums."""
    data = content.read_bytes() if isinstance(content, Path) else content
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        return [
            (frame.name, {field.name: field.raw_value for field in frame.fields})
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage)
        ]


def steps_of(content: bytes | Path) -> list[dict[str, Any]]:
    return [fields for name, fields in messages(content) if name == "workout_step"]


def meaning(content: bytes) -> list[dict[str, Any]]:
    """The steps as a watch would do them, with the names of types."""
    with fitdecode.FitReader(content, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        return [
            {field.name: field.value for field in frame.fields}
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "workout_step"
        ]


def test_a_workout_in_the_units_of_the_protocol() -> None:
    """Times in ms, distances in cm, speeds in mm/s, heart rates + 100 in zone 0."""
    warm_up, tempo, cool_down = steps_of(workout_bytes(TEMPO, 1_900_000_000, 7))
    assert warm_up == {
        "message_index": 0,
        "wkt_step_name": "Warm up",
        "intensity": 2,
        "duration_type": 0,
        "duration_time": 900_000,
        "target_type": 1,
        "target_hr_zone": 0,
        "custom_target_heart_rate_low": 220,
        "custom_target_heart_rate_high": 240,
    }
    assert {name: value for name, value in tempo.items() if value is not None} == {
        "message_index": 1,
        "intensity": 0,
        "duration_type": 0,
        "duration_time": 1_200_000,
        "target_type": 0,
        "target_speed_zone": 0,
        "custom_target_speed_low": 3600,
        "custom_target_speed_high": 3800,
        "secondary_target_type": 1,
        "secondary_target_hr_zone": 0,
        "secondary_custom_target_heart_rate_low": 260,
        "secondary_custom_target_heart_rate_high": 270,
    }
    assert cool_down["duration_type"] == 1
    assert cool_down["duration_distance"] == 150_000
    assert cool_down["target_type"] == 2


def test_a_repeat_names_its_first_step_and_its_times() -> None:
    """The step after the repeated ones tells the index of the first and how often in all."""
    *_, last = found = steps_of(workout_bytes(INTERVALS, 1_900_000_000, 7))
    assert [step["message_index"] for step in found] == [0, 1, 2, 3]
    assert last["duration_type"] == 6
    assert last["duration_step"] == 1
    assert last["repeat_steps"] == 5


def test_the_workout_and_the_file_are_named() -> None:
    """A workout file of running with the number of steps, its own time and serial number."""
    found = dict(messages(workout_bytes(INTERVALS, 1_900_000_000, 7))[:2])
    assert found["file_id"]["type"] == 5
    assert found["file_id"]["serial_number"] == 7
    assert found["file_id"]["time_created"] == 1_900_000_000 - 631_065_600  # since 1989-12-31
    assert found["workout"]["sport"] == 1
    assert found["workout"]["num_valid_steps"] == 4
    assert found["workout"]["wkt_name"] == "Intervals 9.0 k"


RANGES = st.tuples(st.floats(0.5, 8.0), st.floats(0.0, 2.0)).map(lambda r: (r[0], r[0] + r[1]))
BEATS = st.tuples(st.floats(40.0, 200.0), st.floats(0.0, 30.0)).map(lambda r: (r[0], sum(r)))
AMOUNTS = st.one_of(
    st.floats(0.1, 36_000.0).map(lambda value: {"duration": value}),
    st.floats(0.1, 200_000.0).map(lambda value: {"distance": value}),
)
STEPS = st.builds(
    lambda name, intensity, amount, speed, beats: Step(
        name, intensity, speed=speed, heart_rate=beats, **amount
    ),
    st.text(st.characters(exclude_categories=["C"]), max_size=30),
    st.sampled_from(Intensity),
    AMOUNTS,
    st.none() | RANGES,
    st.none() | BEATS,
)
REPEATS = st.builds(Repeat, st.integers(1, 40), st.lists(STEPS, min_size=1, max_size=4).map(tuple))
WORKOUTS = st.builds(
    Workout,
    code=st.just("X"),
    type=st.just(SessionType.INTERVALS),
    definition=st.just(""),
    steps=st.lists(STEPS | REPEATS, min_size=1, max_size=8).map(tuple),
)


def unrolled(workout: Workout) -> list[Step]:
    """The steps as they are done one after the other."""
    return [
        step
        for part in workout.steps
        for step in (part.times * part.steps if isinstance(part, Repeat) else (part,))
    ]


def done(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of a file as a watch does them: repeats carried out."""
    result: list[list[dict[str, Any]]] = []
    for step in steps:
        if step["duration_type"] == "repeat_until_steps_cmplt":
            first = step["duration_step"]
            body = [entry for group in result[first:] for entry in group]
            result[first:] = [[] for _ in result[first:]]
            result.append(step["repeat_steps"] * body)
        else:
            result.append([step])
    return [entry for group in result for entry in group]


def check(step: Step, found: dict[str, Any]) -> None:
    """A step of a file says what the step of the workout says."""
    assert found["intensity"] == NAMES.get(step.intensity.value, step.intensity.value)
    if step.duration is not None:
        assert found["duration_type"] == "time"
        assert found["duration_time"] == pytest.approx(step.duration, abs=0.5001e-3)
    else:
        assert found["duration_type"] == "distance"
        assert found["duration_distance"] == pytest.approx(step.distance, abs=0.5001e-2)
    prefix = ""
    if step.speed is not None:
        assert found["target_type"] == "speed"
        assert found["target_speed_zone"] == 0
        ends = [found[f"custom_target_speed_{end}"] for end in ("low", "high")]
        assert ends == pytest.approx(step.speed, abs=0.5001e-3)
        prefix = "secondary_"
    if step.heart_rate is not None:
        assert found[f"{prefix}target_type"] == "heart_rate"
        assert found[f"{prefix}target_hr_zone"] == 0
        for end, bpm in zip(("low", "high"), step.heart_rate, strict=True):
            told = found[f"{prefix}custom_target_heart_rate_{end}"]
            assert int(told) == round(bpm) + 100
    if step.speed is None and step.heart_rate is None:
        assert found["target_type"] == "open"


@given(WORKOUTS)
def test_every_workout_comes_back(workout: Workout) -> None:
    """Whatever the steps, the decoded file has their ends, targets and intensities, in order."""
    found = done(meaning(workout_bytes(workout, 1_900_000_000, 7)))
    expected = unrolled(workout)
    assert len(found) == len(expected)
    for step, fields in zip(expected, found, strict=True):
        check(step, fields)
        name = short_name(step.name.strip())
        assert fields.get("wkt_step_name") in ((name,) if name else (None, ""))


@given(st.text(max_size=40))
def test_names_fit(name: str) -> None:
    """A name is cut after whole characters and never longer than the field."""
    cut = short_name(name.encode("utf-8", "ignore").decode())
    assert len(cut.encode()) <= 15


def test_a_file_for_every_run(tmp_path: Path) -> None:
    """Runs are written under date and code, other sessions are not; the folder is made."""
    folder = tmp_path / "watch" / "new"
    paths = write_workouts(plan(), folder)
    assert [path.name for path in paths] == [
        "2030-05-27-T8.fit",
        "2030-05-29-I5x1000.fit",
        "2030-06-02-RACE.fit",
    ]
    assert sorted(folder.iterdir()) == paths
    (step,) = steps_of(paths[2])  # the race has no steps: one of its distance
    assert step["duration_distance"] == 1_000_000


def test_past_runs_can_be_left_out(tmp_path: Path) -> None:
    """From a first day on only."""
    paths = write_workouts(plan(), tmp_path, MONDAY + timedelta(days=2))
    assert [path.name[:10] for path in paths] == ["2030-05-29", "2030-06-02"]


def test_codes_that_are_no_names_of_files(tmp_path: Path) -> None:
    """Slashes stay out of names, and the same run twice on a day gets a number."""
    odd = replace(TEMPO, code="../T 8/x")
    paths = write_workouts(plan(((odd, odd, STRENGTH), (REST,))), tmp_path)
    assert [path.name for path in paths] == [
        "2030-05-27-.._T_8_x.fit",
        "2030-05-27-.._T_8_x-2.fit",
    ]


def test_watches_can_tell_the_files_apart(tmp_path: Path) -> None:
    """No two runs have the same serial number, and a revision has others; else the same bytes."""
    week = ((TEMPO,), (TEMPO,), (RACE,))

    def serial_numbers(revision: int) -> set[int]:
        paths = write_workouts(plan(week, revision), tmp_path)
        return {messages(path)[0][1]["serial_number"] for path in paths}

    before, after = serial_numbers(0), serial_numbers(1)
    assert len(before | after) == 6
    assert serial_numbers(0) == before


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Step("a", Intensity.ACTIVE), "'a': expected either a duration or a distance"),
        (Step("a", Intensity.ACTIVE, 60.0, 100.0), "expected either a duration or a distance"),
        (Step("a", Intensity.ACTIVE, duration=0.0), r"a duration of 0\.0: expected up to"),
        (Step("a", Intensity.ACTIVE, distance=float("nan")), "a distance of nan"),
        (Step("a", Intensity.ACTIVE, duration=5e6), r"a duration of 5000000\.0"),
        (Repeat(0, (Step("a", Intensity.ACTIVE, 60.0),)), "1 steps, 0 times: expected at least"),
        (Repeat(3, ()), "0 steps, 3 times"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, part: Step | Repeat, message: str) -> None:
    """A step without an end or with two, and empty repeats: named, and no file is written."""
    broken = replace(TEMPO, steps=(part,))
    with pytest.raises(ParameterError, match=message):
        write_workouts(plan(((TEMPO,), (broken,))), tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks the library is told how to get it."""
    monkeypatch.setitem(sys.modules, "fit_tool.fit_file_builder", None)
    with pytest.raises(TracksideError, match=r"pip install 'trackside\[plan\]'"):
        write_workouts(plan(), tmp_path)
