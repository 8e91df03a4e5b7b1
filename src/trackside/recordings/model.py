"""The data model: what a stream is, and the blocks of samples that flow through every stage.

Live sensors, the simulated athlete and a replayed file all yield the same blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats, Integers

Values = NDArray[np.floating[Any]]

NO_TICKS: Final = -1
"""The device time of a sample that came without one, in a stream that has it as a rule."""


class Kind(StrEnum):
    """What a stream measures."""

    IMU = "imu"
    ORIENTATION = "orientation"  # a maker's own estimate, kept for reference
    HEART_RATE = "heart_rate"
    RUNNING_SPEED = "running_speed"
    ECG = "ecg"
    BATTERY = "battery"
    EVENT = "event"
    AUXILIARY = "auxiliary"  # what a device sends besides: temperature, signal, high-g


@dataclass(frozen=True)
class Channel:
    """One measured quantity: its name, unit, and the labels of its columns.

    A channel with columns ``("x", "y", "z")`` has values of shape (N, 3); one with a single column
    has shape (N, 1).
    """

    name: str
    unit: str
    columns: tuple[str, ...] = ("value",)


ACCELEROMETER = Channel("accelerometer", "m/s²", ("x", "y", "z"))
GYROSCOPE = Channel("gyroscope", "rad/s", ("x", "y", "z"))
MAGNETOMETER = Channel("magnetometer", "µT", ("x", "y", "z"))
ORIENTATION = Channel("orientation", "1", ("w", "x", "y", "z"))
HEART_RATE = Channel("heart_rate", "bpm")
RR_INTERVAL = Channel("rr_interval", "s")


@dataclass(frozen=True)
class Device:
    """The device behind a stream, as far as it is known."""

    model: str = ""
    serial: str = ""
    firmware: str = ""


@dataclass(frozen=True)
class Stream:
    """A sequence of samples from one device.

    ``rate`` is the nominal rate in Hz, None where samples come when they come (beats, events).
    ``placement`` is a name of :data:`trackside.recordings.placements.SEGMENTS`, or None.
    ``tick`` is the length in seconds of one tick of the device's own clock, None without a clock.
    ``tick_bits`` and ``sequence_bits`` are the widths of the device's own counters of time and of
    samples, which start anew at 2 to that power; None where they do not, or nobody knows.
    """

    name: str
    kind: Kind
    channels: tuple[Channel, ...]
    rate: float | None = None
    device: Device = field(default_factory=Device)
    placement: str | None = None
    tick: float | None = None
    tick_bits: int | None = None
    sequence_bits: int | None = None

    def channel(self, name: str) -> Channel:
        """The channel of that name; KeyError if the stream has none."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise KeyError(name)


@dataclass(frozen=True)
class Block:
    """Consecutive samples of one stream.

    ``time``: (N,) s since the recording's start, on the host's clock, best estimate.
    ``values``: for each of the stream's channels an (N, columns) array, in the channel's unit.
    ``host_time``: (N,) s since the recording's start at which the sample arrived, raw.
    ``device_time``: (N,) ticks of the device's own clock, raw (counter wraps included), and
    :data:`NO_TICKS` where the device left it out.
    ``sequence``: (N,) our running sample number, wraps undone; a jump is a gap of known length.
    The last three are None where the source has none.
    """

    stream: str
    time: Floats
    values: Mapping[str, Values]
    host_time: Floats | None = None
    device_time: Integers | None = None
    sequence: Integers | None = None

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Annotation:
    """A remark at a moment of the recording: a lap, a mark, a cue."""

    time: float
    kind: str
    text: str


@dataclass(frozen=True)
class Athlete:
    """Who was recorded, as far as it matters for the skeleton; unknown values are None."""

    name: str = ""
    height: float | None = None  # m
    mass: float | None = None  # kg


@dataclass(frozen=True)
class Imu:
    """One IMU's samples as arrays: what filters and gait features take.

    ``time`` (N,) s; ``gyr`` (N, 3) rad/s, None where the maker exported none; ``acc`` (N, 3) m/s²;
    ``mag`` (N, 3) µT or in the maker's unit, None without a magnetometer.
    """

    stream: Stream
    time: Floats
    gyr: Floats | None
    acc: Floats
    mag: Floats | None

    @property
    def rate(self) -> float:
        """Nominal rate in Hz; the median spacing of the time stamps where none is declared."""
        if self.stream.rate is not None:
            return self.stream.rate
        return float(1.0 / np.median(np.diff(self.time)))
