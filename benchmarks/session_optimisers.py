"""Optimisers on one session problem: the colony beside cma, pymoo and pygmo, in the same run.

    pip install 'trackside[peers]'
    python benchmarks/session_optimisers.py [--seeds 10] [--evaluations 10000]

Eight segments with a speed and a duration each, TRIMP 95 in 50 min, bounds of heart rate. Every
optimiser calls the same compiled objective. Prints, over the seeds, the median and the worst of the
best objective found, and the median time, spent in the optimiser itself for the most part; then
how long the colony's 10,000 evaluations take in the objective alone.
"""

import argparse
import warnings
from collections.abc import Callable
from time import perf_counter

import numpy as np

from trackside.arrays import Floats
from trackside.planner.ant_colony import optimise
from trackside.planner.session import SESSION_COLONY, Segment, SessionProblem

FREE = -1.0
DURATIONS = tuple(60.0 * minutes for minutes in range(2, 13))
BANDS = [(FREE, 0.65), *[(0.60, 0.85)] * 6, (FREE, 0.60)]
ATHLETE = np.array([58.0, 190.0, 58.0 + 8.0 - 38.0 * 0.6, 38.0, 45.0, 70.0, 0.64, 1.92])
PROBLEM = SessionProblem(
    [Segment((1.6, 4.6), DURATIONS, band) for band in BANDS], 3000.0, 95.0, ATHLETE
)
SEGMENTS = len(BANDS)
LOW = np.r_[np.full(SEGMENTS, 1.6), np.full(SEGMENTS, 2.0)]
HIGH = np.r_[np.full(SEGMENTS, 4.6), np.full(SEGMENTS, 12.0)]


def objective(x: Floats) -> Floats:
    """Objective (n,) of speeds in m/s and durations in min, to be rounded (n, 16)."""
    x = np.clip(np.atleast_2d(x), LOW, HIGH)
    return PROBLEM.fitness(np.hstack([x[:, :SEGMENTS], 60.0 * np.rint(x[:, SEGMENTS:])]))


def colony(evaluations: int, seed: int) -> float:
    """Trackside's ant colony."""
    rng = np.random.default_rng(seed)
    return optimise(PROBLEM.fitness, PROBLEM.variables, evaluations, rng, SESSION_COLONY).objective


def cma_integer(evaluations: int, seed: int) -> float:
    """CMA-ES with integer handling."""
    import cma

    options = {
        "bounds": [LOW.tolist(), HIGH.tolist()],
        "integer_variables": list(range(SEGMENTS, 2 * SEGMENTS)),
        "CMA_stds": ((HIGH - LOW) / 4.0).tolist(),
        "maxfevals": evaluations,
        "seed": seed + 1,
        "verbose": -9,
        "tolflatfitness": evaluations,
    }
    found = cma.fmin2(lambda x: objective(x)[0], (LOW + HIGH) / 2.0, 1.0, options, restarts=3)
    return float(found[1].best.f)


def pymoo_mixed(evaluations: int, seed: int) -> float:
    """pymoo's genetic algorithm for mixed variables."""
    from pymoo.core.mixed import MixedVariableGA
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.core.variable import Integer, Real
    from pymoo.optimize import minimize

    names = [f"v{i:02}" for i in range(2 * SEGMENTS)]
    kinds = [Real] * SEGMENTS + [Integer] * SEGMENTS
    variables = {
        name: kind(bounds=(low, high))
        for name, kind, low, high in zip(names, kinds, LOW, HIGH, strict=True)
    }

    # pymoo has no types
    class Session(ElementwiseProblem):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(vars=variables, n_obj=1)

        def _evaluate(self, x: dict[str, float], out: dict[str, float], *_: object) -> None:
            out["F"] = objective(np.array([float(x[name]) for name in names]))[0]

    found = minimize(Session(), MixedVariableGA(pop_size=20), ("n_evals", evaluations), seed=seed)
    return float(found.F[0])


def pygmo_gaco(evaluations: int, seed: int) -> float:
    """pygmo's extended ant colony, with its oracle at 0.1."""
    import pygmo

    class Session:
        def fitness(self, x: Floats) -> Floats:
            return objective(x)

        def get_bounds(self) -> tuple[Floats, Floats]:
            return LOW, HIGH

        def get_nix(self) -> int:
            return SEGMENTS

    ants = 50
    method = pygmo.gaco(gen=evaluations // ants - 1, ker=20, oracle=0.1, seed=seed)
    population = pygmo.population(Session(), ants, seed=seed)
    return float(pygmo.algorithm(method).evolve(population).champion_f[0])


METHODS: dict[str, Callable[[int, int], float]] = {
    "ant colony": colony,
    "cma": cma_integer,
    "pymoo MixedVariableGA": pymoo_mixed,
    "pygmo gaco": pygmo_gaco,
}


def objective_seconds(evaluations: int) -> float:
    """How long so many evaluations take, as the colony asks for them: five at a time."""
    rng = np.random.default_rng(0)
    minutes = np.rint(rng.uniform(2.0, 12.0, (evaluations, SEGMENTS)))
    x = np.hstack([rng.uniform(1.6, 4.6, (evaluations, SEGMENTS)), 60.0 * minutes])
    PROBLEM.fitness(x[:5])
    began = perf_counter()
    for start in range(0, evaluations, 5):
        PROBLEM.fitness(x[start : start + 5])
    return perf_counter() - began


def main() -> None:
    """Print a line per optimiser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--evaluations", type=int, default=10_000)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of the peers
    colony(500, 0)
    print(f"{'optimiser':>22}  median   worst  seconds")
    for name, method in METHODS.items():
        found, seconds = [], []
        try:
            for seed in range(arguments.seeds):
                began = perf_counter()
                found.append(method(arguments.evaluations, seed))
                seconds.append(perf_counter() - began)
        except ImportError as missing:
            print(f"{name:>22}  not installed: {missing.name}")
            continue
        print(
            f"{name:>22}  {np.median(found):.4f}  {max(found):.4f}  {np.median(seconds):7.2f}",
            flush=True,
        )
    took = objective_seconds(arguments.evaluations)
    print(f"{arguments.evaluations} evaluations of the objective: {took:.3f} s")


if __name__ == "__main__":
    main()
