"""Sensors with different rates, lengths and gaps, brought to one common clock.

Every sensor is filtered at its own rate with its true time steps; only what the skeleton needs is
interpolated here: orientations on the shortest arc, rates and accelerations linearly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.recordings.placements import SEGMENTS

BESIDE_CLIPPED = 2
"""So many samples on either side of clipped ones are not relied upon either."""
LONGEST_BRIDGE = 0.1
"""Gaps up to this many seconds count as measured; longer ones are interpolated but marked."""


@dataclass(frozen=True)
class SensorTrack:
    """One sensor's filtered samples on its own clock.

    ``time`` (N,) s, increasing; ``orientations`` (N, 4) sensor → earth; ``gyr`` (N, 3) rad/s,
    None where unknown (it then follows from the orientations); ``acc`` (N, 3) m/s². ``measured``
    (N,): which of them are samples, and not filled in; None where all are. ``clipped`` (N,): where
    the accelerometer was at the end of its range; None where it never was. ``inclination_sd`` and
    ``heading_sd`` (N,) rad: the filter's own, see OrientationEstimate; None where unknown.
    """

    segment: str
    time: Floats
    orientations: Floats
    gyr: Floats | None
    acc: Floats
    measured: Booleans | None = None
    clipped: Booleans | None = None
    inclination_sd: Floats | None = None
    heading_sd: Floats | None = None


@dataclass(frozen=True)
class BodyMotion:
    """What all sensors of a body saw, on one clock.

    ``time`` (N,) s, evenly spaced. For each of ``segments``: ``orientations`` (S, N, 4) sensor →
    earth (each sensor with a heading zero of its own unless magnetometers held it), ``gyr`` and
    ``acc`` (S, N, 3) rad/s and m/s² in the sensor's frame, ``measured`` (S, N) false in long gaps
    and where the sensor had not begun or had ended, ``clear`` (S, N) false where its accelerometer
    could not show all there was.
    """

    time: Floats
    segments: tuple[str, ...]
    orientations: Floats
    gyr: Floats
    acc: Floats
    measured: Booleans
    clear: Booleans

    @property
    def rate(self) -> float:
        """Samples per second of the common clock."""
        return float((len(self.time) - 1) / (self.time[-1] - self.time[0]))

    def until(self, end: float) -> "BodyMotion":
        """The samples up to a moment in s."""
        return self.between(-np.inf, end)

    def between(self, start: float, end: float) -> "BodyMotion":
        """The samples from one moment to another, both included, in s."""
        first = int(np.searchsorted(self.time, start))
        kept = slice(first, int(np.searchsorted(self.time, end, side="right")))
        return BodyMotion(
            self.time[kept],
            self.segments,
            self.orientations[:, kept],
            self.gyr[:, kept],
            self.acc[:, kept],
            self.measured[:, kept],
            self.clear[:, kept],
        )

    def of(self, sensors: list[int]) -> "BodyMotion":
        """What some of the sensors saw, by index, in that order."""
        return BodyMotion(
            self.time,
            tuple(self.segments[i] for i in sensors),
            self.orientations[sensors],
            self.gyr[sensors],
            self.acc[sensors],
            self.measured[sensors],
            self.clear[sensors],
        )


def on_common_clock(tracks: Sequence[SensorTrack], rate: float) -> BodyMotion:
    """All tracks at ``rate`` Hz, from the first sample of any sensor to the last.

    Sensors come out in the order of SEGMENTS.

    Raises MissingDataError if there is no track with at least two samples.
    """
    tracks = sorted(
        (track for track in tracks if len(track.time) > 1),
        key=lambda track: SEGMENTS.index(track.segment),
    )
    if not tracks:
        raise MissingDataError("no sensor on a body segment has samples: nothing to solve")
    start = min(track.time[0] for track in tracks)
    end = max(track.time[-1] for track in tracks)
    clock = start + np.arange(int((end - start) * rate + 1e-6) + 1) / rate
    orientations = np.empty((len(tracks), len(clock), 4))
    gyr, acc = np.empty((2, len(tracks), len(clock), 3))
    measured, clear = np.empty((2, len(tracks), len(clock)), bool)
    for i, track in enumerate(tracks):
        source = np.ascontiguousarray(track.time), np.ascontiguousarray(track.orientations)
        _interpolate_rotations(*source, clock, orientations[i])
        measured[i] = _covered(_sampled(track), clock)
        clear[i] = _clear(track, clock)
        rates = track.gyr
        if rates is None:
            rates = qt.angular_rates(track.time, track.orientations)
        gyr[i] = _interpolate(track.time, rates, clock)
        acc[i] = _interpolate(track.time, track.acc, clock)
    segments = tuple(track.segment for track in tracks)
    return BodyMotion(clock, segments, orientations, gyr, acc, measured, clear)


def _sampled(track: SensorTrack) -> Floats:
    """When the sensor was sampled, (M,) s."""
    return track.time if track.measured is None else track.time[track.measured]


def _covered(sampled: Floats, clock: Floats) -> Booleans:
    """Which moments (N,) lie between samples (M,) that are not too far apart."""
    after = np.clip(np.searchsorted(sampled, clock, side="right"), 1, len(sampled) - 1)
    close = np.diff(sampled) <= LONGEST_BRIDGE
    within = (sampled[0] - 1e-6 <= clock) & (clock <= sampled[-1] + 1e-6)
    covered: Booleans = close[after - 1] & within
    return covered


def _clear(track: SensorTrack, clock: Floats) -> Booleans:
    """Which moments (N,) lie between samples that are not clipped, nor next to such ones."""
    if track.clipped is None:
        return np.ones(len(clock), bool)
    near = binary_dilation(track.clipped, iterations=BESIDE_CLIPPED)
    return np.interp(clock, track.time, near.astype(float)) == 0.0


def _interpolate(time: Floats, values: Floats, clock: Floats) -> Floats:
    columns = []
    for column in values.T:
        valid = np.isfinite(column)
        columns.append(np.interp(clock, time[valid], column[valid]) if valid.any() else 0 * clock)
    return np.stack(columns, axis=-1)


@kernel
def _interpolate_rotations(
    time: Floats,
    rotations: Floats,
    clock: Floats,
    out: Floats,
) -> None:
    """Slerp of rotations (M, 4) at time (M,) onto clock (N,), held beyond either end."""
    j = 0
    for i in range(len(clock)):
        t = clock[i]
        while j < len(time) - 2 and time[j + 1] <= t:
            j += 1
        step = time[j + 1] - time[j]
        fraction = min(max((t - time[j]) / step, 0.0), 1.0)
        if fraction == 0.0 or fraction == 1.0:
            out[i] = rotations[j if fraction == 0.0 else j + 1]
            continue
        cosine = 0.0
        for k in range(4):
            cosine += rotations[j, k] * rotations[j + 1, k]
        sign = 1.0 if cosine >= 0 else -1.0
        angle = np.arccos(min(abs(cosine), 1.0))
        if angle < 1e-6:
            a, b = 1.0 - fraction, fraction
        else:
            a = np.sin((1.0 - fraction) * angle) / np.sin(angle)
            b = np.sin(fraction * angle) / np.sin(angle)
        norm = 0.0
        for k in range(4):
            out[i, k] = a * rotations[j, k] + sign * b * rotations[j + 1, k]
            norm += out[i, k] ** 2
        for k in range(4):
            out[i, k] /= np.sqrt(norm)
