"""Profile files."""

import json
import re
import tomllib
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import TODAY
from trackside.errors import FileFormatError, ParameterError
from trackside.planner.athlete import Athlete, complete
from trackside.planner.calendar import build_calendar
from trackside.planner.example_profile import example_profile
from trackside.planner.profile import AthleteProfile, Experience, GoalRace, Injury, Sex
from trackside.planner.profile_file import profile_of, read_profile

LEAST = 'runner_id = "ada"\n[goal]\nday = 2030-06-02\ndistance_km = 10\n'


def test_the_example_is_complete(tmp_path: Path) -> None:
    """The example parses, sets every value, has a comment on each part and gives a calendar."""
    path = tmp_path / "profile.toml"
    path.write_text(example_profile(TODAY), encoding="utf-8")
    profile = read_profile(path)
    assert all(getattr(profile, name) for name in AthleteProfile.__slots__)
    assert profile.goal.target_time == 3 * 3600 + 45 * 60
    assert profile.sex is Sex.FEMALE
    assert profile.experience is Experience.RECREATIONAL
    assert (profile.height, profile.weekly_distances[0]) == (1.68, 28e3)
    assert profile.available == (0.0, 3600.0, 4500.0, 3600.0, 2700.0, 5400.0, 12600.0)
    assert set(complete(profile, TODAY).estimated) == {"vdot"}


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_example_is_right_on_any_day(today: date) -> None:
    """Whenever it is written, the example's race is a Sunday 21 weeks ahead, and can be planned."""
    athlete: Athlete = complete(profile_of(tomllib.loads(example_profile(today))), today)
    assert athlete.goal.day.weekday() == 6
    assert len(build_calendar(athlete, today).weeks) == 21


def test_the_least_profile(tmp_path: Path) -> None:
    """A runner and a race are enough; all else stays unknown."""
    path = tmp_path / "profile.toml"
    path.write_text(LEAST)
    assert read_profile(path) == AthleteProfile("ada", GoalRace(date(2030, 6, 2), 10e3))


def test_json_reads_like_toml() -> None:
    """The same values from JSON, where a date is a text, give the same profile."""
    content = tomllib.loads(example_profile(TODAY))
    assert profile_of(json.loads(json.dumps(content, default=str))) == profile_of(content)


def test_an_injury_need_not_say_how_far_it_limits() -> None:
    """Without a share an injury has the usual one; a share of 0 is kept."""
    content = tomllib.loads(LEAST)
    content["injuries"] = [{"place": "knee"}, {"place": "foot", "training_share": 0}]
    assert profile_of(content).injuries == (Injury("knee"), Injury("foot", None, 0.0))


def changed(key: str, value: Any) -> dict[str, Any]:
    """The example with one value changed, or removed if it is None; key as "goal.day"."""
    content = tomllib.loads(example_profile(TODAY))
    *parents, last = key.split(".")
    table = content
    for parent in parents:
        table = table[parent]
        table = table[0] if isinstance(table, list) else table
    if value is None:
        del table[last]
    else:
        table[last] = value
    return content


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("runner_id", "a/b", 'runner_id = "a/b": expected up to 64 letters'),
        ("runner_id", None, "runner_id is missing"),
        ("age", 380, "age = 380: expected a number from 10 to 100 years"),
        ("age", True, "age = True: expected a number"),
        ("age", float("nan"), "age = nan: expected a number"),
        ("sex", "f", 'sex = "f": expected "male" or "female"'),
        ("height_cm", 1.68, "height_cm = 1.68: expected a number from 120 to 230 cm"),
        ("weight_kg", "61 kg", 'weight_kg = "61 kg": expected a number from 30 to 200 kg'),
        ("resting_heart_rate_bpm", 5, "resting_heart_rate_bpm = 5: expected"),
        ("maximum_heart_rate_bpm", 300, "maximum_heart_rate_bpm = 300: expected"),
        ("weekly_distances_km", 30, "weekly_distances_km = 30: expected a list"),
        ("weekly_distances_km", [30, -1], "expected a number from 0 to 300 km"),
        ("experience", 3, 'experience = 3: expected "beginner" or "recreational"'),
        ("heigth_cm", 168, "heigth_cm: no such key; expected height_cm"),
        ("goal", None, "[goal] is missing"),
        ("goal", "marathon", 'goal = "marathon": expected a table: [goal]'),
        ("goal.day", None, "goal.day is missing"),
        ("goal.day", "soon", 'goal.day = "soon": expected a date such as 2030-04-28'),
        ("goal.distance_km", 42195, "goal.distance_km = 42195: expected a number from 1 to 200"),
        ("goal.target_time", "1:30:00", 'goal.target_time = "1:30:00": expected a time for 42'),
        ("goal.target_time", 13500, "goal.target_time = 13500: expected h:mm:ss or mm:ss"),
        ("goal.target_time", "3:75:00", 'goal.target_time = "3:75:00": expected h:mm:ss'),
        ("goal.distance", 42, "goal.distance: no such key; expected distance_km"),
        ("available_minutes.sunday", 2000, "available_minutes.sunday = 2000: expected"),
        ("available_minutes.sonntag", 60, "available_minutes.sonntag: no such key"),
        ("races", "none", "expected tables: [[races]]"),
        ("races.time", "4:09:30", 'races number 1: time = "4:09:30": expected a time for 10 km'),
        ("races.time", "00:00", "slower than any world record"),
        ("injuries.training_share", 70, "injuries number 1: training_share = 70: expected"),
        ("injuries.place", " ", "injuries number 1: place"),
    ],
)
def test_what_cannot_be_is_refused(key: str, value: Any, message: str) -> None:
    """Absurd, missing and unknown entries: the error names key, value and what is expected."""
    with pytest.raises(ParameterError, match=re.escape(message)):
        profile_of(changed(key, value))


def test_errors_name_the_file(tmp_path: Path) -> None:
    """What is wrong in a file, or is no TOML at all, is told with the file's name."""
    path = tmp_path / "profile.toml"
    path.write_text(LEAST.replace("10", "-10"))
    with pytest.raises(ParameterError, match=r"profile\.toml: goal\.distance_km = -10: expected"):
        read_profile(path)
    path.write_text("runner_id = ada")
    with pytest.raises(FileFormatError, match=r"profile\.toml: the whole file: expected a TOML"):
        read_profile(path)
    for content in (b"\xff\xfe", b"age = " + 5000 * b"1"):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="expected a TOML file"):
            read_profile(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = (*tomllib.loads(example_profile(TODAY)), "goal.day", "goal.target_time", "races.distance_km")


@given(st.sampled_from(KEYS), VALUES.filter(lambda value: value is not None))
def test_no_value_crashes_the_reader(key: str, value: Any) -> None:
    """Whatever stands in a place, it is read or refused with an error of ours."""
    with suppress(ParameterError):
        assert isinstance(profile_of(changed(key, value)).goal.day, date)


def test_a_race_day_is_no_time_stamp() -> None:
    """A date with a time of day is refused: race days are whole days."""
    with pytest.raises(ParameterError, match="expected a date such as"):
        profile_of(changed("goal.day", datetime(2030, 6, 2, 8)))
