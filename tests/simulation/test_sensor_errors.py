"""Sensor errors have the size they are given."""

import numpy as np
import pytest

from trackside.simulation.clocks import clock_of, received
from trackside.simulation.sensor_errors import (
    IDEAL,
    REALISTIC,
    Imperfection,
    SensorErrors,
    spoil,
    wandering_field,
)

RATE = 100.0


def test_perfect_sensor_changes_nothing() -> None:
    """Without imperfections a signal stays exactly as it is."""
    signal = np.random.default_rng(0).standard_normal((50, 3))
    before = signal.copy()
    spoil(signal, IDEAL.gyroscope, RATE, np.random.default_rng(1))
    assert np.array_equal(signal, before)


def test_noise_density_and_bias() -> None:
    """White noise of density n has the variance n²·rate/2, on top of one offset per axis."""
    signal = np.zeros((20_000, 3))
    spoil(signal, Imperfection(bias=2.0, noise=0.1), RATE, np.random.default_rng(2))
    assert signal.std(axis=0) == pytest.approx(0.1 * np.sqrt(RATE / 2), rel=0.03)
    assert np.abs(signal.mean(axis=0)).max() > 0.1


def test_drift_is_a_random_walk() -> None:
    """After t seconds the offset has wandered by drift·√t, over many sensors."""
    ends = []
    for seed in range(150):
        signal = np.zeros((400, 3))
        spoil(signal, Imperfection(drift=0.5), RATE, np.random.default_rng(seed))
        ends.append(signal[-1])
    assert np.std(ends) == pytest.approx(0.5 * np.sqrt(4.0), rel=0.1)


def test_scale_limit_and_resolution() -> None:
    """A scale error stretches, saturation clips, and values are multiples of the resolution."""
    signal = np.linspace([-20.0] * 3, [20.0] * 3, 999)
    clean = signal.copy()
    spoil(
        signal,
        Imperfection(scale=0.01, limit=16.0, resolution=0.25),
        RATE,
        np.random.default_rng(3),
    )
    assert signal.max() == 16.0
    assert np.array_equal(signal % 0.25, np.zeros_like(signal))
    assert 0 < np.abs(signal - clean)[np.abs(clean) < 15].max() < 1.0


def test_disturbance_has_its_size_and_memory() -> None:
    """The wandering field has the given deviation, and forgets itself over the given time."""
    errors = SensorErrors(disturbance=3.0, disturbance_time=0.5)
    field = wandering_field(100_000, errors, RATE, np.random.default_rng(4))
    assert field.std() == pytest.approx(3.0, rel=0.05)
    later = np.mean(field[50:] * field[:-50]) / np.mean(field**2)
    assert later == pytest.approx(np.exp(-1.0), abs=0.05)


def test_losses_come_in_bursts() -> None:
    """The share of lost packets and the length of a burst are those asked for."""
    errors = SensorErrors(loss=0.05, burst=5.0)
    kept = received(200_000, errors, np.random.default_rng(5))
    assert 1 - kept.mean() == pytest.approx(0.05, rel=0.1)
    bursts = np.diff(np.flatnonzero(np.diff(kept.astype(int))))[::2]
    assert bursts.mean() == pytest.approx(5.0, rel=0.15)


def test_losses_show_in_sequence_and_time() -> None:
    """A lost packet is a jump of the sequence and an equal gap in time and in device ticks."""
    clock = clock_of(60.0, RATE, REALISTIC, np.random.default_rng(6))
    jumps = np.diff(clock.sequence)
    assert jumps.min() == 1
    assert jumps.max() > 1
    assert np.diff(clock.time) == pytest.approx(jumps / RATE, rel=1e-3)
    assert np.diff(clock.device_time) / 32768 == pytest.approx(jumps / RATE, abs=4e-5)


def test_clock_runs_off_and_packets_arrive_late() -> None:
    """Device ticks drift from true time by the skew; arrival is later than sampling, in order."""
    errors = SensorErrors(clock_skew=200.0, latency=0.02, jitter=0.01, tick=1e-6)
    skews = []
    for seed in range(40):
        clock = clock_of(60.0, RATE, errors, np.random.default_rng(seed))
        skews.append(np.polyfit(clock.time, clock.device_time * 1e-6, 1)[0] - 1)
    assert np.std(skews) == pytest.approx(200e-6, rel=0.25)
    assert (clock.host_time - clock.time).min() > 0.02 - 1e-9
    assert (np.diff(clock.host_time) >= 0).all()


def test_ideal_clock_is_exact() -> None:
    """A perfect clock samples at whole multiples of the interval, from zero to the end."""
    clock = clock_of(10.0, RATE, IDEAL, np.random.default_rng(8))
    assert np.array_equal(clock.time, np.arange(1000) / RATE)
    assert np.array_equal(clock.host_time, clock.time)
