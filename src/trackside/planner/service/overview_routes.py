"""What the page shows of an athlete, in one answer."""

from datetime import date

from fastapi import APIRouter, Request

from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.overview import Overview, overview
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Day, Name
from trackside.planner.store.runners import runner_document

router = APIRouter(tags=["overview"])


@router.get("/runners/{runner_id}/overview", responses=problems(401, 403, 404, 422))
def get_overview(
    request: Request, runner_id: Name, user: CurrentUser, store: Store, day: Day | None = None
) -> Overview:
    """Today, the week, the season, the last sessions and open proposals; ``day``: as if then."""
    check_runner(user, runner_id)
    with store.reading() as connection:
        runner_document(connection, runner_id)
        return overview(connection, request.app.state.plans, runner_id, day or date.today())
