"""Heart-rate variability of mornings against the athlete's own band.

The mean of lnRMSSD over 7 days is compared with that over the 28 to 60 days before, plus and minus
half its standard deviation, the smallest worthwhile change; a week needs three valid mornings (D.
J. Plews et al., Int. J. Sports Physiol. Perform. 9 (2014) 783). The means of so few mornings differ
by chance, too: the band is at least as wide as keeps 19 of 20 weeks that are like the others from
falling below it. That depends on the athlete's own scatter and on the mornings there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

WEEK, SHORTEST_HISTORY, HISTORY = 7, 28, 60  # days
FEWEST_MORNINGS = 3
"""Of a week; the history needs them in every week of its shortest length, on average."""
BAND_SDS = 0.5
CHANCE_SDS = 1.645
"""Standard errors of the difference of two means, below which it falls by chance in 5 %."""
LEAST_RMSSD, MOST_RMSSD = 3.0, 300.0
"""ms: what is outside is no heart's, but a strap's."""
MOST_DAYS_BELOW = 14


@dataclass(frozen=True, slots=True)
class MorningState:
    """The week's mean of ln(RMSSD / ms) and its band; ``days_below``: how many days it is below.

    ``reason``: why there is no band, and the others are NaN or 0.
    """

    mean: float
    low: float
    high: float
    days_below: int
    reason: str = ""


def morning_state(mornings: Mapping[date, float], today: date) -> MorningState:
    """Where the mornings up to ``today`` stand. ``mornings``: RMSSD in ms by day."""
    state = _state(mornings, today)
    if state.reason or state.mean >= state.low:
        return state
    days = 1
    while days < MOST_DAYS_BELOW:
        before = _state(mornings, today - timedelta(days=days))
        if before.reason or before.mean >= before.low:
            break
        days += 1
    return MorningState(state.mean, state.low, state.high, days)


def _state(mornings: Mapping[date, float], today: date) -> MorningState:
    week = _logarithms(mornings, today - timedelta(days=WEEK - 1), today)
    if len(week) < FEWEST_MORNINGS:
        few = f"{len(week)} valid mornings in 7 days: expected {FEWEST_MORNINGS} or more"
        return MorningState(np.nan, np.nan, np.nan, 0, few)
    last = today - timedelta(days=WEEK)
    history = _logarithms(mornings, last - timedelta(days=HISTORY - 1), last)
    reaches = min(mornings) <= last - timedelta(days=SHORTEST_HISTORY - 1)
    needed = FEWEST_MORNINGS * SHORTEST_HISTORY // WEEK
    if not reaches or len(history) < needed:
        few = (
            f"{len(history)} valid mornings in the {HISTORY} days before: expected {needed} or "
            f"more, over {SHORTEST_HISTORY} days or longer"
        )
        return MorningState(np.nan, np.nan, np.nan, 0, few)
    usual, sd = float(np.mean(history)), float(np.std(history, ddof=1))
    chance = CHANCE_SDS * float(np.sqrt(1.0 / len(week) + 1.0 / len(history)))
    width = max(BAND_SDS, chance) * sd
    return MorningState(float(np.mean(week)), usual - width, usual + width, 0)


def _logarithms(mornings: Mapping[date, float], first: date, last: date) -> list[float]:
    return [
        float(np.log(rmssd))
        for day, rmssd in sorted(mornings.items())
        if first <= day <= last and LEAST_RMSSD <= rmssd <= MOST_RMSSD
    ]
