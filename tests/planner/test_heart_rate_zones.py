"""Heart-rate zones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import runner
from trackside.planner.heart_rate_zones import (
    fraction_of_reserve,
    heart_rate,
    maximum_zones,
    reserve_zones,
)


def test_karvonen() -> None:
    """Half of the reserve between 50 and 190 bpm is at 120 bpm; none at 50, all at 190."""
    assert [heart_rate(runner(), x) for x in (0.0, 0.5, 1.0)] == [50.0, 120.0, 190.0]


@given(st.floats(0.0, 1.0))
def test_fraction_inverts_karvonen(fraction: float) -> None:
    """The fraction of the reserve at a heart rate is the one that gave it."""
    athlete = runner()
    found = fraction_of_reserve(athlete, heart_rate(athlete, fraction))
    assert found == pytest.approx(fraction, abs=1e-12)


def test_zones_follow_each_other() -> None:
    """Five zones without gaps, from half of reserve or maximum up to the maximum."""
    for zones, lowest in ((reserve_zones(runner()), 120.0), (maximum_zones(runner()), 95.0)):
        assert [zone.number for zone in zones] == [1, 2, 3, 4, 5]
        assert (zones[0].lower, zones[-1].upper) == (lowest, 190.0)
        bounds = [zone.lower for zone in zones[1:]]
        assert bounds == [zone.upper for zone in zones[:-1]]
