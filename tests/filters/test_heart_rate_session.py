"""A session's heart rate as a whole: recovery, drift, and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiled_beats import session
from test_cadence_lock import locked_from
from test_r_peaks import ecg_of

from trackside.errors import SignalError
from trackside.filters.heart_rate_drift import drift
from trackside.filters.heart_rate_faults import Reason
from trackside.filters.heart_rate_session import HeartSignals, Series, heart_session
from trackside.simulation.heart_rate import GAIN, TIME_CONSTANT, Heart


def test_recovery_after_an_effort() -> None:
    """The end of the effort, and the fall of the simulated heart in the minute after it."""
    beats, time, rate = session(0)
    found = heart_session(HeartSignals(intervals=Series(beats[1:], np.diff(beats))))
    last = found.recoveries[-1]
    assert last.time == pytest.approx(960.0, abs=4.0)
    truth = np.interp([960.0, 990.0, 1020.0, 1080.0], time, rate)
    assert [last.fall_30, last.fall_60, last.fall_120] == pytest.approx(
        list(truth[0] - truth[1:]), abs=2.0
    )


def test_drift_against_pace() -> None:
    """A heart that beats 6 bpm faster every hour at the same pace, told from the pace itself."""
    rng = np.random.default_rng(1)
    time = np.arange(3600.0)
    speed = 3.2 + 0.4 * np.sin(time / 200.0)
    rate = Heart(maximum=220.0).rate(speed, 1.0) + 6.0 * time / 3600.0
    found = drift(time, rate + rng.normal(0.0, 1.0, 3600), speed)
    assert found.per_hour == pytest.approx(6.0, abs=0.5)
    assert abs(found.per_hour - 6.0) < 3.0 * found.per_hour_sd + 0.3
    assert found.used == pytest.approx(3600.0 - 180.0, abs=2.0)
    steady = drift(time, 150.0 + 6.0 * time / 3600.0, np.full(3600, 3.2))
    assert steady.decoupling == pytest.approx(6.0 * 1710.0 / 3600.0 / 154.9, abs=1e-3)
    assert (GAIN, TIME_CONSTANT) == (24.2, 57.6)


def test_no_drift_without_enough_running() -> None:
    """Ten minutes, or no speed at all: a reason instead of a number."""
    time = np.arange(600.0)
    short = drift(time, np.full(600, 150.0), np.full(600, 3.0))
    assert np.isnan(short.per_hour)
    assert "min of settled running" in short.reason
    assert drift(time, np.full(600, 150.0), np.full(600, np.nan)).reason


def test_beats_come_from_the_ecg_where_there_are_no_intervals() -> None:
    """The same heart rate from an ECG as from intervals."""
    beats, time, rate = session(0)
    beats = beats[(beats > 1.0) & (beats < 239.0)]
    found = heart_session(HeartSignals(ecg=Series(*ecg_of(beats, 240.0, 0.05))))
    error = found.rate.bpm - np.interp(found.rate.time, time, rate)
    assert np.sqrt(np.nanmean(error[5:-5] ** 2)) < 0.7


def test_a_cadence_lock_is_marked_and_not_used() -> None:
    """The locked minutes are a fault, and the rate is unknown there instead of wrong."""
    time, cadence = np.arange(900.0), np.full(900, 175.0)
    rate = 130.0 + 5.0 * np.sin(time / 50.0)
    shown = locked_from(rate, cadence, 400, 600, 1.0)
    found = heart_session(HeartSignals(average=Series(time, shown), cadence=Series(time, cadence)))
    (fault,) = found.faults
    assert fault.reason is Reason.CADENCE_LOCK
    assert (fault.start, fault.end) == pytest.approx((400.0, 600.0), abs=8.0)
    inside = (found.rate.time > 430) & (found.rate.time < 570)
    assert np.isnan(found.rate.bpm[inside]).all()
    assert np.nanmax(found.rate.bpm) < 150.0


@pytest.mark.parametrize("value", [0.0, 255.0, np.nan, 150.0])
def test_constant_channels(value: float) -> None:
    """0, 255, nothing and one value for an hour: no heart rate, and the error tells why."""
    time = np.arange(3600.0)
    with pytest.raises(SignalError, match="no heart rate that can be used"):
        heart_session(HeartSignals(average=Series(time, np.full(3600, value))))


def test_a_dropped_strap_leaves_the_rest() -> None:
    """Zeros and a gap of ten minutes: what was measured before and after is told."""
    beats, _, _ = session(0, 2400.0)
    arrival, intervals = beats[1:], np.diff(beats)
    off = (arrival > 600.0) & (arrival < 1200.0)
    intervals[off] = 0.0
    average = np.where((beats > 600.0) & (beats < 1200.0), 0.0, 150.0 + np.round(beats % 7))
    found = heart_session(
        HeartSignals(intervals=Series(arrival, intervals), average=Series(beats, average))
    )
    assert len(found.beats) == 2
    (fault,) = found.faults
    assert fault.reason is Reason.NO_CONTACT
    unknown = (found.rate.time > 630) & (found.rate.time < 1170)
    assert np.isnan(found.rate.bpm[unknown]).all()
    assert np.isfinite(found.rate.bpm[~unknown]).mean() > 0.95


JUNK = st.sampled_from([0.0, 255.0, 0.8, 150.0, np.nan, np.inf, -3.0])
STEPS = st.sampled_from([0.0, 0.4, 1.0, 700.0])


@st.composite
def junk(draw: st.DrawFn) -> Series:
    """Any values at any times that do not decrease, gaps and repeats among them."""
    rows = draw(st.lists(st.tuples(STEPS, JUNK | st.floats(0.0, 300.0)), max_size=40))
    steps, values = np.array(rows).reshape(-1, 2).T
    return Series(np.cumsum(steps), values.copy())


@given(junk(), junk(), junk(), junk())
@settings(max_examples=80)
def test_any_input_gives_a_result_or_a_reason(
    intervals: Series, average: Series, cadence: Series, speed: Series
) -> None:
    """Whatever straps and watches send, nothing but a clear error comes of it."""
    try:
        found = heart_session(HeartSignals(intervals, average, cadence=cadence, speed=speed))
    except SignalError:
        return
    known = np.isfinite(found.rate.bpm)
    assert (np.diff(found.rate.time) > 0.0).all()
    assert (found.rate.sd[known] > 0.0).all()
