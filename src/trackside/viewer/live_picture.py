"""What the live window is given to draw: one moment, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics.skeleton import Skeleton
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.sensor_state import SensorState


@dataclass(frozen=True)
class LiveTitle:
    """What stays: the recording's name, the athlete's name and skeleton, and zones.

    ``zones``: lower bounds of the heart-rate zones from the first on, and the upper one of the
    last, bpm; empty if nobody knows them. ``can_mark``: whether keys reach the recorder. ``delay``:
    what to say of how old the picture is.
    """

    name: str
    skeleton: Skeleton
    athlete: str = ""
    zones: tuple[float, ...] = ()
    can_mark: bool = True
    delay: str = ""


@dataclass(frozen=True)
class LivePicture:
    """One moment.

    ``time`` s since the start of the recording; ``arrival`` s likewise, of its newest sample.
    ``orientations`` (23, 4), ``root`` (3,) m and ``measured`` (23,) as in
    :class:`~trackside.viewer.limbs.Body`; ``calibrated``: whether they are measured at all.
    ``heart_rate`` bpm, ``cadence`` steps/min and ``angles`` by name in degrees are NaN where
    unknown; ``angles_sd``, degrees, tells how sure their joints are. ``strides`` are None where no
    sensor tells any. ``todo``: what is to be done first. ``remarks``: what is missing, in words.
    ``cue``: what the athlete was just told, and why; empty after some seconds.
    """

    time: float
    arrival: float
    orientations: Floats
    root: Floats
    measured: Booleans
    calibrated: bool
    todo: str = ""
    heart_rate: float = np.nan
    cadence: float = np.nan
    strides: LastStrides | None = None
    angle: str = ""
    angles: dict[str, float] = field(default_factory=dict)
    angles_sd: dict[str, float] = field(default_factory=dict)
    sensors: Sequence[SensorState] = ()
    laps: int = 0
    marks: int = 0
    remarks: Sequence[str] = ()
    cue: tuple[str, str] = ("", "")
