"""Plans as calendar files, read back by another library."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from plans import GOAL, MONDAY, REST, TEMPO, WEEK, plan

from trackside.errors import TracksideError
from trackside.planner.calendar_export import write_calendar
from trackside.planner.training_plan import TrainingPlan


def entries(path: Path) -> dict[str, Any]:
    """Entries of a calendar file by UID."""
    calendar = vobject.readOne(path.read_bytes().decode())
    found = calendar.contents.get("vevent", [])
    assert len({event.uid.value for event in found}) == len(found)
    return {event.uid.value: event for event in found}


def written(tmp_path: Path, *arguments: Any, **options: Any) -> dict[str, Any]:
    """Entries of the file that is written."""
    write_calendar(arguments[0], tmp_path / "plan.ics", *arguments[1:], **options)
    return entries(tmp_path / "plan.ics")


def uid_of(day: int) -> str:
    return f"ada-{GOAL.day}-{MONDAY + timedelta(days=day)}@trackside"


def test_an_entry_for_every_day_of_training(tmp_path: Path) -> None:
    """Training days have whole-day entries under stable names, days of rest none."""
    found = written(tmp_path, plan())
    assert sorted(found) == [uid_of(day) for day in (0, 2, 3, 6)]
    for name, event in found.items():
        day = event.dtstart.value
        assert type(day) is date
        assert name == uid_of((day - MONDAY).days)
        assert event.dtend.value == day + timedelta(days=1)
        assert event.transp.value == "TRANSPARENT"


def test_an_entry_tells_the_workout(tmp_path: Path) -> None:
    """Title, definition, each step with paces and heart rates, type, week and phase."""
    event = written(tmp_path, plan())[uid_of(0)]
    assert event.summary.value == "Tempo 8.0 km"
    assert event.categories.value == ["tempo"]
    assert event.description.value.split("\n") == [
        TEMPO.definition,
        "• 15 min warm up at 120–140 bpm",
        "• 20 min at 4:23–4:38 /km, 160–170 bpm",
        "• 1500 m cool down",
        "",
        "Week 12, taper",
    ]


def test_a_day_of_two_workouts_tells_both(tmp_path: Path) -> None:
    """The entry of a day has all of its workouts and their types."""
    event = written(tmp_path, plan())[uid_of(2)]
    assert event.summary.value == "Intervals 9.0 km + Strength 30 min"
    assert event.categories.value == ["intervals", "strength"]
    assert "5 × (1000 m at 4:05–4:15 /km, 2 min easy jog)" in event.description.value
    assert "Legs and trunk" in event.description.value


def test_revisions_replace_entries(tmp_path: Path) -> None:
    """UIDs stay over revisions, the sequence counts them, and stamps are in UTC and not old."""
    before = written(tmp_path, plan())
    after = written(tmp_path, plan(revision=3))
    assert list(before) == list(after)
    assert {event.sequence.value for event in before.values()} == {"0"}
    assert {event.sequence.value for event in after.values()} == {"3"}
    for event in after.values():
        age = datetime.now(UTC) - event.dtstamp.value
        assert timedelta(0) <= age < timedelta(minutes=2)


def test_what_became_rest_is_cancelled(tmp_path: Path) -> None:
    """A day to be trained on in the previous revision, now of rest, cancels its entry."""
    week = ((REST,), *WEEK[1:])
    found = written(tmp_path, plan(week, revision=1), previous=plan())
    assert found[uid_of(0)].status.value == "CANCELLED"
    assert found[uid_of(0)].sequence.value == "1"
    assert [name for name, event in found.items() if "status" in event.contents] == [uid_of(0)]
    assert uid_of(0) not in written(tmp_path, plan(week, revision=1))


def test_days_the_plan_no_longer_has_are_cancelled(tmp_path: Path) -> None:
    """Entries beyond the new plan's days are cancelled too."""
    short = plan()
    shorter = TrainingPlan("ada", GOAL, short.created_at, short.days[2:], revision=1)
    found = written(tmp_path, shorter, previous=short)
    assert found[uid_of(0)].status.value == "CANCELLED"


def test_the_race_has_its_local_time(tmp_path: Path) -> None:
    """With a start the race lasts from then for its duration, an hour at least, in local time."""
    event = written(tmp_path, plan(), time(9, 30))[uid_of(6)]
    assert event.dtstart.value == datetime(2030, 6, 2, 9, 30)
    assert event.dtend.value - event.dtstart.value == timedelta(hours=1)
    assert event.dtstart.value.tzinfo is None


def test_lines_are_no_longer_than_allowed(tmp_path: Path) -> None:
    """Lines of 75 bytes at most, ended by CR LF, as RFC 5545 demands."""
    write_calendar(plan(), tmp_path / "plan.ics")
    lines = (tmp_path / "plan.ics").read_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks the library is told how to get it, and nothing is written."""
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(TracksideError, match=r"pip install 'trackside\[plan\]'"):
        write_calendar(plan(), tmp_path / "plan.ics")
    assert not list(tmp_path.iterdir())
