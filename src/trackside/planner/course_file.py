"""Courses from files: a table of distances and elevations (CSV), or a track (GPX)."""

import csv
from pathlib import Path
from xml.parsers import expat

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, ParameterError
from trackside.planner.race_course import RaceCourse

COLUMNS = ["distance_m", "elevation_m"]
EARTH_RADIUS = 6_371_008.8  # m, mean (IUGG)
POINTS = frozenset({"trkpt", "rtept"})
LEAST_STEP = 0.1  # m; points closer than that are one
SMOOTHED_OVER = 200.0  # m
SAMPLED_EVERY = 10.0  # m


def read_course(path: str | Path) -> RaceCourse:
    """Return the course in a file, by the ending of its name: ``.csv`` or ``.gpx``.

    A CSV file has the header ``distance_m,elevation_m``, distances from 0. Of a GPX file all
    points of its tracks and routes are taken in order, distances along great circles of a sphere;
    as altitudes of receivers are noisy, the profile is a moving average over 200 m.

    Raises
    ------
    FileFormatError
        If the file is not of either kind, or a point cannot be: names the line and what was
        expected.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    readers = {".csv": _read_csv, ".gpx": _read_gpx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FileFormatError(path, "the file's name", "one that ends in .csv or .gpx")
    return reader(path)


def _read_csv(path: Path) -> RaceCourse:
    points: list[tuple[float, float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            if [name.strip() for name in next(rows, [])] != COLUMNS:
                raise FileFormatError(path, "line 1", f"the header {','.join(COLUMNS)}")
            for row in rows:
                if row:
                    place = f"line {rows.line_num}"
                    points.append(_csv_point(path, place, row, points))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(path, "the whole file", f"a CSV file ({error})") from error
    return _course(path, np.array(points).reshape(-1, 2))


def _csv_point(
    path: Path, place: str, row: list[str], before: list[tuple[float, float]]
) -> tuple[float, float]:
    try:
        distance, elevation = map(float, row)
    except ValueError as error:
        raise FileFormatError(path, place, f"two numbers, {' and '.join(COLUMNS)}") from error
    if not before and distance != 0:
        raise FileFormatError(path, place, "the distance 0 of the start")
    if before and not distance > before[-1][0]:
        raise FileFormatError(path, place, f"a distance above {before[-1][0]:g} m")
    if not np.isfinite([distance, elevation]).all():
        raise FileFormatError(path, place, "finite numbers")
    return distance, elevation


def _read_gpx(path: Path) -> RaceCourse:
    track = _Track(path)
    track.parse()
    points = np.array(track.points).reshape(-1, 3)
    steps = _great_circles(points[:, 0], points[:, 1])
    distance = np.concatenate(([0.0], np.cumsum(steps)))[: len(points)]
    return _smoothed(_course(path, _thinned(np.column_stack((distance, points[:, 2])))))


class _Track:
    """Collects latitude and longitude (degrees) and elevation (m) of a GPX file's points."""

    def __init__(self, path: Path) -> None:
        self.points: list[tuple[float, float, float]] = []
        self._path = path
        self._position: tuple[float, float] | None = None
        self._elevation: str | None = None
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def parse(self) -> None:
        try:
            self._parser.Parse(self._path.read_bytes(), True)
        except expat.ExpatError as error:
            place = f"line {error.lineno}"
            reason = expat.ErrorString(error.code)
            raise FileFormatError(self._path, place, f"well-formed XML ({reason})") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name in POINTS:
            self._position = self._place(attributes)
            self._elevation = None
        elif name == "ele" and self._position is not None:
            self._text = []

    def _end(self, name: str) -> None:
        name = _local(name)
        if name == "ele" and self._text is not None:
            self._elevation, self._text = "".join(self._text), None
        elif name in POINTS and self._position is not None:
            height = self._number(self._elevation, "an elevation (ele) of every point, in m")
            self.points.append((*self._position, height))
            self._position = None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _doctype(self, *_: object) -> None:
        # Entities could make a small file huge; no GPX file has any.
        raise self._error("no document type")

    def _place(self, attributes: dict[str, str]) -> tuple[float, float]:
        expected = "a latitude (lat) and a longitude (lon) in degrees"
        latitude = self._number(attributes.get("lat"), expected)
        longitude = self._number(attributes.get("lon"), expected)
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise self._error(expected)
        return latitude, longitude

    def _number(self, text: str | None, expected: str) -> float:
        try:
            value = float(text or "")
        except ValueError as error:
            raise self._error(expected) from error
        if not np.isfinite(value):
            raise self._error(expected)
        return value

    def _error(self, expected: str) -> FileFormatError:
        return FileFormatError(self._path, f"line {self._parser.CurrentLineNumber}", expected)


def _local(name: str) -> str:
    """An element's name without its namespace, which differs between versions of GPX."""
    return name.rpartition(" ")[2]


def _great_circles(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Distances (m) between consecutive points on a sphere, by the haversine formula."""
    latitude, longitude = np.deg2rad(latitude_deg), np.deg2rad(longitude_deg)
    across = np.cos(latitude[1:]) * np.cos(latitude[:-1]) * np.sin(np.diff(longitude) / 2) ** 2
    haversine = np.sin(np.diff(latitude) / 2) ** 2 + across
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))


def _thinned(points: Floats) -> Floats:
    """Points (P, 2) without those at the same place as the one before."""
    kept = np.diff(points[:, 0], prepend=-np.inf) >= LEAST_STEP
    return points[kept]


def _smoothed(course: RaceCourse) -> RaceCourse:
    from scipy.ndimage import uniform_filter1d

    count = max(round(course.length / SAMPLED_EVERY), 1) + 1
    distance = np.linspace(0.0, course.length, count)
    width = min(round(SMOOTHED_OVER / SAMPLED_EVERY) | 1, count)
    elevation = uniform_filter1d(course.elevation_at(distance), width, mode="nearest")
    return RaceCourse(distance, elevation)


def _course(path: Path, points: Floats) -> RaceCourse:
    try:
        return RaceCourse(points[:, 0].copy(), points[:, 1].copy())
    except ParameterError as error:
        raise FileFormatError(path, "its points", f"a course ({error})") from error
