"""Making a plan away from the service: what a job's process is given, does and gives back."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Thread
from typing import Any

from pydantic import TypeAdapter

from trackside.errors import TracksideError
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import Claim, tell_progress

NICENESS = 10
"""Plans may wait for the processor, readers not."""
TELL_EVERY = 0.25  # s


@dataclass(frozen=True, slots=True)
class Order:
    """What a plan is made of: a profile's document, a schema as JSON, the race's day, today."""

    profile: dict[str, Any]
    schema: str
    marathon_date: date
    today: date


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no such plan, for a reason."""

    reason: str


Tell = Callable[[float, str], None]
Work = Callable[[Order, Tell], bytes]
"""Makes a plan file's content; raises :class:`TracksideError` with a reason if there is none."""


class LostJobError(Exception):
    """The job is somebody else's now, or was cancelled."""


def generate(order: Order, tell: Tell) -> bytes:
    """Make the plan that is ordered."""
    from trackside.planner.athlete import complete
    from trackside.planner.new_plan import PlanWishes, new_plan
    from trackside.planner.plan_file import plan_json
    from trackside.planner.profile_file import profile_of
    from trackside.planner.training_schema import TrainingSchema

    profile = profile_of(order.profile)
    profile = replace(profile, goal=replace(profile.goal, day=order.marathon_date))
    schema = TypeAdapter(TrainingSchema).validate_json(order.schema)
    athlete = complete(profile, order.today)
    return plan_json(new_plan(athlete, order.today, PlanWishes(schema), tell))


def perform(work: Work, url: str, claim: Claim, order: Order, limit: timedelta) -> bytes | Refused:
    """Do a job's work in this process and store how far it is.

    The process ends with the service, and in any case some time after the job's limit. Raises
    :class:`LostJobError` once the job is not this claim's any more.
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)
        # without a handler the alarm ends the process, even where native code hangs
        signal.setitimer(signal.ITIMER_REAL, 2.0 * limit.total_seconds())
    Thread(target=_end_with_the_service, daemon=True).start()
    told, furthest = 0.0, 0.0

    def tell(progress: float, message: str) -> None:
        nonlocal told, furthest
        if time.monotonic() - told < TELL_EVERY:
            return
        progress = furthest = max(progress, furthest)  # a season is solved in several passes
        with database.writing() as connection:
            if not tell_progress(connection, claim, progress, message):
                raise LostJobError
        told = time.monotonic()

    with Database(url) as database:
        try:
            return work(order, tell)
        except TracksideError as error:
            return Refused(str(error))


def _end_with_the_service() -> None:
    """End this process once the service's is no more."""
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)
