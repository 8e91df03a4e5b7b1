"""Strides while a recording runs: found in one thread beside it, for cues and for the coach.

A stride takes some hundredths of a second of processor time, for which nothing that stamps samples
may wait.
"""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from statistics import fmean, median
from typing import Any, Final, ParamSpec

from trackside.errors import MissingDataError
from trackside.kinematics.live_strides import LiveStrides
from trackside.kinematics.strides import sources
from trackside.planner.cues import CueSample
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Annotation, Block, Stream
from trackside.recordings.placements import SIDES
from trackside.viewer.last_strides import LastStrides

P = ParamSpec("P")

logger = logging.getLogger(__name__)

BACKLOG: Final = 3.0
"""s of samples that may wait to be looked at; what comes while there are more is left out."""
UNSURE: Final = 0.25
"""Of a value, a standard deviation from which on it tells nothing."""
LAST: Final = 5
"""Strides of a side that the coach sees the median of."""
UNTOLD: Final = 256
"""Strides that are kept for cues; where nobody asks for them, they are the last."""
SHOWN: Final = 10.0
"""s without a stride, after which those before are no longer shown."""


def stride_streams(streams: Iterable[Stream]) -> list[Stream]:
    """Those that strides are found by: on feet, or else on shanks, thighs or the trunk."""
    inertial = {ACCELEROMETER, GYROSCOPE}
    placed = {s.placement: s for s in streams if s.placement and inertial <= {*s.channels}}
    try:
        return [placed[source.placement] for source in sources(placed).values()]
    except MissingDataError:
        return []


def sample_of(row: Mapping[str, Any]) -> CueSample:
    """What a stride's row tells the cues; a value that is not sure is NaN."""
    return CueSample(
        time=float(row["end_s"]),
        cadence=float(row["cadence_steps_per_min"]),
        speed=_sure(row["speed_m_per_s"], row["speed_sd_m_per_s"]),
        stride_length=_sure(row["stride_length_m"], row["stride_length_sd_m"]),
        contact_time=_sure(row["contact_time_s"], row["contact_time_sd_s"]),
        foot=row["foot"] if row["foot"] in SIDES else "",
    )


class StrideWatch:
    """An :class:`~trackside.capture.offered_source.Outlet` that finds the strides of what passes.

    ``streams``: of :func:`stride_streams`; ``height`` m of the athlete, if known. ``executor``
    must do one thing after the other; it is shut down at the end. The first samples pass until it
    has its kernels, and so does a block of more than BACKLOG s, such as a file's past. What it
    cannot cope with is logged once, and there are no more strides.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        height: float | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._names = {stream.name for stream in streams}
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="strides")
        self._strides: LiveStrides | None = None
        self._waiting: deque[tuple[float, Future[None]]] = deque()  # since when in the samples, s
        self._new: deque[CueSample] = deque(maxlen=UNTOLD)
        self._recent = {foot: deque[CueSample](maxlen=LAST) for foot in (*SIDES, "")}
        self._last = -math.inf, LastStrides()
        self._left_out = self._closed = False
        self._executor.submit(self._guarded, self._prepare, streams, height)

    def put(self, item: Block | Annotation) -> None:
        """Have a block looked at, by and by."""
        if isinstance(item, Annotation) or item.stream not in self._names or not len(item):
            return
        if self._strides is None or self._closed or self._is_late(float(item.time[0])):
            return
        if item.time[-1] - item.time[0] > BACKLOG:
            return
        looking = self._executor.submit(self._guarded, self._find, item)
        self._waiting.append((float(item.time[0]), looking))

    def close(self) -> None:
        """Let the thread end after what it is doing."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def samples(self) -> list[CueSample]:
        """The good strides that have become known since the last call, in the order of time."""
        new = [self._new.popleft() for _ in range(len(self._new))]
        return sorted(new, key=lambda sample: sample.time)

    def last(self, now: float) -> LastStrides:
        """The last good strides as of ``now``, s; nothing is known where they are long past."""
        time, strides = self._last
        return strides if now - time < SHOWN else LastStrides()

    def _is_late(self, time: float) -> bool:
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        late = bool(self._waiting) and time - self._waiting[0][0] > BACKLOG
        if late and not self._left_out:
            self._left_out = True
            logger.warning("too slow for all strides: some are left out live; all are recorded")
        return late

    def _guarded(self, job: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            job(*args, **kwargs)
        except Exception:
            self._strides = None
            logger.exception("strides cannot be found; the recording goes on without them")

    def _prepare(self, streams: Sequence[Stream], height: float | None) -> None:
        self._strides = LiveStrides(streams, height)

    def _find(self, block: Block) -> None:
        rows = [] if self._strides is None else self._strides.feed(block)
        self._take([sample_of(row) for row in rows if row["good"]])

    def _take(self, samples: Sequence[CueSample]) -> None:
        for sample in samples:
            self._recent[sample.foot].append(sample)
            lately = sample.time - SHOWN
            sides = [[one for one in side if one.time > lately] for side in self._recent.values()]
            self._last = sample.time, _summary(sides)
        self._new.extend(samples)


def _summary(sides: Sequence[Iterable[CueSample]]) -> LastStrides:
    """Of the last strides of the right, of the left, and of those of either side."""
    cadence, length, contact = (
        [_median(getattr(sample, name) for sample in side) for side in sides]
        for name in ("cadence", "stride_length", "contact_time")
    )
    right, left, _ = contact
    return LastStrides(
        _mean(cadence), _mean(length), _mean(contact), 200.0 * (right - left) / (right + left)
    )


def _sure(value: float, sd: float) -> float:
    return float(value) if sd < UNSURE * value else math.nan


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return median(known) if known else math.nan


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return fmean(known) if known else math.nan
