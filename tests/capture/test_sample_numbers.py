"""Sample numbers jump by what is missing, whatever a device tells, and never otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Floats, Integers
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.capture.sample_numbers import SampleNumbers
from trackside.recordings.model import GYROSCOPE, Kind

RATE = 100.0
SILENT = StreamDescription("imu", Kind.IMU, (GYROSCOPE,), RATE)
COUNTING = replace(SILENT, sequence_bits=8)
CLOCKED = replace(SILENT, tick=1e-3, tick_bits=16)


def samples(stream: StreamDescription, number: Integers, jitter: Floats | float = 0.0) -> Samples:
    """Samples with these true numbers, as the device tells them."""
    ticks = np.rint((number / RATE + jitter) / (stream.tick or 1.0)).astype(np.int64)
    return Samples(
        "imu",
        {"gyroscope": np.zeros((len(number), 3))},
        device_time=ticks % 2**16 if stream.tick else None,
        sequence=number % 2**8 if stream.sequence_bits else None,
    )


def numbered(stream: StreamDescription, parts: list[Integers], delay: Floats) -> Integers:
    """The numbers given to samples that arrive in these parts, each so much later than taken."""
    numbers = SampleNumbers(stream)
    given = []
    for part, late in zip(parts, delay, strict=True):
        arrival = np.full(len(part), part[-1] / RATE + late)
        given.append(numbers.update(samples(stream, part), part / RATE, arrival))
    return np.concatenate([part for part in given if part is not None])


@pytest.mark.parametrize("stream", [COUNTING, CLOCKED])
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=60),
    lost=st.lists(st.integers(0, 60), min_size=60, max_size=60),
    seed=st.integers(0, 99),
)
def test_a_jump_is_what_was_lost(
    stream: StreamDescription, lengths: list[int], lost: list[int], seed: int
) -> None:
    """However the radio bunches and delays, numbers differ from the true ones by a constant."""
    starts = np.cumsum([0, *(n + gap for n, gap in zip(lengths, lost, strict=False))])
    parts = [start + np.arange(n) for start, n in zip(starts, lengths, strict=False)]
    ends = np.array([part[-1] / RATE for part in parts])
    arrival = np.maximum.accumulate(ends + np.random.default_rng(seed).uniform(0, 0.1, len(ends)))
    given_numbers = numbered(stream, parts, arrival - ends)
    np.testing.assert_array_equal(given_numbers, np.concatenate(parts) - parts[0][0])


def test_a_clock_that_trembles_loses_nothing() -> None:
    """Ticks that are off by up to 4 ms of 10 make neither gaps nor doubles."""
    number = np.arange(500)
    jitter = np.random.default_rng(1).uniform(0, 0.004, 500)
    host_time = number / RATE + 0.02
    numbers = SampleNumbers(CLOCKED)
    result = numbers.update(samples(CLOCKED, number, jitter), number / RATE, host_time)
    assert result is not None
    assert result.tolist() == number.tolist()


def test_without_counter_and_clock_only_silence_is_a_gap() -> None:
    """Bunches 100 ms apart are consecutive; a second of silence is a second of missing samples."""
    parts = [np.arange(first, first + 10) for first in (0, 10, 20, 130, 140)]
    result = numbered(SILENT, parts, np.full(5, 0.02))
    assert result[:30].tolist() == list(range(30))
    assert np.diff(result)[29] == pytest.approx(101, abs=10)
    assert (np.diff(result)[30:] == 1).all()


def test_a_reset_is_bridged_by_the_time() -> None:
    """A device that starts anew after 2 s without power goes on with the number due then."""
    numbers = SampleNumbers(COUNTING)
    for raw, start in ((0, 0.0), (0, 12.0)):
        count = np.arange(raw, raw + 1000)
        time = start + count / RATE
        result = numbers.update(samples(COUNTING, count), time, time + 0.02)
        assert result is not None
        assert result[0] == round(start * RATE)
        assert (np.diff(result) == 1).all()


def test_a_message_that_tells_nothing_is_the_next() -> None:
    """A message without its counter takes the number after the last; no rate, no numbers."""
    numbers = SampleNumbers(COUNTING)
    one = np.zeros(1)
    assert numbers.update(samples(COUNTING, np.array([7])), one, one) == [0]
    told_nothing = replace(samples(COUNTING, np.array([8])), sequence=None)
    assert numbers.update(told_nothing, one + 0.01, one + 0.01) == [1]
    beats = SampleNumbers(replace(SILENT, rate=None))
    assert beats.update(samples(SILENT, np.array([7])), one, one) is None
