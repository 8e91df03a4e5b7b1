"""The service put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import FastAPI

import trackside
from trackside.planner.adjustment import Propose
from trackside.planner.service import (
    adjustment_routes,
    cue_routes,
    job_routes,
    overview_routes,
    page_routes,
    plan_routes,
    recording_routes,
    runner_routes,
    session_routes,
)
from trackside.planner.service.access import Access
from trackside.planner.service.answers import Answers
from trackside.planner.service.careful_headers import CarefulHeaders
from trackside.planner.service.overview import PlanCache
from trackside.planner.service.problems import install_problems
from trackside.planner.store.database import Database

ABOUT = """Training plans for runners: made, shown, adjusted.

Every request but those to `/`, `/page/…`, `/sessions` and this document shows a token, as
`Authorization: Bearer …`. An athlete sees their own data, a coach those of their athletes; ids of
others answer like ids that nobody has. Errors answer with one sentence, `detail`."""

LARGEST_BODY = 1 << 20
"""Bytes."""


class Queue(Protocol):
    """Does jobs, somewhere."""

    def start(self) -> None:
        """Begin to take jobs."""

    def announce(self, job_id: str) -> None:
        """Say that there is a new job."""

    def look(self) -> None:
        """Look whether running jobs were cancelled."""

    def stop(self) -> None:
        """Take no more jobs, and give back those that run."""


def create_app(
    database: Database, queue: Queue, access: Access, propose: Propose | None = None
) -> FastAPI:
    """The service on a store, whose plans a queue makes.

    ``propose``: derives changes of plans; without it the service says that it cannot.
    """

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        queue.start()
        yield
        queue.stop()

    app = FastAPI(
        title="Trackside",
        description=ABOUT,
        version=trackside.__version__,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=alive,
        max_body_size=LARGEST_BODY,
    )
    app.state.database = database
    app.state.queue = queue
    app.state.access = access
    app.state.propose = propose
    app.state.plans = PlanCache()
    app.state.answers = Answers(database)
    app.state.listeners = cue_routes.Listeners()
    for routes in (  # they are tried in this order
        overview_routes,
        plan_routes,
        job_routes,
        runner_routes,
        recording_routes,
        adjustment_routes,
        cue_routes,
        session_routes,
        page_routes,
    ):
        # include_router would look for every request's route twice
        app.router.routes.extend(routes.router.routes)
    install_problems(app)
    app.add_middleware(CarefulHeaders)
    return app
