"""What slopes and heat cost, against the papers' figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import ParameterError
from trackside.planner.heat_slowdown import (
    heat_slowdown,
    is_dangerous,
    wet_bulb_globe_temperature,
)
from trackside.planner.slope_cost import relative_cost, running_cost, slowing


def test_cost_of_slopes() -> None:
    """Minetti's measurements: 3.4 on the level, 18.9 at +45 %, 3.9 at −45 % (J/(kg m)) ± 1 SD.

    The polynomial gives 3.6 on the level; its minimum lies near −20 %, measured as 1.73 ± 0.36.
    """
    assert running_cost(np.array([0.0])) == pytest.approx([3.6])
    assert running_cost(np.array([0.45]))[0] == pytest.approx(18.93, abs=1.74)
    assert running_cost(np.array([-0.45]))[0] == pytest.approx(3.92, abs=0.81)
    gradients = np.linspace(-0.45, 0.45, 9001)
    cost = running_cost(gradients)
    assert gradients[np.argmin(cost)] == pytest.approx(-0.2, abs=0.025)
    assert cost.min() == pytest.approx(1.73, abs=0.36)


def test_descents_help_only_so_much() -> None:
    """Uphill slows by the cost, downhill speeds up by a seventh at most."""
    gradients = np.array([-0.2, -0.01, 0.0, 0.05])
    assert slowing(gradients)[1:] == pytest.approx(relative_cost(gradients)[1:])
    assert slowing(gradients)[0] == pytest.approx(7 / 8)
    assert relative_cost(np.array([0.05]))[0] == pytest.approx(1.30, abs=0.01)


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [(20.0, 0.5, 19.87), (30.0, 0.7, 32.6), (0.0, 0.0, 3.94)],
)
def test_wet_bulb_globe_temperature(temperature: float, humidity: float, expected: float) -> None:
    """Values computed by hand: at 20 °C the saturated vapour has 23.4 hPa, at 30 °C 42.4."""
    assert wet_bulb_globe_temperature(temperature, humidity) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("wbgt", "expected"), [(5.0, 0.0), (7.5, 0.0), (12.5, 0.008), (17.5, 0.016), (22.5, 0.028)]
)
def test_slowing_of_the_fastest(wbgt: float, expected: float) -> None:
    """Ely's first men: what they lost against the coolest quarter."""
    assert heat_slowdown(wbgt, 7800.0) == pytest.approx(expected)
    assert heat_slowdown(wbgt, 1800.0) == pytest.approx(expected)
    assert heat_slowdown(wbgt, 4 * 3600.0) == pytest.approx(2 * expected)


def test_a_slow_marathon_on_a_hot_day() -> None:
    """At 25 °C the median woman loses about what El Helou's 0.03 % per °C squared give."""
    loss = heat_slowdown(wet_bulb_globe_temperature(25.0, 0.5), 4.3 * 3600.0)
    assert loss == pytest.approx(0.0003 * (25.0 - 9.9) ** 2, abs=0.01)


@given(st.floats(-10.0, 40.0), st.floats(0.0, 5.0), st.floats(600.0, 30_000.0))
def test_hotter_is_never_faster(wbgt: float, more: float, duration: float) -> None:
    """Nor is being longer in the heat."""
    slowed = heat_slowdown(wbgt, duration)
    assert 0 <= slowed <= heat_slowdown(wbgt + more, duration)
    assert slowed <= heat_slowdown(wbgt, 1.1 * duration)


def test_danger() -> None:
    """Above the level at which marathons should not start."""
    assert not is_dangerous(20.0)
    assert is_dangerous(21.0)


@pytest.mark.parametrize(
    ("temperature", "humidity", "message"),
    [
        (77.0, 0.5, "a temperature of 77 °C; expected -30 to 50"),
        (float("nan"), 0.5, "a temperature of nan"),
        (20.0, 50.0, "a relative humidity of 50; expected 0 to 1"),
        (20.0, -0.1, "a relative humidity"),
    ],
)
def test_absurd_weather(temperature: float, humidity: float, message: str) -> None:
    """°F and percent are most likely meant: refused, with what is expected."""
    with pytest.raises(ParameterError, match=message):
        wet_bulb_globe_temperature(temperature, humidity)
