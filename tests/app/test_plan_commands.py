"""trackside plan as people and scripts use it."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from command_line import trackside

START = date(2030, 1, 7)
PROFILE = """
runner_id = "ada"
weekly_distances_km = [30, 32]
[goal]
day = 2030-02-17
distance_km = 10
name = "City 10 km"
target_time = "45:00"
[[races]]
day = 2029-11-11
distance_km = 5
time = "22:30"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a profile, its plan, and the season's picture."""
    folder = tmp_path_factory.mktemp("plan")
    (folder / "ada.toml").write_text(PROFILE, encoding="utf-8")
    result = trackside(
        *("plan", "new", folder / "ada.toml", "-o", folder / "ada.json"),
        *("--start", START.isoformat(), "--picture", folder / "ada.png"),
    )
    assert result.returncode == 0, result.stderr
    assert "City 10 km" in result.stdout
    assert not result.stderr
    return folder


def test_the_example_profile_is_one_to_plan_with(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    assert trackside("plan", "example", "-o", path).returncode == 0
    assert "weekly_distances_km" in path.read_text(encoding="utf-8")
    again = trackside("plan", "example", "-o", path)
    assert again.returncode == 2
    assert "exists" in again.stderr


def test_the_picture_shows_the_season(made: Path) -> None:
    from matplotlib.image import imread

    pixels = imread(made / "ada.png")
    assert pixels.shape[0] > 600
    assert pixels.shape[1] > 1000
    shades = {tuple(row) for row in (255 * pixels[::4, ::4, :3]).astype(int).reshape(-1, 3)}
    assert {(86, 180, 233), (0, 114, 178), (230, 159, 0)} <= shades  # easy, long, tempo


def test_plans_are_shown_whole_by_the_week_and_by_the_day(made: Path) -> None:
    plan = made / "ada.json"
    whole = json.loads(trackside("plan", "show", plan, "--json").stdout)
    assert [week["week"] for week in whole["weeks"]] == [1, 2, 3, 4, 5, 6]
    assert whole["limits_broken"] == []
    week = json.loads(trackside("plan", "show", plan, "--week", "2", "--json").stdout)
    assert next(day["weekday"] for day in week["days"]) == "Monday"
    assert sum(day["km"] for day in week["days"]) == pytest.approx(whole["weeks"][1]["km"], abs=0.5)
    race = trackside("plan", "show", plan, "--day", "2030-02-17")
    assert "City 10 km" in race.stdout
    missing = trackside("plan", "show", plan, "--day", "2031-01-01")
    assert missing.returncode == 2
    assert "expected a day of the plan, 2030-01-07 to 2030-02-17" in missing.stderr


def test_simulation_tells_what_missed_days_cost(made: Path) -> None:
    plan = made / "ada.json"
    asked = json.loads(trackside("plan", "simulate", plan, "--json").stdout)
    assert asked["limits_broken"] == []
    assert not asked["changed"]
    days = [(START + timedelta(days=number)).isoformat() for number in range(7, 14)]
    skips = [argument for day in days for argument in ("--skip", day)]
    missed = json.loads(trackside("plan", "simulate", plan, *skips, "--json").stdout)
    morning = missed["race_morning"]
    assert morning["performance"] < morning["performance_as_planned"]
    assert missed["weeks"][1]["load"] == 0
    assert morning["fitness"] < asked["race_morning"]["fitness"]


def test_plans_are_exported_for_calendars_watches_and_databases(made: Path) -> None:
    ics, fit, documents = made / "ada.ics", made / "fit", made / "days.json"
    result = trackside(
        *("plan", "export", made / "ada.json"),
        *("--ics", ics, "--fit", fit, "--documents", documents),
    )
    assert result.returncode == 0, result.stderr
    assert ics.read_text(encoding="utf-8").count("BEGIN:VEVENT") > 20
    assert len(list(fit.glob("*.fit"))) > 15
    assert len(json.loads(documents.read_text(encoding="utf-8"))) == 42
    nothing = trackside("plan", "export", made / "ada.json")
    assert nothing.returncode == 2
    assert "expected --ics, --fit or --documents" in nothing.stderr


def test_a_plan_made_again_is_a_revision_that_calendars_follow(made: Path) -> None:
    from shutil import copy

    again = made / "again.json"
    copy(made / "ada.json", again)
    result = trackside(
        *("plan", "new", made / "ada.toml", "-o", again, "--start", "2030-01-14"),
    )
    assert "revision 1" in result.stdout
    ics = made / "again.ics"
    trackside("plan", "export", again, "--ics", ics, "--previous", made / "ada.json")
    assert set(re.findall(r"SEQUENCE:(\d+)", ics.read_text(encoding="utf-8"))) == {"1"}


def test_the_race_has_splits_and_a_band(made: Path) -> None:
    band = made / "band.html"
    result = trackside(
        *("plan", "race", made / "ada.json", "--temperature", "24", "--band", band, "--json")
    )
    assert result.returncode == 0, result.stderr
    race = json.loads(result.stdout)
    assert sum(split["time_s"] for split in race["splits"]) == pytest.approx(race["time_s"], abs=1)
    assert len(race["splits"]) == 10
    assert race["slowdown"] > 0.0
    drawing = band.read_text(encoding="utf-8").split("<svg")[1].split("</svg>")[0]
    ET.fromstring(f"<svg{drawing}</svg>")  # noqa: S314
    table = trackside("plan", "race", made / "ada.json", "--miles").stdout
    assert " mi " in table
    assert "negative split" in table


def test_andrews_season_is_solved_both_ways() -> None:
    strict = json.loads(trackside("plan", "season", "30", "--strict", "--json").stdout)
    assert strict["off_goals_km"] == pytest.approx(0.0, abs=1e-3)
    season = json.loads(trackside("plan", "season", "24", "--weeks", "8", "--json").stdout)
    assert len(season["weeks"]) == 8
    assert season["gap"] < 1e-5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("2030-02-17", "2030-01-08"), "no day to train is left"),
        (('time = "22:30"', 'time = "0:22"'), "slower than any world record"),
        (("[30, 32]", "[0, 400]"), "weekly_distances_km"),
        (('runner_id = "ada"', ""), "runner_id"),
        (("distance_km = 10\n", "distance_km = -4\n"), "distance_km"),
        (
            ('runner_id = "ada"', 'runner_id = "ada"\navailable_minutes = {monday = 0}'),
            "no time to train",
        ),
    ],
)
def test_impossible_wishes_write_nothing(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    profile, plan = tmp_path / "ada.toml", tmp_path / "ada.json"
    profile.write_text(PROFILE.replace(*change), encoding="utf-8")
    result = trackside("plan", "new", profile, "-o", plan, "--start", START.isoformat())
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not plan.exists()


def test_files_that_are_no_plans_stay_as_they_are(made: Path) -> None:
    other = made / "notes.txt"
    other.write_text("important", encoding="utf-8")
    result = trackside("plan", "new", made / "ada.toml", "-o", other, "--start", START.isoformat())
    assert result.returncode == 2
    assert "is no plan" in result.stderr
    assert other.read_text(encoding="utf-8") == "important"
