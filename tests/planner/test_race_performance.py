"""Race performances: VDOT both ways, training speeds, Riegel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import ParameterError
from trackside.planner.race_performance import (
    oxygen_cost,
    race_time,
    riegel_time,
    speed_at,
    training_speeds,
    vdot,
)

VDOTS = st.floats(20.0, 85.0)
DISTANCES = st.floats(1500.0, 42195.0)


@pytest.mark.parametrize(
    ("distance", "time", "expected"),
    [(5000.0, 1200.0, 49.81), (10000.0, 2400.0, 51.94), (42195.0, 10800.0, 53.53)],
)
def test_vdot_of_races(distance: float, time: float, expected: float) -> None:
    """5 km in 20:00, 10 km in 40:00 and a marathon in 3:00 give the published VDOT."""
    assert vdot(distance, time) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("distance", "minutes"),
    [(5000.0, 19.93), (10000.0, 41.33), (21097.5, 91.52), (42195.0, 190.66)],
)
def test_race_times_of_vdot_50(distance: float, minutes: float) -> None:
    """VDOT 50 gives the race times of Daniels' table."""
    assert race_time(50.0, distance) / 60 == pytest.approx(minutes, abs=0.006)


@given(VDOTS, DISTANCES)
def test_race_time_inverts_vdot(value: float, distance: float) -> None:
    """The time over a distance has the VDOT that it was made from."""
    assert vdot(distance, race_time(value, distance)) == pytest.approx(value, rel=1e-9)


@given(VDOTS, DISTANCES, st.floats(1.01, 2.0))
def test_longer_races_are_slower(value: float, distance: float, factor: float) -> None:
    """The same runner's mean speed falls with distance, and a fitter one is faster."""
    time = race_time(value, distance)
    assert race_time(value, factor * distance) > factor * time
    assert race_time(value + 1, distance) < time


@given(st.floats(1.0, 7.0))
def test_speed_inverts_oxygen_cost(speed: float) -> None:
    """The speed at an oxygen cost is the speed that costs so much."""
    assert speed_at(oxygen_cost(speed)) == pytest.approx(speed)


def test_training_speeds_of_vdot_50() -> None:
    """VDOT 50 trains at the paces of Daniels' table: T 4:15, I 3:55 /km, R 87 s per 400 m."""
    speeds = training_speeds(50.0)
    assert 1000 / speeds.threshold[1] == pytest.approx(4 * 60 + 15, abs=1)
    assert speeds.interval[0] < 1000 / (3 * 60 + 55) < speeds.interval[1]
    assert speeds.repetition[0] < 400 / 87 < speeds.repetition[1]
    assert speeds.marathon[0] < 42195 / race_time(50.0, 42195) < speeds.marathon[1]


@given(VDOTS)
def test_training_speeds_are_ordered(value: float) -> None:
    """Each kind of training is faster than the one before; each range is from slow to fast."""
    speeds = training_speeds(value)
    kinds = (speeds.easy, speeds.marathon, speeds.threshold, speeds.interval, speeds.repetition)
    assert all(slow < fast for slow, fast in kinds)
    assert list(kinds) == sorted(kinds)


def test_riegel() -> None:
    """10 km in 40:00 predict a half marathon 2.10975^1.06 times as long."""
    assert riegel_time(10000.0, 2400.0, 21097.5) == pytest.approx(2400 * 2.10975**1.06)


@pytest.mark.parametrize(
    ("distance", "time"), [(0.0, 60.0), (1000.0, -1.0), (1000.0, float("nan"))]
)
def test_impossible_races_are_refused(distance: float, time: float) -> None:
    """A distance or time that is no positive number is named."""
    with pytest.raises(ParameterError, match="expected a positive number"):
        vdot(distance, time)


def test_impossible_vdot_is_refused() -> None:
    """A VDOT that no speed has is named, with what is expected."""
    with pytest.raises(ParameterError, match=r"VDOT 900 .* expected about 10 to 90"):
        race_time(900.0, 5000.0)
