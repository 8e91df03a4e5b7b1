"""Clock alignment after recording: better than live, never later than the arrivals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from radio_link import LATENCY, TICK, Link, radio_link, stalled

from trackside.capture.clock_fit import fit_clock
from trackside.capture.counters import Timebase, nominal_rate, sample_counter

CLOCK = Timebase(TICK, 32)


@pytest.mark.parametrize("interval", [0.0075, 0.015, 0.03, 0.045])
@pytest.mark.parametrize("skew", [-50e-6, 0.0, 50e-6])
def test_a_recording_is_right_to_a_millisecond_throughout(interval: float, skew: float) -> None:
    """From the first sample to the last, 10 minutes with a stall are right to 1.5 ms of 45."""
    link = stalled(radio_link(600.0, interval=interval, skew=skew), 300.0, 3.0)
    errors = fit_clock(link.ticks, link.arrival, CLOCK) - link.truth - LATENCY
    assert np.abs(errors).max() < 1.5e-3


def test_a_wandering_clock_is_followed() -> None:
    """A crystal that warms up by 8 ppm in ten minutes is followed to 1.5 ms, without a jerk."""
    link = radio_link(1200.0)
    warm = np.rint((link.truth - 4e-6 / 600.0 * link.truth**2) / TICK).astype(np.int64)
    errors = fit_clock(warm, link.arrival, CLOCK) - link.truth - LATENCY
    assert np.abs(errors).max() < 1.5e-3
    assert np.abs(np.diff(errors)).max() < 5e-6


@given(
    seed=st.integers(0, 20),
    delays=st.lists(st.floats(0.0, 0.5), min_size=200, max_size=200),
    reset=st.integers(0, 199),
)
@settings(max_examples=30, deadline=None)
def test_times_never_go_back_nor_beyond_the_arrival(
    seed: int, delays: list[float], reset: int
) -> None:
    """Whatever the delays, and across a reset, time is monotonic and no later than the arrival."""
    link = radio_link(6.0, seed=seed).part(slice(200))
    arrival = np.maximum.accumulate(link.arrival + delays)
    ticks = np.where(np.arange(200) < reset, link.ticks, link.ticks - link.ticks[reset])
    time = fit_clock(ticks, arrival, CLOCK)
    assert (np.diff(time) >= 0.0).all()
    assert (time <= arrival + 1e-9).all()


@given(start=st.integers(0, 2**16 - 1))
@settings(max_examples=20, deadline=None)
def test_wraps_leave_no_trace(start: int) -> None:
    """A 16-bit counter gives the times that one without wraps gives, whatever its first value."""
    link = radio_link(40.0)
    ticks = link.ticks // 100
    wide = fit_clock(ticks, link.arrival, Timebase(1e-4))
    narrow = fit_clock((ticks + start) % 2**16, link.arrival, Timebase(1e-4, 16))
    np.testing.assert_array_equal(narrow, wide)


@given(share=st.floats(0.05, 0.8), seed=st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_lost_samples_do_not_shift_time(share: float, seed: int) -> None:
    """With up to four of five samples lost the others keep their times to 3 ms."""
    link = radio_link(300.0, seed=seed)
    kept = link.part(np.random.default_rng(seed).random(len(link.ticks)) >= share)
    errors = fit_clock(kept.ticks, kept.arrival, CLOCK) - kept.truth - LATENCY
    assert np.abs(errors).max() < 3e-3


@given(count=st.integers(2, 40), seed=st.integers(0, 200))
@settings(deadline=None)
def test_few_samples_do_not_bend_time(count: int, seed: int) -> None:
    """However short the recording, steps between samples are those of the device, to 300 ppm."""
    link = radio_link(1.0, seed=seed).part(slice(count))
    time = fit_clock(link.ticks, link.arrival, CLOCK)
    np.testing.assert_allclose(np.diff(time), np.diff(link.truth), rtol=3e-4)


def test_each_epoch_has_its_own_fit() -> None:
    """A device that restarts twice, once for seconds only, is right to 4 ms in every epoch."""
    parts = [
        radio_link(200.0),
        radio_link(5.0, start=203.0, seed=1),
        radio_link(200.0, start=210.0, seed=2),
    ]
    link = Link(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0]))
    )
    errors = fit_clock(link.ticks, link.arrival, CLOCK) - link.truth - LATENCY
    assert np.abs(errors).max() < 4e-3


def test_duplicates_do_not_disturb() -> None:
    """Packets that come twice leave all times as they were, and get the same."""
    link = radio_link(60.0)
    twice = np.sort(np.append(np.arange(len(link.ticks)), np.arange(50, 3000, 7)))
    once = fit_clock(link.ticks, link.arrival, CLOCK)
    np.testing.assert_allclose(
        fit_clock(link.ticks[twice], link.arrival[twice], CLOCK), once[twice], atol=2e-4
    )


def test_sample_numbers_serve_as_a_clock() -> None:
    """A sensor 0.8 % off its nominal rate is right to 1.5 ms by its sample numbers, with losses."""
    link = radio_link(300.0, rate=60.5)
    kept = np.flatnonzero(np.random.default_rng(0).random(len(link.truth)) >= 0.05)
    time = fit_clock(kept % 2**16, link.arrival[kept], sample_counter(60.0, 16))
    assert np.abs(time - link.truth[kept] - LATENCY).max() < 1.5e-3


def test_the_nominal_rate_holds_between_gaps() -> None:
    """With running numbers only and losses seen as silence, times are right to 15 ms of 30."""
    link = radio_link(60.0, rate=99.5)
    kept = link.part(link.truth % 20.0 < 18.0)
    numbers = np.arange(len(kept.truth))
    time = fit_clock(numbers, kept.arrival, nominal_rate(100.0))
    assert np.abs(time - kept.truth - LATENCY).max() < 15e-3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_shortest_recordings(count: int) -> None:
    """None, one or two samples are no error."""
    link = radio_link(1.0).part(slice(count))
    assert len(fit_clock(link.ticks, link.arrival, CLOCK)) == count
