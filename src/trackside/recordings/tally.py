"""Counting a stream's samples and gaps while its blocks go by."""

from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.recordings.gaps import find_gaps
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
        time = np.concatenate([self._last_time, block.time])
        sequence = block.sequence
        if sequence is not None and self._last_sequence is not None:
            sequence = np.concatenate([self._last_sequence, sequence])
        gaps = find_gaps(time, sequence, self.stream.rate)
        self.samples += len(block)
        self.gaps += len(gaps)
        self.missing += sum(gap.missing for gap in gaps)
        self._last_time = block.time[-1:]
        self._last_sequence = None if block.sequence is None else block.sequence[-1:]
