"""Collection ``adjustment``: proposed changes of plans, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, select, update

from trackside.errors import ConflictError, UnknownError
from trackside.planner.adjustment import DayChange, Proposal, adjusted
from trackside.planner.plan_documents import DayDocument, day_documents
from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.store.plans import find_plan, save_plan
from trackside.planner.store.runners import note_change
from trackside.planner.store.tables import adjustment


class AdjustmentState(StrEnum):
    """What became of a proposal; superseded: the plan changed in another way meanwhile."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class DayDifference:
    """A day before and after, and why."""

    date: date
    before: DayDocument
    after: DayDocument
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored of a proposal. ``loads``: before and after, None where they stay."""

    summary: str
    changes: tuple[DayDifference, ...]
    loads: tuple[LoadRecord, LoadRecord] | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A proposal: of which revision of which plan, who made it, and who decided on it when."""

    adjustment_id: str
    runner_id: str
    plan_id: str
    plan_revision: int
    state: AdjustmentState
    summary: str
    changes: tuple[DayDifference, ...]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


_DIFFERENCE = TypeAdapter(Difference)


def propose(
    connection: Connection, record: PlanRecord, proposal: Proposal, today: date, by: str
) -> Adjustment:
    """Store a proposal, in place of one of the same plan that is not decided on.

    Raises :class:`ConflictError` if it changes a day before ``today`` or one the plan has not.
    """
    plan = record.plan
    after = adjusted(record, proposal.changes, proposal.loads)
    before_days = {document.date: document for document in day_documents(plan)}
    after_days = {document.date: document for document in day_documents(after.plan)}
    for change in proposal.changes:
        if change.date < today or change.date not in before_days:
            raise ConflictError(f"{change.date} is past or not in the plan: expected a day ahead")
    difference = Difference(
        proposal.summary,
        tuple(
            DayDifference(one.date, before_days[one.date], after_days[one.date], one.reason)
            for one in proposal.changes
        ),
        None if proposal.loads is None else (record.loads, proposal.loads),
    )
    connection.execute(
        update(adjustment)
        .where(adjustment.c.plan_id == plan.plan_id, adjustment.c.state == AdjustmentState.PROPOSED)
        .values(state=AdjustmentState.SUPERSEDED.value)
    )
    adjustment_id = uuid4().hex
    connection.execute(
        insert(adjustment).values(
            adjustment_id=adjustment_id,
            runner_id=plan.runner_id,
            plan_id=plan.plan_id,
            plan_revision=plan.revision,
            state=AdjustmentState.PROPOSED.value,
            document=_DIFFERENCE.dump_json(difference).decode(),
            proposed_by=by,
            proposed_at=datetime.now(UTC),
        )
    )
    note_change(connection, plan.runner_id)
    return find_adjustment(connection, adjustment_id)


def confirm(connection: Connection, adjustment_id: str, today: date, by: str) -> Adjustment:
    """Change the plan as proposed.

    Raises :class:`ConflictError` if it was decided on, the plan changed since, or a day is past.
    """
    found = _row(connection, adjustment_id)
    if found.state != AdjustmentState.PROPOSED:
        raise ConflictError(f"the proposal was {found.state}: expected one that is open")
    difference = _DIFFERENCE.validate_json(found.document)
    _decide(connection, found, AdjustmentState.CONFIRMED, by)
    changes = [DayChange(one.date, one.after.steps, one.reason) for one in difference.changes]
    _change(connection, found, changes, difference.loads and difference.loads[1], today)
    return find_adjustment(connection, adjustment_id)


def reject(connection: Connection, adjustment_id: str, today: date, by: str) -> Adjustment:
    """Leave the plan as it is; where it was changed already, change the days ahead back.

    Raises :class:`ConflictError` if it was rejected or superseded, or the plan changed since.
    """
    found = _row(connection, adjustment_id)
    if found.state not in (AdjustmentState.PROPOSED, AdjustmentState.CONFIRMED):
        raise ConflictError(f"the proposal was {found.state}: expected one to reject")
    difference = _DIFFERENCE.validate_json(found.document)
    _decide(connection, found, AdjustmentState.REJECTED, by)
    if found.state == AdjustmentState.CONFIRMED:
        changes = [
            DayChange(one.date, one.before.steps, one.reason)
            for one in difference.changes
            if one.date >= today
        ]
        _change(connection, found, changes, difference.loads and difference.loads[0], today, 1)
    return find_adjustment(connection, adjustment_id)


def find_adjustment(connection: Connection, adjustment_id: str) -> Adjustment:
    """The adjustment with an id. Raises :class:`UnknownError`."""
    return _adjustment(_row(connection, adjustment_id))


def adjustments_of(
    connection: Connection,
    runner_id: str,
    limit: int,
    states: Sequence[AdjustmentState] = tuple(AdjustmentState),
) -> list[Adjustment]:
    """The latest adjustments of a runner in some states, latest first."""
    query = (
        select(adjustment)
        .where(adjustment.c.runner_id == runner_id, adjustment.c.state.in_(states))
        .order_by(adjustment.c.proposed_at.desc(), adjustment.c.adjustment_id)
        .limit(limit)
    )
    return list(map(_adjustment, connection.execute(query)))


def _change(
    connection: Connection,
    found: Row[Any],
    changes: Sequence[DayChange],
    loads: LoadRecord | None,
    today: date,
    since: int = 0,
) -> None:
    """Store the plan with changed days, if it is still ``since`` revisions after the proposal's."""
    record = find_plan(connection, found.plan_id)
    if record is None or record.plan.revision != found.plan_revision + since:
        raise ConflictError("the plan has changed since: expected a new proposal")
    save_plan(connection, adjusted(record, tuple(changes), loads), today)


def _decide(connection: Connection, found: Row[Any], state: AdjustmentState, by: str) -> None:
    connection.execute(
        update(adjustment)
        .where(adjustment.c.adjustment_id == found.adjustment_id)
        .values(state=state.value, decided_by=by, decided_at=datetime.now(UTC))
    )
    note_change(connection, found.runner_id)


def _row(connection: Connection, adjustment_id: str) -> Row[Any]:
    query = select(adjustment).where(adjustment.c.adjustment_id == adjustment_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise UnknownError(f"no adjustment {adjustment_id}")
    return found


def _adjustment(row: Row[Any]) -> Adjustment:
    difference = _DIFFERENCE.validate_json(row.document)
    return Adjustment(
        row.adjustment_id,
        row.runner_id,
        row.plan_id,
        row.plan_revision,
        AdjustmentState(row.state),
        difference.summary,
        difference.changes,
        row.proposed_by,
        row.proposed_at,
        row.decided_by,
        row.decided_at,
    )
