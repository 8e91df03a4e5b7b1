"""What each day to come may become: the room within which a plan is solved again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trackside.arrays import Floats
from trackside.planner.calendar import available_time
from trackside.planner.load_demand import (
    EASY,
    KINDS,
    DayKind,
    LoadDemand,
)
from trackside.planner.orders import Order
from trackside.planner.plan_record import PlanRecord
from trackside.planner.race_performance import training_speeds
from trackside.planner.standing import Standing
from trackside.planner.training_load import steady_load
from trackside.planner.training_plan import PlannedDay

KINDS_CHANGE = 14
"""Days ahead within which days may become another kind; later ones only change their size."""
GROWS_WITHIN = 28
"""Days ahead within which those before the week of the race may become longer: what will be missed
later needs room too. The taper's weeks before it may as well: whoever trained less beforehand has
less fatigue to lose, and needs less of a taper (L. Thomas & T. Busso, Med. Sci. Sports Exerc. 37
(2005) 1615)."""
LEAST_LEFT, LEAST_EASY = 0.5, 0.3
"""Of a day's load, what a run of its own kind must keep, and one that stands in for it."""
MOST_EASY = 0.9
"""Of the load of a strenuous session, what an easy one in its place may have."""
CUT = 0.93
"""Of a day's first load, at or below which it was cut or made easy: such a run does not grow beyond
that again, or each evening would find the last one's answer too little."""
LONGER = 1.8
"""How much longer than planned at first an easy run may become."""
BELOW_LONG = 0.9
"""Of the load of the week's long run, what an easy one may have."""
MOVES_WITHIN = 3
"""Days within which a hard or long session that was missed may be done after all."""


@dataclass(frozen=True)
class Freedom:
    """The demand that allows what may change.

    ``lost`` as in Adjusting; ``moving``: for each day and kind that may take over a missed session,
    the day of that session.
    """

    demand: LoadDemand
    lost: tuple[tuple[DayKind, tuple[int, ...]], ...]
    moving: Mapping[tuple[int, DayKind], int]


def freedom(
    record: PlanRecord, standing: Standing, orders: Mapping[int, Order], vetoes: frozenset[int]
) -> Freedom:
    """What the days from ``standing.since`` on may be.

    ``vetoes``: days that stay as they are, whatever speaks against it.
    """
    room = _Room(record, standing)
    demand = record.loads.demand()
    kinds: list[frozenset[DayKind]] = [frozenset({kind}) for kind in done_kinds(standing)]
    bounds = demand.bounds.copy()
    bounds[: standing.since] = standing.done[:, None, None]
    for day in range(standing.since, demand.race):
        if standing.kinds[day] is DayKind.RACE:
            continue
        bounds[day] = 0.0
        if day in vetoes:
            bounds[day] = standing.planned[day]
        else:
            kinds[day], bounds[day] = room.of(day, ordered=day in orders)
    lost, moving = _missed_sessions(standing, room, kinds, bounds, vetoes, orders)
    for day, order in orders.items():
        if day not in vetoes:
            kinds[day] = kinds[day] & order.kinds
            bounds[day] = np.minimum(bounds[day], order.most)
    asked = replace(
        demand,
        kinds=kinds,
        bounds=bounds,
        since=standing.since,
        correction=standing.correction,
        aim=room.aim,
    )
    return Freedom(asked, lost, moving)


def done_kinds(standing: Standing) -> tuple[DayKind, ...]:
    """The kinds of all days (D,): past ones as they turned out, those to come as planned."""
    kinds = list(standing.kinds)
    for day in range(standing.since):
        if kinds[day] is DayKind.RACE:
            continue
        if standing.done[day] <= 0.0:
            kinds[day] = DayKind.REST
        elif kinds[day] is DayKind.REST:
            kinds[day] = DayKind.EASY
    return tuple(kinds)


class _Room:
    """How small and how large days of a plan may become."""

    def __init__(self, record: PlanRecord, standing: Standing) -> None:
        self._record, self._standing = record, standing
        self._days = {day.date: day for day in record.plan.days}
        self._most = np.array(record.loads.most)
        self.aim = np.array(record.loads.aim) if record.loads.aim else standing.planned
        self._race_week = len(record.loads.kinds) - 7
        speed = sum(training_speeds(record.athlete.vdot).easy) / 2.0
        self._easy_rate = steady_load(record.athlete, 1000.0, speed) / (1000.0 / speed)

    def of(self, day: int, *, ordered: bool) -> tuple[frozenset[DayKind], Floats]:
        """The kinds that a day may be, and their bounds (5, 2); rest is one where it is ordered."""
        planned, kind = float(self._standing.planned[day]), self._standing.kinds[day]
        bounds = np.zeros((len(KINDS), 2))
        if kind is DayKind.REST:
            return self._rest(day, bounds)
        grows = day < min(self._standing.since + GROWS_WITHIN, self._race_week)
        most = max(self._longest(day, kind), planned) if grows else planned
        bounds[KINDS.index(kind)] = LEAST_LEFT * planned, most
        if day >= self._standing.since + KINDS_CHANGE and not ordered:
            bounds[:, 0] = 0.0
            return frozenset({kind}), bounds
        kinds = {kind, DayKind.REST}
        if kind is not DayKind.EASY:
            kinds.add(DayKind.EASY)
            in_time = (self._run_time(day) + self.time_left(day)) * self._easy_rate
            easy = min(MOST_EASY * planned, in_time)
            bounds[EASY] = min(LEAST_EASY * planned, easy), easy
        return frozenset(kinds), bounds

    def _rest(self, day: int, bounds: Floats) -> tuple[frozenset[DayKind], Floats]:
        """A rest may become a short easy run soon after something was missed."""
        near = day < self._standing.since + KINDS_CHANGE
        monday = day - day % 7
        week = self._standing.planned[monday : monday + 7]
        ran = [k is DayKind.EASY for k in self._standing.kinds[monday : monday + 7]]
        usual = float(week[ran].min(initial=np.inf)) if any(ran) else 0.0
        most = min(usual, self.time_left(day) * self._easy_rate)
        if not near or self._eve(day) or most <= 0.0 or not self._standing.missed():
            return frozenset({DayKind.REST}), bounds
        bounds[EASY] = LEAST_LEFT * most, most
        return frozenset({DayKind.REST, DayKind.EASY}), bounds

    def _longest(self, day: int, kind: DayKind) -> float:
        """The most load that there is time for, and sense in."""
        planned, most = float(self._standing.planned[day]), float(self._most[day])
        if planned <= 0.0 or self._eve(day):
            return planned
        run = self._run_time(day)
        time = (run + self.time_left(day)) / run if run > 0.0 else 1.0
        wanted = most
        if kind is DayKind.EASY:
            week = range(day - day % 7, min(day - day % 7 + 7, len(self.aim)))
            longs = [
                min(float(self._standing.planned[other]), float(self.aim[other]))
                for other in week
                if self._standing.kinds[other] is DayKind.LONG
            ]
            first = float(self.aim[day])
            share = MOST_EASY if planned <= CUT * first else LONGER
            wanted = min([share * first, *(BELOW_LONG * load for load in longs)])
        return min(wanted, time * planned)

    def fits(self, day: int, seconds: float) -> bool:
        """Whether there is time for a session in place of a day's run."""
        return not self._eve(day) and seconds <= self._run_time(day) + self.time_left(day)

    def time_left(self, day: int) -> float:
        """s that a day has beside what is planned."""
        date = self._standing.day(day)
        planned = self._days.get(date)
        took = sum(one.duration for one in planned.workouts) if planned else 0.0
        return max(available_time(self._record.athlete, date) - took, 0.0)

    def session_time(self, day: int) -> float:
        """s of a day's run as planned."""
        return self._run_time(day)

    def _run_time(self, day: int) -> float:
        planned = self._days.get(self._standing.day(day))
        if planned is None:
            return 0.0
        return sum(one.duration for one in planned.workouts if one.load > 0.0)

    def _eve(self, day: int) -> bool:
        return self._standing.kinds[day + 1 : day + 2] == (DayKind.RACE,)


def _missed_sessions(
    standing: Standing,
    room: _Room,
    kinds: list[frozenset[DayKind]],
    bounds: Floats,
    vetoes: frozenset[int],
    orders: Mapping[int, Order],
) -> tuple[tuple[tuple[DayKind, tuple[int, ...]], ...], dict[tuple[int, DayKind], int]]:
    """Hard and long sessions that are not done may take an easy day's place within some days.

    Missed ones, and those of days that have to be something else.
    """
    lost: list[tuple[DayKind, tuple[int, ...]]] = []
    moving: dict[tuple[int, DayKind], int] = {}
    ordered = [day for day, order in orders.items() if standing.kinds[day] not in order.kinds]
    for missed in (*standing.missed(), *sorted(ordered)):
        kind = standing.kinds[missed]
        if kind not in (DayKind.HARD, DayKind.LONG) or missed in vetoes:
            continue
        end = missed + MOVES_WITHIN + 1
        if kind is DayKind.HARD:
            end = min(end, missed - missed % 7 + 7)
        load = float(standing.planned[missed])
        found = [
            day
            for day in range(max(standing.since, missed + 1), min(end, len(kinds) - 1))
            if standing.kinds[day] in (DayKind.EASY, DayKind.REST)
            and day not in vetoes
            and day not in orders
            and room.fits(day, room.session_time(missed))
        ]
        for day in found:
            kinds[day] |= {kind}
            bounds[day, KINDS.index(kind)] = LEAST_LEFT * load, load
            moving[day, kind] = missed
        if found:
            lost.append((kind, tuple(found)))
    return tuple(lost), moving


def run_of(day: PlannedDay) -> int | None:
    """Which of a day's workouts is its run; None if there is none."""
    return next((i for i, one in enumerate(day.workouts) if one.load > 0.0), None)
