"""When a sensor samples, what its own clock says, and when its packets arrive."""

import math
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.simulation.sensor_errors import SensorErrors


@dataclass(frozen=True)
class Clock:
    """The samples of one sensor that arrive, (N,) each.

    ``time`` s: when they are really taken; ``device_time``: ticks of the sensor's clock then;
    ``sequence``: their running number, with gaps where packets are lost; ``host_time`` s: arrival.
    """

    time: Floats
    device_time: Integers
    sequence: Integers
    host_time: Floats


def clock_of(duration: float, rate: float, errors: SensorErrors, rng: np.random.Generator) -> Clock:
    """Draw one sensor's clock and link for a session of ``duration`` s at ``rate`` Hz."""
    skew = 1.0 + 1e-6 * errors.clock_skew * rng.standard_normal()
    started = errors.clock_offset * rng.random()  # how long the device has been on
    first = rng.random() / rate if errors.clock_offset else 0.0
    count = math.ceil((duration - first) * rate * skew - 1e-9)
    sequence = np.arange(count)
    kept = received(count, errors, rng)
    sequence = sequence[kept]
    time = first + sequence / (rate * skew)
    ticks = np.rint((started + first + sequence / rate) / errors.tick).astype(np.int64)
    delay = (
        errors.latency + errors.jitter * rng.exponential(size=len(time)) if errors.latency else 0
    )
    return Clock(time, ticks, sequence, np.maximum.accumulate(time + delay))


def received(count: int, errors: SensorErrors, rng: np.random.Generator) -> Booleans:
    """Which of N packets arrive: losses come in bursts of geometric length (Gilbert's channel)."""
    arrived = np.ones(count, dtype=np.bool_)
    if errors.loss:
        begins = np.flatnonzero(rng.random(count) < errors.loss / errors.burst)
        lengths = rng.geometric(1 / errors.burst, len(begins))
        for begin, length in zip(begins, lengths, strict=True):
            arrived[begin : begin + length] = False
    return arrived
