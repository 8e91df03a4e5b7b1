"""One body-worn sensor while it is heard: its orientation, now and over the last minutes."""

from typing import Final, NamedTuple

import numpy as np

from trackside.app.tracks import SAMPLES_AS_STAMPED
from trackside.arrays import Booleans, Floats
from trackside.filters.clipped import clipped
from trackside.filters.orientation import OrientationFilter
from trackside.kernels import kernel
from trackside.kinematics.common_clock import SensorTrack
from trackside.recordings.model import Block, Stream

HISTORY: Final = 90.0
"""s of the past that are kept: what a calibration is found from."""
LONGEST_CARRY: Final = 0.06
"""s by which an orientation is carried on with the last angular rate; radios bring some sensors
later than others."""
LOST: Final = 0.25
"""s after its last sample from which on a sensor does not count as measuring."""

_TIME, _ORIENTATION, _GYR, _ACC = 0, slice(1, 5), slice(5, 8), slice(8, 11)
_INCLINATION_SD, _HEADING_SD, _COLUMNS = 11, 12, 13
_USUAL_RATE = 100.0  # Hz, for streams that do not tell


class SensorMoment(NamedTuple):
    """A sensor at one moment.

    ``orientation`` (4,) sensor → earth, NaN before the first sample; ``measured``: whether it has
    data; ``inclination_sd``, ``heading_sd`` rad: its filter's own; ``lost`` s: for how long the
    orientation has been held without knowing better.
    """

    orientation: Floats
    measured: bool
    inclination_sd: float
    heading_sd: float
    lost: float


class KeptSamples(NamedTuple):
    """A sensor's filtered samples as they are kept, in one piece: quick to copy and to send."""

    segment: str
    rows: Floats

    def track(self) -> SensorTrack:
        """As the calibration takes them, without those that are not finite."""
        rows = self.rows[np.isfinite(self.rows).all(axis=1)]
        acc = np.ascontiguousarray(rows[:, _ACC])
        return SensorTrack(
            self.segment,
            np.ascontiguousarray(rows[:, _TIME]),
            np.ascontiguousarray(rows[:, _ORIENTATION]),
            np.ascontiguousarray(rows[:, _GYR]),
            acc,
            clipped=clipped(acc),
            inclination_sd=np.ascontiguousarray(rows[:, _INCLINATION_SD]),
            heading_sd=np.ascontiguousarray(rows[:, _HEADING_SD]),
        )


class LiveSensor:
    """Filters one IMU's blocks at its own rate with its true time steps.

    ``stream``: an IMU with gyroscope and accelerometer, on a body segment.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.segment = stream.placement or stream.name
        self._filter = OrientationFilter(1, SAMPLES_AS_STAMPED)
        self._kept = max(2, round(HISTORY * (stream.rate or _USUAL_RATE)))
        self._rows = np.empty((2 * self._kept, _COLUMNS))
        self._count = 0
        self.began = np.inf
        """Time of the first sample, s; infinite before."""
        self.newest = -np.inf
        """Time of the last sample, s; minus infinity before the first."""

    @property
    def force(self) -> float:
        """Magnitude of the specific force that was felt last, m/s²; NaN before."""
        return float(np.linalg.norm(self._rows[self._count - 1, _ACC])) if self._count else np.nan

    def add(self, block: Block) -> None:
        """Take the next samples; those whose time does not go on are left out.

        Raises SignalError for values that cannot be true, such as degrees per second.
        """
        later = _increasing(block.time, self.newest)
        if not later.any():
            return
        taken = slice(None) if later.all() else later
        time = block.time[taken]
        gyr = np.ascontiguousarray(block.values["gyroscope"][taken], float)
        acc = np.ascontiguousarray(block.values["accelerometer"][taken], float)
        estimate = self._filter.update(time, gyr, acc)
        self.began = min(self.began, float(time[0]))
        kept = slice(-self._kept, None)
        rows = self._room(min(len(time), self._kept))
        rows[:, _TIME] = time[kept]
        rows[:, _ORIENTATION] = estimate.quaternions[kept]
        rows[:, _GYR], rows[:, _ACC] = gyr[kept], acc[kept]
        rows[:, _INCLINATION_SD] = estimate.inclination_sd[kept]
        rows[:, _HEADING_SD] = estimate.heading_sd[kept]
        self.newest = float(time[-1])

    def at(self, time: float) -> SensorMoment:
        """The sensor at ``time`` (s).

        Between samples on the shortest arc; beyond the last one carried on for a moment with its
        angular rate, then held.
        """
        row = np.full(6, np.nan)
        age = self.put(time, row)
        lost = max(age - LONGEST_CARRY, 0.0)
        return SensorMoment(row[:4], age < LOST, float(row[4]), float(row[5]), lost)

    def put(self, time: float, row: Floats) -> float:
        """Write orientation and deviations of inclination and heading at ``time`` (s) into (6,).

        Returns how far off the next sample is, s, before the first sample without end.
        """
        return _at(self._rows, self._count, time, LONGEST_CARRY, row)

    def kept(self, since: float) -> KeptSamples:
        """What was measured from ``since`` (s) on, as far as it is kept."""
        first = int(np.searchsorted(self._rows[: self._count, _TIME], since))
        return KeptSamples(self.segment, self._rows[first : self._count].copy())

    def _room(self, count: int) -> Floats:
        """So many rows behind those that are there; the oldest give way."""
        if self._count + count > len(self._rows):
            kept = self._kept - count
            self._rows[:kept] = self._rows[self._count - kept : self._count].copy()
            self._count = kept
        self._count += count
        return self._rows[self._count - count : self._count]


@kernel
def _at(rows: Floats, count: int, time: float, carry: float, out: Floats) -> float:
    """Orientation and two deviations (6,) at a time, from rows; how far off they are, s.

    Shortest arc between two rows (Shoemake 1985); beyond the last one turned on with its rate.
    """
    if count == 0:
        return np.inf
    after = count
    while after > 0 and rows[after - 1, 0] >= time:
        after -= 1
    if after == 0 or after == count:
        row = rows[min(after, count - 1)]
        for k in range(4):
            out[k] = row[1 + k]
        for k in range(2):
            out[4 + k] = row[_INCLINATION_SD + k]
        if after == 0:
            return row[0] - time
        ahead = min(time - row[0], carry)
        speed = np.sqrt(row[5] ** 2 + row[6] ** 2 + row[7] ** 2)
        if speed > 0.0:  # and not NaN
            sine = np.sin(0.5 * speed * ahead) / speed
            w, x, y, z = np.cos(0.5 * speed * ahead), sine * row[5], sine * row[6], sine * row[7]
            a, b, c, d = row[1], row[2], row[3], row[4]
            out[0], out[1] = a * w - b * x - c * y - d * z, a * x + b * w + c * z - d * y
            out[2], out[3] = a * y - b * z + c * w + d * x, a * z + b * y - c * x + d * w
        return time - row[0]
    before, behind = rows[after - 1], rows[after]
    share = (time - before[0]) / (behind[0] - before[0])
    cosine = 0.0
    for k in range(1, 5):
        cosine += before[k] * behind[k]
    sign = 1.0 if cosine >= 0.0 else -1.0
    angle = np.arccos(min(sign * cosine, 1.0))
    from_before, from_behind = 1.0 - share, share
    if angle > 1e-6:
        from_before = np.sin((1.0 - share) * angle) / np.sin(angle)
        from_behind = np.sin(share * angle) / np.sin(angle)
    for k in range(4):
        out[k] = from_before * before[1 + k] + sign * from_behind * behind[1 + k]
    for k in range(2):
        column = _INCLINATION_SD + k
        out[4 + k] = (1.0 - share) * before[column] + share * behind[column]
    return 0.0


def _increasing(time: Floats, after: float) -> Booleans:
    """Which times (N,) are later than all before them, and than ``after``."""
    before = np.maximum.accumulate(np.concatenate([[after], time[:-1]]))
    return np.asarray(time > before)
