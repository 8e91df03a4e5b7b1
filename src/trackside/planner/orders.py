"""What certain days have to be, for reasons other than load: illness, days off, tired mornings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from trackside.arrays import Floats
from trackside.planner.load_demand import DayKind
from trackside.planner.morning_variability import WEEK, morning_state
from trackside.planner.standing import Standing
from trackside.planner.training_diary import Illness, TrainingDiary

REST_ONLY = frozenset({DayKind.REST})
EASY_ONLY = frozenset({DayKind.REST, DayKind.EASY})
TIRED_DAYS = 3
"""How many days ahead mornings below the band count, for the next hard or long session."""
FEWEST_BELOW = 2
"""Days in a row below the band: a single one is often chance."""
FATIGUED = 1.1
"""ATL over CTL, a form of −10 %, above which training may be why mornings are low; else they have
to be low for so many days that none of them is in the mean any more that began it."""
EASED = 0.9
"""A day that has less than this part of its first load has been made easy already."""
TIRED_HARD, TIRED_LONG = 0.7, 0.7
"""Of the load planned at first, what is left of a hard and of a long one (cut by 30 to 50 %)."""
HEARD = 7
"""Days after one was made easy within which mornings ask for no other: their mean is over as
many, and cannot tell sooner whether it helped."""
MOST_EASY_DAYS = 7
WEEKS_BEFORE = 28
"""Days before an illness whose easy runs tell how long one afterwards may be: they are past, and no
proposal changes them."""


@dataclass(frozen=True, slots=True)
class Order:
    """A day may only be one of ``kinds``, and have ``most`` load; ``reason`` in plain words."""

    day: int
    kinds: frozenset[DayKind]
    most: float
    reason: str


def orders(diary: TrainingDiary, standing: Standing, aim: Floats, today: date) -> dict[int, Order]:
    """The orders by day, from the first day to come on; of several, the strictest.

    ``aim`` (D,): loads as first planned. Races are nobody's to order.
    """
    found: dict[int, Order] = {}
    for order in (
        *_illness(diary, standing, aim, today),
        *_days_off(diary, standing),
        *_tired(diary, standing, aim, today),
    ):
        ahead = standing.since <= order.day < len(aim) - 1
        if ahead and standing.kinds[order.day] is not DayKind.RACE and order.day not in found:
            found[order.day] = order
    return found


def _illness(diary: TrainingDiary, standing: Standing, aim: Floats, today: date) -> Iterator[Order]:
    """Rest while ill, and afterwards half as many easy days as the illness had.

    No run is longer than the easy ones of the weeks before.
    """
    spells = [(illness, _days_ill(illness, standing, today)) for illness in diary.illnesses]
    for illness, days in spells:
        for day in range(max(days.start, standing.since), days.stop):
            yield Order(day, REST_ONLY, 0.0, _ill_since(illness))
    for _, days in spells:
        count = len(days)
        easy = min((count + 1) // 2, MOST_EASY_DAYS)
        after = f"back from {count} {'day' if count == 1 else 'days'} of illness, easy at first"
        usual = _usual_easy(standing, aim, min(days.start, standing.since))
        for day in range(max(days.stop, standing.since), min(days.stop + easy, len(aim))):
            yield Order(day, EASY_ONLY, min(float(aim[day]), usual), after)


def _days_ill(illness: Illness, standing: Standing, today: date) -> range:
    """Of somebody who is still ill, up to today."""
    last = illness.last or max(today, illness.first)
    return range(standing.index(illness.first), standing.index(last) + 1)


def _usual_easy(standing: Standing, aim: Floats, day: int) -> float:
    """Load of the plan's easy runs before a day, in the median; no limit where it has none."""
    before = range(max(day - WEEKS_BEFORE, 0), min(max(day, 0), len(aim)))
    loads = [float(aim[d]) for d in before if standing.kinds[d] is DayKind.EASY]
    return float(np.median(loads)) if loads else np.inf


def _ill_since(illness: Illness) -> str:
    return f"ill since {illness.first:%A}"


def _days_off(diary: TrainingDiary, standing: Standing) -> Iterator[Order]:
    for day in diary.off:
        yield Order(standing.index(day), REST_ONLY, 0.0, "you asked for a day off")


def _tired(diary: TrainingDiary, standing: Standing, aim: Floats, today: date) -> Iterator[Order]:
    if not diary.mornings:
        return
    state = morning_state(diary.mornings, today)
    tracked = standing.now.state
    fatigued = tracked.fatigue > FATIGUED * tracked.fitness
    if state.days_below < (FEWEST_BELOW if fatigued else WEEK):
        return
    since = standing.since
    eased = standing.planned < EASED * aim
    if eased[max(since - HEARD, 0) : since].any():
        return
    reason = f"HRV {state.days_below} days below your band"
    for day in range(since, min(since + TIRED_DAYS, len(aim))):
        kind, first = standing.kinds[day], float(aim[day])
        if eased[day]:
            yield Order(day, EASY_ONLY | {kind}, float(standing.planned[day]), reason)
            return
        if kind is DayKind.HARD:
            yield Order(day, EASY_ONLY, TIRED_HARD * first, reason)
            return
        if kind is DayKind.LONG:
            yield Order(day, EASY_ONLY | {kind}, TIRED_LONG * first, reason)
            return
