"""A process beside this one that computes what would hold up what goes on here.

A thread would share Python's lock: whoever calls many short kernels would wait at each of them.
"""

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from multiprocessing import get_context
from typing import Final, ParamSpec, TypeVar

from pebble import ProcessPool

P = ParamSpec("P")
R = TypeVar("R")

NICENESS: Final = 5
"""More than that of the process it works for."""


class WorkerProcess(Executor):
    """Does one thing after the other in a process of its own, which starts with the first of them.

    Functions, what they take and what they return are pickled. At the end it is killed, whatever
    it is doing; it ends by itself if this process is. If it should be killed alone, what it was
    doing fails, and another one does what comes next.
    """

    def __init__(self) -> None:
        self._pool = ProcessPool(1, initializer=_give_way, context=get_context("spawn"))

    def submit(self, job: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
        """Have a job done."""
        return self._pool.schedule(job, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End, without waiting for what is being done."""
        del wait, cancel_futures
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has no type here
        self._pool.join()


def _give_way() -> None:
    """Let those go first for whom this process works."""
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)
