"""Banister's model on 165 days of a cyclist's loads and 9 tests, against the fit published for it.

    python benchmarks/banister_fit.py [--data FILE] [--bootstraps 200]

FILE is bike-score.csv of the R package dorem (https://github.com/mladenjovanovic/dorem, data-raw,
MIT licence). Its README prints coefficients with their RMSE, 1.48118 W, and squared correlation,
0.97976. There loads count from the day of a test on, which is the next morning of Trackside's
model, with gains e^{1/τ} times as large. Printed for the published coefficients, for fits with
given time constants and with searched ones: RMSE, R² = 1 − SSE/SST, r² (squared correlation) and
the values; then their 5th and 95th percentiles over bootstrap samples, whose width is why time
constants are given by default.
"""

import argparse
import csv
import math
from pathlib import Path

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.banister import BanisterModel, bootstrap_fits, fit_banister

PUBLISHED = BanisterModel(
    base=266.0204779,
    fitness_gain=0.3020749 * math.exp(1 / 33.6433797),
    fatigue_gain=0.3514750 * math.exp(1 / 24.6056388),
    fitness_days=33.6433797,
    fatigue_days=24.6056388,
)
SEARCHED_FITNESS_DAYS = [float(days) for days in range(20, 61, 2)]
SEARCHED_FATIGUE_DAYS = [float(days) for days in range(3, 31, 2)]


def load(path: Path) -> tuple[Floats, Integers, Floats]:
    """Loads (D,), the mornings after the tests (N,), and their results in W (N,)."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    loads = np.array([float(row["BikeScore"]) for row in rows])
    days = [day for day, row in enumerate(rows, start=1) if row["Test_5min_Power"]]
    powers = [float(rows[day - 1]["Test_5min_Power"]) for day in days]
    return loads, np.array(days, dtype=np.int64), np.array(powers)


def row(name: str, model: BanisterModel, loads: Floats, days: Integers, powers: Floats) -> str:
    """A line of the table."""
    predicted = model.performance(loads)[days]
    error = float(np.mean((predicted - powers) ** 2))
    correlation = float(np.corrcoef(predicted, powers)[0, 1])
    gains = f"{model.base:8.3f} {model.fitness_gain:8.4f} {model.fatigue_gain:8.4f}"
    return (
        f"{name:20} {math.sqrt(error):8.5f} {1 - error / np.var(powers):8.5f} "
        f"{correlation**2:8.5f} {gains} {model.fitness_days:6.1f} {model.fatigue_days:6.1f}"
    )


def main() -> None:
    """Fit, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--bootstraps", type=int, default=200)
    arguments = parser.parse_args()
    if arguments.data is None or not arguments.data.exists():
        print("no data: give bike-score.csv of dorem with --data FILE")
        return
    data = load(arguments.data)
    search = (SEARCHED_FITNESS_DAYS, SEARCHED_FATIGUE_DAYS)
    models = {
        "published": PUBLISHED,
        "published constants": fit_banister(
            *data, [PUBLISHED.fitness_days], [PUBLISHED.fatigue_days]
        ).model,
        "45 and 15 days": fit_banister(*data).model,
        "42 and 7 days": fit_banister(*data, [42.0], [7.0]).model,
        "searched": fit_banister(*data, *search).model,
    }
    names = ("RMSE W", "R²", "r²", "p0", "k1", "k2")
    print(" " * 20, *(f"{name:>8}" for name in names), "  tau1   tau2")
    for name, model in models.items():
        print(row(name, model, *data))
    samples = bootstrap_fits(*data, *search, count=arguments.bootstraps)
    for value in ("base", "fitness_gain", "fatigue_gain", "fitness_days", "fatigue_days"):
        low, high = np.percentile([getattr(fit.model, value) for fit in samples], (5, 95))
        print(f"searched, {value}: 5 to 95 % of bootstraps from {low:.3f} to {high:.3f}")


if __name__ == "__main__":
    main()
