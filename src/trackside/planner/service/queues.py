"""Which queue does a store's jobs."""

from trackside.planner.service.application import Queue
from trackside.planner.service.job_runner import JobRunner
from trackside.planner.service.local_queue import LocalQueue
from trackside.planner.store.database import Database


def queue_of(database: Database, runner: JobRunner) -> Queue:
    """The queue of one service on SQLite, or of several on PostgreSQL."""
    if not database.is_postgresql:
        return LocalQueue(runner)
    from trackside.planner.service.shared_queue import SharedQueue

    return SharedQueue(runner, database)
