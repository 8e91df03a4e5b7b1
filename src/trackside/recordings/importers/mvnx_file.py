"""The motion in an Xsens MVNX file, read as a stream: the file never stands in memory as a whole.

MVNX is XML: a subject with its segments, sensors and frames. A frame's elements hold the numbers of
all segments or all sensors in a row. Frames of type ``normal`` are the motion; the others show
calibration poses. Format: Xsens, *MVN User Manual* (MV0319P), "MVNX"; versions 3 and 4 agree in all
that is read here.

The body frames, as the points of the segments and the frame of type ``identity`` show them: in a
T-pose, palms down, all are x forward, y left, z up. The global frame is x north, y west, z up
unless the user has reset it; free acceleration is given in it, without gravity.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError

_SEGMENT_ELEMENTS = {"orientation": 4, "position": 3}
_SENSOR_ELEMENTS = {
    "sensorOrientation": 4,
    "sensorFreeAcceleration": 3,
    "sensorAcceleration": 3,
    "sensorAngularVelocity": 3,
    "sensorMagneticField": 3,
}
_WIDTHS = _SEGMENT_ELEMENTS | _SENSOR_ELEMENTS
_ENCODINGS = ("utf-8", "utf-16", "iso-8859-1", "us-ascii")  # that expat knows by itself
_INTEGER = re.compile(r"\d{1,13}", re.ASCII)
_UNIT = 0.01  # how far a quaternion's length may be from 1


@dataclass(frozen=True)
class MvnxMotion:
    """What an MVNX file says, in its own frames.

    ``rate`` Hz; ``frame_numbers`` (N,): jumps are frames that are missing. ``points``: for each
    segment label its points (3,) m by label, in the body frame. ``elements``: by the name of the
    frames' element (G or S, N, 3 or 4), for G ``segments`` or S ``sensors``: ``orientation`` and
    ``position`` always, of the sensors' elements those that the file has.
    """

    rate: float
    start_time: datetime | None
    segments: tuple[str, ...]
    sensors: tuple[str, ...]
    frame_numbers: Floats
    points: Mapping[str, Mapping[str, Floats]]
    elements: Mapping[str, Floats]

    @property
    def time(self) -> Floats:
        """Time (N,) of each frame in s, from the first on."""
        return (self.frame_numbers - self.frame_numbers[0]) / self.rate


def read_mvnx_file(path: Path | str) -> MvnxMotion:
    """Read an MVNX file; FileFormatError names the line and what was expected there."""
    return _Reader(Path(path)).read()


class _Reader:
    """Collects what the parser comes across; one line of ``_start`` for each kind of element."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declare
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.rate = 0.0
        self.start_time: datetime | None = None
        self.segments: list[str] = []
        self.sensors: list[str] = []
        self.points: dict[str, dict[str, Floats]] = {}
        self.point = ""
        self.frame_numbers: list[int] = []
        self.rows: dict[str, list[Floats]] = {}
        self.in_frame = False
        self.text: list[str] = []

    def read(self) -> MvnxMotion:
        try:
            with self.path.open("rb") as file:
                self.parser.ParseFile(file)
        except expat.ExpatError as error:
            expected = f"well-formed XML, found: {expat.ErrorString(error.code)}"
            raise FileFormatError(self.path, f"line {error.lineno}", expected) from error
        if not self.frame_numbers:
            raise self._error("a frame of type 'normal' before the end")
        return MvnxMotion(
            self.rate,
            self.start_time,
            tuple(self.segments),
            tuple(self.sensors),
            np.array(self.frame_numbers, float),
            self.points,
            {name: self._series(name, rows) for name, rows in self.rows.items()},
        )

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise self._error(f"an encoding among {', '.join(_ENCODINGS)}, found {encoding!r}")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(" ")[2]:
            case "subject":
                self.rate = self._number(attributes, "frameRate", "a frameRate above 0")
            case "segment":
                self.segments.append(self._label(attributes))
                self.points[self.segments[-1]] = {}
            case "sensor":
                self.sensors.append(self._label(attributes))
            case "point":
                self.point = self._label(attributes)
            case "frame":
                self.in_frame = attributes.get("type") == "normal"
                if self.in_frame:
                    self._open_frame(attributes)
            case "pos_b" | "pos_s":
                if not self.segments:
                    raise self._error(f"a segment around {tag}")
                self._collect()
            case name if self.in_frame and name in _WIDTHS:
                self._collect()

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "frame" and self.in_frame:
            self.in_frame = False
            self._close_frame()
        elif name in ("pos_b", "pos_s"):
            self.points[self.segments[-1]][self.point] = self._numbers(name, 3)
        elif self.in_frame and name in _WIDTHS:
            owners = self.segments if name in _SEGMENT_ELEMENTS else self.sensors
            self.rows.setdefault(name, []).append(self._numbers(name, _WIDTHS[name] * len(owners)))

    def _collect(self) -> None:
        self.text.clear()
        self.parser.CharacterDataHandler = self.text.append

    def _open_frame(self, attributes: dict[str, str]) -> None:
        if self.rate == 0.0 or not self.segments:
            raise self._error("a subject with frameRate and segments before the frames")
        number = attributes.get("index") or str(len(self.frame_numbers))
        if not _INTEGER.fullmatch(number):
            raise self._error(f"a frame number as index, found {number!r}")
        if self.frame_numbers and int(number) <= self.frame_numbers[-1]:
            raise self._error(f"an index above {self.frame_numbers[-1]}, found {number}")
        since_1970 = attributes.get("ms", "")
        if not self.frame_numbers and _INTEGER.fullmatch(since_1970) and int(since_1970) > 0:
            self.start_time = datetime.fromtimestamp(int(since_1970) / 1000, UTC)
        self.frame_numbers.append(int(number))

    def _close_frame(self) -> None:
        """Every frame has to hold the elements that the first one has."""
        for name in (*_SEGMENT_ELEMENTS, *self.rows):
            if len(self.rows.get(name, ())) != len(self.frame_numbers):
                raise self._error(f"one element {name} in each frame")

    def _series(self, name: str, rows: list[Floats]) -> Floats:
        width = _WIDTHS[name]
        owners = len(rows[0]) // width
        by_frame = np.array(rows).reshape(len(rows), owners, width)
        series = np.ascontiguousarray(by_frame.swapaxes(0, 1))
        if width < 4:
            return series
        length = np.linalg.norm(series, axis=-1, keepdims=True)
        if (np.abs(length - 1.0) > _UNIT).any():
            frame = int(np.argmax((np.abs(length - 1.0) > _UNIT).any(axis=(0, 2))))
            place = f"frame {self.frame_numbers[frame]}, {name}"
            raise FileFormatError(self.path, place, "quaternions of length 1")
        return np.asarray(series / length)

    def _numbers(self, name: str, count: int) -> Floats:
        self.parser.CharacterDataHandler = None
        words = "".join(self.text).split()
        try:
            numbers = np.array(words, float)
        except ValueError:
            numbers = np.full(len(words), np.nan)
        if len(words) != count or not np.isfinite(numbers).all():
            raise self._error(f"{count} finite numbers in {name}, found {len(words)} words")
        return numbers

    def _number(self, attributes: dict[str, str], name: str, expected: str) -> float:
        try:
            number = float(attributes.get(name, ""))
        except ValueError:
            number = 0.0
        if not 0 < number < np.inf:
            raise self._error(f"{expected}, found {attributes.get(name)!r}")
        return number

    def _label(self, attributes: dict[str, str]) -> str:
        if not attributes.get("label"):
            raise self._error("a label")
        return attributes["label"]

    def _error(self, expected: str) -> FileFormatError:
        return FileFormatError(self.path, f"line {self.parser.CurrentLineNumber}", expected)
