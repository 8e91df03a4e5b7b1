"""The queue of jobs where one service does them: threads that look into the store."""

import logging
from queue import Empty, SimpleQueue
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from trackside.planner.service.job_runner import JobRunner

_LOG = logging.getLogger(__name__)
POLL = 2.0
"""s after which a thread looks by itself: for jobs of a service that died."""


class LocalQueue:
    """Takes jobs from the store as they come, oldest first."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._stopping = False
        self._threads = [
            Thread(target=self._serve, name=f"jobs {number}", daemon=True)
            for number in range(runner.settings.processes)
        ]

    def start(self) -> None:
        """Begin to take jobs."""
        for thread in self._threads:
            thread.start()

    def announce(self, job_id: str) -> None:  # noqa: ARG002
        """Say that there is a new job."""
        self._bell.put(None)

    def look(self) -> None:
        """Look whether running jobs were cancelled."""
        self._runner.look()

    def stop(self) -> None:
        """Take no more jobs, and give back those that run."""
        self._stopping = True
        self._runner.stop()
        for _ in self._threads:
            self._bell.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while not self._stopping:
            try:
                if self._runner.run_next():
                    continue
            except SQLAlchemyError:
                # the lease runs out, and the job is begun anew
                _LOG.exception("the store did not answer")
            try:
                self._bell.get(timeout=POLL)
            except Empty:
                continue
