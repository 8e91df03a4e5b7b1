"""What the orientation filter does with blocks, several sensors, gaps and wrong samples."""

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_motion import Tumble, inclination_error, tumble

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.orientation import (
    OrientationEstimate,
    OrientationFilter,
    OrientationParameters,
    estimate_orientation,
)
from trackside.kinematics import quaternions as qt

RATE = 100.0
SAMPLES = 600
SENSORS = 3
PROMPT = OrientationParameters(sensor_delay=0.0)  # synthetic samples come at once


def assert_identical(a: OrientationEstimate, b: OrientationEstimate) -> None:
    """Every result is the same bit for bit."""
    for field in fields(a):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))


def joined(parts: list[OrientationEstimate]) -> OrientationEstimate:
    """Blocks of (S, n, ...) results put together."""
    return OrientationEstimate(
        *(
            np.concatenate([getattr(part, field.name) for part in parts], axis=1)
            for field in fields(OrientationEstimate)
        )
    )


@pytest.fixture(scope="module")
def kit() -> list[Tumble]:
    """Three sensors, each with its own motion."""
    return [tumble(RATE, SAMPLES / RATE, seed=seed) for seed in range(SENSORS)]


def stacked(kit: list[Tumble]) -> tuple[Floats, Floats, Floats, Floats]:
    """Time (S, N) and gyroscope, accelerometer, magnetometer (S, N, 3)."""
    time, gyr, acc, mag = (
        np.stack([getattr(motion, name) for motion in kit])
        for name in ("time", "gyr", "acc", "mag")
    )
    return time, gyr, acc, mag


@given(
    cuts=st.lists(st.integers(0, SAMPLES), max_size=20),
    gaps=st.lists(st.tuples(st.integers(1, SAMPLES - 1), st.floats(0.001, 3.0)), max_size=4),
    holes=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, SENSORS - 1),
            st.integers(0, SAMPLES - 1),
            st.integers(1, 60),
        ),
        max_size=6,
    ),
    magnetic=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_any_blocks_give_what_the_whole_gives(
    kit: list[Tumble],
    cuts: list[int],
    gaps: list[tuple[int, float]],
    holes: list[tuple[int, int, int, int]],
    magnetic: bool,
) -> None:
    """Streaming is bit for bit the batch result, with gaps and missing samples, and never NaN."""
    time, *channels = stacked(kit)
    for place, seconds in gaps:
        time[:, place:] += seconds
    for channel, sensor, first, length in holes:
        channels[channel][sensor, first : first + length] = np.nan
    if not magnetic:
        channels.pop()
    whole = estimate_orientation(*channels, time=time)
    stream = OrientationFilter(SENSORS)
    edges = [0, *sorted(cuts), SAMPLES]
    parts = [
        stream.update(time[:, a:b], *(channel[:, a:b] for channel in channels))
        for a, b in pairwise(edges)
    ]
    assert_identical(joined(parts), whole)
    assert all(np.isfinite(getattr(whole, field.name)).all() for field in fields(whole))
    np.testing.assert_allclose(np.linalg.norm(whole.quaternions, axis=-1), 1.0, atol=1e-12)


def test_result_depends_on_the_past_only(kit: list[Tumble]) -> None:
    """What comes later does not change an estimate."""
    motion = kit[0]
    whole = estimate_orientation(motion.gyr, motion.acc, motion.mag, time=motion.time)
    half = estimate_orientation(
        motion.gyr[:333], motion.acc[:333], motion.mag[:333], time=motion.time[:333]
    )
    np.testing.assert_array_equal(half.quaternions, whole.quaternions[:333])


def test_sensors_do_not_know_of_each_other(kit: list[Tumble]) -> None:
    """A batch over sensors is bit for bit the sensors one by one."""
    time, gyr, acc, mag = stacked(kit)
    batch = estimate_orientation(gyr, acc, mag, time=time)
    for s in range(SENSORS):
        single = estimate_orientation(gyr[s], acc[s], mag[s], time=time[s])
        np.testing.assert_array_equal(single.quaternions, batch.quaternions[s])
        np.testing.assert_array_equal(single.heading_sd, batch.heading_sd[s])


def test_rate_and_even_times_are_the_same(kit: list[Tumble]) -> None:
    """A sampling rate means evenly spaced times, shared by all sensors."""
    _, gyr, acc, mag = stacked(kit)
    by_rate = estimate_orientation(gyr, acc, mag, rate=RATE)
    by_time = estimate_orientation(gyr, acc, mag, time=np.arange(SAMPLES) / RATE)
    assert_identical(by_rate, by_time)


def test_uneven_sampling_is_followed() -> None:
    """Dropping a third of the samples at random leaves the orientation right."""
    motion = tumble(200.0, 30.0, seed=20)
    kept = np.sort(np.random.default_rng(5).permutation(len(motion.time))[::3])
    found = estimate_orientation(
        motion.gyr[kept],
        motion.acc[kept],
        motion.mag[kept],
        time=motion.time[kept],
    )
    error = qt.angle_between(found.quaternions, motion.orientation[kept])
    assert np.rad2deg(np.sqrt(np.mean(error[motion.time[kept] > 10.0] ** 2))) < 2.0


def test_lost_packets_cost_seconds_only() -> None:
    """What fast rotation does in 0.15 s of lost samples is admitted, and got over in 3 s."""
    motion = tumble(RATE, 40.0, seed=24, speed=4.0)
    kept = np.ones(len(motion.time), bool)
    kept[2000:2015] = False
    kept[2017:2032] = False
    found = estimate_orientation(
        motion.gyr[kept],
        motion.acc[kept],
        motion.mag[kept],
        time=motion.time[kept],
        parameters=PROMPT,
    )
    error = inclination_error(found.quaternions, motion.orientation[kept])
    lost = slice(2000, 2004)
    assert found.inclination_sd[2003] > 1.05 * found.inclination_sd[1999]
    assert np.all(error[lost] < 3.0 * found.inclination_sd[lost])
    assert np.rad2deg(error[2300:].max()) < 1.5


def test_long_gap_is_admitted_and_got_over() -> None:
    """Over a gap the orientation is kept and less sure; seconds later it is right again."""
    motion = tumble(RATE, 40.0, seed=21)
    kept = (motion.time < 20.0) | (motion.time > 25.0)
    time, truth = motion.time[kept], motion.orientation[kept]
    found = estimate_orientation(
        motion.gyr[kept], motion.acc[kept], motion.mag[kept], time=time, parameters=PROMPT
    )
    before = np.searchsorted(time, 20.0) - 1
    np.testing.assert_array_equal(found.quaternions[before], found.quaternions[before + 1])
    assert found.inclination_sd[before + 1] > 1.0 > 0.1 > found.inclination_sd[before]
    later = time > 32.0
    assert np.rad2deg(inclination_error(found.quaternions, truth)[later].max()) < 2.0
    assert np.rad2deg(qt.angle_between(found.quaternions, truth)[later].max()) < 6.0


def test_missing_gyroscope_is_a_gap() -> None:
    """NaN from the gyroscope gives, at the other samples, what leaving them out gives."""
    motion = tumble(RATE, 10.0, seed=22)
    silent = (motion.time > 4.0) & (motion.time < 5.0)
    gyr = np.where(silent[:, None], np.nan, motion.gyr)
    marked = estimate_orientation(gyr, motion.acc, motion.mag, time=motion.time)
    dropped = estimate_orientation(
        motion.gyr[~silent], motion.acc[~silent], motion.mag[~silent], time=motion.time[~silent]
    )
    np.testing.assert_array_equal(marked.quaternions[~silent], dropped.quaternions)
    assert np.all(np.diff(marked.inclination_sd[silent]) >= 0.0)
    assert marked.inclination_sd[silent][-1] > 1.0


def test_missing_accelerometer_is_bridged_by_the_gyroscope() -> None:
    """Three seconds without accelerometer cost little inclination."""
    motion = tumble(RATE, 20.0, seed=23)
    motion.acc[1000:1300] = np.nan
    found = estimate_orientation(motion.gyr, motion.acc, rate=RATE)
    error = inclination_error(found.quaternions, motion.orientation)
    assert np.rad2deg(error[1000:].max()) < 1.0


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_silent_magnetometer_is_as_good_as_none(value: float, kit: list[Tumble]) -> None:
    """A magnetometer of NaN or zeros leaves the 6D result."""
    motion = kit[1]
    none = estimate_orientation(motion.gyr, motion.acc, rate=RATE)
    silent = estimate_orientation(
        motion.gyr, motion.acc, np.full_like(motion.gyr, value), rate=RATE
    )
    assert_identical(silent, none)


def test_before_the_first_usable_sample_nothing_is_claimed(kit: list[Tumble]) -> None:
    """Until both sensors have spoken, the identity comes with standard deviations of π."""
    motion = kit[2]
    acc = motion.acc.copy()
    acc[:50] = np.nan
    found = estimate_orientation(motion.gyr, acc, motion.mag, rate=RATE)
    np.testing.assert_array_equal(found.quaternions[:50], np.tile(qt.IDENTITY, (50, 1)))
    np.testing.assert_array_equal(found.inclination_sd[:50], np.pi)
    np.testing.assert_array_equal(found.heading_sd[:50], np.pi)


def test_gyroscope_in_degrees_is_named(kit: list[Tumble]) -> None:
    """Degrees per second are refused with sensor, sample and remedy, fast or slow."""
    _, gyr, acc, _ = stacked(kit)
    gyr[1] = np.rad2deg(gyr[1])
    with pytest.raises(SignalError, match=r"sensor 1, sample.*degrees per second"):
        estimate_orientation(gyr, acc, rate=RATE)
    with pytest.raises(SignalError, match=r"sensor 1, sample \d+: .*degrees per second"):
        OrientationFilter(SENSORS).update(np.arange(SAMPLES) / RATE, gyr, acc)
    slow = np.full((50, 3), 20.0)
    with pytest.raises(SignalError, match=r"sensor 0.*degrees per second"):
        estimate_orientation(slow, np.ones((50, 3)), rate=RATE)


@pytest.mark.parametrize("step", [0.0, -0.02, np.nan])
def test_time_that_stands_still_is_refused(step: float, kit: list[Tumble]) -> None:
    """A repeated, reversed or missing time stamp is named with its sensor and sample."""
    time, gyr, acc, _ = stacked(kit)
    time[2, 77] = time[2, 76] + step
    with pytest.raises(SignalError, match="sensor 2, sample 77: time"):
        estimate_orientation(gyr, acc, time=time)


def test_refused_block_leaves_the_state(kit: list[Tumble]) -> None:
    """A block from the past is refused, and the stream goes on as if it had not come."""
    motion = kit[0]
    stream = OrientationFilter(1)
    stream.update(motion.time[:100], motion.gyr[:100], motion.acc[:100])
    with pytest.raises(SignalError, match=r"sensor 0, sample 0: time 0\.5 s .* 0\.99 s"):
        stream.update(motion.time[50:150], motion.gyr[50:150], motion.acc[50:150])
    after = stream.update(motion.time[100:], motion.gyr[100:], motion.acc[100:])
    whole = estimate_orientation(motion.gyr, motion.acc, time=motion.time)
    np.testing.assert_array_equal(after.quaternions, whole.quaternions[100:])


def test_sensor_without_a_usable_sample_is_named(kit: list[Tumble]) -> None:
    """A sensor that is all NaN is an error of a recording, but not of a live block."""
    time, gyr, acc, _ = stacked(kit)
    acc[1] = np.nan
    with pytest.raises(SignalError, match="sensor 1: none of its 600 samples"):
        estimate_orientation(gyr, acc, time=time)
    stream = OrientationFilter(SENSORS)
    stream.update(time, gyr, acc)
    np.testing.assert_array_equal(stream.started, [True, False, True])


def test_wrong_shapes_are_named() -> None:
    """Arrays that do not belong together are refused with both shapes."""
    gyr = np.zeros((10, 3))
    with pytest.raises(SignalError, match=r"gyroscope has shape \(10, 4\)"):
        estimate_orientation(np.zeros((10, 4)), gyr, rate=RATE)
    with pytest.raises(SignalError, match=r"accelerometer has shape \(9, 3\), the gyroscope"):
        estimate_orientation(gyr, gyr[:9], rate=RATE)
    with pytest.raises(SignalError, match="magnetometer has shape"):
        estimate_orientation(gyr, gyr, gyr[:9], rate=RATE)
    with pytest.raises(SignalError, match=r"time has shape \(9,\): expected \(10,\) or \(1, 10\)"):
        estimate_orientation(gyr, gyr, time=np.arange(9.0))
    with pytest.raises(SignalError, match=r"expected \(2, n, 3\)$"):
        OrientationFilter(2).update(np.arange(10.0), gyr, gyr)


@pytest.mark.parametrize("clock", [{}, {"rate": 100.0, "time": np.arange(10.0)}, {"rate": 0.0}])
def test_exactly_one_clock_is_wanted(clock: dict[str, Any]) -> None:
    """Neither, both, or a rate of zero is refused."""
    gyr = np.zeros((10, 3))
    with pytest.raises(SignalError, match="either a rate"):
        estimate_orientation(gyr, gyr, **clock)
