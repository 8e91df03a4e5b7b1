"""Pace bands to print and to read."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runners import RACE_DAY, runner
from trackside.planner.pace_band import Unit, band_rows, band_text, write_band
from trackside.planner.profile import GoalRace
from trackside.planner.race_strategy import RaceStrategy, plan_race

SVG = "{http://www.w3.org/2000/svg}"


def strategy(distance: float = 42195.0, name: str = "City marathon") -> RaceStrategy:
    return plan_race(runner(goal=GoalRace(RACE_DAY, distance, name)))


def seconds(text: str) -> int:
    """A time as on a stop-watch, in s."""
    value = 0
    for part in text.split(":"):
        value = 60 * value + int(part)
    return value


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("distance", [1500.0, 10e3, 21097.5, 42195.0, 100e3])
def test_printed_splits_add_up(unit: Unit, distance: float) -> None:
    """Each total is the sum of the splits so far, as printed; the last is the finish's time."""
    race = strategy(distance)
    total = 0
    rows = band_rows(race, unit)
    for row in rows:
        total += seconds(row.split)
        assert seconds(row.total) == total
    assert total == round(race.recommended.time)
    assert len(rows) <= 46


def test_rows_of_a_marathon() -> None:
    """A row each km or mile and one for the rest; every fifth and the finish are bold."""
    rows = band_rows(strategy())
    assert [row.mark for row in rows] == [*map(str, range(1, 43)), "42.2"]
    assert [row.mark for row in rows if row.bold] == [*map(str, range(5, 41, 5)), "42.2"]
    assert [row.mark for row in band_rows(strategy(), Unit.MILE)][-2:] == ["26", "26.2"]


def test_long_races_have_fewer_rows() -> None:
    """100 km have a row every 5 km, every fifth of them bold."""
    rows = band_rows(strategy(100e3))
    assert [row.mark for row in rows] == [*map(str, range(5, 101, 5))]
    assert [row.mark for row in rows if row.bold] == ["25", "50", "75", "100"]


def test_text_for_a_terminal() -> None:
    """A heading, and columns that are aligned."""
    lines = band_text(strategy(10e3, "City 10 km")).splitlines()
    assert lines[0] == "City 10 km: 45:13"
    assert lines[2].split() == ["km", "split", "total"]
    assert lines[3].split() == ["1", "4:31", "4:31"]
    assert len({len(line) for line in lines[2:]}) == 1
    assert len(lines) == 13


def drawing(path: Path) -> ET.Element:
    """The drawing in a page."""
    page = path.read_text(encoding="utf-8")
    start, end = page.index("<svg"), page.index("</svg>") + len("</svg>")
    return ET.fromstring(page[start:end])  # noqa: S314 - our own page


@pytest.mark.parametrize("distance", [1500.0, 42195.0, 100e3])
def test_the_page_has_the_true_size(tmp_path: Path, distance: float) -> None:
    """45 mm by 210 mm, everything inside; the page loads nothing from elsewhere."""
    write_band(strategy(distance), tmp_path / "band.html")
    svg = drawing(tmp_path / "band.html")
    assert (svg.get("width"), svg.get("height")) == ("45.0mm", "210.0mm")
    assert svg.get("viewBox") == "0 0 45.0 210.0"
    for text in svg.iter(f"{SVG}text"):
        assert 0 < float(text.get("y", "nan")) < 209
        assert 0 < float(text.get("x", "nan")) < 45
    page = (tmp_path / "band.html").read_text(encoding="utf-8")
    assert page.count("http") == page.count("http://www.w3.org/2000/svg") == 1


def test_the_page_shows_every_row(tmp_path: Path) -> None:
    """All marks, splits and totals are texts of the drawing, in order."""
    race = strategy()
    write_band(race, tmp_path / "band.html", Unit.MILE)
    texts = [text.text for text in drawing(tmp_path / "band.html").iter(f"{SVG}text")]
    rows = band_rows(race, Unit.MILE)
    shown = [text for row in rows for text in (row.mark, row.split, row.total)]
    assert texts[:5] == ["City marathon", "3:28:16", "mi", "split", "total"]
    assert texts[5:] == shown


def test_names_are_escaped_and_cut(tmp_path: Path) -> None:
    """A name with signs of HTML stays text, and one that is too long is cut."""
    name = "Ost & <script>alert(1)</script> " + "x" * 50
    write_band(strategy(10e3, name), tmp_path / "band.html")
    assert "<script>" not in (tmp_path / "band.html").read_text(encoding="utf-8")
    shown = next(drawing(tmp_path / "band.html").iter(f"{SVG}text")).text
    assert shown is not None
    assert shown.startswith("Ost & <script>")
    assert len(shown) == 40
