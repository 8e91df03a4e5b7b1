"""Runners: their profiles, and who may see them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import Field

from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.answers import read
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body, Clock, Day, Name, Number, Text
from trackside.planner.store.accounts import Role, let_coach
from trackside.planner.store.runners import (
    runner_document,
    runner_exists,
    runner_ids,
    save_runner,
)

router = APIRouter(tags=["runners"])

Minutes = Annotated[Number, Field(ge=0, le=600)]


class Goal(Body):
    """The race that everything is planned for."""

    day: Day
    distance_km: Annotated[Number, Field(ge=1, le=200)]
    name: Text | None = None
    target_time: Clock | None = None


class Race(Body):
    """A race or time trial that was run."""

    day: Day
    distance_km: Annotated[Number, Field(ge=1, le=200)]
    time: Clock


class Available(Body):
    """Minutes to train; a day that is left out is a day off."""

    monday: Minutes = 0.0
    tuesday: Minutes = 0.0
    wednesday: Minutes = 0.0
    thursday: Minutes = 0.0
    friday: Minutes = 0.0
    saturday: Minutes = 0.0
    sunday: Minutes = 0.0


class InjuryEntry(Body):
    """What limits training, until when, and how much of the usual is possible."""

    place: Text
    until: Day | None = None
    training_share: Annotated[Number, Field(ge=0, le=1)] = 0.5


class Profile(Body):
    """A profile with the keys of a profile file; what is left out is estimated."""

    goal: Goal
    age: Annotated[Number, Field(ge=10, le=100)] | None = None
    sex: Literal["male", "female"] | None = None
    height_cm: Annotated[Number, Field(ge=120, le=230)] | None = None
    weight_kg: Annotated[Number, Field(ge=30, le=200)] | None = None
    resting_heart_rate_bpm: Annotated[Number, Field(ge=25, le=110)] | None = None
    maximum_heart_rate_bpm: Annotated[Number, Field(ge=100, le=230)] | None = None
    races: Annotated[list[Race], Field(max_length=100)] = Field(default_factory=list)
    weekly_distances_km: Annotated[
        list[Annotated[Number, Field(ge=0, le=300)]], Field(max_length=100)
    ] = Field(default_factory=list)
    available_minutes: Available | None = None
    injuries: Annotated[list[InjuryEntry], Field(max_length=20)] = Field(default_factory=list)
    experience: Literal["beginner", "recreational", "competitive"] | None = None


class RunnerList(Body):
    """Who asks, and whose data they may see."""

    user_id: str
    role: Role
    runners: list[str]


@router.get("/runners", response_model=RunnerList, responses=problems(401, 403))
async def list_runners(user: CurrentUser, store: Store) -> Response:
    """The runners that the user may see."""
    seen = await read(store, runner_ids) if user.runners is None else sorted(user.runners)
    found = RunnerList(user_id=user.user_id, role=user.role, runners=seen)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/runners/{runner_id}", responses=problems(401, 403, 404, 422))
def get_runner(runner_id: Name, user: CurrentUser, store: Store) -> dict[str, Any]:
    """A runner's profile, with the keys of a profile file."""
    check_runner(user, runner_id)
    with store.reading() as connection:
        return runner_document(connection, runner_id)


@router.put(
    "/runners/{runner_id}",
    status_code=204,
    responses=problems(400, 401, 403, 409, 413, 422),
)
def put_runner(
    request: Request, runner_id: Name, profile: Profile, user: CurrentUser, store: Store
) -> Response:
    """Store a profile. A coach who adds a runner may see that runner from then on."""
    document = profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    with store.writing() as connection:
        if not user.may_see(runner_id) and (
            user.role is not Role.COACH or runner_exists(connection, runner_id)
        ):
            raise HTTPException(403, f"{runner_id} is not yours to change")
        if (
            save_runner(connection, {"runner_id": runner_id, **document})
            and user.runners is not None
        ):
            let_coach(connection, user.user_id, runner_id)
    request.app.state.access.forget()
    return Response(status_code=204)
