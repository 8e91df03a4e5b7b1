"""Sessions: their assessment against one written out sample by sample, and what is found."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners import runner
from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.session import (
    Segment,
    SessionProblem,
    optimise_session,
    problem_for,
)

MINUTES = tuple(60.0 * minutes for minutes in range(2, 13))
BANDS = [(-1.0, 0.65), *[(0.60, 0.85)] * 6, (-1.0, 0.60)]
REFERENCE = SessionProblem(
    [Segment((1.6, 4.6), MINUTES, band) for band in BANDS],
    3000.0,
    95.0,
    np.array([58.0, 190.0, 58.0 + 8.0 - 38.0 * 0.6, 38.0, 45.0, 70.0, 0.64, 1.92]),
)


def assessed_slowly(speeds: Floats, minutes: Floats) -> float:
    """The objective of the reference problem, written out from its definition."""
    heart, trimp, broken = 58.0, 0.0, 0.0
    for speed, minute, (low, high) in zip(speeds, minutes, BANDS, strict=True):
        wanted, at_start = min(58.0 + 8.0 + 38.0 * (speed - 0.6), 190.0), heart
        tau = 45.0 if wanted > at_start else 70.0
        for k in range(1, 12 * int(minute) + 1):
            heart = wanted + (at_start - wanted) * exp(-5.0 * k / tau)
            x = (heart - 58.0) / 132.0
            trimp += x * 0.64 * exp(1.92 * x) * 5.0 / 60.0
            if k > 12:
                broken += (max(x - high, 0.0) + max(low - x, 0.0)) * 5.0 / 60.0
    broken += abs(sum(minutes) - 50.0) / 50.0
    if broken > 1e-9:
        return 10.0 + broken
    return abs(trimp - 95.0) / 95.0 + 0.02 * float(np.abs(np.diff(speeds)).sum())


@settings(max_examples=60)
@given(
    speeds=st.lists(st.floats(1.6, 4.6), min_size=8, max_size=8),
    minutes=st.lists(st.integers(2, 12), min_size=8, max_size=8),
)
def test_assessment_is_that_of_the_definition(speeds: list[float], minutes: list[int]) -> None:
    candidate = np.array([[*speeds, *(60.0 * minute for minute in minutes)]])
    expected = assessed_slowly(np.array(speeds), np.array(minutes, float))
    assert REFERENCE.fitness(candidate)[0] == pytest.approx(expected, rel=1e-9)


def test_the_reference_problem_is_solved() -> None:
    found = optimise_session(REFERENCE)
    assert found.violation == 0.0
    assert found.durations.sum() == 3000.0
    assert found.load == pytest.approx(95.0, rel=0.01)
    assert len(found.heart_rate) == 600
    assert found.statement == "load, time and heart rate are met"
    again = optimise_session(REFERENCE)
    assert (again.speeds == found.speeds).all()


def problem(load: float, guard_sds: float = 0.5) -> SessionProblem:
    """Warm-up, main part and cool-down of 40 min for a runner."""
    athlete = runner()
    segments = [
        Segment((1.8, 2.8), (300.0, 600.0), (0.0, 0.70)),
        Segment((2.2, 3.8), (600.0, 900.0, 1200.0), (0.60, 0.90)),
        Segment((1.8, 2.6), (300.0, 600.0), (0.0, 0.75)),
    ]
    return problem_for(athlete, HeartRateModel.usual(athlete), segments, 2400.0, load, guard_sds)


def test_an_athletes_session_keeps_its_bounds() -> None:
    found = optimise_session(problem(75.0), evaluations=3000)
    assert found.violation == 0.0
    assert found.durations.sum() == 2400.0


def test_what_cannot_be_is_said() -> None:
    too_much = optimise_session(problem(400.0), evaluations=2000)
    assert "instead of 400: more is not to be had" in too_much.statement
    assert too_much.load < 400.0
    short = problem(75.0)
    short = SessionProblem(short.segments, 6000.0, 75.0, short.athlete)
    assert "no choice of durations" in optimise_session(short, evaluations=500).statement


def test_the_guard_band_draws_bounds_in() -> None:
    wide, narrow = problem(75.0, 0.0), problem(75.0, 0.5)
    assert wide.segments[1].reserve == (0.60, 0.90)
    low, high = narrow.segments[1].reserve
    assert 0.60 < low <= high < 0.90
    low, high = problem(75.0, 9.0).segments[1].reserve
    assert 0.60 <= low <= high <= 0.90


def test_nonsense_is_refused() -> None:
    athlete = runner()
    with pytest.raises(ParameterError, match="above 0"):
        problem_for(athlete, HeartRateModel.usual(athlete), [], 2400.0, 75.0)
