"""Plans in files: JSON, written whole or not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trackside.errors import FileFormatError
from trackside.planner.athlete import Athlete
from trackside.planner.plan_documents import DayDocument, day_documents, days_of
from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.profile import GoalRace
from trackside.planner.training_plan import TrainingPlan
from trackside.planner.whole_file import write_whole

FORMAT = "trackside training plan"
VERSION = 1


@dataclass(frozen=True)
class PlanFile:
    """What a plan file holds; ``days`` are the documents that a database would store."""

    format: str
    version: int
    plan_id: str
    runner_id: str
    revision: int
    created_at: datetime
    goal: GoalRace
    schema_id: str
    notes: tuple[str, ...]
    focus: tuple[str, ...]
    days: tuple[DayDocument, ...]
    athlete: Athlete
    loads: LoadRecord


_FILE = TypeAdapter(PlanFile)
_DOCUMENTS = TypeAdapter(list[DayDocument])


def write_plan(record: PlanRecord, path: Path) -> None:
    """Write a plan to ``path``; a file that is there is replaced in one step."""
    write_whole(path, plan_json(record, indent=1))


def read_plan(path: Path) -> PlanRecord:
    """Read a plan that :func:`write_plan` wrote.

    Raises :class:`FileFormatError` that names the place in the file where it is not one.
    """
    return parse_plan(path.read_bytes(), path)


def plan_json(record: PlanRecord, indent: int | None = None) -> bytes:
    """The plan as a plan file holds it."""
    plan = record.plan
    held = PlanFile(
        FORMAT,
        VERSION,
        plan.plan_id,
        plan.runner_id,
        plan.revision,
        plan.created_at,
        plan.goal,
        record.schema,
        record.notes,
        record.focus,
        tuple(day_documents(plan)),
        record.athlete,
        record.loads,
    )
    return _FILE.dump_json(held, indent=indent)


def parse_plan(content: bytes | str, source: Path | str) -> PlanRecord:
    """The plan that :func:`plan_json` made ``content`` of.

    Raises :class:`FileFormatError` that names ``source`` and the place where it is not one.
    """
    try:
        held = _FILE.validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise FileFormatError(source, place, f"a plan of Trackside ({first['msg']})") from error
    if (held.format, held.version) != (FORMAT, VERSION):
        found = f"{held.format!r}, version {held.version}"
        raise FileFormatError(source, "format", f"{FORMAT!r}, version {VERSION}, not {found}")
    _check_days(held, source)
    plan = TrainingPlan(
        held.runner_id, held.goal, held.created_at, days_of(held.days), held.revision
    )
    return PlanRecord(plan, held.athlete, held.schema_id, held.loads, held.focus, held.notes)


def _check_days(held: PlanFile, source: Path | str) -> None:
    """Raise FileFormatError unless days follow each other, and loads are known of all of them."""
    if not held.days:
        raise FileFormatError(source, "days", "at least one day")
    first = held.days[0].date
    for number, day in enumerate(held.days):
        if day.date != first + timedelta(days=number):
            expected = f"the day after the one before, found {day.date}"
            raise FileFormatError(source, f"days.{number}.date", expected)
    known = len(held.loads.kinds)
    if first.weekday() + len(held.days) > known:
        expected = f"those of all {len(held.days)} days from the first Monday on, found {known}"
        raise FileFormatError(source, "loads.kinds", expected)


def documents_json(plan: TrainingPlan) -> bytes:
    """The plan's documents as a JSON array, one a day."""
    return _DOCUMENTS.dump_json(day_documents(plan), indent=1)
