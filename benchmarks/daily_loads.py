"""How long the optimum of daily loads takes, by length of the preparation and of the athlete.

    python benchmarks/daily_loads.py

Prints the median processor time of three runs, building the model included, the proven gap, and
how many limits the simulation finds broken.
"""

import sys
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time

from trackside.planner.daily_loads import optimise_loads
from trackside.planner.load_simulation import simulate_loads

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/planner"))
from test_daily_loads import demand

DAYS_OFF = frozenset({0})


def main() -> None:
    """Print the table."""
    optimise_loads(demand(4))  # what is loaded at first use
    print("weeks  load a day      s      gap  broken")
    for weeks in (8, 12, 16, 20, 24, 30):
        for daily_load in (15.0, 45.0, 90.0):
            wanted = demand(weeks, daily_load, DAYS_OFF)
            times = []
            for _ in range(3):
                began = process_time()
                plan = optimise_loads(wanted)
                times.append(process_time() - began)
            broken = len(simulate_loads(wanted, plan, date(2030, 1, 7)).violations)
            row = f"{weeks:5} {daily_load:11.0f} {median(times):6.2f} {plan.gap:8.0e} {broken:7}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
