"""What became of a plan: sessions done and missed, illness, mornings, tests, vetoes.

A diary lies beside its plan as JSON, and is written whole. Days are of the athlete's own calendar.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trackside.errors import FileFormatError
from trackside.planner.profile import RaceResult
from trackside.planner.whole_file import write_whole

FORMAT, VERSION = "trackside training diary", 1


@dataclass(frozen=True, slots=True)
class DoneSession:
    """A session that was done: its load (Banister's TRIMP) with its SD, None where unknown.

    ``source``: what it comes from; a session told again from the same source replaces the first.
    """

    day: date
    source: str
    load: float | None
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class Illness:
    """Ill from ``first`` to ``last``, both included; ``last`` None: still ill."""

    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True)
class TrainingDiary:
    """All that happened. ``mornings``: RMSSD in ms after waking up, by day.

    ``off``: days on which the athlete does not want to train; ``vetoes``: days that stay as they
    are planned, whatever speaks against it.
    """

    sessions: tuple[DoneSession, ...] = ()
    missed: tuple[date, ...] = ()
    illnesses: tuple[Illness, ...] = ()
    mornings: Mapping[date, float] = field(default_factory=dict)
    tests: tuple[RaceResult, ...] = ()
    off: tuple[date, ...] = ()
    vetoes: tuple[date, ...] = ()

    def is_ill(self, day: date, today: date) -> bool:
        """Whether the athlete is ill on a day; an illness without end lasts until ``today``."""
        return any(one.first <= day <= (one.last or today) for one in self.illnesses)


@dataclass(frozen=True)
class _File:
    format: str
    version: int
    diary: TrainingDiary


_FILE = TypeAdapter(_File)


def write_diary(diary: TrainingDiary, path: Path) -> None:
    """Write a diary to ``path``; a file that is there is replaced in one step."""
    write_whole(path, _FILE.dump_json(_File(FORMAT, VERSION, diary), indent=1))


def read_diary(path: Path) -> TrainingDiary:
    """Read a diary; an empty one where there is no file.

    Raises :class:`FileFormatError` that names the place in the file where it is not one.
    """
    if not path.exists():
        return TrainingDiary()
    try:
        held = _FILE.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise FileFormatError(path, place, f"a diary of Trackside ({first['msg']})") from error
    if (held.format, held.version) != (FORMAT, VERSION):
        found = f"{held.format!r}, version {held.version}"
        raise FileFormatError(path, "format", f"{FORMAT!r}, version {VERSION}, not {found}")
    return held.diary
