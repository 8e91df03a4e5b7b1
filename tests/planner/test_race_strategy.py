"""The strategy for the goal race."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import RACE_DAY, runner
from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.pacing import Pacing, paced_race
from trackside.planner.profile import GoalRace
from trackside.planner.race_course import RaceCourse
from trackside.planner.race_performance import race_time
from trackside.planner.race_performance import vdot as race_vdot
from trackside.planner.race_plan import MILE
from trackside.planner.race_strategy import plan_race

DISTANCES = (1500.0, 5000.0, 10e3, 21097.5, 42195.0)
VDOTS = st.floats(28.0, 80.0)


def racer(distance: float = 10e3, target: float | None = None, **changes: float) -> Athlete:
    """A runner who prepares for a race over a distance."""
    goal = GoalRace(RACE_DAY, distance, "City race", target)
    return runner(goal=goal, **changes)


def course(gradients: list[float], length: float = 10e3) -> RaceCourse:
    """A course of parts of the same length with these gradients."""
    distance = np.linspace(0.0, length, len(gradients) + 1)
    rises = np.array(gradients) * np.diff(distance)
    return RaceCourse(distance, np.concatenate(([0.0], np.cumsum(rises))))


@given(VDOTS, st.sampled_from(DISTANCES))
def test_flat_and_cool_is_the_prediction(vdot: float, distance: float) -> None:
    """Even effort and even pace on the flat without heat take the time that VDOT predicts."""
    strategy = plan_race(racer(distance, vdot=vdot), temperature_c=0.0)
    expected = race_time(vdot, distance)
    assert strategy.prediction == expected
    assert strategy.recommended.time == pytest.approx(expected, abs=1e-3)
    assert strategy.plan(Pacing.EVEN_PACE).time == pytest.approx(expected, abs=1e-3)


GRADIENTS = st.lists(st.floats(-0.12, 0.12), min_size=1, max_size=12)


@given(GRADIENTS, st.sampled_from([200.0, 1000.0, MILE, 5000.0]), st.sampled_from(Pacing))
def test_splits_add_up(gradients: list[float], every: float, pacing: Pacing) -> None:
    """Splits' times, lengths and rises sum to those of the race, and totals are their sums."""
    strategy = plan_race(racer(), course(gradients), 22.0, 0.6)
    plan = strategy.plan(pacing)
    splits = plan.splits(every)
    assert sum(split.time for split in splits) == pytest.approx(plan.time)
    assert sum(split.length for split in splits) == pytest.approx(10e3)
    rise = sum(split.gradient * split.length for split in splits)
    assert rise == pytest.approx(strategy.course.elevation[-1], abs=1e-6)
    totals = np.cumsum([split.time for split in splits])
    assert [split.total for split in splits] == pytest.approx(totals)
    assert splits[-1].distance == pytest.approx(10e3)
    assert len(splits) == np.ceil(10e3 / every - 1e-9)


@given(GRADIENTS, VDOTS)
def test_even_effort_is_best(gradients: list[float], vdot: float) -> None:
    """No other pacing of the same effort is faster, where descents are not too steep to use."""
    gentle = [max(gradient, -0.02) for gradient in gradients]
    strategy = plan_race(racer(vdot=vdot), course(gentle))
    best = strategy.recommended.time
    assert all(plan.time >= best - 1e-6 for plan in strategy.plans)


@given(GRADIENTS, st.sampled_from(Pacing), VDOTS)
def test_all_pacings_spend_the_same(gradients: list[float], pacing: Pacing, vdot: float) -> None:
    """The mean of fourth powers of effort is what VDOT sustains for that time, whatever pacing."""
    race = paced_race(pacing, 10e3, np.array(gradients), vdot)
    strain = np.average(race.effort**4, weights=race.duration) ** 0.25
    assert race_vdot(strain * race.time, race.time) == pytest.approx(vdot, rel=1e-6)


def test_uphill_is_slower() -> None:
    """On a hill up and down again, up is slower than flat, down faster, and all in all slower."""
    flat = plan_race(racer()).recommended
    hilly = plan_race(racer(), course([0.04, -0.04])).recommended
    up, down = hilly.splits(5000.0)
    pace = flat.time / 2
    assert up.time > 1.15 * pace
    assert 0.8 * pace < down.time < pace
    assert 60 < hilly.time - flat.time < 180
    assert (up.gradient, down.gradient) == pytest.approx((0.04, -0.04))


@given(st.floats(0.0, 0.1), st.floats(0.001, 0.02))
def test_steeper_is_slower(gradient: float, more: float) -> None:
    """The steeper a climb the longer it takes, with every pacing."""
    for pacing in Pacing:
        times = [
            plan_race(racer(), course([slope, 0.0])).plan(pacing).time
            for slope in (gradient, gradient + more)
        ]
        assert times[1] > times[0]


@given(st.floats(5.0, 40.0), st.floats(0.5, 8.0), st.floats(0.05, 0.9))
def test_hotter_is_slower(temperature: float, more: float, humidity: float) -> None:
    """Warmer or more humid is slower, at a heart rate that is not lower."""
    athlete = racer(42195.0)
    cool = plan_race(athlete, temperature_c=temperature, humidity=humidity)
    hot = plan_race(athlete, temperature_c=temperature + more, humidity=humidity)
    humid = plan_race(athlete, temperature_c=temperature, humidity=humidity + 0.1)
    for worse in (hot, humid):
        assert worse.wbgt is not None
        assert cool.wbgt is not None
        assert worse.wbgt > cool.wbgt
        assert worse.recommended.time >= cool.recommended.time
        assert worse.recommended.peak_fraction >= cool.recommended.peak_fraction
    if cool.wbgt is not None and cool.wbgt > 7.5:
        assert hot.recommended.time > cool.recommended.time


def test_splits_of_the_halves() -> None:
    """On the flat the negative split's second half is faster by about 3 %, the positive slower."""
    strategy = plan_race(racer(42195.0))
    for pacing, sign in ((Pacing.NEGATIVE_SPLIT, 1), (Pacing.POSITIVE_SPLIT, -1)):
        first, second = strategy.plan(pacing).half_times
        assert first / second - 1 == pytest.approx(0.03 * sign, abs=0.003)
    first, second = strategy.recommended.half_times
    assert first == pytest.approx(second)


def test_heart_rate_of_a_marathon() -> None:
    """It starts near 80 % of the reserve, drifts up by 4 bpm an hour and stays below the maximum.

    Recreational marathoners were measured at 87 to 91 % of maximum heart rate (Billat et al.,
    Scientific World Journal 2012).
    """
    athlete = racer(42195.0)
    plan = plan_race(athlete).recommended
    drift = (plan.heart_rate[-1] - plan.heart_rate[0]) / (plan.time / 3600)
    assert drift == pytest.approx(4.0, rel=0.02)
    mean = np.mean([split.heart_rate for split in plan.splits()])
    assert 0.84 < mean / athlete.maximum_heart_rate < 0.92
    assert plan.mean_fraction < plan.peak_fraction < 1


def test_climbs_at_even_pace_cost_peaks() -> None:
    """Even pace over hills has a higher peak of heart rate than even effort, and takes longer."""
    strategy = plan_race(racer(42195.0), course([0.03, -0.02, 0.03, -0.04], 42195.0))
    even_pace = strategy.plan(Pacing.EVEN_PACE)
    assert even_pace.peak_fraction > strategy.recommended.peak_fraction + 0.02
    assert even_pace.time > strategy.recommended.time
    assert "slower than even effort" in even_pace.explanation


def test_a_track_of_nearly_the_distance_is_adapted() -> None:
    """A course a little too long is taken for the race's distance."""
    strategy = plan_race(racer(), course([0.0], 10_150.0))
    assert strategy.course.length == pytest.approx(10e3)
    assert strategy.recommended.time == pytest.approx(strategy.prediction)


def test_a_time_asked_for_is_met() -> None:
    """Planned for a slower finish, splits sum to it, at lower heart rates."""
    usual = plan_race(racer()).recommended
    strategy = plan_race(racer(), finish_time=usual.time + 120.0)
    assert strategy.recommended.time == pytest.approx(usual.time + 120.0)
    assert strategy.recommended.mean_fraction < usual.mean_fraction
    assert any(text.startswith("Planned for") for text in strategy.statements)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(0.9, "faster than today's fitness"), (1.0, "within reach"), (1.1, "leaves a reserve")],
)
def test_the_target_is_judged(factor: float, expected: str) -> None:
    """A target much faster than fitness predicts is called so; so are those within reach."""
    target = factor * race_time(45.0, 10e3)
    (text,) = (text for text in plan_race(racer(target=target)).statements if "target" in text)
    assert expected in text


def test_weather_and_course_are_told() -> None:
    """What heat and hills cost is said, and when it is too hot."""
    strategy = plan_race(racer(), course([0.02, -0.02]), 34.0, 0.6)
    text = " ".join(strategy.statements)
    assert "with 100 m of ascent, costs" in text
    assert "wet-bulb globe temperature of 36 °C costs about" in text
    assert "should not be started" in text


def test_downhill_races_save_time() -> None:
    """A course that only falls is faster than the flat, and said to be."""
    strategy = plan_race(racer(), course([-0.01]))
    assert strategy.recommended.time < strategy.prediction
    assert any("0 m of ascent, saves" in text for text in strategy.statements)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature_c": 95.0}, "a temperature of 95 °C"),
        ({"temperature_c": 20.0, "humidity": 60.0}, "a relative humidity of 60"),
        ({"course": RaceCourse.flat(9000.0)}, "the course is 9 km long, City race 10 km"),
        ({"course": course([0.0, 0.6, 0.0])}, r"a gradient of 60% after 3\.\d km"),
        ({"finish_time": 600.0}, "a finish time of 600 s; expected"),
        ({"finish_time": float("nan")}, "a finish time of nan s"),
    ],
)
def test_refusals(options: dict[str, object], message: str) -> None:
    """Absurd weather, another race's course, cliffs and times nobody runs are refused."""
    with pytest.raises(ParameterError, match=message):
        # options of several types, by name
        plan_race(racer(), **options)  # type: ignore[arg-type]


def test_too_short_splits_are_refused() -> None:
    """Splits of 100 m at least."""
    with pytest.raises(ParameterError, match="splits of 0 m"):
        plan_race(racer()).recommended.splits(0.0)


def test_the_goal_may_be_any_race() -> None:
    """Races far longer than VDOT was fitted to have a plan too, which says so."""
    athlete = replace(racer(), goal=GoalRace(RACE_DAY, 100e3, "100 km"))
    strategy = plan_race(athlete)
    assert strategy.recommended.time == pytest.approx(race_time(45.0, 100e3))
    assert any("extrapolated" in text for text in strategy.statements)
    assert not any("extrapolated" in text for text in plan_race(racer()).statements)
