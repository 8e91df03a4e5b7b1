"""Clock alignment while recording: accurate, causal, continuous, whatever the link does."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from radio_link import LATENCY, TICK, Link, radio_link, stalled

from trackside.arrays import Floats, Integers
from trackside.capture.clock import TOLERANCE, ClockFilter, StreamClock
from trackside.capture.counters import Timebase, nominal_rate
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.recordings.model import Kind

CLOCK = Timebase(TICK, 32)


def live(link: Link, timebase: Timebase = CLOCK) -> Floats:
    """The filter's times for the whole link."""
    return ClockFilter(timebase).update(link.ticks, link.arrival)


def error(link: Link) -> Floats:
    """The filter's error apart from the least delay, s."""
    return live(link) - link.truth - LATENCY


@pytest.mark.parametrize("interval", [0.0075, 0.015, 0.03, 0.045])
@pytest.mark.parametrize("skew", [-50e-6, 0.0, 50e-6])
def test_times_are_right_to_a_millisecond_or_two(interval: float, skew: float) -> None:
    """Whatever the radio's interval and the crystal, after a minute 2 ms are left of 45."""
    link = radio_link(240.0, interval=interval, skew=skew)
    assert np.abs(error(link)[link.truth > 60.0]).max() < 2e-3


def test_the_first_samples_are_already_reasonable() -> None:
    """From the first sample on the error is within one turn of the radio, and then falls."""
    link = radio_link(20.0)
    errors = np.abs(error(link))
    assert errors.max() < 0.07
    assert errors[link.truth > 3.0].max() < 6e-3


@given(skew=st.floats(-80e-6, 80e-6), seed=st.integers(0, 100))
@settings(max_examples=10, deadline=None)
def test_skew_is_recovered(skew: float, seed: int) -> None:
    """After ten minutes the skew is known to 5 ppm, with an uncertainty below a millisecond."""
    link = radio_link(600.0, skew=skew, seed=seed)
    clock = ClockFilter(CLOCK)
    clock.update(link.ticks, link.arrival)
    assert clock.estimate.skew_ppm == pytest.approx(1e6 * skew, abs=5.0)
    assert clock.estimate.sd < 1e-3


@given(
    seed=st.integers(0, 20),
    wander=st.lists(st.floats(0.0, 0.5), min_size=300, max_size=300),
    reset=st.integers(0, 299),
)
@settings(max_examples=30, deadline=None)
def test_times_never_go_back_nor_beyond_the_arrival(
    seed: int, wander: list[float], reset: int
) -> None:
    """Even with wild delays and a reset, time is monotonic and no later than the arrival."""
    link = radio_link(6.0, seed=seed).part(slice(300))
    arrival = np.maximum.accumulate(link.arrival + wander)
    ticks = np.where(np.arange(300) < reset, link.ticks, link.ticks - link.ticks[reset])
    time = ClockFilter(CLOCK).update(ticks, arrival)
    assert (np.diff(time) >= 0.0).all()
    assert (time <= arrival + TOLERANCE).all()


@given(cuts=st.lists(st.integers(0, 1800), max_size=10), seed=st.integers(0, 10))
@settings(deadline=None)
def test_any_chunks_give_the_same_times(cuts: list[int], seed: int) -> None:
    """Blocks are cut by device time, not by call: pairs in any chunks give identical times."""
    link = stalled(radio_link(30.0, seed=seed), 12.0, 0.7)
    clock = ClockFilter(CLOCK)
    bounds = np.unique([0, *np.clip(cuts, 0, len(link.ticks)), len(link.ticks)])
    parts = [clock.update(link.ticks[a:b], link.arrival[a:b]) for a, b in pairwise(bounds)]
    np.testing.assert_array_equal(np.concatenate(parts), live(link))


@given(start=st.integers(0, 2**16 - 1))
@settings(deadline=None)
def test_wraps_leave_no_trace(start: int) -> None:
    """A 16-bit counter gives the times that one without wraps gives, whatever its first value."""
    link = radio_link(20.0)
    ticks = link.ticks // 100
    wide = ClockFilter(Timebase(1e-4)).update(ticks, link.arrival)
    narrow = ClockFilter(Timebase(1e-4, 16)).update((ticks + start) % 2**16, link.arrival)
    np.testing.assert_array_equal(narrow, wide)


@given(share=st.floats(0.05, 0.8), seed=st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_lost_samples_do_not_shift_time(share: float, seed: int) -> None:
    """With up to four of five samples lost the others keep their times to a few milliseconds."""
    link = radio_link(120.0, seed=seed)
    kept = link.part(np.random.default_rng(seed).random(len(link.ticks)) >= share)
    assert np.abs(error(kept)[kept.truth > 60.0]).max() < 4e-3


@given(begin=st.floats(30.0, 50.0), length=st.floats(0.05, 4.5))
@settings(max_examples=20, deadline=None)
def test_a_stalled_host_moves_nothing(begin: float, length: float) -> None:
    """Samples taken during a stall of up to 4.5 s get their own times, and so do those after."""
    link = stalled(radio_link(70.0), begin, length)
    assert np.abs(error(link)[link.truth > 20.0]).max() < 4e-3


@given(silence=st.floats(1.0, 1800.0))
@settings(max_examples=20, deadline=None)
def test_a_long_gap_keeps_the_alignment(silence: float) -> None:
    """After up to half an hour of silence the first sample is right to the skew's uncertainty."""
    before = radio_link(300.0)
    after = radio_link(60.0, start=300.0 + silence, seed=1)
    ticks = after.ticks + round((after.truth[0] / (1.0 + 20e-6)) / TICK)
    link = Link(
        np.append(before.truth, after.truth),
        np.append(before.ticks, ticks) % 2**32,
        np.append(before.arrival, after.arrival),
    )
    assert np.abs(error(link)[link.truth > 100.0]).max() < 3e-3 + 10e-6 * silence


@pytest.mark.parametrize("restart", [0, 3_000_000, 2**31, 2**32 - 1])
def test_a_reset_device_goes_on_where_the_host_is(restart: int) -> None:
    """After a restart with any count, times are right to one turn of the radio at once."""
    before = radio_link(100.0)
    after = radio_link(100.0, start=103.0, seed=1)
    clock = ClockFilter(CLOCK)
    clock.update(before.ticks, before.arrival)
    skew = clock.estimate.skew_ppm
    time = clock.update((after.ticks + restart) % 2**32, after.arrival)
    errors = np.abs(time - after.truth - LATENCY)
    assert errors.max() < 0.07
    assert errors[after.truth > 110.0].max() < 3e-3
    assert clock.estimate.epoch == 1
    assert clock.estimate.skew_ppm == pytest.approx(skew, abs=10.0)


def test_a_clock_that_was_set_back_a_little_is_believed_in_the_end() -> None:
    """A step of 0.3 s is first taken for delay, and after a few blocks for what it is."""
    link = radio_link(120.0)
    ticks = np.where(link.truth < 60.0, link.ticks, link.ticks - round(0.3 / TICK))
    late = ClockFilter(CLOCK).update(ticks, link.arrival) - link.truth - LATENCY
    assert np.abs(late[link.truth > 80.0]).max() < 4e-3


def test_nothing_is_claimed_before_the_first_sample() -> None:
    """Without samples the estimate is NaN; an empty update changes nothing."""
    clock = ClockFilter(CLOCK)
    assert len(clock.update(np.empty(0, dtype=np.int64), np.empty(0))) == 0
    assert np.isnan(clock.estimate.sd)


def stream_clock(rate: float | None, sequence_bits: int | None = None) -> StreamClock:
    """The clock of a stream without a clock."""
    return StreamClock(
        StreamDescription("imu", Kind.IMU, (), rate=rate, sequence_bits=sequence_bits)
    )


def feed(clock: StreamClock, arrival: Floats, sequence: Integers | None) -> Floats:
    """Times of samples that come one by one."""
    values = {"value": np.zeros((1, 1))}
    return np.concatenate(
        [
            clock.update(
                Samples("imu", values, None, None if sequence is None else sequence[i : i + 1]),
                arrival[i],
            )
            for i in range(len(arrival))
        ]
    )


@pytest.mark.parametrize("rate_error", [-0.008, 0.0, 0.008])
def test_sample_numbers_serve_as_a_clock(rate_error: float) -> None:
    """A sensor whose rate is not quite nominal, with losses, is right to 3 ms by its numbers."""
    link = radio_link(120.0, rate=60.0 * (1.0 + rate_error))
    kept = np.random.default_rng(0).random(len(link.truth)) >= 0.05
    sequence = np.flatnonzero(kept) % 2**16
    time = feed(stream_clock(60.0, 16), link.arrival[kept], sequence)
    errors = time - link.truth[kept] - LATENCY
    assert np.abs(errors[link.truth[kept] > 40.0]).max() < 3e-3


def test_the_nominal_rate_smooths_between_gaps() -> None:
    """With nothing but arrivals, time is even between gaps and does not drift across them."""
    link = radio_link(60.0, rate=99.5)
    kept = (link.truth % 20.0) < 18.0
    arrival, truth = link.arrival[kept], link.truth[kept]
    time = feed(stream_clock(100.0), arrival, None)
    errors = time - truth - LATENCY
    assert errors.max() < (arrival - truth).max()
    assert errors.min() > -0.015
    assert errors[truth % 20.0 > 5.0].std() < 0.5 * (arrival - truth).std()


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_too_short_to_notice_is_made_up_for(seed: int) -> None:
    """At nominal rate, three lost samples do not shift time for good: after 12 s 5 ms are left."""
    link = radio_link(90.0, rate=99.7, seed=seed)
    kept = link.part((link.truth < 60.0) | (link.truth > 60.03))
    time = ClockFilter(nominal_rate(100.0)).update(np.arange(len(kept.truth)), kept.arrival)
    errors = time - kept.truth - LATENCY
    assert np.abs(errors[kept.truth > 72.0]).max() < 5e-3


def test_several_samples_of_one_packet_are_spread_over_its_time() -> None:
    """Ten samples that arrive together get times a sample apart, not all the arrival."""
    clock = stream_clock(100.0)
    values = {"value": np.zeros((10, 1))}
    time = np.concatenate([clock.update(Samples("imu", values), 0.1 * (k + 1)) for k in range(300)])
    np.testing.assert_allclose(np.diff(time[1500:]), 0.01, atol=1e-3)


def test_heart_beats_are_stamped_on_arrival() -> None:
    """A stream without clock, numbers or rate gets the arrival, and has no estimate."""
    clock = stream_clock(None)
    time = clock.update(Samples("heart_rate", {"heart_rate": np.array([[60.0]])}), 12.5)
    assert time.tolist() == [12.5]
    assert clock.estimate is None
