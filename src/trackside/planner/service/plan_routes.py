"""Training plans, with SmartRunning's paths, and the schemas they are made of."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from trackside.planner.plan_file import PlanFile
from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.answers import Answers, json_answer, read
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body as Held
from trackside.planner.service.values import Day, Name, PlanId
from trackside.planner.store.accounts import Role
from trackside.planner.store.jobs import add_job
from trackside.planner.store.plans import PlanEntry, plan_text, plans_of
from trackside.planner.store.training_schemas import add_schema, schema, schemas
from trackside.planner.training_schema import TrainingSchema

router = APIRouter(tags=["training plans"])
_ENTRIES = TypeAdapter(list[PlanEntry])
_SCHEMAS = TypeAdapter(list[TrainingSchema])


class GenerationWish(Held):
    """Which schema the plan follows, and the day of the race."""

    schema_id: Name
    marathon_date: Day


@dataclass(frozen=True, slots=True)
class JobBegun:
    """Where to look for what becomes of a wish."""

    job_id: str


@router.post(
    "/runners/{runner_id}/training-plans/generate",
    status_code=202,
    responses=problems(400, 401, 403, 404, 409, 413, 422),
)
def generate_plan(
    request: Request, runner_id: Name, wish: GenerationWish, user: CurrentUser, store: Store
) -> JobBegun:
    """Begin to make a plan for a race; the same wish while it is being made is the same job."""
    check_runner(user, runner_id)
    if wish.marathon_date <= date.today():
        raise HTTPException(409, f"{wish.marathon_date} is not ahead: expected a day to come")
    parameters = {"schema_id": wish.schema_id, "marathon_date": wish.marathon_date.isoformat()}
    with store.writing() as connection:
        schema(connection, wish.schema_id)
        job_id = add_job(connection, runner_id, parameters, user.user_id)
    request.app.state.queue.announce(job_id)
    return JobBegun(job_id)


@router.get(
    "/runners/{runner_id}/training-plans",
    response_model=list[PlanEntry],
    responses=problems(401, 403, 404, 422),
)
async def list_plans(request: Request, runner_id: Name, user: CurrentUser) -> Response:
    """The plans of a runner, that of the latest race first."""
    check_runner(user, runner_id)

    def make(connection: Connection) -> Response:
        return json_answer(_ENTRIES, plans_of(connection, runner_id))

    answers: Answers = request.app.state.answers
    return await answers.of_runner(runner_id, "plans", make)


@router.get(
    "/training-plans/{plan_id}",
    response_model=PlanFile,
    responses=problems(401, 403, 404, 422),
)
async def get_plan(request: Request, plan_id: PlanId, user: CurrentUser) -> Response:
    """A plan in the form of a plan file, with a document for each day."""
    # a plan is named after its runner and its day, such as 2030-04-28
    runner_id = plan_id[: -len("-2030-04-28")]
    if not user.may_see(runner_id):
        raise HTTPException(404, f"no plan {plan_id}")

    def make(connection: Connection) -> Response:
        return Response(plan_text(connection, plan_id), media_type="application/json")

    answers: Answers = request.app.state.answers
    return await answers.of_runner(runner_id, plan_id, make)


@router.get("/training-schemas", response_model=list[TrainingSchema], responses=problems(401, 403))
async def list_schemas(_: CurrentUser, store: Store) -> Response:
    """The training schemas there are."""
    return json_answer(_SCHEMAS, await read(store, schemas))


@router.post(
    "/training-schemas",
    status_code=204,
    responses=problems(400, 401, 403, 409, 413, 422),
)
def post_schema(
    new: Annotated[TrainingSchema, Body()], user: CurrentUser, store: Store
) -> Response:
    """Add a coach's own schema, under an id that nobody used."""
    if user.role is not Role.COACH:
        raise HTTPException(403, "a coach may add training schemas")
    with store.writing() as connection:
        add_schema(connection, new)
    return Response(status_code=204)
