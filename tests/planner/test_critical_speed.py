"""Critical speed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import ParameterError
from trackside.planner.critical_speed import critical_speed


@given(st.floats(2.0, 6.0), st.floats(20.0, 400.0))
def test_exact_efforts_give_back_the_model(speed: float, reserve: float) -> None:
    """Efforts on the line D = CS · t + D′ give CS and D′, and times over other distances."""
    efforts = [(speed * time + reserve, time) for time in (150.0, 400.0, 850.0)]
    model = critical_speed(efforts)
    assert (model.speed, model.reserve) == pytest.approx((speed, reserve))
    assert model.time(speed * 600.0 + reserve) == pytest.approx(600.0)


def test_efforts_that_do_not_tell_are_refused() -> None:
    """Too few or too long efforts, and efforts that were not all out, are named."""
    with pytest.raises(ParameterError, match="2 different efforts"):
        critical_speed([(800.0, 150.0), (3000.0, 700.0), (2990.0, 700.0)])
    with pytest.raises(ParameterError, match="2400 s; expected 120 to 900 s"):
        critical_speed([(800.0, 150.0), (3000.0, 700.0), (10e3, 2400.0)])
    with pytest.raises(ParameterError, match="all out"):
        critical_speed([(600.0, 150.0), (1800.0, 400.0), (4200.0, 850.0)])
