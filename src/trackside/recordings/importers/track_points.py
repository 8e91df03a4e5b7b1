"""Points of an XML track, TCX or GPX: read as a stream, and as far as the file goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

from trackside.errors import FileFormatError


@dataclass
class TrackPoints:
    """What a file holds.

    ``points``: for each point the texts of its innermost elements and its attributes, by local
    name; an element ``Value`` goes by the name of the one around it. ``laps``: the attributes of
    each lap. ``faults``: what was wrong with the file, in words.
    """

    points: list[Mapping[str, str]] = field(default_factory=list)
    laps: list[Mapping[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_points(path: Path, point: str, lap: str = "") -> TrackPoints:
    """All elements called ``point`` and ``lap`` of an XML file, whatever their namespace.

    A file that ends too early, or goes wrong later, gives the points before. Raises FileFormatError
    for a document type, which no track has: entities could make a small file huge.
    """
    return _Reader(path, point, lap).read()


class _Reader:
    """Collects what the parser comes across."""

    def __init__(self, path: Path, point: str, lap: str) -> None:
        self.path, self.point, self.lap = path, point, lap
        self.found = TrackPoints()
        self.open: dict[str, str] | None = None
        self.around: list[str] = []
        self.text: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self) -> TrackPoints:
        try:
            self.parser.Parse(self.path.read_bytes(), True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            self.found.faults.append(
                f"the file is cut short or damaged at line {error.lineno}: {reason}"
            )
        except (LookupError, ValueError) as error:  # an encoding that there is not
            self.found.faults.append(f"the file is damaged: {error}")
        return self.found

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        self.text.clear()
        if name == self.point:
            self.open = dict(attributes)
        elif name == self.lap:
            self.found.laps.append(attributes)
        self.around.append(name)

    def _end(self, tag: str) -> None:
        name = _local(tag)
        self.around.pop()
        if name == self.point and self.open is not None:
            self.found.points.append(self.open)
            self.open = None
        elif self.open is not None:
            text = "".join(self.text).strip()
            if text:
                self.open[self.around[-1] if name == "Value" else name] = text
        self.text.clear()

    def _doctype(self, *_: object) -> None:
        place = f"line {self.parser.CurrentLineNumber}"
        raise FileFormatError(self.path, place, "no document type")


def moment_of(text: str | None) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, UTC where it does not say; None if it is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def number_of(text: str | None) -> float:
    """The number in a text; NaN if it is none."""
    try:
        return float(text or "")
    except ValueError:
        return float("nan")


def _local(name: str) -> str:
    """An element's name without its namespace, which differs between versions."""
    return name.rpartition(" ")[2]
