"""Zero-velocity-aided navigation on motions whose way is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.filters.inertial_steps import clipped, inertial_steps, restored
from trackside.filters.zero_velocity import InertialPath, Nodes, navigate

GRAVITY = 9.81
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])


def steps(rate: float, count: int = 6) -> tuple[Floats, Floats, Floats, Floats]:
    """Time, force, and position of a sensor that moves 1.2 m east in half of each second."""
    time = np.arange(0, count + 0.5, 1 / rate)
    part = np.clip((time % 1.0) / 0.5, 0, 1)
    done = np.floor(time) * 1.2
    position = done + 1.2 * (part - np.sin(2 * np.pi * part) / (2 * np.pi))
    acceleration = 1.2 * 2 * np.pi / 0.25 * np.sin(2 * np.pi * part) * (time % 1.0 < 0.5)
    force = np.stack([acceleration, 0 * time, np.full_like(time, GRAVITY)], axis=-1)
    return time, force, position, time % 1.0


def nodes(time: Floats, within: Floats) -> Nodes:
    """Rest from 0.6 s to 0.95 s of each second, a footprint in the middle of it."""
    step = round(0.02 / (time[1] - time[0]))
    samples = np.unique([*range(0, len(time), step), len(time) - 1])
    resting = (within[samples] > 0.6) & (within[samples] < 0.95)
    never = np.full(len(samples), np.inf)
    middle = np.diff(np.floor(time[samples] - 0.8), prepend=-1.0) > 0
    return Nodes(samples, np.where(resting, 0.01, np.inf), never, never, middle)


def follow(time: Floats, gyr: Floats, acc: Floats, within: Floats) -> InertialPath:
    return navigate(inertial_steps(time, gyr, acc), nodes(time, within), UPRIGHT)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from([100.0, 200.0, 400.0]),
    st.tuples(*[st.floats(-0.01, 0.01)] * 2),
    st.floats(-0.03, 0.03),
)
def test_bias_and_tilt_are_learned(rate: float, bias: tuple[float, float], tilt: float) -> None:
    """A gyroscope's bias and a wrong inclination at the start do not spoil the way."""
    time, acc, position, within = steps(rate)
    gyr = np.tile([*bias, 0.0], (len(time), 1))
    acc = acc + GRAVITY * np.sin(tilt) * np.array([0.0, 1.0, 0.0])
    path = follow(time, gyr, acc, within)
    np.testing.assert_allclose(path.positions[:, 0], position, atol=0.03)
    assert np.abs(path.positions[:, 1]).max() < 0.03


def test_ways_between_footprints() -> None:
    """The way since the last footprint is that of the path, and its error is known."""
    time, acc, _, within = steps(200.0)
    rng = np.random.default_rng(1)
    gyr = rng.normal(scale=0.005, size=acc.shape)
    path = follow(time, gyr, acc + rng.normal(scale=0.1, size=acc.shape), within)
    known = nodes(time, within)
    ends = np.flatnonzero(known.footprints)[1:]
    np.testing.assert_allclose(path.ways[ends, 0], 1.2, atol=0.02)
    sd = np.sqrt(path.way_covariances[ends, 0, 0])
    assert (sd > 0).all()
    assert (np.abs(path.ways[ends, 0] - 1.2) < 4 * sd).all()


def test_covariances_stay_positive() -> None:
    """After the backward pass no direction is better known than perfectly, for minutes."""
    time, acc, _, within = steps(100.0, count=200)
    path = follow(time, np.zeros_like(acc), acc, within)
    footprints = path.way_covariances[nodes(time, within).footprints]
    assert np.linalg.eigvalsh(footprints).min() > -1e-12
    assert (path.velocity_variances >= 0).all()


def test_lever_to_what_rests() -> None:
    """A sensor that rocks about a resting point comes back to where it was."""
    time = np.arange(0, 5, 0.005)
    angle = 0.3 * np.sin(2 * np.pi * time) ** 3
    rate, bend = np.gradient(angle, time), np.gradient(np.gradient(angle, time), time)
    arm = np.array([0.0, 0.0, 0.2])  # the sensor above the pivot, turning about y
    gyr = np.stack([0 * time, rate, 0 * time], axis=-1)
    acc = np.stack(
        [
            bend * arm[2] - GRAVITY * np.sin(angle),
            0 * time,
            -(rate**2) * arm[2] + GRAVITY * np.cos(angle),
        ],
        axis=-1,
    )
    samples = np.arange(0, len(time), 4)
    never = np.full(len(samples), np.inf)
    samples[-1] = len(time) - 1
    footprints = np.zeros(len(samples), np.bool_)
    known = Nodes(samples, np.full(len(samples), 0.02), never, never, footprints)
    path = navigate(inertial_steps(time, gyr, acc), known, UPRIGHT, lever=-arm)
    expected = 0.2 * np.sin(angle)
    np.testing.assert_allclose(path.positions[:, 0] - path.positions[0, 0], expected, atol=0.005)


def test_clipped_peaks_are_restored() -> None:
    """What a range of 16 g cuts off a smooth peak is put back to a third, unlike what is whole."""
    limit = 16 * GRAVITY
    time = np.arange(0, 1, 0.005)
    peak = 300 * np.exp(-0.5 * ((time - 0.5) / 0.02) ** 2)
    whole = np.stack([peak, -peak, 0.3 * peak], axis=-1)
    shown = np.clip(whole, -limit, limit)
    assert clipped(shown)[:, :2].any(axis=0).all()
    assert not clipped(shown)[:, 2].any()
    hidden = np.sum(np.abs(whole - shown), axis=0)[:2]
    left = np.sum(np.abs(whole - restored(shown)), axis=0)[:2]
    assert (left < 0.7 * hidden).all()
    np.testing.assert_array_equal(restored(whole), whole)


def test_missing_samples_widen_the_error() -> None:
    """What was filled in is believed less: the stride's way becomes less sure."""
    time, acc, _, within = steps(200.0)
    known = nodes(time, within)
    gyr = np.zeros_like(acc)
    measured = ~((time > 2.1) & (time < 2.3))
    sure = navigate(inertial_steps(time, gyr, acc), known, UPRIGHT)
    unsure = navigate(inertial_steps(time, gyr, acc, measured), known, UPRIGHT)
    ends = np.flatnonzero(known.footprints)[1:]
    wider = unsure.way_covariances[ends, 0, 0] / sure.way_covariances[ends, 0, 0]
    assert wider.max() > 1.2
    assert wider.min() == pytest.approx(1.0, abs=0.2)


def test_what_is_restored_hardly_depends_on_the_sampling() -> None:
    """Of a peak that rises fast and falls slowly about as much is put back as was cut off.

    Whenever it is sampled, and of negative peaks as of positive ones.
    """
    limit = 16 * GRAVITY
    shares = []
    for phase in np.linspace(0.0, 0.005, 8, endpoint=False):
        time = np.arange(-0.1, 0.3, 0.005) + phase
        part = np.maximum(time, 0.0) / 0.03
        peak = 300 * (part * np.exp(1.0 - part)) ** 2
        whole = np.stack([peak, -peak, 0 * peak], axis=-1)
        shown = np.clip(whole, -limit, limit)
        put_back = np.sum(np.abs(restored(shown) - shown), axis=0)[:2]
        shares.append(put_back / np.sum(np.abs(whole - shown), axis=0)[:2])
    assert np.std(shares) < 0.35
    assert np.mean(shares) == pytest.approx(1.2, abs=0.3)


def test_filled_samples_know_no_range() -> None:
    """A sample that was filled in beyond the range does not hide that others are clipped."""
    time = np.arange(0, 1, 0.005)
    peak = 300 * np.exp(-0.5 * ((time - 0.5) / 0.02) ** 2)
    shown = np.clip(np.stack([peak, -peak, 0 * peak], axis=-1), -16 * GRAVITY, 16 * GRAVITY)
    measured = np.ones(len(time), np.bool_)
    ends = clipped(shown, measured)
    measured[20] = False
    shown[20, :2] = 170.0, -170.0
    np.testing.assert_array_equal(clipped(shown, measured), ends)
    assert ends.any()
    assert not clipped(shown).any()
