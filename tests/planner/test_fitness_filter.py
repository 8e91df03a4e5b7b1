"""Fitness and fatigue followed by a Kalman filter: loads, tests, and how sure it is."""

import numpy as np
import pytest

from trackside.planner.fitness import FitnessState, training_stress
from trackside.planner.fitness_filter import TEST_SD, track_fitness

START = FitnessState(50.0, 50.0)
DAYS = 84


def loads(seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    random = np.random.default_rng(seed)
    return np.asarray(random.uniform(0.0, 120.0, DAYS))


def test_without_tests_it_walks_as_the_averages_do() -> None:
    """The mean is CTL and ATL; what is unsure of the start fades, loads that are unsure add."""
    found = track_fitness(START, 45.0, loads(), np.zeros(DAYS))
    stress = training_stress(loads(), START)
    assert [one.state.fitness for one in found[1:]] == pytest.approx(stress.fitness.tolist())
    assert [one.state.fatigue for one in found[1:]] == pytest.approx(stress.fatigue.tolist())
    assert found[-1].covariance[0, 0] < found[0].covariance[0, 0]
    unsure = track_fitness(START, 45.0, loads(), np.full(DAYS, 30.0))
    assert unsure[-1].covariance[1, 1] > found[-1].covariance[1, 1]


def test_the_first_morning_expects_the_known_fitness() -> None:
    first = track_fitness(START, 45.0, [], [])[0]
    assert first.vdot == pytest.approx(45.0)
    assert 1.5 < first.vdot_sd < 4.0


def test_a_test_bends_it_a_little_and_makes_it_surer() -> None:
    """One good race moves what is expected towards it, and fitness up, fatigue down."""
    quiet = np.full(DAYS, 5.0)
    without = track_fitness(START, 45.0, loads(), quiet)[-1]
    better = track_fitness(START, 45.0, loads(), quiet, {DAYS: without.vdot + 3.0})[-1]
    assert without.vdot < better.vdot < without.vdot + 3.0
    assert better.vdot_sd < min(without.vdot_sd, TEST_SD)
    assert better.state.fitness >= without.state.fitness
    assert better.state.fatigue <= without.state.fatigue
    assert better.state.fitness == pytest.approx(without.state.fitness, rel=0.1)


def test_it_is_as_sure_as_it_is_right() -> None:
    """Over athletes drawn from its own assumptions, errors match the standard deviations."""
    random = np.random.default_rng(1)
    errors = []
    for _ in range(150):
        prior = track_fitness(START, 45.0, [], [])[0]
        truth = random.multivariate_normal(prior.mean, prior.covariance)
        planned = random.uniform(0.0, 120.0, DAYS)
        done = planned + random.normal(0.0, 8.0, DAYS)
        fitness, fatigue = truth[:2]
        tests = {}
        for day in range(DAYS):
            if day % 28 == 27:
                level = truth[2] + truth[3] * fitness - truth[4] * fatigue
                tests[day] = level + random.normal(0.0, TEST_SD)
            fitness += (done[day] - fitness) / 42.0
            fatigue += (done[day] - fatigue) / 7.0
        found = track_fitness(START, 45.0, planned, np.full(DAYS, 8.0), tests)[-1]
        level = truth[2] + truth[3] * fitness - truth[4] * fatigue
        errors.append((level - found.vdot) / found.vdot_sd)
    assert float(np.mean(np.square(errors))) == pytest.approx(1.0, abs=0.35)
    assert abs(float(np.mean(errors))) < 0.25
