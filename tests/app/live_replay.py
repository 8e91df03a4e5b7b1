"""Recorded or simulated blocks played into a live view, a thirtieth of a second at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from trackside.recordings.model import Block

TURN = 1.0 / 30.0  # s


class AtOnce(Executor):
    """Does what it is asked for before it returns; ``jobs`` counts."""

    def __init__(self) -> None:
        self.jobs = 0

    def submit(self, job: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do the job."""
        self.jobs += 1
        done: Future[Any] = Future()
        done.set_result(job(*args, **kwargs))
        return done


def turns(
    blocks: Sequence[Block], start: float, end: float, length: float = TURN
) -> Iterator[list[Block]]:
    """What comes in each turn from ``start`` to ``end``, s."""
    for number in range(round((end - start) / length)):
        span = start + number * length, start + (number + 1) * length
        yield [part for block in blocks if len(part := cut(block, *span))]


def cut(block: Block, start: float, end: float) -> Block:
    """The samples with start ≤ time < end, s."""
    rows = slice(*np.searchsorted(block.time, [start, end]))
    values = {name: array[rows] for name, array in block.values.items()}
    host_time = None if block.host_time is None else block.host_time[rows]
    return Block(block.stream, block.time[rows], values, host_time)
