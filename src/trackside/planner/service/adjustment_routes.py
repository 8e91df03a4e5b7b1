"""Adjustments: changes of a plan, proposed, then confirmed or rejected."""

from datetime import UTC, date, datetime

from fastapi import APIRouter, Request
from sqlalchemy import Connection

from trackside.errors import ConflictError, UnknownError
from trackside.planner.adjustment import Evidence, Occasion, OccasionKind, Propose
from trackside.planner.plan_record import PlanRecord
from trackside.planner.service.access import CurrentUser, Store, check_runner, of_theirs
from trackside.planner.service.plan_choice import plan_on
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body, Day, Limit, Name, RandomId, Text
from trackside.planner.store import adjustments
from trackside.planner.store.accounts import Role, User
from trackside.planner.store.adjustments import Adjustment, AdjustmentState
from trackside.planner.store.plans import find_plan
from trackside.planner.store.recordings import recordings_of

router = APIRouter(tags=["adjustments"])
CONSIDERED = 200
"""Recordings that a proposal is derived from, at most."""


class OccasionNote(Body):
    """Why a change is asked for, on which day, and what the athlete says about it."""

    kind: OccasionKind
    day: Day
    note: Text | None = None


@router.post(
    "/runners/{runner_id}/adjustments",
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 413, 422),
)
def propose_adjustment(
    request: Request, runner_id: Name, occasion: OccasionNote, user: CurrentUser, store: Store
) -> Adjustment:
    """Derive changes of the current plan from what was measured or said, and propose them."""
    check_runner(user, runner_id)
    propose: Propose | None = request.app.state.propose
    if propose is None:
        raise ConflictError("no adjuster is installed: plans change only by hand")
    today = date.today()
    with store.reading() as connection:
        record = _current(connection, runner_id, today)
        start = datetime.combine(record.plan.days[0].date, datetime.min.time(), UTC)
        recent = recordings_of(connection, runner_id, CONSIDERED, start)
    told = Occasion(occasion.kind, occasion.day, occasion.note or "")
    # outside of a transaction: it may take a second
    proposal = propose(record, Evidence(today, told, tuple(reversed(recent))))
    if proposal is None:
        raise ConflictError("the plan stays as it is: there is no reason to change it")
    with store.writing() as connection:
        if _current(connection, runner_id, today).plan.revision != record.plan.revision:
            raise ConflictError("the plan has changed meanwhile: ask again")
        return adjustments.propose(connection, record, proposal, today, user.user_id)


@router.get("/runners/{runner_id}/adjustments", responses=problems(401, 403, 422))
def list_adjustments(
    runner_id: Name,
    user: CurrentUser,
    store: Store,
    state: AdjustmentState | None = None,
    limit: Limit = 20,
) -> list[Adjustment]:
    """The latest adjustments of a runner, latest first."""
    check_runner(user, runner_id)
    states = tuple(AdjustmentState) if state is None else (state,)
    with store.reading() as connection:
        return adjustments.adjustments_of(connection, runner_id, limit, states)


@router.post("/adjustments/{adjustment_id}/confirm", responses=problems(401, 403, 404, 409, 422))
def confirm_adjustment(adjustment_id: RandomId, user: CurrentUser, store: Store) -> Adjustment:
    """Change the plan as proposed."""
    with store.writing() as connection:
        _theirs(connection, adjustment_id, user)
        return adjustments.confirm(connection, adjustment_id, date.today(), user.user_id)


@router.post("/adjustments/{adjustment_id}/reject", responses=problems(401, 403, 404, 409, 422))
def reject_adjustment(adjustment_id: RandomId, user: CurrentUser, store: Store) -> Adjustment:
    """Leave the plan as it is. An athlete's veto also takes back what a coach confirmed."""
    with store.writing() as connection:
        found = _theirs(connection, adjustment_id, user)
        if found.state is AdjustmentState.CONFIRMED and user.role is not Role.ATHLETE:
            raise ConflictError("it was confirmed: only the athlete takes that back")
        return adjustments.reject(connection, adjustment_id, date.today(), user.user_id)


def _current(connection: Connection, runner_id: str, today: date) -> PlanRecord:
    entry = plan_on(connection, runner_id, today)
    record = None if entry is None else find_plan(connection, entry.plan_id)
    if record is None or entry is None or entry.goal_day < today:
        raise UnknownError(f"no plan of {runner_id} for today: generate one first")
    return record


def _theirs(connection: Connection, adjustment_id: str, user: User) -> Adjustment:
    return of_theirs(
        user,
        f"adjustment {adjustment_id}",
        lambda: adjustments.find_adjustment(connection, adjustment_id),
    )
