"""Counting a stream's samples and gaps while its blocks go by."""

from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.recordings.gaps import missing_between
from trackside.recordings.model import Block, Stream


@dataclass
class Tally:
    """What has been seen of a stream: samples, gaps, and samples missing in the gaps."""

    stream: Stream
    samples: int = 0
    gaps: int = 0
    missing: int = 0
    _last_time: Floats = field(default_factory=lambda: np.empty(0), repr=False)
    _last_sequence: Integers | None = field(default=None, repr=False)

    def add(self, block: Block) -> None:
        """Count the next block of the stream."""
        if not len(block):
            return
        self.samples += len(block)
        if not self._follows_on(block):
            self._count_gaps(block)
        self._last_time = block.time[-1:]
        self._last_sequence = None if block.sequence is None else block.sequence[-1:]

    def _follows_on(self, block: Block) -> bool:
        """Whether the block's numbers, which never go back, show at once that none is missing."""
        if block.sequence is None or self._last_sequence is None:
            return False
        return bool(block.sequence[-1] - self._last_sequence[0] == len(block))

    def _count_gaps(self, block: Block) -> None:
        time = np.concatenate([self._last_time, block.time])
        sequence = block.sequence
        if sequence is not None and self._last_sequence is not None:
            sequence = np.concatenate([self._last_sequence, sequence])
        missing = missing_between(time, sequence, self.stream.rate)
        missing = missing[missing > 0]
        self.gaps += len(missing)
        self.missing += int(missing.sum())
