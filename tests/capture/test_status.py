"""What the coach is told of a stream is what happened to it."""

import numpy as np
import pytest

from trackside.arrays import Floats, Integers
from trackside.capture.status import StreamMonitor
from trackside.recordings.model import GYROSCOPE, HEART_RATE, Block, Kind, Stream

CLOCKED = Stream("pelvis", Kind.IMU, (GYROSCOPE,), rate=100.0, tick=1e-6)
COUNTED = Stream("pelvis", Kind.IMU, (GYROSCOPE,), rate=100.0)
BEATS = Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,))


def fed(stream: Stream, time: Floats, sequence: Integers | None = None) -> StreamMonitor:
    """A monitor that took samples in blocks of five, each of which arrived with its last sample."""
    monitor = StreamMonitor(stream)
    channel = stream.channels[0]
    for first in range(0, len(time) - len(time) % 5, 5):
        part = slice(first, first + 5)
        values = {channel.name: np.zeros((5, len(channel.columns)))}
        ticks = None if stream.tick is None else np.rint((time[part] + 9.0) * 1e6).astype(np.int64)
        numbers = None if sequence is None else sequence[part]
        host_time = np.full(5, time[first + 4] + 0.01)
        monitor.add(Block(stream.name, time[part], values, host_time, ticks, numbers))
    return monitor


@pytest.mark.parametrize("stream", [CLOCKED, COUNTED])
@pytest.mark.parametrize("rate", [100.0, 104.0, 90.0, 50.0])
def test_the_rate_is_that_of_the_device(stream: Stream, rate: float) -> None:
    """The measured rate is right, and flagged if it is more than 5 % from the nominal one."""
    status = fed(stream, np.arange(0, 10, 1 / rate)).status(10.0, None)
    assert status.rate == pytest.approx(rate, rel=0.02)
    assert status.received == pytest.approx(rate, rel=0.02)
    assert status.has_wrong_rate == (rate < 95)


@pytest.mark.parametrize("stream", [CLOCKED, COUNTED])
def test_losses_are_no_wrong_rate(stream: Stream) -> None:
    """With every seventh sample lost less is received, but the device is not to blame."""
    numbers = np.arange(1000)
    numbers = numbers[numbers % 7 != 3]
    status = fed(stream, numbers / 100, numbers).status(10.0, None)
    assert not status.has_wrong_rate
    assert status.received == pytest.approx(100 * 6 / 7, rel=0.02)
    assert status.missing == status.gaps == pytest.approx(1000 / 7, abs=1)


def test_a_rate_is_not_judged_too_early() -> None:
    """Two seconds are too few for a verdict."""
    assert fed(CLOCKED, np.arange(0, 2, 0.02)).status(2.0, None).rate is None


def test_a_gap_that_goes_on_is_shown() -> None:
    """A silent stream misses more from second to second; what it received is forgotten."""
    monitor = fed(COUNTED, np.arange(0, 10, 0.01))
    assert (monitor.status(10.5, None).missing, monitor.status(10.5, None).gaps) == (0, 0)
    silent = monitor.status(14.0, None)
    assert silent.missing == pytest.approx(400, abs=2)
    assert silent.gaps == 1
    assert silent.received == pytest.approx(20, abs=1)
    assert monitor.status(16.0, None).received == 0.0
    assert monitor.status(16.0, None).rate is None


def test_beats_have_no_rate_and_no_gaps() -> None:
    """Nothing can be missing where samples come when they come."""
    status = fed(BEATS, np.arange(0, 20, 0.8)).status(60.0, None)
    assert (status.rate, status.missing, status.gaps, status.samples) == (None, 0, 0, 25)


def test_the_offset_is_where_the_device_clock_stood_at_zero() -> None:
    """The device of these samples was switched on 9 s before the recording."""
    assert fed(CLOCKED, np.arange(0, 1, 0.01)).status(1.0, None).offset == pytest.approx(-9.0)
    assert fed(COUNTED, np.arange(0, 1, 0.01)).status(1.0, None).offset is None
    assert StreamMonitor(CLOCKED).status(1.0, None).offset is None
