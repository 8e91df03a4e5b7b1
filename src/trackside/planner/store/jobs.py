"""Collection ``background_jobs``: a queue whose every entry ends in a true state.

Who runs a job holds a lease on it and renews it; a lease that ran out is a service that died, and
another takes the job over. Whatever a job's runner stores, it stores only while it still holds the
job: :class:`Claim` says which attempt it is.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from trackside.errors import ConflictError, UnknownError
from trackside.planner.store.tables import background_jobs as jobs
from trackside.planner.store.tables import runner

ATTEMPTS = 3
"""How often a job is begun; more often, services die of it."""
GENERATE = "generate"


class JobState(StrEnum):
    """Queued and running jobs are still to end; the others have ended."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether it stays so."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``progress`` from 0 to 1, ``message`` what is being done; ``reason``: why it failed.

    ``result``: the id of the plan that it made. ``attempts``: how often it was begun.
    """

    job_id: str
    runner_id: str
    kind: str
    parameters: Mapping[str, Any]
    state: JobState
    progress: float
    message: str
    reason: str | None
    result: str | None
    attempts: int
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job, until somebody else has it: the job as it was claimed."""

    job: Job

    @property
    def held(self) -> ColumnElement[bool]:
        """The condition that the job is still this attempt's."""
        return and_(
            jobs.c.job_id == self.job.job_id,
            jobs.c.attempts == self.job.attempts,
            jobs.c.state == JobState.RUNNING,
        )


def add_job(
    connection: Connection, runner_id: str, parameters: Mapping[str, Any], requested_by: str
) -> str:
    """Queue the generation of a plan and return the job's id.

    The same wish while the job is still to be done is the same job. Raises :class:`ConflictError`
    if another one of that runner is, and :class:`UnknownError` without the runner.
    """
    # of two wishes at once, one waits for the other
    locked = select(runner.c.runner_id).where(runner.c.runner_id == runner_id).with_for_update()
    if connection.scalar(locked) is None:
        raise UnknownError(f"no runner {runner_id}")
    wanted = json.dumps(parameters, sort_keys=True)
    active = connection.execute(
        select(jobs.c.job_id, jobs.c.parameters).where(
            jobs.c.runner_id == runner_id, jobs.c.state.in_(ACTIVE)
        )
    ).first()
    if active is not None:
        if active.parameters == wanted:
            same: str = active.job_id
            return same
        raise ConflictError(f"job {active.job_id} makes a plan for {runner_id}: cancel it first")
    job_id = uuid4().hex
    connection.execute(
        insert(jobs).values(
            job_id=job_id,
            runner_id=runner_id,
            kind=GENERATE,
            parameters=wanted,
            state=JobState.QUEUED.value,
            progress=0.0,
            message="",
            requested_by=requested_by,
            attempts=0,
            changes=0,
            created_at=datetime.now(UTC),
        )
    )
    return job_id


def job(connection: Connection, job_id: str) -> Job:
    """The job with an id. Raises :class:`UnknownError`."""
    found = connection.execute(_JOBS.where(jobs.c.job_id == job_id)).one_or_none()
    if found is None:
        raise UnknownError(f"no job {job_id}")
    return _job(found)


def jobs_of(connection: Connection, runner_ids: Collection[str] | None, limit: int) -> list[Job]:
    """The latest jobs of some runners, or of all, latest first."""
    query = _JOBS.order_by(jobs.c.created_at.desc(), jobs.c.job_id).limit(limit)
    if runner_ids is not None:
        query = query.where(jobs.c.runner_id.in_(runner_ids))
    return list(map(_job, connection.execute(query)))


def job_changes(connection: Connection, runner_ids: Collection[str] | None) -> int:
    """How often something that is told of jobs of some runners, or of all, has changed."""
    count = select(func.coalesce(func.sum(jobs.c.changes + 1), 0))
    if runner_ids is not None:
        count = count.where(jobs.c.runner_id.in_(runner_ids))
    return connection.scalar(count) or 0


def claim(
    connection: Connection, worker: str, lease: timedelta, job_id: str | None = None
) -> Claim | None:
    """Take the oldest job that nobody runs, or the one with ``job_id``; None if there is none.

    A job that was begun :data:`ATTEMPTS` times and never ended is failed.
    """
    now = datetime.now(UTC)
    while True:
        query = _JOBS.where(_claimable(now)).order_by(jobs.c.created_at, jobs.c.job_id).limit(1)
        if job_id is not None:
            query = query.where(jobs.c.job_id == job_id)
        row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        if row.attempts < ATTEMPTS:
            break
        reason = f"the service stopped {ATTEMPTS} times while it ran"
        _end(connection, jobs.c.job_id == row.job_id, JobState.FAILED, reason=reason)
    taken = {
        "state": JobState.RUNNING.value,
        "attempts": row.attempts + 1,
        "progress": 0.0,
        "message": "",
        "worker": worker,
        "lease_until": now + lease,
    }
    _change(connection, jobs.c.job_id == row.job_id, taken)
    return Claim(job(connection, row.job_id))


def claimable(connection: Connection) -> list[str]:
    """The ids of jobs that nobody runs."""
    return list(connection.scalars(select(jobs.c.job_id).where(_claimable(datetime.now(UTC)))))


def renew(connection: Connection, held: Claim, lease: timedelta) -> bool:
    """Keep a job for another while; False if it is not this claim's any more."""
    values = {"lease_until": datetime.now(UTC) + lease}
    return bool(connection.execute(update(jobs).where(held.held).values(values)).rowcount)


def tell_progress(connection: Connection, held: Claim, progress: float, message: str) -> bool:
    """Store how far a job is; False if it is not this claim's any more."""
    return _change(connection, held.held, {"progress": progress, "message": message})


def succeed(connection: Connection, held: Claim, result: str) -> bool:
    """End a job with its result; False if it is not this claim's any more."""
    return _end(connection, held.held, JobState.SUCCEEDED, result=result, progress=1.0)


def fail(connection: Connection, held: Claim, reason: str) -> bool:
    """End a job with the reason why there is no result; False if it is not this claim's."""
    return _end(connection, held.held, JobState.FAILED, reason=reason)


def release(connection: Connection, held: Claim) -> bool:
    """Give a job back, to be begun anew; False if it is not this claim's any more."""
    values = {"state": JobState.QUEUED.value, "attempts": held.job.attempts - 1}
    return _change(connection, held.held, values)


def cancel(connection: Connection, job_id: str, by: str) -> None:
    """End a job that is still to be done; who runs it finds out and stops.

    Raises :class:`UnknownError`, and :class:`ConflictError` if it has ended.
    """
    active = and_(jobs.c.job_id == job_id, jobs.c.state.in_(ACTIVE))
    if not _end(connection, active, JobState.CANCELLED, reason=f"cancelled by {by}"):
        raise ConflictError(f"job {job_id} has {job(connection, job_id).state}: nothing to cancel")


def _end(connection: Connection, which: ColumnElement[bool], state: JobState, **more: Any) -> bool:
    values = {
        "state": state.value,
        "message": "",
        "lease_until": None,
        "finished_at": datetime.now(UTC),
        **more,
    }
    return _change(connection, which, values)


def _change(connection: Connection, which: ColumnElement[bool], values: Mapping[str, Any]) -> bool:
    """Change what is told of jobs, and count it; whether there was one."""
    counted = update(jobs).where(which).values(changes=jobs.c.changes + 1, **values)
    return bool(connection.execute(counted).rowcount)


def _claimable(now: datetime) -> ColumnElement[bool]:
    return or_(
        jobs.c.state == JobState.QUEUED,
        and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < now),
    )


_JOBS = select(
    jobs.c.job_id,
    jobs.c.runner_id,
    jobs.c.kind,
    jobs.c.parameters,
    jobs.c.state,
    jobs.c.progress,
    jobs.c.message,
    jobs.c.reason,
    jobs.c.result,
    jobs.c.attempts,
    jobs.c.created_at,
    jobs.c.finished_at,
)


def _job(row: Any) -> Job:
    values = row._asdict()
    values["parameters"] = json.loads(row.parameters)
    values["state"] = JobState(row.state)
    return Job(**values)
