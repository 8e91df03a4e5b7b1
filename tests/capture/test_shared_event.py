"""The shared event: known lags recovered, and refused where nothing was shared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.capture.shared_event import SharedEvent, find_shared_event
from trackside.errors import MissingDataError

LANDING = 5.0


def jump(
    random: np.random.Generator, rate: float, lag: float = 0.0, strength: float = 60.0
) -> tuple[Floats, Floats]:
    """A sensor, worn anyhow, in a jump: push-off, 0.4 s of free fall, and a ringing landing."""
    time = np.arange(random.uniform(0.0, 1.0 / rate), 10.0, 1.0 / rate)
    after = time - lag - LANDING
    push = np.where(
        (after > -0.65) & (after < -0.4), 6.0 * np.sin((after + 0.65) * np.pi / 0.25), 0
    )
    ringing = np.exp(-20.0 * np.maximum(after, 0.0)) * np.sin(75.0 * np.maximum(after, 0.0))
    magnitude = 9.81 * ((after < -0.4) | (after > 0.0)) + push + strength * ringing
    direction = random.normal(size=3)
    direction /= np.linalg.norm(direction)
    return time, magnitude[:, None] * direction + random.normal(0.0, 0.3, (len(time), 3))


def found(lags: Floats, rates: Floats, seed: int) -> SharedEvent:
    """The event as seen by sensors with these lags and rates, and any strength of impact."""
    random = np.random.default_rng(seed)
    return find_shared_event(
        {
            f"sensor {i}": jump(random, rate, lag, random.uniform(20.0, 120.0))
            for i, (lag, rate) in enumerate(zip(lags, rates, strict=True))
        },
        LANDING + 0.1,
    )


@given(
    lags=st.lists(st.floats(-0.06, 0.06), min_size=2, max_size=9),
    rate=st.sampled_from([60.0, 100.0, 200.0]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_known_lags_are_recovered(lags: list[float], rate: float, seed: int) -> None:
    """Lags relative to the median come out to a fraction of the sample period."""
    event = found(np.array(lags), np.full(len(lags), rate), seed)
    expected = np.array(lags) - np.median(lags)
    assert np.abs(np.array(list(event.lag.values())) - expected).max() < 0.4 / rate
    assert min(event.correlation.values()) > 0.6


def test_different_rates_do_not_bias_the_lag() -> None:
    """Over many jumps the mean difference of a 60 Hz and a 200 Hz sensor is below 0.5 ms."""
    rates = np.array([60.0, 200.0])
    events = [found(np.zeros(2), rates, seed) for seed in range(60)]
    assert abs(np.mean([event.lag["sensor 0"] for event in events])) < 5e-4


def test_lags_are_finer_than_the_grid() -> None:
    """A lag of 0.4 ms between fast sensors, on a grid of 1 ms, comes out to 0.1 ms on average."""
    lags = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        sensors = {"first": jump(random, 800.0), "second": jump(random, 800.0, 4e-4)}
        lag = find_shared_event(sensors, LANDING).lag
        lags.append(lag["second"] - lag["first"])
    assert np.mean(lags) == pytest.approx(4e-4, abs=1e-4)


def test_the_uncertainty_covers_the_error() -> None:
    """In two of three cases, at least, the lag is within its standard deviation of the truth."""
    events = [found(np.zeros(6), np.full(6, 60.0), seed) for seed in range(30)]
    lags = np.array([list(event.lag.values()) for event in events])
    sds = np.array([list(event.sd.values()) for event in events])
    assert (np.abs(lags) < sds).mean() > 0.67


def test_a_sensor_that_felt_nothing_is_named() -> None:
    """A sensor left on the bench is refused, by name."""
    random = np.random.default_rng(0)
    time, acc = jump(random, 60.0)
    still = np.tile([0.0, 0.0, 9.81], (len(time), 1)) + random.normal(0.0, 0.3, acc.shape)
    with pytest.raises(MissingDataError, match="bench: no impact"):
        find_shared_event({"shank": (time, acc), "bench": (time, still)}, LANDING)


@pytest.mark.parametrize("seed", range(5))
def test_a_sensor_that_felt_something_else_is_named(seed: int) -> None:
    """A sensor that shook by itself does not pass for one that jumped with the others."""
    random = np.random.default_rng(seed)
    sensors = {name: jump(random, 60.0) for name in ("pelvis", "left_shank", "right_shank")}
    time, _ = jump(random, 60.0)
    sensors["hand"] = (time, random.normal(0.0, 12.0, (len(time), 3)))
    with pytest.raises(MissingDataError, match="hand: no event shared"):
        find_shared_event(sensors, LANDING)


def test_a_sensor_without_samples_there_is_named() -> None:
    """A sensor whose recording ended before the event is refused, by name."""
    random = np.random.default_rng(0)
    time, acc = jump(random, 60.0)
    with pytest.raises(MissingDataError, match="short: no samples"):
        find_shared_event({"whole": (time, acc), "short": (time[:250], acc[:250])}, LANDING)


def test_one_sensor_shares_nothing() -> None:
    """A single sensor has nobody to be compared with."""
    with pytest.raises(MissingDataError, match="at least two"):
        find_shared_event({"alone": jump(np.random.default_rng(0), 60.0)}, LANDING)
