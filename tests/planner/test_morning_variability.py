"""Mornings against the athlete's own band."""

from datetime import date, timedelta

import numpy as np

from trackside.planner.morning_variability import morning_state

TODAY = date(2030, 3, 1)


def mornings(
    low: int = 0, days: int = 60, every: int = 1, factor: float = 0.6
) -> dict[date, float]:
    """RMSSD of some days up to today, the last ``low`` of them ``factor`` times as large."""
    random = np.random.default_rng(2)
    return {
        TODAY - timedelta(days=back): float(
            50.0 * np.exp(random.normal(0.0, 0.08)) * (factor if back < low else 1.0)
        )
        for back in range(0, days, every)
    }


def test_usual_mornings_are_within() -> None:
    state = morning_state(mornings(), TODAY)
    assert state.reason == ""
    assert state.days_below == 0
    assert state.low < state.mean


def test_days_below_are_counted() -> None:
    """One morning moves the mean of seven little; three low ones have it below for some days."""
    assert morning_state(mornings(1, factor=0.9), TODAY).days_below <= 1
    three = morning_state(mornings(3), TODAY)
    assert 2 <= three.days_below <= 4
    assert three.mean < three.low
    assert morning_state(mornings(10), TODAY).days_below >= 8


def test_of_weeks_like_the_others_one_in_twenty_is_below_however_few_mornings_it_has() -> None:
    """The band is as wide as chance makes it: three mornings tell less than seven."""
    random = np.random.default_rng(4)
    for every in (1, 2):
        below = 0
        for _ in range(400):
            noise = random.normal(np.log(50.0), 0.1, 67)[::every].tolist()
            days = [TODAY - timedelta(days=every * back) for back in range(len(noise))]
            measured = dict(zip(days, np.exp(noise).tolist(), strict=True))
            below += morning_state(measured, TODAY).days_below > 0
        assert 0.02 < below / 400 < 0.09
    weekly = morning_state(mornings(), TODAY), morning_state(mornings(every=2), TODAY)
    assert weekly[1].high - weekly[1].low > weekly[0].high - weekly[0].low


def test_too_few_mornings_say_nothing() -> None:
    """Less than three in the week, or less than four weeks before it."""
    assert "expected 3 or more" in morning_state(mornings(5, every=4), TODAY).reason
    assert "28 days or longer" in morning_state(mornings(5, days=30), TODAY).reason
    assert morning_state({}, TODAY).days_below == 0


def test_what_no_heart_does_is_left_out() -> None:
    odd = {TODAY - timedelta(days=back): 0.0 for back in range(7)}
    assert "0 valid mornings" in morning_state({**mornings(), **odd}, TODAY).reason
