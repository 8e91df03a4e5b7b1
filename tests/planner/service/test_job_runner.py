"""Whatever happens to a job's process, the job ends in a true state and the next one is done."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue

from faulty_work import as_named
from stored_plans import RACE_DAY, TODAY, store_plan, store_runner

from trackside.planner.service.job_runner import JobRunner, JobSettings
from trackside.planner.service.queues import queue_of
from trackside.planner.store import jobs
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import Job, JobState
from trackside.planner.store.plans import find_plan, plans_of

WISH = {"schema_id": "shorter-12", "marathon_date": RACE_DAY.isoformat()}
PATIENCE = 60.0


@contextmanager
def working(database: Database, limit: float = 60.0) -> Iterator[SimpleQueue[str]]:
    """A queue at work; yields where the ids of jobs that have ended arrive."""
    ended: SimpleQueue[str] = SimpleQueue()
    settings = JobSettings(2, timedelta(seconds=limit), timedelta(seconds=30))
    queue = queue_of(database, JobRunner(database, settings, as_named, ended.put))
    queue.start()
    try:
        yield ended
    finally:
        queue.stop()


def wished(database: Database, runner_id: str, schema_id: str = "shorter-12") -> str:
    """A new job."""
    store_runner(database, runner_id)
    with database.writing() as connection:
        return jobs.add_job(connection, runner_id, {**WISH, "schema_id": schema_id}, "eva")


def done(database: Database, job_id: str) -> Job:
    with database.reading() as connection:
        return jobs.job(connection, job_id)


def test_every_job_ends_in_a_true_state(database: Database) -> None:
    """Killed, crashed, gone, refused, faulty: each fails with its reason; others are done."""
    expected = {
        "ada-before": None,
        "killed": "SIGKILL, perhaps for lack of memory",
        "crash": "SIGSEGV",
        "leave": "exit code 0",
        "refuse": "no day to train: expected at least one",
        "stumble": "a fault in the planner (ZeroDivisionError): see the log",
        "babble": "expected a plan of Trackside",
        "ada-after": None,
    }
    ids = {name: wished(database, name) for name in expected}
    unknown = wished(database, "ada-unknown", "no-such-schema")
    with working(database) as ended:
        assert {ended.get(timeout=PATIENCE) for _ in range(9)} == {*ids.values(), unknown}
    for name, reason in expected.items():
        job = done(database, ids[name])
        with database.reading() as connection:
            plans = plans_of(connection, name)
        if reason is None:
            assert (job.state, job.progress) == (JobState.SUCCEEDED, 1.0)
            assert [one.plan_id for one in plans] == [job.result]
        else:
            assert job.state is JobState.FAILED
            assert reason in (job.reason or ""), name
            assert "secret" not in (job.reason or "")
            assert not plans
    assert done(database, unknown).reason == "no training schema no-such-schema"


def test_a_job_that_hangs_is_ended_in_time(database: Database) -> None:
    job_id = wished(database, "hang")
    with working(database, limit=2.0) as ended:
        assert ended.get(timeout=PATIENCE) == job_id
    job = done(database, job_id)
    assert job.state is JobState.FAILED
    assert "no plan after 2 s" in (job.reason or "")


def test_a_new_plan_for_the_same_race_goes_on_from_the_old_one(database: Database) -> None:
    record = store_plan(database, "ada")
    job_id = wished(database, "ada")
    with working(database) as ended:
        ended.get(timeout=PATIENCE)
    assert done(database, job_id).reason is None
    with database.reading() as connection:
        found = find_plan(connection, record.plan.plan_id)
    assert found is not None
    assert found.plan.revision == 1
    past = [day for day in found.plan.days if day.date < TODAY]
    assert past == [day for day in record.plan.days if day.date < TODAY]
    assert found.plan.days[-1].date == RACE_DAY


def test_a_cancelled_job_stops_and_leaves_room(database: Database) -> None:
    """Its process ends, nothing of it is stored, and the next job gets its place."""
    ended: SimpleQueue[str] = SimpleQueue()
    settings = JobSettings(1, timedelta(seconds=60), timedelta(seconds=30))
    queue = queue_of(database, JobRunner(database, settings, as_named, ended.put))
    hanging, waiting = wished(database, "hang"), wished(database, "ada")
    queue.start()
    try:
        began = (
            job for _ in iter(int, 1) if (job := done(database, hanging)).state is JobState.RUNNING
        )
        next(began)
        with database.writing() as connection:
            jobs.cancel(connection, hanging, "eva")
        queue.look()
        assert [ended.get(timeout=PATIENCE) for _ in range(2)] == [hanging, waiting]
    finally:
        queue.stop()
    assert done(database, hanging).state is JobState.CANCELLED
    assert done(database, hanging).reason == "cancelled by eva"
    assert done(database, waiting).state is JobState.SUCCEEDED


def test_a_service_that_stops_gives_its_jobs_back(database: Database) -> None:
    """They are begun anew by the next one, at once."""
    job_id = wished(database, "hang")
    settings = JobSettings(1, timedelta(seconds=60), timedelta(seconds=30))
    queue = queue_of(database, JobRunner(database, settings, as_named))
    queue.start()
    while done(database, job_id).state is not JobState.RUNNING:
        pass
    queue.stop()
    job = done(database, job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_a_queue_that_never_began_leaves_nothing_open(database: Database) -> None:
    """Nothing is told by the interpreter when it goes, which would be an error here."""
    for _ in range(2):  # procrastinate holds on to the newest
        queue_of(database, JobRunner(database, JobSettings(), as_named))
    gc.collect()


def test_two_services_share_the_work_and_nothing_is_done_twice(database: Database) -> None:
    """Each job ends once; a new one is announced while both wait."""
    ended: SimpleQueue[str] = SimpleQueue()
    settings = JobSettings(1, timedelta(seconds=60), timedelta(seconds=30))
    queues = [
        queue_of(database, JobRunner(database, settings, as_named, ended.put)) for _ in range(2)
    ]
    for queue in queues:
        queue.start()
    try:
        wanted = set()
        for number in range(4):
            job_id = wished(database, f"ada-{number}")
            queues[0].announce(job_id)
            wanted.add(job_id)
        assert {ended.get(timeout=PATIENCE) for _ in range(4)} == wanted
    finally:
        for queue in queues:
            queue.stop()
    assert ended.empty()
    assert {done(database, job_id).attempts for job_id in wanted} == {1}
