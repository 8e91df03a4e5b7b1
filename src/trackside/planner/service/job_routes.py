"""Jobs: how far they are, how they ended."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from trackside.planner.service.access import CurrentUser, Store, of_theirs
from trackside.planner.service.answers import Answers, json_answer, read
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Limit, RandomId
from trackside.planner.store import jobs
from trackside.planner.store.accounts import User
from trackside.planner.store.jobs import Job

router = APIRouter(tags=["jobs"])
_JOB, _JOBS = TypeAdapter(Job), TypeAdapter(list[Job])


@router.get("/jobs", response_model=list[Job], responses=problems(401, 403, 422))
async def list_jobs(request: Request, user: CurrentUser, limit: Limit = 20) -> Response:
    """The latest jobs, latest first."""

    def make(connection: Connection) -> Response:
        return json_answer(_JOBS, jobs.jobs_of(connection, user.runners, limit))

    answers: Answers = request.app.state.answers
    return await answers.of_jobs(user.runners, f"jobs {limit}", make)


@router.get("/jobs/{job_id}", response_model=Job, responses=problems(401, 403, 404, 422))
async def get_job(job_id: RandomId, user: CurrentUser, store: Store) -> Response:
    """How far a job is, or how it ended."""
    return json_answer(_JOB, await read(store, lambda connection: _seen(connection, job_id, user)))


@router.post("/jobs/{job_id}/cancel", responses=problems(401, 403, 404, 409, 422))
def cancel_job(request: Request, job_id: RandomId, user: CurrentUser, store: Store) -> Job:
    """End a job that is still to be done."""
    with store.writing() as connection:
        _seen(connection, job_id, user)
        jobs.cancel(connection, job_id, user.user_id)
        ended = jobs.job(connection, job_id)
    request.app.state.queue.look()
    return ended


def _seen(connection: Connection, job_id: str, user: User) -> Job:
    return of_theirs(user, f"job {job_id}", lambda: jobs.job(connection, job_id))
