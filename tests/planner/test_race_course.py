"""Courses and the files that they come from."""

from pathlib import Path

import numpy as np
import pytest

from trackside.errors import FileFormatError, ParameterError
from trackside.planner.course_file import read_course
from trackside.planner.race_course import RaceCourse

GPX = """<?xml version="1.0"?>
<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>
{points}
</trkseg></trk></gpx>"""


def gpx(path: Path, points: list[str]) -> Path:
    """A GPX file whose points begin on line 3."""
    path.write_text(GPX.format(points="\n".join(points)))
    return path


def point(latitude: float, longitude: float, elevation: float) -> str:
    return f'<trkpt lat="{latitude}" lon="{longitude}"><ele>{elevation}</ele></trkpt>'


def test_a_table_of_distances(tmp_path: Path) -> None:
    """A CSV file's points are the course's, straight in between."""
    path = tmp_path / "hill.csv"
    path.write_text("distance_m, elevation_m\n0,100\n1000,120\n\n2000,110\n")
    course = read_course(path)
    assert course.length == 2000
    assert course.ascent == 20
    assert course.elevation_at(np.array([500.0, 1500.0])) == pytest.approx([110, 115])


def test_a_track(tmp_path: Path) -> None:
    """A degree of latitude is 111.2 km; points that repeat are left out; a slope stays one."""
    points = [point(50 + n / 1000, 8.0, n * 2.0) for n in range(101)]
    course = read_course(gpx(tmp_path / "t.GPX", [*points[:50], points[49], *points[50:]]))
    assert course.length == pytest.approx(0.1 * 111_195, rel=1e-4)
    middle = np.array([3000.0, 8000.0])
    assert course.elevation_at(middle) == pytest.approx(200 * middle / course.length, abs=0.1)


def test_noise_of_a_receiver_makes_no_hills(tmp_path: Path) -> None:
    """Altitudes that jump by metres from point to point become a nearly flat course."""
    noise = np.random.default_rng(3).normal(0.0, 2.0, 1001)
    points = [point(0.0, n / 10_000, 50 + noise[n]) for n in range(1001)]
    course = read_course(gpx(tmp_path / "t.gpx", points))
    marks = np.arange(0.0, course.length, 100.0)
    assert np.abs(np.diff(course.elevation_at(marks)) / 100).max() < 0.025


def test_a_course_can_be_stretched() -> None:
    """Distances become those of the measured course, elevations stay."""
    course = RaceCourse(np.array([0.0, 500.0, 1010.0]), np.array([1.0, 3.0, 2.0]))
    stretched = course.stretched_to(1000.0)
    assert stretched.length == pytest.approx(1000.0)
    assert stretched.ascent == course.ascent


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the header distance_m,elevation_m"),
        ("km,m\n0,1\n", "line 1: expected the header"),
        ("distance_m,elevation_m\n0,1\n10,x\n", "line 3: expected two numbers"),
        ("distance_m,elevation_m\n0,1\n10\n", "line 3: expected two numbers"),
        ("distance_m,elevation_m\n5,1\n", "line 2: expected the distance 0"),
        ("distance_m,elevation_m\n0,1\n10,2\n10,3\n", "line 4: expected a distance above 10 m"),
        ("distance_m,elevation_m\n0,nan\n", "line 2: expected finite numbers"),
        ("distance_m,elevation_m\n", r"a course of 0 points; expected at least"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file, the line and what was expected."""
    path = tmp_path / "hill.csv"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_course(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (["<trkpt lat='x' lon='1'/>"], "line 3: expected a latitude"),
        (["<trkpt lat='1'/>"], "line 3: expected a latitude"),
        (["<trkpt lat='91' lon='1'/>"], "line 3: expected a latitude"),
        ([point(1, 1, 5), "<trkpt lat='1' lon='1'/>"], "line 4: expected an elevation"),
        (["<trkpt lat='1' lon='1'><ele>high</ele></trkpt>"], "line 3: expected an elevation"),
        ([point(1, 1, 5), "<trkpt"], "line 5: expected well-formed XML"),
        ([], "a course of 0 points"),
        ([point(1, 1, 5), point(1, 1, 5)], "a course of 1 points"),
    ],
)
def test_tracks_that_are_none(tmp_path: Path, points: list[str], message: str) -> None:
    """Points without place or height, broken XML, no points at all: file, line, expectation."""
    with pytest.raises(FileFormatError, match=message):
        read_course(gpx(tmp_path / "t.gpx", points))


def test_entities_are_refused(tmp_path: Path) -> None:
    """A document type, with which a small file could become huge, is not read at all."""
    path = tmp_path / "t.gpx"
    path.write_text('<!DOCTYPE gpx [<!ENTITY a "aaaa">]>\n<gpx>&a;</gpx>')
    with pytest.raises(FileFormatError, match="line 1: expected no document type"):
        read_course(path)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    """Neither CSV nor GPX by its name."""
    with pytest.raises(FileFormatError, match=r"expected one that ends in \.csv or \.gpx"):
        read_course(tmp_path / "course.kml")


@pytest.mark.parametrize(
    ("distance", "elevation"),
    [
        ([], []),
        ([0.0], [1.0]),
        ([0.0, 1.0], [1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([1.0, 2.0], [1.0, 1.0]),
        ([0.0, np.nan], [1.0, 1.0]),
    ],
)
def test_impossible_courses(distance: list[float], elevation: list[float]) -> None:
    """No points, one, unequal numbers, not in order, not from 0, not finite."""
    with pytest.raises(ParameterError, match=r"a course"):
        RaceCourse(np.array(distance), np.array(elevation))


@pytest.mark.parametrize("length", [0.0, -5.0, float("nan")])
def test_impossible_lengths(length: float) -> None:
    """A flat course needs a length."""
    with pytest.raises(ParameterError, match="expected a length above 0"):
        RaceCourse.flat(length)
