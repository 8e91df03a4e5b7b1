"""Orientation of body-worn inertial sensors: for whole recordings and for live blocks."""

from dataclasses import astuple, dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.filters.orientation_kernel import RECORD, STATE, find_fault, run
from trackside.filters.orientation_smoother import INTERVAL, smooth_recording

RATE_LIMIT = 75.0  # rad/s; gyroscopes end at 4000 °/s, which is 70 rad/s
TYPICAL_RATE_LIMIT = 20.0  # rad/s; no body turns at this rate for half of a recording
INSPECTED_SAMPLES = 10_000  # per sensor, to find the typical rate


@dataclass(frozen=True, slots=True)
class OrientationParameters:
    """What the filter believes about sensors, motion and the magnetic field.

    "Noise" is a density: the standard deviation after one second of sum or mean, growing with √time
    as a sum and falling with it as a mean. The same values serve every sensor and sampling rate.
    """

    correction_interval: float = 0.05
    """Time between corrections, s."""
    longest_gap: float = 0.2
    """Time between samples up to which the rate is taken as linear; longer is a gap, s."""
    interpolation_error: float = 0.3
    """Error of the straight line where samples are missing, relative to how far the rate's slope
    before would have led away from it."""
    unseen_rate: float = 1.0
    """How fast attitude becomes uncertain in a gap (up to 1 rad per gap), at least, rad/s."""
    gravity: float = 9.81
    """m/s²."""

    sensor_delay: float = 0.004
    """How long ago the motion was that a sample shows, s: the delay of the sensor's low-pass, which
    its data sheet states; 4 ms is usual. The orientation is carried on by as much with the last
    rate seen. Samples cannot tell it: state 0 for ideal sensors, and where only orientations
    relative to others with the same delay matter."""
    gyro_range: float = np.inf
    """Rate at which the gyroscope is clipped, rad/s. Repeated extremes are recognised anyway."""
    clipped_rate: float = 0.3
    """Standard deviation of what a clipped gyroscope hides, relative to what it shows."""
    gyro_noise: float = 0.003
    """Everything that the gyroscope's model leaves out, rad/√s."""
    turn_noise: float = 0.002
    """The same in proportion to the turning (misaligned axes), rad/√rad."""
    gyro_bias: float = 0.01
    """Prior standard deviation of the bias, rad/s."""
    gyro_bias_walk: float = 1e-4
    """Random walk of the bias, rad/s/√s."""
    gyro_scale: float = 0.006
    """Prior standard deviation of each axis's scale error."""

    acc_range: float = np.inf
    """Specific force at which the accelerometer is clipped, m/s²."""
    clipped_acc: float = 1.5
    """Standard deviation of what a clipped accelerometer hides, relative to what it shows."""
    acc_noise: float = 0.15
    """Everything that the accelerometer's model leaves out in motion, m/s/√s."""
    rest_acc_noise: float = 0.01
    """The same at rest, m/s/√s."""
    acc_bias: float = 0.01
    """Prior standard deviation of the accelerometer bias, m/s²."""
    velocity_noise: float = 0.3
    """Error of "the velocity is zero", m/s·√s. Smaller trusts the accelerometer sooner."""
    rest_velocity_noise: float = 0.02
    """The same error at rest, m/s·√s."""
    initial_velocity: float = 1.0
    """Standard deviation of the velocity at the start and after a gap, m/s."""
    initial_inclination: float = 0.6
    """Standard deviation per axis of the inclination from the first sample alone, rad."""

    rest_rate: float = 0.035
    """Deviation of the gyroscope from its low-passed self that ends rest, rad/s."""
    rest_acc: float = 0.5
    """Deviation of the accelerometer from its low-passed self that ends rest, m/s²."""
    rest_seconds: float = 1.5
    """How long a rest must last before the bias is read from it, s."""
    rest_noise: float = 0.001
    """Error of "at rest the gyroscope shows its bias", rad/s·√s."""
    bias_limit: float = 0.06
    """A steady rate above this is motion, not bias, rad/s."""

    field_noise: float = 0.035
    """Error of the magnetic field relative to its norm, √s."""
    initial_heading: float = 1.0
    """Standard deviation of the heading from the first look at the field alone, rad."""
    heading_disturbance: float = 0.05
    """Standard deviation of the magnetic heading's slow error, rad."""
    initial_disturbance: float = 0.02
    """The same at the start: north is above all what the field shows there, where the athlete
    stands for the calibration, rad."""
    disturbance_seconds: float = 200.0
    """How long such an error lasts, s."""
    field_tolerance: float = 0.1
    """Departure of the field's norm or vertical part beyond which it is not trusted, relative."""
    reference_seconds: float = 60.0
    """Over how long the reference field is averaged, s."""
    hard_iron: float = 0.5
    """Prior standard deviation of a magnet's field that turns with the sensor, relative."""
    least_iron: float = 0.07
    """Hard iron below this is left alone: a room's field is as irregular, relative."""
    iron_noise: float = 0.05
    """Error of the field when hard iron is looked for, relative, √s."""
    iron_walk: float = 0.01
    """Random walk of hard iron, relative, 1/√s."""
    field_walk: float = 0.005
    """Random walk of the field in the room then, relative, 1/√s."""
    acceptance_seconds: float = 20.0
    """How long another field must be steady while the sensor turns to become the reference, s."""
    acceptance_rate: float = 0.35
    """The turning that counts in full for this, rad/s."""


@dataclass(frozen=True, slots=True)
class OrientationEstimate:
    """Orientation at each sample, with what is known about its errors. Shapes (..., N, ·)."""

    quaternions: Floats
    """(..., N, 4), scalar-first, sensor → ENU."""
    gyro_bias: Floats
    """(..., N, 3), rad/s."""
    inclination_sd: Floats
    """(..., N): standard deviation of the angle between true and estimated vertical, rad."""
    heading_sd: Floats
    """(..., N): of the heading, rad; until a magnetometer is seen, of its drift since the start."""
    magnetometer_trusted: Booleans
    """(..., N): whether the field last seen agreed with the reference field."""


def estimate_orientation(
    gyr: ArrayLike,
    acc: ArrayLike,
    mag: ArrayLike | None = None,
    *,
    rate: float | None = None,
    time: ArrayLike | None = None,
    smooth: bool = False,
    parameters: OrientationParameters | None = None,
) -> OrientationEstimate:
    """Orientation of each sensor at each sample, from this sample and those before it.

    With ``smooth`` from those after it too: the better estimate for recordings.

    Parameters
    ----------
    gyr, acc
        Rates in rad/s and specific forces in m/s², (N, 3) or (S, N, 3) for S sensors.
    mag
        Magnetic field likewise, in µT or any other unit: only its direction and its relative
        changes matter. Without it, or as long as it is NaN or zero, the heading is that of the
        shortest rotation that levels the first sample, and drifts.
    rate, time
        Either the sampling rate in Hz, or the samples' times in s, increasing: (N,), or (S, N).
    smooth
        Whether to pass over the recording backward too. Takes some 2.5 kB of memory for each
        20th of a second of one sensor, while it works on this sensor.
    parameters
        What the filter believes; the defaults serve all sensors and rates.

    Samples with NaN are missing ones. A missing accelerometer or magnetometer sample corrects
    nothing. Where the gyroscope is missing, or time has a gap, for at most
    ``parameters.longest_gap`` the motion is taken as linear in between; beyond that the orientation
    is kept and its standard deviations grow. Before a sensor's first sample with both gyroscope and
    accelerometer its quaternions are the identity, with standard deviations of π.

    Raises
    ------
    SignalError
        Shapes that do not match, not exactly one of ``rate`` and ``time``, time that does not
        increase, a gyroscope in degrees per second, or a sensor without a usable sample.
    """
    gyr = np.asarray(gyr, float)
    if gyr.ndim not in (2, 3) or gyr.shape[-1] != 3:
        raise SignalError(f"gyroscope has shape {gyr.shape}: expected (N, 3) or (S, N, 3)")
    _refuse_typical_rates_in_degrees(gyr[None] if gyr.ndim == 2 else gyr)
    sensors = 1 if gyr.ndim == 2 else len(gyr)
    orientation = OrientationFilter(sensors, parameters)
    pass_over = orientation._smooth if smooth else orientation.update
    estimate = pass_over(_times(gyr.shape[-2], rate, time), gyr, acc, mag)
    for sensor in np.flatnonzero(~orientation.started):
        raise SignalError(
            f"sensor {sensor}: none of its {gyr.shape[-2]} samples has both gyroscope and "
            "accelerometer; leave this sensor out"
        )
    return estimate


class OrientationFilter:
    """The same estimate for live data: takes blocks of any length and keeps its state.

    Feeding a recording in any blocks gives bit for bit what :func:`estimate_orientation` gives.

    Parameters
    ----------
    sensors
        Number S of sensors, each with its own state.
    parameters
        As for :func:`estimate_orientation`.
    """

    def __init__(self, sensors: int, parameters: OrientationParameters | None = None) -> None:
        self.sensors = sensors
        self.parameters = parameters or OrientationParameters()
        layout = [(field.name, np.float64) for field in fields(OrientationParameters)]
        self._parameters = np.array([astuple(self.parameters)], layout)[0]
        self._no_records = np.empty((sensors, 0), RECORD)
        self._state = np.zeros(sensors, STATE)
        self._state["stamp"] = -np.inf
        self._state["quaternion"][:, 0] = 1.0
        self._state["north"][:, 0] = 1.0

    @property
    def started(self) -> Booleans:
        """(S,): which sensors have had a sample with both gyroscope and accelerometer."""
        return self._state["started"].copy()

    def update(
        self, time: ArrayLike, gyr: ArrayLike, acc: ArrayLike, mag: ArrayLike | None = None
    ) -> OrientationEstimate:
        """Orientation at each sample of the next block, of shape (S, n, 3), or (n, 3) if S = 1.

        ``time`` in s is (n,) or (S, n), and goes on from the blocks before. Units, missing samples
        and gaps are as in :func:`estimate_orientation`. A refused block leaves the state as it was.

        Raises
        ------
        SignalError
            Shapes that do not match, time that does not increase, a gyroscope in degrees/s.
        """
        block = self._checked(time, gyr, acc, mag)
        estimate = _empty_estimate(block.gyr.shape[:2])
        run(self._state, self._parameters, *block, self._no_records, *_fields(estimate))
        return estimate if np.ndim(gyr) == 3 else _only_sensor(estimate)

    def _smooth(
        self, time: ArrayLike, gyr: ArrayLike, acc: ArrayLike, mag: ArrayLike | None = None
    ) -> OrientationEstimate:
        """As :meth:`update` with a whole recording, each sample estimated from all others."""
        block = self._checked(time, gyr, acc, mag)
        estimate = _empty_estimate(block.gyr.shape[:2])
        records = np.empty((1, _most_records(block.time, self.parameters)), RECORD)
        intervals = np.empty(records.shape[1], INTERVAL)
        for sensor in range(self.sensors):
            one = slice(sensor, sensor + 1)
            results = [values[one] for values in _fields(estimate)]
            alone = _Block(*(values[one] if len(values) > 1 else values for values in block))
            run(self._state[one], self._parameters, *alone, records, *results)
            count = self._state["recorded"][sensor]
            if count:
                smooth_recording(
                    self._parameters,
                    records[0, :count],
                    intervals[:count],
                    alone.time[0],
                    alone.gyr[0],
                    *(values[0] for values in results[:-1]),
                )
        return estimate if np.ndim(gyr) == 3 else _only_sensor(estimate)

    def _checked(
        self, time: ArrayLike, gyr: ArrayLike, acc: ArrayLike, mag: ArrayLike | None
    ) -> "_Block":
        """The arrays as the kernels take them, if they belong together and can be true."""
        shape = self._block_shape(gyr)
        block = _Block(
            _clock(time, self.sensors, shape[-2]),
            _batched("gyroscope", gyr, shape),
            _batched("accelerometer", acc, shape),
            _none_of(self.sensors) if mag is None else _batched("magnetometer", mag, shape),
        )
        self._refuse_faults(block.time, block.gyr)
        return block

    def _block_shape(self, gyr: ArrayLike) -> tuple[int, ...]:
        """The block's shape, (S, n, 3) or (n, 3), if it is one of a gyroscope here."""
        shape = np.shape(gyr)
        single = self.sensors == 1 and len(shape) == 2
        if shape[-1:] != (3,) or not (single or (len(shape) == 3 and shape[0] == self.sensors)):
            wanted = f"({self.sensors}, n, 3)" + (" or (n, 3)" if self.sensors == 1 else "")
            raise SignalError(f"gyroscope has shape {shape}: expected {wanted}")
        return shape

    def _refuse_faults(self, time: Floats, gyr: Floats) -> None:
        stamps = np.ascontiguousarray(self._state["stamp"])
        sensor, sample, fault = find_fault(time, gyr, stamps, RATE_LIMIT)
        where = f"sensor {sensor}, sample {sample}"
        if fault == 1:
            clock = time[min(sensor, len(time) - 1)]
            before = clock[sample - 1] if sample else stamps[sensor]
            raise SignalError(
                f"{where}: time {clock[sample]} s does not come after {before} s; sort the samples "
                "and drop those sent twice"
            )
        if fault == 2:
            fastest = np.nanmax(np.abs(gyr[sensor, sample]))
            raise SignalError(
                f"{where}: the gyroscope reads {fastest:.4g}, which no sensor does in rad/s; if it "
                "is in degrees per second, multiply it by π/180"
            )


_RESULTS: Final = tuple(field.name for field in fields(OrientationEstimate))


class _Block(NamedTuple):
    """Checked arrays: time (1, n) or (S, n), the channels (S, n, 3), ``mag`` perhaps (S, 0, 3)."""

    time: Floats
    gyr: Floats
    acc: Floats
    mag: Floats


def _empty_estimate(batch: tuple[int, int]) -> OrientationEstimate:
    """Room for the results of (sensors, samples)."""
    return OrientationEstimate(
        quaternions=np.empty((*batch, 4)),
        gyro_bias=np.empty((*batch, 3)),
        inclination_sd=np.empty(batch),
        heading_sd=np.empty(batch),
        magnetometer_trusted=np.empty(batch, np.bool_),
    )


def _fields(estimate: OrientationEstimate) -> list[Any]:
    """The estimate's arrays, in order."""
    return [getattr(estimate, name) for name in _RESULTS]


def _most_records(time: Floats, parameters: OrientationParameters) -> int:
    """How many corrections and gaps there can be; the former take 2/3 of their interval or more."""
    if not time.size:
        return 1
    seconds = float(np.max(time[:, -1] - time[:, 0]))
    per_second = 1.5 / parameters.correction_interval + 1.0 / parameters.longest_gap
    return min(time.shape[1], round(seconds * per_second)) + 2


def _times(samples: int, rate: float | None, time: ArrayLike | None) -> ArrayLike:
    """The given times, or those that the rate makes."""
    if time is not None and rate is None:
        return time
    if time is None and rate is not None and 0.0 < rate < np.inf:
        return np.arange(samples) / rate
    raise SignalError("give either a rate above 0 Hz or the times of the samples in s")


def _clock(time: ArrayLike, sensors: int, samples: int) -> Floats:
    """Times as (1, n) for all sensors or (S, n) for each."""
    clock = np.atleast_2d(np.ascontiguousarray(time, float))
    if clock.shape not in ((1, samples), (sensors, samples)):
        raise SignalError(
            f"time has shape {np.shape(time)}: expected ({samples},) or ({sensors}, {samples})"
        )
    return clock


def _only_sensor(estimate: OrientationEstimate) -> OrientationEstimate:
    """The estimate of a single sensor without its leading axis."""
    return OrientationEstimate(*(values[0] for values in _fields(estimate)))


def _batched(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Values as (S, n, 3) for the kernel, if they have the gyroscope's shape."""
    array: Floats = np.ascontiguousarray(values, float)
    if array.shape != shape:
        raise SignalError(f"{name} has shape {array.shape}, the gyroscope {shape}")
    return array[None] if array.ndim == 2 else array


def _none_of(sensors: int) -> Floats:
    """The magnetometer samples (S, 0, 3) of sensors without magnetometer."""
    return np.empty((sensors, 0, 3))


def _refuse_typical_rates_in_degrees(gyr: Floats) -> None:
    """Raise if a sensor's median rate is beyond what any body turns at."""
    step = max(1, gyr.shape[1] // INSPECTED_SAMPLES)
    rates = np.linalg.norm(gyr[:, ::step], axis=-1)
    for sensor, values in enumerate(rates):
        seen = values[np.isfinite(values)]
        if seen.size and np.median(seen) > TYPICAL_RATE_LIMIT:
            raise SignalError(
                f"sensor {sensor}, samples 0 to {gyr.shape[1] - 1}: the gyroscope's median is "
                f"{np.median(seen):.4g}, too fast for rad/s; if it is in degrees per second, "
                "multiply it by π/180"
            )
