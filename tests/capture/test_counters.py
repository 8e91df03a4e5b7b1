"""Counters made continuous: wraps, resets, and what must not be taken for either."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, Timebase, nominal_rate, sample_counter, timebase_of
from trackside.capture.devices.contract import StreamDescription
from trackside.recordings.model import Kind

TICK = 1e-4
RATE = 60.0


def link(seconds: float, seed: int = 0) -> tuple[Integers, Floats]:
    """Counts without wrap, and arrivals up to 45 ms later, of samples at 60 Hz with losses."""
    random = np.random.default_rng(seed)
    time = np.arange(0.0, seconds, 1.0 / RATE)
    time = time[random.random(len(time)) > 0.05]
    arrival = np.maximum.accumulate(time + random.uniform(0.002, 0.045, len(time)))
    return np.rint(time / TICK).astype(np.int64), arrival


@given(start=st.integers(0, 2**16 - 1))
def test_wraps_are_undone_wherever_they_fall(start: int) -> None:
    """A 16-bit counter that wraps every 6.6 s counts on, whatever value it started with."""
    ticks, arrival = link(20.0)
    device_time, epoch = Counter(Timebase(TICK, 16)).unwrap((start + ticks) % 2**16, arrival)
    np.testing.assert_allclose(device_time, (ticks - ticks[0]) * TICK)
    assert not epoch.any()


@given(gap=st.floats(0.1, 3600.0), bits=st.sampled_from([16, 24, 32]))
def test_whole_wraps_within_a_gap_are_counted(gap: float, bits: int) -> None:
    """After a gap of many wraps the host's clock tells how many there were."""
    ticks, arrival = link(4.0)
    ticks[100:] += round(gap / TICK)
    arrival[100:] += gap
    device_time, epoch = Counter(Timebase(TICK, bits)).unwrap(ticks % 2**bits, arrival)
    # Over an hour a 16-bit counter of 0.1 ms is still unambiguous at 200 ppm: slack 1.4 s of 6.5.
    np.testing.assert_allclose(device_time[epoch == 0], (ticks - ticks[0])[epoch == 0] * TICK)
    assert epoch.max() == (2.0 * 2e-4 * (arrival[100] - arrival[99]) > 0.125 * 2**bits * TICK)


@given(
    ran=st.integers(60, 500), restart=st.integers(0, 2**40), bits=st.sampled_from([None, 16, 32])
)
def test_a_reset_begins_a_new_epoch(ran: int, restart: int, bits: int | None) -> None:
    """A counter set back or forth to anywhere, beyond any stall, is a reset: time starts anew."""
    ticks, arrival = link(10.0)
    jump = restart - ticks[ran]
    wrap = 2**bits if bits is not None else 2**62
    seconds = ((jump + wrap // 2) % wrap - wrap // 2) * TICK
    raw = ticks.copy()
    raw[ran:] += jump
    device_time, epoch = Counter(Timebase(TICK, bits)).unwrap(raw % wrap, arrival)
    if seconds < -0.6 or seconds > 2.1:
        assert epoch[ran - 1] == 0
        assert epoch[ran] == 1
        assert epoch[-1] == 1
        np.testing.assert_allclose(device_time[ran:], (ticks[ran:] - ticks[ran]) * TICK)


@given(stall=st.floats(0.0, 4.9), begin=st.floats(1.0, 8.0))
def test_a_stalled_host_is_not_a_reset(stall: float, begin: float) -> None:
    """Samples that wait up to 4.9 s for the host keep their count, a 16-bit one too."""
    ticks, arrival = link(12.0)
    held = (arrival > begin) & (arrival < begin + stall)
    arrival[held] = begin + stall
    device_time, epoch = Counter(Timebase(TICK, 16)).unwrap(ticks % 2**16, arrival)
    np.testing.assert_allclose(device_time, (ticks - ticks[0]) * TICK)
    assert not epoch.any()


def test_duplicates_and_reordered_packets_are_not_resets() -> None:
    """A packet that comes twice or late keeps the time it had, and those after it theirs."""
    ticks, arrival = link(5.0)
    order = np.arange(len(ticks))
    order[100:103] = [102, 100, 100]
    device_time, epoch = Counter(Timebase(TICK, 32)).unwrap(ticks[order], arrival)
    np.testing.assert_allclose(device_time, (ticks[order] - ticks[0]) * TICK)
    assert not epoch.any()


@given(cuts=st.lists(st.integers(0, 1000), max_size=8), seed=st.integers(0, 5))
def test_any_chunks_give_the_same_count(cuts: list[int], seed: int) -> None:
    """Pairs fed in chunks, empty ones included, count as in one piece, across wraps and resets."""
    ticks, arrival = link(15.0, seed)
    ticks[400:] -= ticks[400]
    ticks %= 2**16
    whole = Counter(Timebase(TICK, 16)).unwrap(ticks, arrival)
    counter = Counter(Timebase(TICK, 16))
    bounds = np.unique([0, *np.clip(cuts, 0, len(ticks)), len(ticks)])
    parts = [counter.unwrap(ticks[a:b], arrival[a:b]) for a, b in pairwise(bounds)]
    np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), whole[0])
    np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), whole[1])


def test_nanosecond_clocks_keep_their_resolution() -> None:
    """Time since 2000 in ns, which no float holds exactly, is exact within an epoch."""
    ticks = 8 * 10**17 + np.arange(0, 10**9, 7_692_308, dtype=np.int64)
    device_time, _ = Counter(Timebase(1e-9)).unwrap(ticks, np.arange(len(ticks)) / 130.0)
    np.testing.assert_array_equal(device_time, (ticks - ticks[0]) * 1e-9)


@pytest.mark.parametrize("pause", [1.0, 20.0])
def test_sample_numbers_that_stood_still_begin_a_new_epoch(pause: float) -> None:
    """A link that was lost while the device did not count is not taken for a delay."""
    numbers = np.arange(600, dtype=np.int64)
    arrival = numbers / 100.0
    arrival[300:] += pause
    _, epoch = Counter(sample_counter(100.0, 8)).unwrap(numbers % 256, arrival)
    assert np.flatnonzero(np.diff(epoch)).tolist() == [299]


def stream(
    rate: float | None, tick: float | None, tick_bits: int | None, sequence_bits: int | None
) -> StreamDescription:
    """A stream with that way of counting."""
    return StreamDescription("imu", Kind.IMU, (), rate, tick, tick_bits, sequence_bits)


def test_a_stream_counts_by_the_best_it_has() -> None:
    """Clock before sample numbers, these before the nominal rate, and nothing without a rate."""
    assert timebase_of(stream(60.0, TICK, 32, 16)) == Timebase(TICK, 32)
    assert timebase_of(stream(60.0, None, None, 16)) == sample_counter(60.0, 16)
    assert timebase_of(stream(60.0, None, None, None)) == nominal_rate(60.0)
    assert timebase_of(stream(None, None, None, None)) is None
