"""Collection ``trainingplan``, one document a day, and what plans have beside their days.

A plan's parts put together are a plan file again, byte by byte as they were stored.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select, update

from trackside.errors import ConflictError, UnknownError
from trackside.planner.plan_documents import DayDocument, day_documents
from trackside.planner.plan_file import parse_plan, plan_json
from trackside.planner.plan_record import PlanRecord
from trackside.planner.store.runners import note_change
from trackside.planner.store.tables import adjustment, plan, training_plan
from trackside.planner.training_plan import PlannedDay, TrainingPlan

_DAY = TypeAdapter(DayDocument)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """What a list of plans says of each."""

    plan_id: str
    runner_id: str
    goal_day: date
    schema_id: str
    revision: int
    created_at: datetime


def save_plan(connection: Connection, record: PlanRecord, today: date) -> None:
    """Store a plan, or its next revision; days before ``today`` that are stored stay as they are.

    Proposals to change an earlier revision are superseded. Raises :class:`ConflictError` if a past
    day would change, or the plan's revision does not follow on the one stored.
    """
    made = record.plan
    before = find_plan(connection, made.plan_id)
    if before is not None:
        if made.revision != before.plan.revision + 1:
            raise ConflictError(
                f"plan {made.plan_id} is at revision {before.plan.revision}: expected the next"
            )
        _check_past(before.plan.days, made.days, today)
    header = json.loads(plan_json(record))
    del header["days"]
    values = {
        "runner_id": made.runner_id,
        "goal_day": made.goal.day,
        "schema_id": record.schema,
        "revision": made.revision,
        "created_at": made.created_at,
        "document": json.dumps(header),
    }
    if before is None:
        connection.execute(insert(plan).values(plan_id=made.plan_id, **values))
    else:
        _replace(connection, before.plan, values, today)
    rows = [
        {
            "plan_id": made.plan_id,
            "runner_id": made.runner_id,
            "date": document.date,
            "document": _DAY.dump_json(document).decode(),
        }
        for document in day_documents(made)
        if before is None or document.date >= today
    ]
    if rows:
        connection.execute(insert(training_plan), rows)
    note_change(connection, made.runner_id)


def _replace(
    connection: Connection, before: TrainingPlan, values: dict[str, object], today: date
) -> None:
    """Put the next revision's values in place, and make room for its days from ``today`` on."""
    of_plan = plan.c.plan_id == before.plan_id
    changed = connection.execute(
        update(plan).where(of_plan, plan.c.revision == before.revision).values(values)
    )
    if not changed.rowcount:
        raise ConflictError(f"plan {before.plan_id} was changed by somebody else just now")
    connection.execute(
        delete(training_plan).where(
            training_plan.c.plan_id == before.plan_id, training_plan.c.date >= today
        )
    )
    connection.execute(
        update(adjustment)
        .where(adjustment.c.plan_id == before.plan_id, adjustment.c.state == "proposed")
        .values(state="superseded")
    )


def _check_past(before: tuple[PlannedDay, ...], after: tuple[PlannedDay, ...], today: date) -> None:
    stored = {day.date: day for day in before if day.date < today}
    wanted = {day.date: day for day in after if day.date < today}
    for day in sorted(stored.keys() | wanted.keys()):
        if stored.get(day) != wanted.get(day):
            raise ConflictError(f"{day} is past: expected it to stay as it is")


def find_plan(connection: Connection, plan_id: str) -> PlanRecord | None:
    """The plan with an id, None if there is none."""
    try:
        return parse_plan(plan_text(connection, plan_id), f"plan {plan_id}")
    except UnknownError:
        return None


def plan_text(connection: Connection, plan_id: str) -> str:
    """The plan with an id as JSON, in the form of a plan file. Raises :class:`UnknownError`."""
    header = connection.scalar(select(plan.c.document).where(plan.c.plan_id == plan_id))
    if header is None:
        raise UnknownError(f"no plan {plan_id}")
    days = connection.scalars(
        select(training_plan.c.document)
        .where(training_plan.c.plan_id == plan_id)
        .order_by(training_plan.c.date)
    )
    return f'{header[:-1]}, "days": [{", ".join(days)}]}}'


def plan_entry(connection: Connection, plan_id: str) -> PlanEntry | None:
    """What a list says of the plan with an id; None if there is none."""
    row = connection.execute(_ENTRIES.where(plan.c.plan_id == plan_id)).one_or_none()
    return None if row is None else PlanEntry(*row)


def plans_of(connection: Connection, runner_id: str) -> list[PlanEntry]:
    """The plans of a runner, that of the latest race first."""
    query = _ENTRIES.where(plan.c.runner_id == runner_id).order_by(plan.c.goal_day.desc())
    return [PlanEntry(*row) for row in connection.execute(query)]


_ENTRIES = select(
    plan.c.plan_id,
    plan.c.runner_id,
    plan.c.goal_day,
    plan.c.schema_id,
    plan.c.revision,
    plan.c.created_at,
)
