"""Training plans, with SmartRunning's paths, and the schemas they are made of."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Request, Response

from trackside.planner.plan_file import PlanFile
from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body as Held
from trackside.planner.service.values import Day, Name, PlanId
from trackside.planner.store.accounts import Role
from trackside.planner.store.jobs import add_job
from trackside.planner.store.plans import PlanEntry, plan_entry, plan_text, plans_of
from trackside.planner.store.training_schemas import add_schema, schema, schemas
from trackside.planner.training_schema import TrainingSchema

router = APIRouter(tags=["training plans"])


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


@router.get("/runners/{runner_id}/training-plans", responses=problems(401, 403, 422))
def list_plans(runner_id: Name, user: CurrentUser, store: Store) -> list[PlanEntry]:
    """The plans of a runner, that of the latest race first."""
    check_runner(user, runner_id)
    with store.reading() as connection:
        return plans_of(connection, runner_id)


@router.get(
    "/training-plans/{plan_id}",
    response_model=PlanFile,
    responses=problems(401, 403, 404, 422),
)
def get_plan(plan_id: PlanId, user: CurrentUser, store: Store) -> Response:
    """A plan in the form of a plan file, with a document for each day."""
    with store.reading() as connection:
        entry = plan_entry(connection, plan_id)
        if entry is None or not user.may_see(entry.runner_id):
            raise HTTPException(404, f"no plan {plan_id}")
        return Response(plan_text(connection, plan_id), media_type="application/json")


@router.get("/training-schemas", responses=problems(401, 403))
def list_schemas(_: CurrentUser, store: Store) -> list[TrainingSchema]:
    """The training schemas there are."""
    with store.reading() as connection:
        return schemas(connection)


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
