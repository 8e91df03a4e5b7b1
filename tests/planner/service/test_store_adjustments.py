"""Proposals: confirmed, rejected, overtaken; the athlete's veto wins."""

from datetime import timedelta

import pytest
from stored_plans import REST, TODAY, changed, made_plan, store_plan

from trackside.errors import ConflictError
from trackside.planner.adjustment import DayChange, Proposal
from trackside.planner.plan_record import PlanRecord
from trackside.planner.store import adjustments
from trackside.planner.store.adjustments import Adjustment, AdjustmentState
from trackside.planner.store.database import Database
from trackside.planner.store.plans import find_plan, save_plan
from trackside.planner.workouts import SessionType

RECORD = made_plan()
DAYS = [
    day.date for day in RECORD.plan.days if day.date > TODAY and day.main.type is SessionType.TEMPO
][:2]
REASON = "HRV 2 days below your band"
PROPOSAL = Proposal("Easier", tuple(DayChange(day, (REST,), REASON) for day in DAYS))


def proposed(database: Database, record: PlanRecord) -> Adjustment:
    with database.writing() as connection:
        return adjustments.propose(connection, record, PROPOSAL, TODAY, "eva")


def stored(database: Database, record: PlanRecord) -> PlanRecord:
    with database.reading() as connection:
        found = find_plan(connection, record.plan.plan_id)
    assert found is not None
    return found


def test_a_proposal_says_what_changes_and_why_and_changes_nothing(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    assert found.state is AdjustmentState.PROPOSED
    assert [one.date for one in found.changes] == DAYS
    assert {one.reason for one in found.changes} == {REASON}
    assert {one.before.session_code for one in found.changes} == {"TEMPO"}
    assert {one.after.session_code for one in found.changes} == {"REST"}
    assert stored(database, record) == record


def test_confirmed_it_is_the_plans_next_revision(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    with database.writing() as connection:
        done = adjustments.confirm(connection, found.adjustment_id, TODAY, "ada")
    assert (done.state, done.decided_by) == (AdjustmentState.CONFIRMED, "ada")
    now = stored(database, record)
    assert now.plan.revision == 1
    for before, after in zip(record.plan.days, now.plan.days, strict=True):
        assert after.workouts == ((REST,) if after.date in DAYS else before.workouts)
    with pytest.raises(ConflictError, match="confirmed"), database.writing() as connection:
        adjustments.confirm(connection, found.adjustment_id, TODAY, "ada")


def test_a_veto_takes_back_what_was_confirmed_on_the_days_ahead(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    with database.writing() as connection:
        adjustments.confirm(connection, found.adjustment_id, TODAY, "eva")
    with database.writing() as connection:
        adjustments.reject(connection, found.adjustment_id, DAYS[1], "ada")
    now = {day.date: day.workouts for day in stored(database, record).plan.days}
    before = {day.date: day.workouts for day in record.plan.days}
    assert now[DAYS[0]] == (REST,)
    assert now[DAYS[1]] == before[DAYS[1]]


def test_rejected_it_stays_rejected(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    with database.writing() as connection:
        adjustments.reject(connection, found.adjustment_id, TODAY, "ada")
    with pytest.raises(ConflictError, match="rejected"), database.writing() as connection:
        adjustments.confirm(connection, found.adjustment_id, TODAY, "eva")
    assert stored(database, record) == record


def test_a_plan_that_changed_otherwise_supersedes_it(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    with database.writing() as connection:
        save_plan(connection, changed(record, TODAY + timedelta(days=1), REST), TODAY)
    with pytest.raises(ConflictError, match="superseded"), database.writing() as connection:
        adjustments.confirm(connection, found.adjustment_id, TODAY, "ada")


def test_the_newer_of_two_proposals_counts(database: Database) -> None:
    record = store_plan(database)
    first, second = proposed(database, record), proposed(database, record)
    with database.reading() as connection:
        found = adjustments.adjustments_of(connection, "ada", 10)
    assert {one.adjustment_id: one.state for one in found} == {
        first.adjustment_id: AdjustmentState.SUPERSEDED,
        second.adjustment_id: AdjustmentState.PROPOSED,
    }


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=400)])
def test_days_that_are_past_or_not_there_are_not_proposed(database: Database, day: object) -> None:
    record = store_plan(database)
    wrong = Proposal("?", (DayChange(day, (REST,), "?"),))  # type: ignore[arg-type]
    with pytest.raises(ConflictError, match="past or not in"), database.writing() as connection:
        adjustments.propose(connection, record, wrong, TODAY, "eva")


def test_a_proposal_confirmed_too_late_changes_nothing(database: Database) -> None:
    record = store_plan(database)
    found = proposed(database, record)
    late = DAYS[-1] + timedelta(days=1)
    with pytest.raises(ConflictError, match="is past"), database.writing() as connection:
        adjustments.confirm(connection, found.adjustment_id, late, "ada")
    assert stored(database, record) == record
