"""Plans in files: what is written is read again, and nothing else is taken for a plan."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from runners import TODAY, runner
from trackside.errors import FileFormatError
from trackside.planner.new_plan import new_plan
from trackside.planner.plan_file import documents_json, read_plan, write_plan
from trackside.planner.plan_record import PlanRecord
from trackside.planner.profile import GoalRace, Injury


@cache
def short_plan() -> PlanRecord:
    """Three weeks to a 5 km race."""
    goal = GoalRace(TODAY + timedelta(weeks=3), 5000.0, "Park run", 1500.0)
    injuries = (Injury("knee", TODAY, 0.5),)
    return new_plan(runner(goal=goal, injuries=injuries, estimated={"age": "a norm"}), TODAY)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(short_plan(), path)
    assert read_plan(path) == short_plan()
    write_plan(short_plan(), path)  # in place of the old one
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_the_file_is_plain_json_with_a_document_a_day(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(short_plan(), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["plan_id"] == "ada-2030-01-30"
    assert content["days"] == json.loads(documents_json(short_plan().plan))
    day = content["days"][0]
    assert (day["date"], day["day_of_week"]) == (TODAY.isoformat(), "Wednesday")
    assert day["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"format": "trackside training plan"', '"format": "another"', "format: expected"),
        ('"version": 1', '"version": 7', "version 7"),
        ('"phase": "base"', '"phase": "bass"', r"days\.\d+\.phase"),
        ('"runner_id"', '"runner"', "runner_id"),
        ("{", "", "the file"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(short_plan(), path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_plan(path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("days", 3, "steps"), [], r"days\.3\.steps: "),
        (("days", 3, "steps", 0, "load"), float("nan"), r"days\.3\.steps\.0\.load"),
        (("days", 3, "steps", 0, "distance"), -1.0, r"days\.3\.steps\.0\.distance"),
        (("days", 3, "date"), "2031-01-30", r"days\.3\.date: .* found 2031-01-30"),
        (("loads", "most"), [1.0], "loads: .* of 28 days"),
        (("loads", "race"), 400, "loads: .* of 28 days"),
        (("days",), [], "days: expected at least one day"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    tmp_path: Path, place: tuple[str | int, ...], value: object, message: str
) -> None:
    """Somebody has edited the file: it says where, and nothing stumbles over it later."""
    path = tmp_path / "plan.json"
    write_plan(short_plan(), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    around = content
    for name in place[:-1]:
        around = around[name]
    around[place[-1]] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_plan(path)


def test_loads_of_fewer_days_than_the_plan_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(short_plan(), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    loads = content["loads"] | {"race": 0}
    content["loads"] = loads | {name: loads[name][:7] for name in ("kinds", "least", "most")}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"loads\.kinds: .* found 7"):
        read_plan(path)
