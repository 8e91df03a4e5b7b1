"""The adjuster: what it keeps whatever happened, and what it says."""

import os
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from season_checker import _broken_between_days

from runners import TODAY, runner
from trackside.planner.adjuster import Adjusted, adjust, propose
from trackside.planner.adjustment import Evidence, Occasion, OccasionKind, adjusted
from trackside.planner.calendar import available_time
from trackside.planner.changed_day import Cutting, changed_day
from trackside.planner.load_demand import EASY, DayKind
from trackside.planner.load_simulation import simulate_loads
from trackside.planner.new_plan import new_plan
from trackside.planner.plan_documents import day_documents
from trackside.planner.plan_file import read_plan, write_plan
from trackside.planner.plan_record import PlanRecord
from trackside.planner.profile import GoalRace, RaceResult
from trackside.planner.recording_summary import Measured, RecordingSummary
from trackside.planner.training_diary import DoneSession, Illness, TrainingDiary
from trackside.planner.workout_library import workout_library
from trackside.planner.workouts import SessionType

ROUNDING = 0.06
EXAMPLES = int(os.environ.get("TRACKSIDE_EXAMPLES", "8"))
"""How many random histories; more by hand."""
WEEKS = 12
RACE = TODAY + timedelta(days=4, weeks=WEEKS - 1)
NAMES = {
    DayKind.HARD: "anaerobic",
    DayKind.LONG: "long",
    DayKind.RACE: "race",
    DayKind.EASY: "easy",
}


FULL_FRIDAY = 60
"""A hard day whose session takes nearly all the time that it has."""


@cache
def half_marathon() -> PlanRecord:
    """A plan of 12 weeks from a Wednesday on."""
    return new_plan(runner(goal=GoalRace(RACE, 21_097.5, "Half marathon")), TODAY)


def key_day(kind: DayKind, after: int = 24) -> int:
    """The first day of a kind, from a number of days on."""
    kinds = half_marathon().loads.kinds
    return next(day for day in range(after, len(kinds)) if kinds[day] is kind)


def date_of(day: int) -> date:
    return TODAY - timedelta(days=2) + timedelta(days=day)


def found(record: PlanRecord, diary: TrainingDiary, today: date) -> Adjusted:
    answer = adjust(record, diary, today)
    assert answer is not None
    return answer


def kept(record: PlanRecord, diary: TrainingDiary, today: date, answer: Adjusted) -> PlanRecord:
    """Check what every adjustment keeps, and return the plan after it."""
    changes, stands = answer.proposal.changes, answer.standing
    after = adjusted(record, changes, answer.proposal.loads)
    for before, now in zip(day_documents(record.plan), day_documents(after.plan), strict=True):
        assert before.date >= stands.day(stands.since) or before == now
    assert after.plan.days[-1] == record.plan.days[-1]
    assert answer.loads.gap <= 1e-3
    settled = replace(answer.asked, kinds=[frozenset({kind}) for kind in answer.loads.kinds])
    limits = simulate_loads(settled, answer.loads, stands.start, ROUNDING)
    assert not limits.violations
    lived = simulate_loads(after.loads.demand(), after.daily_loads(), stands.start, ROUNDING)
    assert not lived.violations
    assert set(spacing(after)) <= set(spacing(record))
    plan = {day.date: day for day in record.plan.days}
    for change in changes:
        took = sum(one.duration for one in change.workouts)
        before_took = sum(one.duration for one in plan[change.date].workouts)
        assert took <= max(available_time(record.athlete, change.date), before_took) + 60.0
        assert change.date not in diary.vetoes
        assert change.reason.startswith(f"{change.date:%A}'s ")
    for day in after.plan.days:
        raced = day.main.type in (SessionType.RACE, SessionType.TRIAL)
        stays = day.date in diary.vetoes or day.date < stands.day(stands.since) or raced
        if not stays and (day.date in diary.off or diary.is_ill(day.date, today)):
            assert day.load == 0.0
    return after


def spacing(record: PlanRecord) -> list[str]:
    """Hard days too near to each other in what is still to come."""
    kinds = record.loads.kinds
    loads = record.daily_loads().loads
    days = [
        (NAMES[kind], 1.0) if kind in NAMES and (loads[i] > 0 or kind is DayKind.RACE) else None
        for i, kind in enumerate(kinds)
    ]
    return _broken_between_days(days)


@st.composite
def histories(draw: st.DrawFn) -> tuple[TrainingDiary, date]:
    """What may happen up to a day of the plan, and what the athlete wants."""
    record = half_marathon()
    last = record.loads.race
    now = draw(st.integers(3, last - 2))
    past = st.integers(2, now - 1)
    planned = record.daily_loads().loads
    sessions = [
        DoneSession(
            date_of(day),
            f"run {day}",
            float(planned[day] * draw(st.floats(0.2, 2.0)) + draw(st.floats(0.0, 40.0))),
            draw(st.floats(1.0, 60.0)),
        )
        for day in draw(st.lists(past, max_size=8, unique=True))
    ]
    done = {one.day for one in sessions}
    missed = [date_of(day) for day in draw(st.lists(past, max_size=8, unique=True))]
    ill = [
        Illness(date_of(first), date_of(min(first + length, last - 1)))
        for first, length in draw(st.lists(st.tuples(past, st.integers(0, 12)), max_size=2))
    ]
    ahead = st.integers(now, last - 1)
    off = draw(st.lists(ahead, max_size=3, unique=True))
    vetoes = draw(st.lists(ahead, max_size=3, unique=True))
    low = draw(st.booleans())
    mornings = {
        date_of(now - back): 40.0
        * float(np.exp(0.08 * np.sin(7.0 * back)))
        * (0.7 if low and back < 5 else 1.0)
        for back in range(draw(st.sampled_from([0, 60])))
    }
    tests = [RaceResult(date_of(now - 1), 5000.0, draw(st.floats(1100.0, 1700.0)))]
    return (
        TrainingDiary(
            tuple(sessions),
            tuple(day for day in missed if day not in done),
            tuple(ill),
            mornings,
            tuple(tests[: draw(st.integers(0, 1))]),
            tuple(map(date_of, off)),
            tuple(map(date_of, vetoes)),
        ),
        date_of(now),
    )


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(1, 9))
def test_whatever_happens_limits_hold_and_the_past_stays(
    history: tuple[TrainingDiary, date], later: int
) -> None:
    """Limits, spacing, time, vetoes and days off are kept, and again some days later."""
    record, (diary, today) = half_marathon(), history
    for now in (today, today + timedelta(days=later)):
        answer = adjust(record, diary, now)
        if answer is None or now >= RACE:
            continue
        again = adjust(record, diary, now)
        assert again is not None
        assert again.proposal == answer.proposal
        record = kept(record, diary, now, answer)


@pytest.mark.parametrize("day", [7, 20, 40, 70])
def test_a_plan_that_was_followed_stays(day: int) -> None:
    """Where nothing happened, nothing changes; nor after sessions that came out as planned."""
    assert adjust(half_marathon(), TrainingDiary(), date_of(day)) is None
    planned = half_marathon().daily_loads().loads
    done = tuple(
        DoneSession(date_of(one), f"{one}", float(planned[one]), 5.0)
        for one in range(2, day)
        if planned[one] > 0.0
    )
    assert adjust(half_marathon(), TrainingDiary(done), date_of(day)) is None


def test_illness_is_rest_and_an_easy_return() -> None:
    """Half as many easy days as the illness had, none longer than other easy ones."""
    first = key_day(DayKind.HARD)
    diary = TrainingDiary(illnesses=(Illness(date_of(first - 4), date_of(first + 1)),))
    answer = found(half_marathon(), diary, date_of(first))
    after = kept(half_marathon(), diary, date_of(first), answer)
    by_date = {day.date: day for day in after.plan.days}
    assert not by_date[date_of(first)].is_training_day
    back = [by_date[date_of(first + 2 + day)] for day in range(3)]
    hard = {SessionType.TEMPO, SessionType.INTERVALS, SessionType.LONG, SessionType.HILLS}
    assert not any(day.main.type in hard for day in back)
    reasons = {change.date: change.reason for change in answer.proposal.changes}
    assert f"ill since {date_of(first - 4):%A}" in reasons[date_of(first)]


@pytest.mark.parametrize("length", [2, 6, 12])
def test_a_run_after_an_illness_is_like_other_easy_ones(length: int) -> None:
    """Also where a long one was planned."""
    long = key_day(DayKind.LONG)
    diary = TrainingDiary(illnesses=(Illness(date_of(long - length), date_of(long - 1)),))
    answer = found(half_marathon(), diary, date_of(long))
    kept(half_marathon(), diary, date_of(long), answer)
    change = answer.proposal.changes[0]
    assert change.date == date_of(long)
    assert f"back from {length} days of illness, easy at first" in change.reason
    planned, kinds = half_marathon().daily_loads().loads, half_marathon().loads.kinds
    before = range(max(long - length - 28, 0), long - length)
    easy = [planned[day] for day in before if kinds[day] is DayKind.EASY]
    assert 0.0 < answer.loads.loads[long] <= np.median(easy) < planned[long]


def test_an_easy_run_in_place_of_a_hard_one_fits_into_its_day() -> None:
    """Easy running takes longer for the same load: the most there may be just fills the time."""
    record = half_marathon()
    missed = TrainingDiary(missed=(date_of(FULL_FRIDAY - 2),))
    answer = found(record, missed, date_of(FULL_FRIDAY - 1))
    most = float(answer.asked.bounds[FULL_FRIDAY, EASY, 1])
    cutting = Cutting(workout_library(), record.athlete)
    day = next(day for day in record.plan.days if day.date == date_of(FULL_FRIDAY))
    easy = changed_day(day, (DayKind.HARD, DayKind.EASY), most, cutting)
    free = available_time(record.athlete, day.date)
    assert 0.9 * free < sum(one.duration for one in easy) <= free + 60.0


@pytest.mark.parametrize(
    ("day", "length"), [(9, 2), (12, 9), (36, 6), (45, 6), (51, 4), (66, 2), (69, 9)]
)
def test_an_answer_that_was_taken_leaves_nothing_to_change(day: int, length: int) -> None:
    """Whoever asks again the same evening gets no other plan."""
    diary = TrainingDiary(illnesses=(Illness(date_of(day - length), date_of(day - 1)),))
    answer = found(half_marathon(), diary, date_of(day))
    after = kept(half_marathon(), diary, date_of(day), answer)
    assert adjust(after, diary, date_of(day)) is None


TIRED_TUESDAY, ALONE = 50, 22
"""Tuesdays with intervals after a heavy week: amid others, and with easy days and rest behind."""


def low_mornings(first: int, last: int) -> TrainingDiary:
    """Usual mornings up to a day, and low ones from it to another."""
    usual = {date_of(first - back): 60.0 + 4.0 * (back % 3 - 1) for back in range(1, 60)}
    low = {date_of(day): 30.0 for day in range(first, last + 1)}
    return TrainingDiary(mornings={**usual, **low})


def test_low_mornings_make_the_next_hard_session_easy() -> None:
    """Two days below the band: the hard session becomes easy, with that reason and no other day."""
    today = date_of(TIRED_TUESDAY)
    diary = low_mornings(TIRED_TUESDAY - 1, TIRED_TUESDAY)
    answer = found(half_marathon(), diary, today)
    change = answer.proposal.changes[0]
    assert change.date == today
    assert "HRV 2 days below your band" in change.reason
    assert change.workouts[0].type is SessionType.EASY
    after = kept(half_marathon(), TrainingDiary(), today, answer)
    assert adjust(after, diary, today) is None


def test_an_eased_hard_session_moves_to_an_easy_day() -> None:
    """It is not lost where the week has room for it: the same workout, and why it is there."""
    today = date_of(ALONE)
    answer = found(half_marathon(), low_mornings(ALONE - 1, ALONE), today)
    after = kept(half_marathon(), TrainingDiary(), today, answer)
    eased = next(day for day in half_marathon().plan.days if day.date == today)
    week = [day for day in after.plan.days if 0 <= (day.date - today).days <= 3]
    assert week[0].main.type is SessionType.EASY
    assert any(day.main.code == eased.main.code for day in week[1:])
    reasons = [change.reason for change in answer.proposal.changes]
    assert any("Tuesday's session moves here" in reason for reason in reasons)


def test_low_mornings_of_somebody_who_is_rested_ask_for_nothing_for_a_week() -> None:
    """Training is hardly why they are low; after a week they are believed all the same."""
    hard = key_day(DayKind.HARD, ALONE + 1)
    assert adjust(half_marathon(), low_mornings(hard - 1, hard), date_of(hard)) is None
    answer = found(half_marathon(), low_mornings(hard - 8, hard), date_of(hard))
    assert "days below your band" in answer.proposal.changes[0].reason


def test_low_mornings_ask_for_one_easy_session_a_week() -> None:
    """A mean of seven mornings cannot tell sooner whether the first one helped."""
    kinds = half_marathon().loads.kinds
    days = [day for day in range(24, len(kinds)) if kinds[day] is DayKind.HARD]
    hard, following = next(pair for pair in pairwise(days) if 3 < pair[1] - pair[0] < 7)
    diary = low_mornings(hard - 4, following)
    first = found(half_marathon(), diary, date_of(hard)).proposal
    eased = adjusted(half_marathon(), first.changes, first.loads)
    again = adjust(eased, diary, date_of(following))
    changes = again.proposal.changes if again else ()
    assert any("HRV" in change.reason for change in first.changes)
    assert not any("HRV" in change.reason for change in changes)


def test_too_much_is_followed_by_less() -> None:
    """A session of three times its load lightens the days after it, and the limit is named."""
    hard = key_day(DayKind.HARD)
    load = 4.0 * float(half_marathon().daily_loads().loads[hard]) + 200.0
    diary = TrainingDiary((DoneSession(date_of(hard), "run", load, 5.0),))
    answer = found(half_marathon(), diary, date_of(hard))
    kept(half_marathon(), diary, date_of(hard), answer)
    first = answer.proposal.changes[0]
    assert first.date > date_of(hard)
    assert "above" in first.reason
    planned = {day.date: day.load for day in half_marathon().plan.days}
    assert sum(one.load for one in first.workouts) < planned[first.date]


def test_a_bad_recording_weighs_little() -> None:
    """The same session with a large standard deviation hardly counts."""
    hard = key_day(DayKind.HARD)
    load = 4.0 * float(half_marathon().daily_loads().loads[hard]) + 200.0
    today = date_of(hard + 1)

    def done(sd: float) -> float:
        diary = TrainingDiary((DoneSession(date_of(hard), "run", load, sd),))
        answer = adjust(half_marathon(), diary, today)
        return load if answer is None else float(answer.standing.done[hard])

    sure, unsure = done(5.0), done(2000.0)
    assert sure == pytest.approx(load, rel=0.01)
    diary = TrainingDiary((DoneSession(date_of(hard), "run", load, 2000.0),))
    assert adjust(half_marathon(), diary, today) is None or unsure < 0.3 * load


def test_lost_training_comes_back_but_not_more() -> None:
    """After a week without training there is more later on, and less than what was lost."""
    missed = tuple(date_of(day) for day in range(36, 44))
    record = half_marathon()
    answer = found(record, TrainingDiary(missed=missed), date_of(44))
    kept(record, TrainingDiary(missed=missed), date_of(44), answer)
    planned = record.daily_loads().loads
    more = np.maximum(answer.loads.loads - planned, 0.0)[44:].sum()
    lost = planned[36:44].sum()
    assert 0.0 < more < 1.2 * lost
    assert any("makes up for" in change.reason for change in answer.proposal.changes)


def test_what_was_lost_before_the_taper_comes_back_in_it_but_not_in_the_week_of_the_race() -> None:
    """Whoever trained less beforehand needs less of a taper."""
    record, taper, race_week = half_marathon(), 7 * (WEEKS - 2), 7 * (WEEKS - 1)
    missed = tuple(date_of(day) for day in range(taper - 7, taper))
    answer = found(record, TrainingDiary(missed=missed), date_of(taper))
    kept(record, TrainingDiary(missed=missed), date_of(taper), answer)
    planned, solved = record.daily_loads().loads, answer.loads.loads
    assert solved[taper:race_week].sum() > 1.05 * planned[taper:race_week].sum()
    assert (solved[race_week:] <= planned[race_week:] + 1e-6).all()


def test_a_veto_wins_over_everything() -> None:
    """Ill or tired: a day that the athlete insists on stays as it was planned."""
    hard = key_day(DayKind.HARD)
    today = date_of(hard)
    diary = TrainingDiary(illnesses=(Illness(today - timedelta(days=2), today),), vetoes=(today,))
    answer = found(half_marathon(), diary, today)
    after = kept(half_marathon(), diary, today, answer)
    before = {day.date: day for day in half_marathon().plan.days}
    assert {day.date: day for day in after.plan.days}[today] == before[today]


def test_done_loads_and_changes_survive_the_file(tmp_path: Path) -> None:
    missed = tuple(date_of(day) for day in range(36, 44))
    answer = found(half_marathon(), TrainingDiary(missed=missed), date_of(44))
    after = adjusted(half_marathon(), answer.proposal.changes, answer.proposal.loads)
    write_plan(after, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == after
    assert after.plan.revision == 1


def test_what_a_service_stores_gives_the_same() -> None:
    """Recordings and an occasion say what a diary says."""
    record, hard = half_marathon(), key_day(DayKind.HARD)
    start = date_of(hard - 4)
    planned = record.daily_loads().loads
    moment = record.plan.created_at.replace(year=start.year, month=start.month, day=start.day)
    recording = RecordingSummary(
        "r1", "ada", moment, 3600.0, None, {"trimp": Measured(float(planned[hard - 4]) + 5.0, 4.0)}
    )
    told = Occasion(OccasionKind.ILLNESS, date_of(hard - 1))
    evidence = Evidence(date_of(hard), told, (recording,))
    diary = TrainingDiary(
        (DoneSession(start, "r1", float(planned[hard - 4]) + 5.0, 4.0),),
        illnesses=(Illness(date_of(hard - 1)),),
    )
    assert propose(record, evidence) == found(record, diary, date_of(hard)).proposal
    calm = replace(evidence, occasion=Occasion(OccasionKind.SESSION, start))
    assert propose(record, calm) is None
