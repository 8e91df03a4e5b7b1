"""Cues while a recording runs: taken from its blocks, told at once, kept as annotations."""

import logging
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from trackside.app.cue_notes import cue_annotation, cue_text
from trackside.app.heart_signals import FEWEST_STEPS
from trackside.app.stride_watch import StrideWatch
from trackside.capture.recorder import Source
from trackside.errors import ParameterError
from trackside.filters.heart_rate import LiveHeartRate
from trackside.planner.cues import Cue, CueSample, LiveCues
from trackside.planner.freedom import run_of
from trackside.planner.plan_file import read_plan
from trackside.recordings.model import Annotation, Block, Kind, Stream

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""s after a stride told something, from which on a foot pod is asked for it."""


def log_cue(cue: Cue) -> None:
    """Show a cue among the messages below the live table."""
    logger.warning("%s", cue_text(cue))


def cues_of_today(path: Path, today: date) -> LiveCues:
    """The cues for the session that a plan has for a day."""
    record = read_plan(path)
    for day in record.plan.days:
        if day.date == today:
            at = run_of(day)
            return LiveCues(record.athlete, None if at is None else day.workouts[at])
    first, last = record.plan.days[0].date, record.plan.days[-1].date
    raise ParameterError(f"{path} has no session for {today}: it goes from {first} to {last}")


class CueingSource:
    """A :class:`~trackside.capture.recorder.Source` that adds cues to the blocks as they pass.

    Each of ``tells`` is called with each cue. ``strides``: those of the same source, if somebody
    watches them; a foot pod then counts only for what they do not tell. The recording comes first:
    what cues cannot cope with is logged once, and the blocks go on.
    """

    def __init__(
        self,
        source: Source,
        cues: LiveCues,
        *tells: Callable[[Cue], None],
        strides: StrideWatch | None = None,
    ) -> None:
        self._source, self._cues, self._tells = source, cues, tells
        self._strides = strides
        self._known: dict[str, float] = {}  # by what a stride has told: when, s
        self._streams = {stream.name: stream for stream in source.streams}
        self._heart = LiveHeartRate()
        self._failed = False

    @property
    def streams(self) -> Sequence[Stream]:
        """The source's streams."""
        return self._source.streams

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The source's blocks and remarks, and a remark for each cue after the block it is from."""
        blocks = self._source.blocks()
        try:
            async for item in blocks:
                yield item
                for cue in self._cues_of(item):
                    yield cue_annotation(cue)
        finally:
            if isinstance(blocks, AsyncGenerator):
                await blocks.aclose()

    def _cues_of(self, item: Block | Annotation) -> list[Cue]:
        if isinstance(item, Annotation) or self._failed:
            return []
        found = []
        try:
            for sample in (*self._samples(item), *self._of_strides()):
                found += self._cues.feed(sample)
            for cue in found:
                for tell in self._tells:
                    tell(cue)
        except Exception:
            logger.exception("cues have failed; the recording goes on without them")
            self._failed = True
        return found

    def _samples(self, block: Block) -> Iterator[CueSample]:
        kind = self._streams[block.stream].kind
        if kind is Kind.HEART_RATE and "heart_rate" in block.values:
            rates = np.asarray(block.values["heart_rate"], float)[:, 0]
            for time, rate in zip(block.time.tolist(), rates.tolist(), strict=True):
                bpm, _ = self._heart.average(time, rate)
                yield CueSample(time, heart_rate=bpm if rate > 0.0 else math.nan)
        elif kind is Kind.RUNNING_SPEED:
            for i, time in enumerate(block.time.tolist()):
                cadence = self._of_pod(block, "cadence", i)
                yield CueSample(
                    time,
                    cadence=2.0 * cadence if 0.0 < cadence < FEWEST_STEPS else cadence,
                    speed=self._of_pod(block, "speed", i),
                    stride_length=self._of_pod(block, "stride_length", i),
                )

    def _of_strides(self) -> list[CueSample]:
        samples = [] if self._strides is None else self._strides.samples()
        for sample in samples:
            for name in ("cadence", "speed", "stride_length"):
                if math.isfinite(getattr(sample, name)):
                    self._known[name] = sample.time
        return samples

    def _of_pod(self, block: Block, channel: str, i: int) -> float:
        """A foot pod's value; NaN if it has none, or strides have told it lately."""
        since = float(block.time[i]) - self._known.get(channel, -math.inf)
        if channel not in block.values or since < PATIENCE:
            return math.nan
        return float(np.asarray(block.values[channel])[i, 0])
