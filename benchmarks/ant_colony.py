"""The ant colony on engineering problems with mixed variables and known optima.

    python benchmarks/ant_colony.py [--seeds 30] [--evaluations 50000]

Pressure vessel A–D, coil spring and welded beam A, as in the literature on ACO_MV (Liao et al.
2014). Prints the share of seeds that come within 1e-5 (relative) of the optimum with a
feasible answer, and how many evaluations that takes on average.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trackside.arrays import Floats
from trackside.planner.ant_colony import Continuous, Ordinal, Variable, optimise

INFEASIBLE = 1e9
SUCCESS = 1e-5


@dataclass(frozen=True)
class Problem:
    """Variables, objective (n,) and constraints (n, C), satisfied where not positive."""

    name: str
    optimum: float
    variables: Sequence[Variable]
    cost: Callable[[Floats], Floats]
    constraints: Callable[[Floats], Floats]

    def fitness(self, x: Floats) -> Floats:
        """Feasible solutions by their cost, then infeasible ones by how far they break rules."""
        broken = np.maximum(self.constraints(x), 0.0).sum(axis=1)
        return np.where(broken > 0.0, INFEASIBLE * (1.0 + broken), self.cost(x))


def _vessel(
    name: str,
    optimum: float,
    thickness: tuple[Variable, Variable],
    last: float,
    radius: Continuous,
    length: Continuous,
) -> Problem:
    def cost(x: Floats) -> Floats:
        shell, head, r, long = x.T
        result: Floats = (
            0.6224 * shell * r * long
            + 1.7781 * head * r**2
            + last * shell**2 * long
            + 19.84 * shell**2 * r
        )
        return result

    def constraints(x: Floats) -> Floats:
        shell, head, r, long = x.T
        volume = np.pi * r**2 * long + 4.0 / 3.0 * np.pi * r**3
        return np.stack(
            [
                0.0193 * r - shell,
                0.00954 * r - head,
                1.0 - volume / (750.0 * 1728.0),
                long / 240.0 - 1.0,
            ],
            axis=1,
        )

    return Problem(name, optimum, (*thickness, radius, length), cost, constraints)


def _plates(least: float) -> Ordinal:
    """Sixteenths of an inch from ``least`` to 12.5 inch."""
    return Ordinal(tuple(np.arange(round(least * 16), 201) / 16.0))


WIRES = (
    0.009,
    0.0095,
    0.0104,
    0.0118,
    0.0128,
    0.0132,
    0.014,
    0.015,
    0.0162,
    0.0173,
    0.018,
    0.020,
    0.023,
    0.025,
    0.028,
    0.032,
    0.035,
    0.041,
    0.047,
    0.054,
    0.063,
    0.072,
    0.080,
    0.092,
    0.105,
    0.120,
    0.135,
    0.148,
    0.162,
    0.177,
    0.192,
    0.207,
    0.225,
    0.244,
    0.263,
    0.283,
    0.307,
    0.331,
    0.362,
    0.394,
    0.4375,
    0.500,
)
"""Standard diameters of spring wire, inch."""


def _coil_spring() -> Problem:
    def cost(x: Floats) -> Floats:
        coils, diameter, wire = x.T
        result: Floats = np.pi**2 * diameter * wire**2 * (coils + 2.0) / 4.0
        return result

    def constraints(x: Floats) -> Floats:
        coils, diameter, wire = x.T
        index = diameter / wire
        shear = (4.0 * index - 1.0) / (4.0 * index - 4.0) + 0.615 * wire / diameter
        stiffness = 11.5e6 * wire**4 / (8.0 * coils * diameter**3)
        preload, most, strength = 300.0, 1000.0, 189e3
        free = most / stiffness + 1.05 * (coils + 2.0) * wire
        return np.stack(
            [
                8.0 * shear * most * diameter / (np.pi * wire**3) / strength - 1.0,
                free / 14.0 - 1.0,
                (diameter + wire) / 3.0 - 1.0,
                3.0 - index,
                preload / stiffness / 6.0 - 1.0,
                (
                    preload / stiffness
                    + (most - preload) / stiffness
                    + 1.05 * (coils + 2.0) * wire
                    - free
                )
                / 14.0,
                1.25 - (most - preload) / stiffness,
            ],
            axis=1,
        )

    coils = Ordinal(tuple(range(1, 71)))
    return Problem(
        "coil spring", 2.65856, (coils, Continuous(0.6, 3.0), Ordinal(WIRES)), cost, constraints
    )


def _welded_beam() -> Problem:
    def cost(x: Floats) -> Floats:
        weld, long, tall, thick = x.T
        result: Floats = 1.10471 * weld**2 * long + 0.04811 * tall * thick * (14.0 + long)
        return result

    def constraints(x: Floats) -> Floats:
        weld, long, tall, thick = x.T
        load, span, young, rigidity = 6000.0, 14.0, 30e6, 12e6
        primary = load / (np.sqrt(2.0) * weld * long)
        arm = np.sqrt(long**2 / 4.0 + ((weld + tall) / 2.0) ** 2)
        polar = 2.0 * np.sqrt(2.0) * weld * long * (long**2 / 12.0 + ((weld + tall) / 2.0) ** 2)
        torsion = load * (span + long / 2.0) * arm / polar
        shear = np.sqrt(primary**2 + primary * torsion * long / arm + torsion**2)
        bending = 6.0 * load * span / (thick * tall**2)
        deflection = 4.0 * load * span**3 / (young * tall**3 * thick)
        buckling = (
            4.013
            * young
            * np.sqrt(tall**2 * thick**6 / 36.0)
            / span**2
            * (1.0 - tall / (2.0 * span) * np.sqrt(young / (4.0 * rigidity)))
        )
        return np.stack(
            [
                shear / 13600.0 - 1.0,
                bending / 30000.0 - 1.0,
                weld - thick,
                (0.10471 * weld**2 + 0.04811 * thick * tall * (14.0 + long)) / 5.0 - 1.0,
                0.125 - weld,
                deflection / 0.25 - 1.0,
                1.0 - buckling / load,
            ],
            axis=1,
        )

    variables = (
        Continuous(0.1, 2.0),
        Continuous(0.1, 10.0),
        Continuous(0.1, 10.0),
        Continuous(0.1, 2.0),
    )
    return Problem("welded beam A", 1.724852309, variables, cost, constraints)


PROBLEMS = (
    _vessel(
        "pressure vessel A",
        7019.0311,
        (Continuous(1.1, 12.5), Continuous(0.6, 12.5)),
        3.1611,
        Continuous(25.0, 240.0),
        Continuous(25.0, 240.0),
    ),
    _vessel(
        "pressure vessel B",
        7197.7289,
        (_plates(1.125), _plates(0.625)),
        3.1611,
        Continuous(25.0, 240.0),
        Continuous(25.0, 240.0),
    ),
    _vessel(
        "pressure vessel C",
        7006.3577,
        (_plates(1.0), _plates(0.625)),
        3.1611,
        Continuous(25.0, 240.0),
        Continuous(25.0, 240.0),
    ),
    _vessel(
        "pressure vessel D",
        6059.714335,
        (_plates(0.0625), _plates(0.0625)),
        3.1661,
        Continuous(10.0, 200.0),
        Continuous(10.0, 200.0),
    ),
    _coil_spring(),
    _welded_beam(),
)


def main() -> None:
    """Print a line per problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--evaluations", type=int, default=50_000)
    arguments = parser.parse_args()
    print(f"{'problem':>18}  success  mean evaluations      best     s")
    for problem in PROBLEMS:
        began = perf_counter()
        goal = problem.optimum * (1.0 + SUCCESS)
        found = [
            optimise(
                problem.fitness,
                problem.variables,
                arguments.evaluations,
                np.random.default_rng(seed),
                enough=goal.__ge__,
            )
            for seed in range(arguments.seeds)
        ]
        feasible = [(problem.constraints(one.best[None]) <= 0.0).all() for one in found]
        good = [
            one for one, fits in zip(found, feasible, strict=True) if fits and one.objective <= goal
        ]
        taken = np.mean([one.evaluations for one in good]) if good else np.nan
        best = min(one.objective for one in found)
        print(
            f"{problem.name:>18} {100 * len(good) / len(found):6.0f} % {taken:17.0f} "
            f"{best:10.5f} {perf_counter() - began:5.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
