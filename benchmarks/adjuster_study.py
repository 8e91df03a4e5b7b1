"""Does the adjuster help? Virtual athletes with hidden responses, on three ways to follow a plan.

    python benchmarks/adjuster_study.py [--athletes 200] [--weeks 16] [--seed 0] [--risk 1]

Each athlete answers to training by a Banister model of their own that nobody is told (time
constants and gains drawn about the usual ones), misses sessions, falls ill, does sessions a little
differently than planned, and wears sensors that measure with errors, some badly; mornings have a
heart-rate variability that follows hidden fatigue, with noise. The same athlete with the same days
missed follows the same plan in three ways:

fixed     what is missed is missed, and the plan goes on as it is;
repeat    a session that was missed takes the place of the next lighter day within a week that has
          time for it;
adjuster  every evening `trackside plan adjust`, and everything that it proposes is confirmed.

Printed for each: performance on the race's morning, in percent of what the whole plan would have
given this athlete; days in deep fatigue (hidden fatigue, illness included, more than 1.3 times
hidden fitness); days on which true fitness (CTL) rose faster in a week than the plan's ramp limit;
then paired differences with 95 % confidence intervals. Illness is assumed to tire like training at
half of the usual load and to give no fitness. Nothing else is assumed: in particular a Banister
model is linear, so that too fast a rise of load costs it nothing. With --risk R an athlete falls
ill or is injured R times as often on days on which fitness rises faster than the ramp limit.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from multiprocessing import get_context
from time import perf_counter

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.planner.adjuster import adjust
from trackside.planner.adjustment import adjusted
from trackside.planner.athlete import Athlete
from trackside.planner.calendar import available_time
from trackside.planner.fitness import CHRONIC_DAYS
from trackside.planner.group_comparison import paired_comparison
from trackside.planner.load_demand import DayKind, LoadLimits
from trackside.planner.new_plan import new_plan
from trackside.planner.plan_record import PlanRecord
from trackside.planner.profile import Experience, GoalRace, Sex
from trackside.planner.training_diary import DoneSession, Illness, TrainingDiary

MONDAY = date(2030, 1, 7)
WEEKLY = (30e3, 45e3, 60e3)
DISTANCES = (21_097.5, 42_195.0)
HISTORY = 40  # mornings before the plan begins
DEEP = 1.3
"""Hidden fatigue over fitness: a form (TSB) below −30 % of CTL."""
MISSED, ILL = 0.06, 1.2 / 112
"""Chance that a session is missed; of falling ill on a day."""
DONE_SD, MEASURED_SD, BAD_SD, BAD = 0.10, 0.08, 0.40, 0.05
"""Relative: how a session differs from its plan, how it is measured, how badly at times."""
MORNING_SD, MORNING_GAIN, MORNING_KNOWN = 0.10, 0.25, 0.8
"""Of lnRMSSD: its noise; its fall for fatigue twice fitness; share of mornings measured."""
WITHIN = 7
ARMS = ("fixed", "repeat", "adjuster")


@dataclass(frozen=True)
class Hidden:
    """Time constants (days), the gain of fatigue over fitness, and what chance has in store.

    ``missed`` (D,): days; ``chance`` (D,): who draws less than the risk of a day falls ill, for
    ``lengths`` (D,) days; ``done`` (D,): true load over planned; ``measured`` (D,):
    measured load over true, with its relative ``sd`` (D,); ``noise``: of mornings, NaN if none.
    """

    fitness_days: float
    fatigue_days: float
    gain: float
    missed: Booleans
    chance: Floats
    lengths: Integers
    done: Floats
    measured: Floats
    sd: Floats
    noise: Floats


def draw(random: np.random.Generator, days: int) -> Hidden:
    """An athlete, and what will happen."""
    bad = random.random(days) < BAD
    sd = np.where(bad, BAD_SD, MEASURED_SD)
    noise = random.normal(0.0, MORNING_SD, HISTORY + days)
    noise[random.random(HISTORY + days) > MORNING_KNOWN] = np.nan
    return Hidden(
        float(np.clip(random.normal(42.0, 6.0), 30.0, 55.0)),
        float(np.clip(random.normal(8.0, 2.0), 4.0, 14.0)),
        float(np.clip(random.normal(2.0, 0.25), 1.4, 2.6)),
        random.random(days) < MISSED,
        random.random(days),
        random.integers(3, 9, days),
        np.exp(random.normal(0.0, DONE_SD, days)),
        np.exp(random.normal(0.0, 1.0, days) * sd),
        sd,
        noise,
    )


class Body:
    """The hidden athlete, day by day; ``usual``: the mean daily load so far."""

    def __init__(self, hidden: Hidden, usual: float) -> None:
        self._hidden, self._usual = hidden, usual
        self._fit = usual * hidden.fitness_days
        self._tired = usual * hidden.fatigue_days
        self.deep = 0
        self._ill_until = 0
        self.ill = np.zeros(len(hidden.missed), bool)

    @property
    def performance(self) -> float:
        """On this morning."""
        return self._fit - self._hidden.gain * self._tired

    @property
    def strain(self) -> float:
        """Mean hidden fatigue over mean hidden fitness."""
        hidden = self._hidden
        return (self._tired / hidden.fatigue_days) / (self._fit / hidden.fitness_days)

    def wake(self, day: int, risk: float) -> bool:
        """Whether the athlete is ill on a day; well on the last four before the race."""
        hidden = self._hidden
        if day >= self._ill_until and hidden.chance[day] < risk:
            self._ill_until = day + int(hidden.lengths[day])
        self.ill[day] = day < self._ill_until and day < len(self.ill) - 4
        return bool(self.ill[day])

    def train(self, load: float, ill: bool) -> None:
        """Live through a day."""
        hidden = self._hidden
        tiring = load + (0.5 * self._usual if ill else 0.0)
        self._fit = (self._fit + load) * np.exp(-1.0 / hidden.fitness_days)
        self._tired = (self._tired + tiring) * np.exp(-1.0 / hidden.fatigue_days)
        self.deep += self.strain > DEEP

    def morning(self, noise: float) -> float:
        """RMSSD in ms."""
        return float(np.exp(np.log(50.0) - MORNING_GAIN * (self.strain - 1.0) + noise))


@dataclass(frozen=True)
class Outcome:
    """Performance on the race's morning, days in deep fatigue, of fast rise, and ill; changes."""

    performance: float
    deep: int
    ramp: int
    ill: int
    changes: int


Planned = Callable[[int, Floats, Body], float]
"""What is to be done on a day: its number, the true loads before it (D,), the athlete."""


def live(
    record: PlanRecord, hidden: Hidden, planned: Planned, risk: float = 1.0, disturbed: bool = True
) -> Outcome:
    """Live through a plan; ``risk``: how many times more often ill where fitness rises too fast."""
    days = record.loads.race
    body = Body(hidden, record.loads.fitness)
    loads = np.zeros(days)
    race = np.array([kind is DayKind.RACE for kind in record.loads.kinds[:days]])
    walk = Walk(record.loads.fitness)
    for day in range(days):
        ill = disturbed and body.wake(day, ILL * (risk if walk.too_fast else 1.0))
        missed = disturbed and (ill or bool(hidden.missed[day]))
        wanted = planned(day, loads, body)
        loads[day] = 0.0 if missed else wanted * (hidden.done[day] if disturbed else 1.0)
        body.train(loads[day], ill)
        walk.add(0.0 if race[day] else loads[day])
    return Outcome(body.performance, body.deep, walk.days_too_fast, int(body.ill.sum()), 0)


class Walk:
    """True fitness (CTL) of training, day by day, and whether it rises too fast."""

    def __init__(self, start: float) -> None:
        self._fitness = [start]
        self.too_fast = False
        self.days_too_fast = 0

    def add(self, load: float) -> None:
        """A day's load."""
        now = self._fitness[-1]
        self._fitness.append(now + (load - now) / CHRONIC_DAYS)
        share, most = LoadLimits().ramp
        past = self._fitness[-8] if len(self._fitness) > 8 else np.inf
        self.too_fast = self._fitness[-1] > (1.0 + share) * past + most
        self.days_too_fast += self.too_fast


class Repeating:
    """The rule of thumb: what was missed is done on the next lighter day that has time for it."""

    def __init__(self, record: PlanRecord, hidden: Hidden) -> None:
        self._plan, self._hidden = record.daily_loads().loads, hidden
        self._time = [
            available_time(record.athlete, MONDAY + timedelta(days=day))
            for day in range(record.loads.race)
        ]
        self._took = np.zeros(len(self._plan))
        for day in record.plan.days:
            took = sum(one.duration for one in day.workouts if one.load > 0.0)
            self._took[(day.date - MONDAY).days] = took
        self._owed: list[tuple[int, int]] = []

    def __call__(self, day: int, _loads: Floats, body: Body) -> float:
        """What is done."""
        session = day
        self._owed = [one for one in self._owed if day - one[0] <= WITHIN]
        in_time = [one for one in self._owed if self._took[one[1]] <= self._time[day]]
        heaviest = max(in_time, key=lambda one: float(self._plan[one[1]]), default=None)
        if heaviest and self._plan[heaviest[1]] > self._plan[day]:
            self._owed.remove(heaviest)
            session = heaviest[1]
        if self._plan[session] > 0.0 and (self._hidden.missed[day] or body.ill[day]):
            self._owed.append((day, session))
        return float(self._plan[session])


class Adjusting:
    """The adjuster, asked every morning about what the diary knows by then."""

    def __init__(self, record: PlanRecord, hidden: Hidden, mornings: dict[date, float]) -> None:
        self.record, self._hidden, self._mornings = record, hidden, mornings
        self._sessions: list[DoneSession] = []
        self._missed: list[date] = []
        self._planned = record.daily_loads().loads
        self.changes = 0

    def __call__(self, day: int, loads: Floats, body: Body) -> float:
        """What is done."""
        hidden, today = self._hidden, MONDAY + timedelta(days=day)
        if day:
            self._tell(day - 1, float(loads[day - 1]), body)
        if np.isfinite(hidden.noise[HISTORY + day]):
            self._mornings[today] = body.morning(hidden.noise[HISTORY + day])
        diary = TrainingDiary(
            tuple(self._sessions), tuple(self._missed), _illnesses(body, day), dict(self._mornings)
        )
        found = adjust(self.record, diary, today)
        if found:
            self.record = adjusted(self.record, found.proposal.changes, found.proposal.loads)
            self._planned = self.record.daily_loads().loads
            self.changes += len(found.proposal.changes)
        return float(self._planned[day])

    def _tell(self, day: int, load: float, body: Body) -> None:
        hidden, then = self._hidden, MONDAY + timedelta(days=day)
        if body.ill[day]:
            return
        if load > 0.0:
            measured = load * hidden.measured[day]
            self._sessions.append(DoneSession(then, f"{day}", measured, hidden.sd[day] * measured))
        elif self._planned[day] > 0.0:
            self._missed.append(then)


def _illnesses(body: Body, today: int) -> tuple[Illness, ...]:
    """As the athlete knows them on a morning: one that goes on has no end."""
    ill = np.flatnonzero(body.ill[: today + 1])
    runs = np.split(ill, np.flatnonzero(np.diff(ill) > 1) + 1) if len(ill) else []
    return tuple(
        Illness(
            MONDAY + timedelta(days=int(run[0])),
            None if run[-1] == today else MONDAY + timedelta(days=int(run[-1])),
        )
        for run in runs
    )


def study(task: tuple[int, int, float, PlanRecord]) -> tuple[dict[str, Outcome], float]:
    """The outcomes of one athlete by arm, performance in percent; and s that adjusting took."""
    seed, number, risk, record = task
    random = np.random.default_rng([seed, number])
    days = record.loads.race
    hidden = draw(random, days)
    plan = record.daily_loads().loads
    whole = live(record, hidden, lambda day, _loads, _body: float(plan[day]), disturbed=False)
    body = Body(hidden, record.loads.fitness)
    mornings = {
        MONDAY + timedelta(days=day - HISTORY): body.morning(hidden.noise[day])
        for day in range(HISTORY)
        if np.isfinite(hidden.noise[day])
    }
    outcomes = {
        "fixed": live(record, hidden, lambda day, _loads, _body: float(plan[day]), risk),
        "repeat": live(record, hidden, Repeating(record, hidden), risk),
    }
    began = perf_counter()
    adjusting = Adjusting(record, hidden, mornings)
    result = live(record, hidden, adjusting, risk)
    took = perf_counter() - began
    outcomes["adjuster"] = replace(result, changes=adjusting.changes)
    return {
        arm: replace(one, performance=100.0 * one.performance / whole.performance)
        for arm, one in outcomes.items()
    }, took


def plan_for(wish: tuple[int, float, float]) -> PlanRecord:
    """A plan of so many weeks for a race distance (m) and a usual week (m)."""
    weeks, distance, weekly = wish
    athlete = Athlete(
        runner_id="virtual",
        goal=GoalRace(MONDAY + timedelta(weeks=weeks) - timedelta(days=1), distance),
        age=35.0,
        sex=Sex.FEMALE,
        height=1.68,
        weight=60.0,
        resting_heart_rate=50.0,
        maximum_heart_rate=190.0,
        vdot=46.0,
        weekly_distance=weekly,
        available=tuple(3600.0 * hours for hours in (0, 1.5, 2, 1.5, 1.5, 2.5, 4)),
        injuries=(),
        experience=Experience.RECREATIONAL,
        estimated={},
    )
    return new_plan(athlete, MONDAY)


def main() -> None:
    """Run the study and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--athletes", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--risk", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    began = perf_counter()
    wishes = [(arguments.weeks, *wish) for wish in product(DISTANCES, WEEKLY)]
    with get_context("spawn").Pool(arguments.workers) as pool:
        records = pool.map(plan_for, wishes, chunksize=1)
        tasks = [
            (arguments.seed, number, arguments.risk, records[number % len(records)])
            for number in range(arguments.athletes)
        ]
        answers = pool.map(study, tasks, chunksize=1)
    print(
        f"{arguments.athletes} athletes, {arguments.weeks} weeks, seed {arguments.seed}, "
        f"risk {arguments.risk:g}"
    )
    print(
        f"{'':10}{'race-day %':>14}{'deep fatigue d':>16}{'ramp d':>14}{'ill d':>8}{'changes':>10}"
    )
    for arm in ARMS:
        columns = [
            np.array([getattr(outcomes[arm], name) for outcomes, _ in answers], float)
            for name in ("performance", "deep", "ramp", "ill", "changes")
        ]
        means = [f"{column.mean():.2f} ± {column.std(ddof=1):.1f}" for column in columns]
        rest = f"{columns[3].mean():8.1f}{columns[4].mean():10.1f}"
        print(f"{arm:10}{means[0]:>14}{means[1]:>16}{means[2]:>14}{rest}")
    for baseline in ARMS[:2]:
        for name, what in (
            ("performance", "race-day performance, %"),
            ("deep", "days in deep fatigue"),
            ("ramp", "days above the ramp limit"),
        ):
            ours, theirs = (
                np.array([getattr(outcomes[arm], name) for outcomes, _ in answers], float)
                for arm in ("adjuster", baseline)
            )
            found = paired_comparison(theirs, ours)
            low, high = found.interval
            print(
                f"adjuster − {baseline}, {what}: {found.difference:+.2f} "
                f"(95 % {low:+.2f} to {high:+.2f}), p = {found.p:.2g}"
            )
    seconds = sum(took for _, took in answers) / (arguments.athletes * 7 * arguments.weeks)
    print(f"{perf_counter() - began:.0f} s; {seconds:.3f} s a day of adjusting")


if __name__ == "__main__":
    main()
