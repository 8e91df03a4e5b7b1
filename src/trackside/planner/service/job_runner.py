"""Runs jobs, each in a process of its own, and sees to it that every one ends in a true state."""

import logging
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as PoolTimeoutError
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from multiprocessing.context import BaseContext
from threading import Event, Lock
from typing import Any
from uuid import uuid4

from pebble import ProcessExpired, ProcessFuture
from pebble.concurrent import process
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from trackside.errors import TracksideError
from trackside.planner.plan_continuation import continued
from trackside.planner.plan_file import parse_plan
from trackside.planner.service.generation import (
    LostJobError,
    Order,
    Refused,
    Work,
    generate,
    perform,
)
from trackside.planner.store import jobs
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import Claim
from trackside.planner.store.plans import find_plan, save_plan
from trackside.planner.store.runners import runner_document
from trackside.planner.store.training_schemas import schema
from trackside.planner.training_schema import TrainingSchema

IMPORTED = ("trackside.planner.service.generation", "trackside.planner.new_plan")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobSettings:
    """``processes`` at once, the time ``limit`` of each, and how long a ``lease`` on a job is."""

    processes: int = 1
    limit: timedelta = timedelta(minutes=5)
    lease: timedelta = timedelta(seconds=30)


class JobRunner:
    """Runs one claimed job after the other, from as many threads as there may be processes.

    ``work`` is what a job's process does; ``on_end`` is called with a job's id once it has ended.
    """

    def __init__(
        self,
        database: Database,
        settings: JobSettings,
        work: Work = generate,
        on_end: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self._database = database
        self._work = work
        self._on_end = on_end
        self._name = uuid4().hex
        self._looks: dict[str, Event] = {}
        self._lock = Lock()
        self._stopping = False
        # a new process for each job: what one leaves behind, the next does not find
        self._in_process = process(
            timeout=settings.limit.total_seconds(),
            context=_fresh_processes(),  # type: ignore[call-overload] # typed for its own contexts
        )

    def run_next(self, job_id: str | None = None) -> bool:
        """Claim a job, the one with an id or the oldest, and run it to its end.

        False if there is none to claim. Raises SQLAlchemyError if the store does not answer: the
        lease runs out then, and the job is begun anew.
        """
        with self._database.writing() as connection:
            claim = jobs.claim(connection, self._name, self.settings.lease, job_id)
        if claim is None:
            return False
        self._run(claim)
        self._on_end(claim.job.job_id)
        return True

    def look(self) -> None:
        """Look now whether running jobs are still to be run."""
        with self._lock:
            for event in self._looks.values():
                event.set()

    def stop(self) -> None:
        """Give running jobs back, to be begun anew by the next service, and end their processes."""
        self._stopping = True
        self.look()

    def _run(self, claim: Claim) -> None:
        try:
            order = self._order(claim)
            url, limit = self._database.url, self.settings.limit
            future = self._in_process(partial(perform, self._work, url, claim, order, limit))()
            if not self._wait(future, claim):
                return
            made = future.result()
            if isinstance(made, Refused):
                self._fail(claim, made.reason)
            else:
                self._store(claim, made, order.today)
        except (LostJobError, CancelledError):
            _LOG.info("job %s was taken away", claim.job.job_id)
        except TracksideError as error:
            self._fail(claim, str(error))
        except ProcessExpired as error:
            self._fail(claim, _death(error.exitcode))
        except PoolTimeoutError:
            seconds = self.settings.limit.total_seconds()
            self._fail(claim, f"there was no plan after {seconds:g} s: its process was ended")
        except SQLAlchemyError:
            raise
        except Exception as error:
            _LOG.exception("job %s", claim.job.job_id)
            self._fail(claim, f"a fault in the planner ({type(error).__name__}): see the log")

    def _order(self, claim: Claim) -> Order:
        wishes = claim.job.parameters
        with self._database.reading() as connection:
            profile = runner_document(connection, claim.job.runner_id)
            chosen = schema(connection, wishes["schema_id"])
        return Order(
            profile,
            TypeAdapter(TrainingSchema).dump_json(chosen).decode(),
            date.fromisoformat(wishes["marathon_date"]),
            date.today(),
        )

    def _wait(self, future: "ProcessFuture[Any]", claim: Claim) -> bool:
        """Wait for a job's process and keep the job meanwhile; False if it was given away."""
        event = Event()
        with self._lock:
            self._looks[claim.job.job_id] = event
        future.add_done_callback(lambda _: event.set())
        try:
            while not future.done():
                event.clear()
                if not self._keeps(claim):
                    return False
                if not future.done():
                    event.wait(self.settings.lease.total_seconds() / 3.0)
        finally:
            future.cancel()  # type: ignore[no-untyped-call] # Pebble leaves it untyped
            with self._lock:
                del self._looks[claim.job.job_id]
        return True

    def _keeps(self, claim: Claim) -> bool:
        with self._database.writing() as connection:
            if self._stopping:
                jobs.release(connection, claim)
                return False
            return jobs.renew(connection, claim, self.settings.lease)

    def _store(self, claim: Claim, content: bytes, today: date) -> None:
        """Store the plan and the job's success, both or neither."""
        record = parse_plan(content, "the plan that was made")
        with self._database.writing() as connection:
            before = find_plan(connection, record.plan.plan_id)
            if before is not None:
                record = continued(before, record)
            save_plan(connection, record, today)
            if not jobs.succeed(connection, claim, record.plan.plan_id):
                raise LostJobError

    def _fail(self, claim: Claim, reason: str) -> None:
        with self._database.writing() as connection:
            jobs.fail(connection, claim, reason)


def _fresh_processes() -> BaseContext:
    """How processes are made that share nothing with the service's threads.

    Where possible by a process that has imported what a plan takes, so that each starts at once; it
    does so now, and not while the first plan is made and pages are read.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver  # not on every system

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", *IMPORTED])
    forkserver.ensure_running()
    return context


def _death(exit_code: int) -> str:
    """Why a process ended without a result."""
    if exit_code >= 0:
        return f"its process ended by itself, with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    perhaps = ", perhaps for lack of memory" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{perhaps}"
