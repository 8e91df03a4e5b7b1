"""What is wrong with averaged heart rates is marked with the reason."""

import numpy as np
import pytest

from trackside.errors import SignalError
from trackside.filters.heart_rate_faults import Fault, Reason, usable_rates

TIME = np.arange(1200.0)
GOOD = 150.0 + np.round(3.0 * np.sin(TIME / 20.0))


def test_good_rates_have_no_faults() -> None:
    """A plausible heart rate is used as it is."""
    usable, faults = usable_rates(TIME, GOOD)
    assert usable.all()
    assert faults == []


@pytest.mark.parametrize("value", [0.0, 255.0])
def test_lost_contact(value: float) -> None:
    """0 and 255 mean that the strap has lost the skin."""
    rate = GOOD.copy()
    rate[100:160] = value
    usable, faults = usable_rates(TIME, rate)
    assert faults == [Fault(100.0, 159.0, Reason.NO_CONTACT)]
    np.testing.assert_array_equal(np.flatnonzero(~usable), np.arange(100, 160))


def test_a_strap_that_says_so() -> None:
    """Contact 0 marks values that look good; NaN, not told, does not."""
    contact = np.full(len(TIME), np.nan)
    contact[200:300], contact[300:] = 0.0, 1.0
    _, faults = usable_rates(TIME, GOOD, contact)
    assert faults == [Fault(200.0, 299.0, Reason.NO_CONTACT)]


def test_gaps_frozen_and_implausible_values() -> None:
    """Ten minutes of nothing, one value for ten minutes, and 300 bpm: each told apart."""
    rate = GOOD.copy()
    rate[300:900] = np.nan
    assert usable_rates(TIME, rate)[1] == [Fault(299.0, 900.0, Reason.DROPOUT)]
    rate = GOOD.copy()
    rate[300:900] = 151.5
    assert usable_rates(TIME, rate)[1] == [Fault(300.0, 899.0, Reason.FROZEN)]
    rate = GOOD.copy()
    rate[7] = 300.0
    assert usable_rates(TIME, rate)[1] == [Fault(7.0, 7.0, Reason.IMPLAUSIBLE)]


def test_nothing_has_no_faults() -> None:
    """An empty channel is no error."""
    usable, faults = usable_rates([], [])
    assert not usable.size
    assert faults == []


def test_shapes_are_checked() -> None:
    """Values without times are somebody's mistake."""
    with pytest.raises(SignalError):
        usable_rates(TIME, GOOD[1:])
