"""The queue: one runner a job, and none that stays for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from stored_plans import store_runner

from trackside.errors import ConflictError, UnknownError
from trackside.planner.store import jobs
from trackside.planner.store.change_counts import ChangeCounts
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import ATTEMPTS, Claim, JobState

LONG, OVER = timedelta(hours=1), timedelta(seconds=-1)
WISH = {"schema_id": "shorter-12", "marathon_date": "2030-04-28"}


def queued(database: Database, runner_id: str = "ada") -> str:
    """A new job."""
    store_runner(database, runner_id)
    with database.writing() as connection:
        return jobs.add_job(connection, runner_id, WISH, "eva")


def claimed(database: Database, lease: timedelta = LONG, worker: str = "one") -> Claim | None:
    with database.writing() as connection:
        return jobs.claim(connection, worker, lease)


def state(database: Database, job_id: str) -> JobState:
    with database.reading() as connection:
        return jobs.job(connection, job_id).state


def test_jobs_are_claimed_in_order_and_once(database: Database) -> None:
    first, second = queued(database, "ada"), queued(database, "bob")
    claims = [claimed(database) for _ in range(3)]
    assert [claim and claim.job.job_id for claim in claims] == [first, second, None]


def test_many_claim_at_once_and_none_gets_the_same(database: Database) -> None:
    wanted = {queued(database, f"runner{number}") for number in range(8)}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: claimed(database), range(12)))
    got = [claim.job.job_id for claim in found if claim]
    assert len(got) == len(set(got)) == 8
    assert set(got) == wanted


def test_the_same_wish_is_the_same_job_and_another_has_to_wait(database: Database) -> None:
    job_id = queued(database)
    with database.writing() as connection:
        assert jobs.add_job(connection, "ada", WISH, "ada") == job_id
        with pytest.raises(ConflictError, match=job_id):
            jobs.add_job(connection, "ada", {**WISH, "schema_id": "marathon-21"}, "ada")
        with pytest.raises(UnknownError):
            jobs.add_job(connection, "nobody", WISH, "ada")


def test_many_wish_the_same_at_once_and_there_is_one_job(database: Database) -> None:
    store_runner(database)

    def wish(_: int) -> str:
        with database.writing() as connection:
            return jobs.add_job(connection, "ada", WISH, "eva")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(wish, range(12)))) == 1


def test_a_lease_that_ran_out_gives_the_job_to_another(database: Database) -> None:
    """Whoever lost it can neither tell progress nor end it."""
    job_id = queued(database)
    lost, kept = claimed(database, OVER), claimed(database, worker="two")
    assert lost is not None
    assert kept is not None
    assert kept.job.job_id == job_id
    with database.writing() as connection:
        assert not jobs.renew(connection, lost, LONG)
        assert not jobs.tell_progress(connection, lost, 0.9, "lost")
        assert not jobs.succeed(connection, lost, "a-plan")
        assert not jobs.fail(connection, lost, "lost")
        assert not jobs.release(connection, lost)
        assert jobs.tell_progress(connection, kept, 0.5, "half")
    with database.reading() as connection:
        assert jobs.job(connection, job_id).progress == 0.5


def test_a_lease_that_is_renewed_is_nobody_elses(database: Database) -> None:
    queued(database)
    held = claimed(database, OVER)
    assert held is not None
    with database.writing() as connection:
        assert jobs.renew(connection, held, LONG)
    assert claimed(database) is None


def test_a_job_that_services_die_of_fails(database: Database) -> None:
    job_id = queued(database)
    for _ in range(ATTEMPTS):
        assert claimed(database, OVER)
    assert claimed(database) is None
    with database.reading() as connection:
        job = jobs.job(connection, job_id)
    assert job.state is JobState.FAILED
    assert "stopped 3 times" in (job.reason or "")


def test_a_job_given_back_is_begun_anew_and_does_not_count(database: Database) -> None:
    job_id = queued(database)
    for _ in range(2 * ATTEMPTS):
        held = claimed(database)
        assert held is not None
        with database.writing() as connection:
            assert jobs.release(connection, held)
    assert state(database, job_id) is JobState.QUEUED


def test_ended_jobs_stay_as_they_are(database: Database) -> None:
    job_id = queued(database)
    held = claimed(database)
    assert held is not None
    with database.writing() as connection:
        jobs.cancel(connection, job_id, "ada")
    with database.writing() as connection:
        assert not jobs.succeed(connection, held, "a-plan")
    with pytest.raises(ConflictError, match="cancelled"), database.writing() as connection:
        jobs.cancel(connection, job_id, "ada")
    assert state(database, job_id) is JobState.CANCELLED
    assert claimed(database, OVER) is None


def test_jobs_are_listed_latest_first(database: Database) -> None:
    first, second = queued(database, "ada"), queued(database, "bob")
    with database.reading() as connection:
        everybodys = jobs.jobs_of(connection, None, 10)
        adas = jobs.jobs_of(connection, {"ada"}, 10)
        nobodys = jobs.jobs_of(connection, set(), 10)
    assert [job.job_id for job in everybodys] == [second, first]
    assert [job.job_id for job in adas] == [first]
    assert nobodys == []


def test_whatever_is_told_of_a_job_counts_as_a_change(database: Database) -> None:
    """Answers that are kept are made anew when the count grows."""
    counts = ChangeCounts(database)

    def seen() -> tuple[int, int, int]:
        return counts.of_jobs({"ada"}), counts.of_jobs({"bob"}), counts.of_jobs(None)

    assert seen() == (0, 0, 0)
    queued(database)
    told = [seen()]
    held = claimed(database)
    assert held is not None
    told.append(seen())
    for change in (
        lambda connection: jobs.tell_progress(connection, held, 0.5, "half"),
        lambda connection: jobs.release(connection, held),
        lambda connection: jobs.claim(connection, "two", LONG),
        lambda connection: jobs.cancel(connection, held.job.job_id, "eva"),
    ):
        with database.writing() as connection:
            change(connection)
        told.append(seen())
    assert [of_ada for of_ada, _, _ in told] == sorted({of_ada for of_ada, _, _ in told})
    assert {of_bob for _, of_bob, _ in told} == {0}
    assert all(of_ada == of_all for of_ada, _, of_all in told)
    queued(database, "bob")
    assert counts.of_jobs({"ada", "bob"}) == seen()[2] > told[-1][0]
