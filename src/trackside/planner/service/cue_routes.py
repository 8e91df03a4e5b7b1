"""Live cues: told while the athlete runs, heard by every page that is open."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Request
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from trackside.planner.service.access import CurrentUser, Store, check_runner
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body, Moment, Name, Text
from trackside.planner.store.cues import Cue, add_cue, cues_after, last_cue
from trackside.planner.store.database import Database
from trackside.planner.store.runners import runner_document

router = APIRouter(tags=["cues"])

LOOK = 0.5
"""s after which a page looks for cues that another service stored."""
ALIVE_EVERY = 30
"""Looks after which a silent stream says that it is alive."""
LOOKS = 1800
"""Looks after which a stream ends, and the browser asks for another with its token."""
STREAMS = 200
"""Open at once, at most."""
_CUE = TypeAdapter(Cue)


class Listeners:
    """Who waits for cues of which runner, within this service."""

    def __init__(self) -> None:
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.count = 0
        self.ended = False

    def end(self) -> None:
        """Let everybody go, as the service stops."""
        self.ended = True
        for events in self._events.values():
            for event in events:
                event.set()

    def tell(self, runner_id: str) -> None:
        """Wake those who wait for cues of a runner."""
        for event in self._events.get(runner_id, ()):
            event.set()

    def join(self, runner_id: str) -> asyncio.Event:
        """An event that is set when there are cues."""
        event = asyncio.Event()
        self._events[runner_id].add(event)
        self.count += 1
        return event

    def leave(self, runner_id: str, event: asyncio.Event) -> None:
        """Wait no more."""
        self._events[runner_id].discard(event)
        if not self._events[runner_id]:
            del self._events[runner_id]
        self.count -= 1


class NewCue(Body):
    """What the athlete is told, and why."""

    at: Moment
    text: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class CueNumber:
    """Where the cue stands among all."""

    cue_id: int


@dataclass(frozen=True, slots=True)
class NumberedCue:
    """A cue that was told."""

    cue_id: int
    at: datetime
    text: str
    reason: str


@router.post(
    "/runners/{runner_id}/cues",
    status_code=201,
    responses=problems(400, 401, 403, 404, 413, 422),
)
async def post_cue(
    request: Request, runner_id: Name, cue: NewCue, user: CurrentUser, store: Store
) -> CueNumber:
    """Tell a cue to all who listen."""
    check_runner(user, runner_id)

    def keep() -> int:
        with store.writing() as connection:
            runner_document(connection, runner_id)
            return add_cue(connection, runner_id, Cue(cue.at, cue.text, cue.reason))

    number = await run_in_threadpool(keep)
    request.app.state.listeners.tell(runner_id)
    return CueNumber(number)


@router.get("/runners/{runner_id}/cues", responses=problems(401, 403, 422))
def list_cues(
    runner_id: Name,
    user: CurrentUser,
    store: Store,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> list[NumberedCue]:
    """The last cues of a runner, after one that is known."""
    check_runner(user, runner_id)
    with store.reading() as connection:
        found = cues_after(connection, runner_id, after)
    cues = [(number, _CUE.validate_json(text)) for number, text in found]
    return [NumberedCue(number, cue.at, cue.text, cue.reason) for number, cue in cues]


@router.get("/runners/{runner_id}/cues/stream", include_in_schema=False)
async def stream_cues(
    request: Request,
    runner_id: Name,
    user: CurrentUser,
    store: Store,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Cues as server-sent events from now on, or after the one that was heard last."""
    check_runner(user, runner_id)
    listeners: Listeners = request.app.state.listeners
    if listeners.count >= STREAMS:
        raise HTTPException(503, "too many listen already: try again later")
    known = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
    return StreamingResponse(
        _events(store, listeners, runner_id, known), media_type="text/event-stream"
    )


async def _events(
    store: Database, listeners: Listeners, runner_id: str, known: int | None
) -> AsyncIterator[str]:
    def look(after: int) -> list[tuple[int, str]]:
        with store.reading() as connection:
            return cues_after(connection, runner_id, after)

    def last() -> int:
        with store.reading() as connection:
            return last_cue(connection, runner_id)

    event = listeners.join(runner_id)
    try:
        number = await run_in_threadpool(last) if known is None else known
        yield "retry: 2000\n\n"
        for looked in range(LOOKS):
            if listeners.ended:
                return
            event.clear()
            found = await run_in_threadpool(look, number)
            for number, text in found:
                yield f"id: {number}\nevent: cue\ndata: {text}\n\n"
            if not found and looked % ALIVE_EVERY == ALIVE_EVERY - 1:
                yield ": alive\n\n"
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), LOOK)
    finally:
        listeners.leave(runner_id, event)
