"""The season's optima against a table of known ones, with the time each takes.

    python benchmarks/season_optima.py

Prints for Andrews' rules and 16 weeks from each start: the objective at a gap of 1e-6, the known
optimum (found by HiGHS on the whole model; SCIP proves those of 20 and 40 km), rules broken by the
tests' independent checker, and the processor time at 1e-6 and at 1e-3. Then, for the rules that
plans keep, the time by length of the preparation, and Andrews' own model with its sign mended.
"""

import sys
from datetime import date, timedelta
from pathlib import Path
from time import process_time

from trackside.planner.andrews import solve_strictly
from trackside.planner.calendar import build_calendar
from trackside.planner.profile import GoalRace
from trackside.planner.season import plan_season, solve_season
from trackside.planner.season_rules import andrews_aerobic_shares, andrews_goals

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/planner"))
from season_checker import broken, days_of

from runners import runner

OPTIMA = {
    5: 2.9177,
    10: 1.7125,
    15: 1.1487,
    20: 0.6386,
    24: 0.3072,
    25: 0.2667,
    30: 1.3304,
    40: 5.8132,
    60: 19.063,
    80: 34.675,
}
RACE_DAY = date(2030, 9, 1)


def main() -> None:
    """Print the tables."""
    print("start km  objective    known     gap  broken  s at 1e-6  s at 1e-3")
    for start, known in OPTIMA.items():
        goals, shares = andrews_goals(start * 1e3), andrews_aerobic_shares()
        began = process_time()
        season = solve_season(goals, shares, gap=1e-6)
        exact = process_time() - began
        began = process_time()
        solve_season(goals, shares, gap=1e-3)
        quick = process_time() - began
        rules = len(broken(days_of(season.distances), [goal / 1e3 for goal in goals]))
        print(
            f"{start:8} {season.objective:10.5f} {known:8.4f} {season.gap:7.0e} {rules:7} "
            f"{exact:10.2f} {quick:10.2f}",
            flush=True,
        )
    print("\nplans: weeks, s")
    for weeks in (6, 8, 12, 16, 20, 24, 30):
        today = RACE_DAY - timedelta(weeks=weeks, days=-1)
        athlete = runner(goal=GoalRace(RACE_DAY, 10e3))
        calendar = build_calendar(athlete, today)
        began = process_time()
        plan_season(calendar, athlete.weekly_distance, 2.8)
        print(f"{len(calendar.weeks):5} {process_time() - began:8.2f}", flush=True)
    print("\nAndrews' model, its sign mended: start km, km off goals, km off shares, s")
    for start in OPTIMA:
        began = process_time()
        mended = solve_strictly(start)
        print(
            f"{start:5} {mended.off_goals:8.3f} {mended.off_shares:8.2f} "
            f"{process_time() - began:6.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
