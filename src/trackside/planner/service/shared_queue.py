"""The queue of jobs where several services share a store on PostgreSQL.

Procrastinate tells one of them at once that there is a job. What a job's state is, and whose it is,
says the store alone: if a message is lost, or the service that took it dies, the job is announced
again once nobody holds it.
"""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.engine import make_url

from trackside.planner.service.job_runner import JobRunner
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import claimable

_LOG = logging.getLogger(__name__)
LOCK = 7_426_002
"""Number of PostgreSQL's advisory lock: of several services, one makes procrastinate's tables."""
TASK = "trackside.make_plan"
POLL = 5.0
"""s after which a service looks for messages by itself."""


class SharedQueue:
    """Takes jobs that procrastinate tells of, as many at once as there may be processes."""

    def __init__(self, runner: JobRunner, database: Database) -> None:
        self._runner = runner
        self._database = database
        address = make_url(database.url).set(drivername="postgresql")
        conninfo = address.render_as_string(hide_password=False)
        self._app = App(connector=PsycopgConnector(conninfo=conninfo))
        self._task = self._app.task(name=TASK, queue=TASK)(self._run)
        self._loop: asyncio.AbstractEventLoop
        self._ready = Event()
        self._ended = asyncio.Event()
        self._thread = Thread(target=self._serve, name="shared jobs", daemon=True)

    def start(self) -> None:
        """Begin to take jobs. Raises what keeps the store from being reached."""
        _make_tables(self._database)
        self._thread.start()
        self._ready.wait()

    def announce(self, job_id: str) -> None:
        """Say to all services that there is a new job."""
        self._in_thread(self._announce(job_id))

    def look(self) -> None:
        """Look whether running jobs were cancelled."""
        self._runner.look()

    def stop(self) -> None:
        """Take no more jobs, and give back those that run."""
        self._runner.stop()
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _in_thread(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def _serve(self) -> None:
        try:
            asyncio.run(self._work())
        except Exception:
            _LOG.exception("the shared queue ended")
        finally:
            self._ready.set()

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._app.open_async():
            worker = asyncio.create_task(
                self._app.run_worker_async(
                    queues=[TASK],
                    concurrency=self._runner.settings.processes,
                    fetch_job_polling_interval=POLL,
                    install_signal_handlers=False,
                )
            )
            self._ready.set()
            await self._sweep()
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _run(self, job_id: str) -> None:
        await asyncio.to_thread(self._runner.run_next, job_id)

    async def _announce(self, job_id: str) -> None:
        # of one job there is one message that waits
        with suppress(AlreadyEnqueued):
            await self._task.configure(queueing_lock=job_id).defer_async(job_id=job_id)

    async def _sweep(self) -> None:
        """Announce jobs that nobody holds, and clear away messages of services that died."""
        while not self._ended.is_set():
            try:
                for job_id in await asyncio.to_thread(self._claimable):
                    await self._announce(job_id)
                for stalled in await self._app.job_manager.get_stalled_jobs(task_name=TASK):
                    await self._app.job_manager.finish_job(stalled, Status.FAILED, delete_job=True)
            except Exception:
                _LOG.exception("the store did not answer")
            with suppress(TimeoutError):
                lease = self._runner.settings.lease.total_seconds()
                await asyncio.wait_for(self._ended.wait(), lease / 2.0)

    def _claimable(self) -> list[str]:
        with self._database.reading() as connection:
            return claimable(connection)


def _make_tables(database: Database) -> None:
    """Make procrastinate's tables where there are none."""
    with database.writing() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
            # several statements, with percent signs: not for SQLAlchemy
            connection.connection.cursor().execute(SchemaManager.get_schema())
