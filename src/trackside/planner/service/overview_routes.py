"""What the page shows of an athlete, in one answer."""

from datetime import date

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from trackside.planner.service.access import CurrentUser, check_runner
from trackside.planner.service.answers import Answers, json_answer
from trackside.planner.service.overview import Overview, overview
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Day, Name

router = APIRouter(tags=["overview"])


_OVERVIEW = TypeAdapter(Overview)


@router.get(
    "/runners/{runner_id}/overview",
    response_model=Overview,
    responses=problems(401, 403, 404, 422),
)
async def get_overview(
    request: Request, runner_id: Name, user: CurrentUser, day: Day | None = None
) -> Response:
    """Today, the week, the season, the last sessions and open proposals; ``day``: as if then."""
    check_runner(user, runner_id)
    on = day or date.today()

    def make(connection: Connection) -> Response:
        seen = overview(connection, request.app.state.plans, runner_id, on)
        return json_answer(_OVERVIEW, seen)

    answers: Answers = request.app.state.answers
    return await answers.of_runner(runner_id, f"overview {on}", make)
