"""Plans in the store: read as they were written, and past days stay."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from stored_plans import EASY, REST, TODAY, changed, made_plan, store_plan

from trackside.errors import ConflictError
from trackside.planner.load_simulation import simulate_loads
from trackside.planner.plan_continuation import continued
from trackside.planner.plan_file import parse_plan
from trackside.planner.store.database import Database
from trackside.planner.store.plans import find_plan, plan_text, plans_of, save_plan
from trackside.planner.store.tables import training_plan

YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)


def documents(database: Database) -> dict[object, str]:
    """All days as they are stored, byte by byte."""
    with database.reading() as connection:
        query = select(training_plan.c.date, training_plan.c.document)
        return {row.date: row.document for row in connection.execute(query)}


def test_a_plan_is_read_as_it_was_written(database: Database) -> None:
    record = store_plan(database)
    with database.reading() as connection:
        assert find_plan(connection, record.plan.plan_id) == record
        assert parse_plan(plan_text(connection, record.plan.plan_id), "the text") == record
        assert [one.plan_id for one in plans_of(connection, "ada")] == [record.plan.plan_id]
    assert len(documents(database)) == len(record.plan.days)


def test_days_ahead_change_and_past_ones_stay_byte_by_byte(database: Database) -> None:
    record = store_plan(database)
    before = documents(database)
    later = changed(record, TOMORROW, REST)
    later = replace(
        later, plan=replace(later.plan, created_at=later.plan.created_at + timedelta(hours=1))
    )
    with database.writing() as connection:
        save_plan(connection, later, TODAY)
    after = documents(database)
    assert before.keys() == after.keys()
    for day, document in after.items():
        assert (document == before[day]) == (day < TODAY), day  # type: ignore[operator]
    with database.reading() as connection:
        assert find_plan(connection, later.plan.plan_id) == later


@pytest.mark.parametrize("workout", [REST, EASY])
def test_a_past_day_does_not_change(database: Database, workout: object) -> None:
    record = store_plan(database)
    before = documents(database)
    day = next(
        one.date for one in record.plan.days if one.date < TODAY and one.workouts != (workout,)
    )
    other = changed(record, day, workout)  # type: ignore[arg-type]
    with pytest.raises(ConflictError, match=f"{day} is past"), database.writing() as connection:
        save_plan(connection, other, TODAY)
    assert documents(database) == before


def test_a_past_day_is_not_left_out(database: Database) -> None:
    record = store_plan(database)
    shorter = replace(record.plan, days=record.plan.days[1:], revision=1)
    with pytest.raises(ConflictError, match="is past"), database.writing() as connection:
        save_plan(connection, replace(record, plan=shorter), TODAY)


@pytest.mark.parametrize("revision", [0, 2])
def test_revisions_follow_each_other(database: Database, revision: int) -> None:
    """Of two who change the same revision, one is told to look again."""
    record = store_plan(database)
    other = replace(record, plan=replace(record.plan, revision=revision))
    with pytest.raises(ConflictError, match="revision 0"), database.writing() as connection:
        save_plan(connection, other, TODAY)


@settings(max_examples=25)
@given(past=st.integers(0, 30), into=st.integers(0, 20))
def test_a_plan_made_anew_goes_on_from_the_old_one(past: int, into: int) -> None:
    """Past days, kinds and focuses are the old plan's, the rest the new one's; weeks count on."""
    old = made_plan(first=TODAY - timedelta(days=past))
    new = made_plan(first=TODAY - timedelta(days=past) + timedelta(days=into))
    both = continued(old, new)
    first = new.plan.days[0].date
    assert [day for day in both.plan.days if day.date < first] == list(old.plan.days[:into])
    assert [day.workouts for day in both.plan.days] == [day.workouts for day in old.plan.days]
    assert [day.week_number for day in both.plan.days] == [day.week_number for day in old.plan.days]
    assert both.loads == old.loads
    assert (
        both.focus[: len(old.focus) - len(new.focus)]
        == old.focus[: len(old.focus) - len(new.focus)]
    )
    assert len(both.focus) == len(old.focus)
    assert both.plan.revision == 1
    monday = both.plan.days[0].date - timedelta(days=both.plan.days[0].date.weekday())
    simulate_loads(both.loads.demand(), both.daily_loads(), monday)
