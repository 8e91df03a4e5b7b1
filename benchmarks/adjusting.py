"""How long it takes to adjust a plan of 21 weeks, and whether it keeps its limits.

    python benchmarks/adjusting.py [--histories 20] [--seed 0]

Random days of the plan, after sessions that came out otherwise, missed ones, or an illness. Prints
processor time, the proven gap, days changed, and limits that the simulation finds broken.
"""

import argparse
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import process_time

import numpy as np

from trackside.planner.adjuster import adjust
from trackside.planner.adjustment_model import ROUNDING
from trackside.planner.load_simulation import simulate_loads
from trackside.planner.new_plan import new_plan
from trackside.planner.training_diary import DoneSession, Illness, TrainingDiary

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from runners import TODAY, runner

KINDS = ("illness", "missed", "sessions")


def history(random: np.random.Generator, kind: str, today: date) -> TrainingDiary:
    """What happened in the days before ``today``."""

    def ago(most: int) -> date:
        return today - timedelta(days=int(random.integers(1, most)))

    if kind == "illness":
        return TrainingDiary(illnesses=(Illness(ago(9)),))
    if kind == "missed":
        return TrainingDiary(missed=tuple({ago(8) for _ in range(3)}))
    days = {ago(8) for _ in range(4)}
    loads = random.uniform(0.0, 250.0, len(days)).tolist()
    done = (DoneSession(day, f"{day}", load, 10.0) for day, load in zip(days, loads, strict=True))
    return TrainingDiary(tuple(done))


def main() -> None:
    """Adjust, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    record = new_plan(runner(), TODAY)
    random = np.random.default_rng(arguments.seed)
    adjust(record, history(random, "missed", TODAY + timedelta(days=30)), TODAY)
    times = []
    print("day  what         s      gap  changed  broken")
    for number in range(arguments.histories):
        day = int(random.integers(10, record.loads.race - 6))
        kind = KINDS[number % len(KINDS)]
        diary = history(random, kind, TODAY + timedelta(days=day))
        began = process_time()
        found = adjust(record, diary, TODAY + timedelta(days=day))
        times.append(process_time() - began)
        if found is None:
            print(f"{day:3}  {kind:9} {times[-1]:5.2f}        –        0       –")
            continue
        settled = replace(found.asked, kinds=[frozenset({one}) for one in found.loads.kinds])
        broken = simulate_loads(settled, found.loads, found.standing.start, ROUNDING).violations
        changed = len(found.proposal.changes)
        row = (
            f"{day:3}  {kind:9} {times[-1]:5.2f} {found.loads.gap:8.0e} {changed:8} {len(broken):7}"
        )
        print(row)
    print(f"median {np.median(times):.2f} s, at most {max(times):.2f} s")


if __name__ == "__main__":
    main()
