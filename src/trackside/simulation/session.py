"""A simulated session as others see it: a source of blocks, whole arrays, and the truth."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.recordings.model import Athlete, Block, Imu, Stream
from trackside.simulation.truth import Truth

_BLOCK = 0.05  # s of samples that a sensor delivers at a time


@dataclass(frozen=True)
class SimulatedSession:
    """A session of the simulated athlete: streams, their blocks, and the truth.

    It is a source of blocks like a live sensor or a replayed recording.
    """

    athlete: Athlete
    streams: tuple[Stream, ...]
    truth: Truth
    duration: float
    _whole: Mapping[str, Block]

    def arrays(self) -> Mapping[str, Block]:
        """Each stream's samples of the whole session as one block, by the stream's name."""
        return self._whole

    def imu(self, segment: str) -> Imu:
        """All samples of the sensor on that segment; KeyError if there is none."""
        stream = next((s for s in self.streams if s.placement == segment), None)
        if stream is None:
            raise KeyError(segment)
        block = self._whole[stream.name]
        gyr, acc, mag = (np.asarray(block.values[c.name], float) for c in stream.channels)
        return Imu(stream, block.time, gyr, acc, mag)

    async def blocks(self, speed: float = math.inf) -> AsyncIterator[Block]:
        """The blocks in the order of their arrival, of about 50 ms each.

        ``speed``: 1 for real time, infinity for as fast as they are taken.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        edges = np.arange(1, self._windows() + 1) * _BLOCK
        cuts = {name: np.searchsorted(_arrival(b), edges) for name, b in self._whole.items()}
        starts = dict.fromkeys(cuts, 0)
        for number, edge in enumerate(edges):
            wait = 0.0 if math.isinf(speed) else began + edge / speed - loop.time()
            await asyncio.sleep(max(wait, 0.0))
            for name, cut in cuts.items():
                if starts[name] < cut[number]:
                    yield _part(self._whole[name], slice(starts[name], cut[number]))
                    starts[name] = cut[number]

    def _windows(self) -> int:
        """How many windows it takes until the last sample has arrived."""
        last = max(_arrival(block)[-1] for block in self._whole.values() if len(block))
        return int(last // _BLOCK) + 2


def _arrival(block: Block) -> Floats:
    return block.time if block.host_time is None else block.host_time


def _part(block: Block, span: slice) -> Block:
    def cut(values: Integers | None) -> Integers | None:
        return None if values is None else values[span]

    return Block(
        block.stream,
        block.time[span],
        {name: values[span] for name, values in block.values.items()},
        None if block.host_time is None else block.host_time[span],
        cut(block.device_time),
        cut(block.sequence),
    )
