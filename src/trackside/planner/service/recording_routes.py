"""Summaries of recorded sessions."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints, TypeAdapter
from sqlalchemy import Connection

from trackside.planner.recording_summary import Measured, RecordingSummary
from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.answers import Answers, json_answer
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body, Limit, Moment, Name, Number, Text
from trackside.planner.store.recordings import recordings_of, save_recording

router = APIRouter(tags=["recordings"])
_SUMMARIES = TypeAdapter(list[RecordingSummary])

FeatureName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,63}$")]


class MeasuredValue(Body):
    """A value and its standard deviation, where it is known."""

    value: Annotated[Number, Field(ge=-1e12, le=1e12)]
    sd: Annotated[Number, Field(ge=0, le=1e12)] | None = None


class Summary(Body):
    """A session: when it started, how long it took and how far it went, and what was measured."""

    started_at: Moment
    duration_s: Annotated[Number, Field(ge=0, le=1e6)]
    distance_m: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    features: Annotated[
        dict[FeatureName, MeasuredValue],
        Field(max_length=100, json_schema_extra={"additionalProperties": False}),
    ] = Field(default_factory=dict)
    remarks: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)


@router.put(
    "/runners/{runner_id}/recordings/{recording_id}",
    status_code=204,
    responses=problems(400, 401, 403, 404, 409, 413, 422),
)
def put_recording(
    runner_id: Name, recording_id: Name, summary: Summary, user: CurrentUser, store: Store
) -> Response:
    """Store a session's summary, in place of an earlier one of the same recording."""
    check_runner(user, runner_id)
    kept = RecordingSummary(
        recording_id,
        runner_id,
        summary.started_at,
        summary.duration_s,
        summary.distance_m,
        {name: Measured(one.value, one.sd) for name, one in summary.features.items()},
        tuple(summary.remarks),
    )
    with store.writing() as connection:
        save_recording(connection, kept)
    return Response(status_code=204)


@router.get(
    "/runners/{runner_id}/recordings",
    response_model=list[RecordingSummary],
    responses=problems(401, 403, 404, 422),
)
async def list_recordings(
    request: Request, runner_id: Name, user: CurrentUser, limit: Limit = 20
) -> Response:
    """The latest sessions of a runner, latest first."""
    check_runner(user, runner_id)

    def make(connection: Connection) -> Response:
        return json_answer(_SUMMARIES, recordings_of(connection, runner_id, limit))

    answers: Answers = request.app.state.answers
    return await answers.of_runner(runner_id, f"recordings {limit}", make)
