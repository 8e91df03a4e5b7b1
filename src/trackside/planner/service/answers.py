"""Answers, kept as they were sent until something changes that they tell of."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trackside.errors import UnknownError
from trackside.planner.store.change_counts import ChangeCounts
from trackside.planner.store.database import Database

T = TypeVar("T")
KEPT = 400


async def read(database: Database, ask: Callable[[Connection], T]) -> T:
    """What ``ask`` finds in the store.

    SQLite's readers wait for nobody and take less than a change of threads; PostgreSQL may be far.
    """

    def asked() -> T:
        with database.reading() as connection:
            return ask(connection)

    return await run_in_threadpool(asked) if database.is_postgresql else asked()


def json_answer(adapter: TypeAdapter[T], value: T) -> Response:
    """The answer that holds ``value`` as JSON."""
    return Response(adapter.dump_json(value), media_type="application/json")


class Answers:
    """The answers that were asked for last. The store says how often what they tell has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts = ChangeCounts(database)
        self._kept: OrderedDict[Hashable, tuple[int, Response]] = OrderedDict()

    async def of_runner(
        self, runner_id: str, name: str, make: Callable[[Connection], Response]
    ) -> Response:
        """The answer with a name, made anew if something of the runner has changed since.

        Raises :class:`UnknownError` without the runner.
        """
        changes = await self._count(lambda: self._counts.of_runner(runner_id))
        if changes is None:
            raise UnknownError(f"no runner {runner_id}")
        return await self._answer((runner_id, name), changes, make)

    async def of_jobs(
        self, runner_ids: frozenset[str] | None, name: str, make: Callable[[Connection], Response]
    ) -> Response:
        """The answer with a name, made anew if a job of these runners, or of any, has changed."""
        changes = await self._count(lambda: self._counts.of_jobs(runner_ids))
        return await self._answer((runner_ids, name), changes, make)

    async def _count(self, count: Callable[[], T]) -> T:
        return await run_in_threadpool(count) if self._database.is_postgresql else count()

    async def _answer(
        self, key: Hashable, changes: int, make: Callable[[Connection], Response]
    ) -> Response:
        known = self._kept.get(key)
        if known is not None and known[0] == changes:
            self._kept.move_to_end(key)
            return known[1]
        # what is read after the count is at least as new: at worst it is made once too often
        made = await read(self._database, make)
        self._kept[key] = changes, made
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made
