"""The rules of a season: Andrews', and those that a plan keeps by default."""

from dataclasses import dataclass
from enum import StrEnum


class RunType(StrEnum):
    """What a run is for, in the order of a season's last axis."""

    EASY = "easy"
    LONG = "long"
    ANAEROBIC = "anaerobic"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class SeasonRules:
    """Limits of runs and weeks; distances in m, shares of the week's goal.

    The numbers are Andrews' (Optimal Season Running Schedule, 2024), but for ``easy_share``, how
    long an easy run may be relative to the week's long run, and the weights of the objective:
    of a metre off the shares of the types relative to one off the week's goal, and of a run.
    """

    longest_share: float = 0.30
    anaerobic_share: float = 0.10
    threshold_share: float = 0.20
    longest_threshold: float = 15_000.0
    shortest: tuple[float, float, float, float] = (2_000.0, 2_000.0, 1_000.0, 3_000.0)
    least_cap: tuple[float, float, float, float] = (5_000.0, 5_000.0, 3_000.0, 3_000.0)
    easy_share: float = 0.75
    fewest_runs: int = 3
    most_runs: int = 6
    most_anaerobic: int = 3
    share_weight: float = 0.1
    run_weight: float = 1.0  # m


def andrews_goals(start: float, weeks: int = 16) -> list[float]:
    """Andrews' goals (m) of the weeks: 10 % more each week, then two weeks of 20 % less."""
    goals = [start]
    for week in range(1, weeks):
        goals.append(goals[-1] * (0.8 if week >= weeks - 2 else 1.1))
    return goals


def andrews_aerobic_shares(weeks: int = 16) -> list[float]:
    """Andrews' share of aerobic running in each week, .80 falling to .60 in steps.

    The rest is anaerobic and threshold running, in equal parts. The steps come after 4, 8, 12 and
    14 weeks of 16, and in proportion in other seasons.
    """
    steps = ((4 / 16, 0.80), (8 / 16, 0.75), (12 / 16, 0.70), (14 / 16, 0.65), (1.0, 0.60))
    return [
        next(share for end, share in steps if (week + 1) / weeks <= end + 1e-9)
        for week in range(weeks)
    ]
