"""Strides while the athlete moves: samples in, rows out, each at most one stride after its end.

Where a leg has swung to and fro since its last stance, its last seconds are searched for swings,
and when another stance has been completed, they go the way of a whole recording, and what is new
comes out: the same formulas, the same columns. What live rows lack is what comes later: the
smoother ends with the stance that has just been completed, and the lever from the sensor to the
ball is that of the last seconds.

Looking is tied to the sensors' time and not to when samples arrive, so that any way to cut them
into blocks gives the same rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kinematics.foot_strides import strides_of_foot
from trackside.kinematics.gait import trunk_steps
from trackside.kinematics.leg_swings import (
    FASTEST_STRIDE,
    LEAST_SWING,
    LOCAL_SHARE,
    leg_swings,
    main_rate,
)
from trackside.kinematics.practice_strides import practice_strides
from trackside.kinematics.stance_kernels import count_swings
from trackside.kinematics.stride_rows import Strides, joined
from trackside.kinematics.strides import EITHER, columns, sources
from trackside.kinematics.trunk_strides import strides_of_trunk
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Block, Imu, Stream

WINDOW = 6.0
"""s that are looked at together: some eight strides, which show the lever and the biases."""
PACE = 0.05  # s between looks
EARLIEST = 0.75  # of the last stride, before which the next one cannot be complete
SHORTEST = 2.0  # s; before there is no use in looking
SWUNG = 0.5 * LOCAL_SHARE
"""Of the largest swing, that a swing must have to be searched for; what is slow may be drift."""
TO_AND_FRO = 3
"""Times that a leg must have gone the other way from one end of a stance to the next: forward,
backward, and forward again."""
SETTLED = 0.2
"""s after a step of the trunk, when later samples no longer move it."""
LONGEST_WAIT = 1.0
"""s that a row waits for the other leg's samples."""


class LiveSensor(ABC):
    """The strides of one sensor, as it measures: ``stream``."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._samples = np.empty((0, 7))
        self._slot = -np.inf
        self._next_look = -np.inf
        self._known = -np.inf

    @property
    def clock(self) -> float:
        """The time of the last sample, s."""
        return float(self._samples[-1, 0]) if len(self._samples) else -np.inf

    def feed(self, time: Floats, gyr: Floats, acc: Floats) -> Iterator[tuple[float, Strides]]:
        """What samples (N,) s, (N, 3) rad/s and m/s² tell: when, in s, which strides were known.

        Samples that are not later than those before are left out.
        """
        new = np.column_stack([time, gyr, acc])
        new = new[_later(new[:, 0], self.clock)]
        slots = np.floor(new[:, 0] / PACE)
        edges = np.concatenate([[0], np.flatnonzero(np.diff(slots)) + 1, [len(slots)]])
        for first, last in pairwise(edges.tolist()):
            if first == last:
                continue
            if slots[first] > self._slot:
                self._slot = slots[first]
                yield from self._look()
            self._samples = np.concatenate([self._samples, new[first:last]])

    def _look(self) -> Iterator[tuple[float, Strides]]:
        now = self.clock
        if now < self._next_look:
            return
        first = int(np.searchsorted(self._samples[:, 0], now - WINDOW))
        self._samples = self._samples[first:]
        whole = self._samples[np.isfinite(self._samples).all(axis=1)]
        if not len(whole) or whole[-1, 0] - whole[0, 0] < SHORTEST:
            return
        if not self._has_more(whole):
            return
        strides = self._strides()
        new = strides[strides.next_rest > self._known + FASTEST_STRIDE / 2]
        if len(new):
            self._known = float(new.next_rest[-1])
            self._next_look = now + EARLIEST * float(new.next_rest[-1] - new.rest[-1])
            yield now, new

    def _imu(self, samples: Floats) -> Imu:
        return Imu(self._stream, *_signals(samples), None)

    @abstractmethod
    def _has_more(self, whole: Floats) -> bool:
        """Whether the samples (N, 7), without NaN, may hold a stride that is not known."""

    @abstractmethod
    def _strides(self) -> Strides:
        """The strides that the samples hold."""


class LiveLeg(LiveSensor):
    """A sensor on a leg; ``strides_of``: how the strides of a stretch of samples are found."""

    def __init__(
        self, stream: Stream, strides_of: Callable[[Imu], Strides] = strides_of_foot
    ) -> None:
        super().__init__(stream)
        self._strides_of = strides_of
        self._stance = -np.inf, -np.inf  # of the last one found: before its rest, and its end, s

    def _has_more(self, whole: Floats) -> bool:
        time, gyr, acc = _signals(whole)
        rest, left = self._stance
        since = int(np.searchsorted(time[:-1], left)) if rest <= self._known else 0
        angles = np.cumsum(main_rate(gyr)[since:] * np.gradient(time)[since:])
        if count_swings(angles, SWUNG * max(float(np.ptp(angles)), LEAST_SWING)) < TO_AND_FRO:
            return False
        swings = leg_swings(time, gyr, acc)
        if len(swings) < 2 or time[swings.front[-1]] <= self._known:
            return False
        rest, left = time[swings.rests[-1]], time[swings.back[-1]]
        self._stance = float(rest) - FASTEST_STRIDE / 2, float(left)
        return True

    def _strides(self) -> Strides:
        return self._strides_of(self._imu(self._samples))


class LiveTrunk(LiveSensor):
    """A sensor on pelvis or spine; ``height`` m of the athlete, if known."""

    def __init__(self, stream: Stream, height: float | None) -> None:
        super().__init__(stream)
        self._height = height

    def _has_more(self, whole: Floats) -> bool:
        steps = trunk_steps(self._imu(whole))
        later = steps[(steps > self._known) & (steps < self.clock - SETTLED)]
        return len(steps) > 2 and len(later) > 1

    def _strides(self) -> Strides:
        since = self._known if np.isfinite(self._known) else None
        found = strides_of_trunk(self._imu(self._samples), self._height, since)
        return found[found.next_rest < self.clock - SETTLED]


@dataclass(frozen=True, eq=False)
class _Known:
    """Strides of a side, and since when they are known, s."""

    side: str
    since: float
    strides: Strides


class LiveStrides:
    """Rows of :func:`trackside.kinematics.strides.stride_table` while the athlete moves.

    ``streams``: those on the feet count, or else on shanks or thighs, or else on pelvis or spine.
    ``height`` m of the athlete, if known, for lengths by the trunk. A row waits until the other
    leg's samples have come as far, but not longer than a second.

    Raises MissingDataError if there is none of these, or one without a gyroscope.
    """

    def __init__(self, streams: Iterable[Stream], height: float | None = None) -> None:
        placed = {stream.placement: stream for stream in streams if stream.placement}
        self._sources = sources(placed, height)
        self._sides: dict[str, str] = {}
        self._sensors: dict[str, LiveSensor] = {}
        for side, source in self._sources.items():
            stream = placed[source.placement]
            if GYROSCOPE not in stream.channels:
                raise MissingDataError(f"{stream.name}: strides need a gyroscope")
            self._sides[stream.name] = side
            if side == EITHER:
                self._sensors[stream.name] = LiveTrunk(stream, height)
            else:
                self._sensors[stream.name] = LiveLeg(stream, source.strides_of)
        ways = {source.strides_of: name for name, source in self._sources.items() if name != EITHER}
        for way, side in ways.items():
            _practise(placed[self._sources[side].placement], way)
        self._known: list[_Known] = []
        self._waiting: list[_Known] = []

    def feed(self, block: Block) -> list[dict[str, Any]]:
        """The rows that have become known by a block of one of the sensors.

        Blocks of other streams are no matter.
        """
        sensor = self._sensors.get(block.stream)
        if sensor is None:
            return []
        signals = (np.asarray(block.values[c.name], float) for c in (GYROSCOPE, ACCELEROMETER))
        for now, strides in sensor.feed(block.time, *signals):
            self._waiting.append(_Known(self._sides[block.stream], now, strides))
            self._known.append(self._waiting[-1])
        ready = [known for known in self._waiting if self._complete(known)]
        self._waiting = [known for known in self._waiting if known not in ready]
        rows = [row for known in ready for row in self._rows(known)]
        self._known = [known for known in self._known if known.since > sensor.clock - WINDOW]
        return rows

    def _complete(self, known: _Known) -> bool:
        """Whether the other leg has been looked at as far as these strides, or is too late."""
        for name, side in self._sides.items():
            clock = self._sensors[name].clock
            newest = max(sensor.clock for sensor in self._sensors.values())
            if side != known.side and clock < known.since and newest - clock < LONGEST_WAIT:
                return False
        return True

    def _rows(self, known: _Known) -> list[dict[str, Any]]:
        beside = [
            other.strides
            for other in self._known
            if other.side != known.side and other.since <= known.since
        ]
        segment = self._sources[known.side].segment
        table = columns(known.side, segment, known.strides, joined(beside) if beside else None)
        return [
            {name: values[row] for name, values in table.items()}
            for row in range(len(known.strides))
        ]


def _practise(stream: Stream, strides_of: Callable[[Imu], Strides]) -> None:
    """Compile or load now what would otherwise hold up the first strides, or the first sprint."""
    for _ in LiveLeg(stream, strides_of).feed(*practice_strides()):
        pass


def _signals(samples: Floats) -> tuple[Floats, Floats, Floats]:
    """Time, angular rate and acceleration of samples (N, 7), each in one piece."""
    time, gyr, acc = np.split(samples, [1, 4], axis=1)
    return time[:, 0].copy(), gyr.copy(), acc.copy()


def _later(time: Floats, than: float) -> Booleans:
    """Which samples (N,) are later than all before."""
    latest = np.maximum.accumulate(np.append(than, time))
    return np.asarray(time > latest[:-1])
