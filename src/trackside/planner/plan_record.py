"""A training plan together with what it was made from, so that it can be lived through again."""

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field

from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.daily_loads import DailyLoads
from trackside.planner.fitness import FitnessState
from trackside.planner.load_demand import DayKind, LoadDemand, LoadLimits
from trackside.planner.training_plan import TrainingPlan

Load = Annotated[float, Field(allow_inf_nan=False)]
"""TRIMP, or a mean of it."""


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """What keeps daily loads healthy, day by day from the plan's first Monday (D days).

    ``kinds``, and the ``least`` and ``most`` load (TRIMP) of each; weeks from 0. ``fitness`` and
    ``fatigue`` before the first day; ``peak`` as of :class:`LoadLimits`. ``done``: the loads of the
    first days as they really were, as far as the plan was adjusted to them. ``aim``: the loads of
    all days that the plan was first made with, empty while they are still planned so.

    Raises ParameterError where these do not fit each other.
    """

    kinds: tuple[DayKind, ...]
    least: tuple[Load, ...]
    most: tuple[Load, ...]
    recovery: tuple[int, ...]
    taper: int
    race: int
    fitness: Load
    fatigue: Load
    first_week: bool
    peak: Load
    done: tuple[Load, ...] = ()
    aim: tuple[Load, ...] = ()

    def __post_init__(self) -> None:
        days = len(self.kinds)
        whole = {len(self.least), len(self.most), len(self.aim) or days} == {days}
        if not whole or len(self.done) > days or not 0 <= self.race < days:
            raise ParameterError(f"loads: expected least, most, aim and the race of {days} days")

    @classmethod
    def of(cls, demand: LoadDemand) -> Self:
        """The record of a demand all of whose days are settled."""
        kinds = tuple(next(iter(choice)) for choice in demand.kinds)
        columns = [list(DayKind).index(kind) for kind in kinds]
        bounds = demand.bounds[np.arange(len(kinds)), columns]
        return cls(
            kinds,
            tuple(bounds[:, 0].tolist()),
            tuple(bounds[:, 1].tolist()),
            tuple(sorted(demand.recovery)),
            demand.taper,
            demand.race,
            demand.state.fitness,
            demand.state.fatigue,
            demand.first_week,
            demand.limits.peak,
        )

    def demand(self) -> LoadDemand:
        """The demand, as it was."""
        bounds = np.stack([self.least, self.most], axis=-1)
        bounds[: len(self.done)] = np.array(self.done)[:, None]
        return LoadDemand(
            [frozenset({kind}) for kind in self.kinds],
            np.repeat(bounds[:, None], len(DayKind), axis=1),
            frozenset(self.recovery),
            self.taper,
            self.race,
            FitnessState(self.fitness, self.fatigue),
            self.first_week,
            limits=LoadLimits(peak=self.peak),
            since=len(self.done),
            aim=np.array(self.aim) if self.aim else None,
        )


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan, the athlete it is for, what its loads had to keep, and what is to be known of it.

    ``schema``: id of the training schema. ``focus``: a sentence for each week.
    """

    plan: TrainingPlan
    athlete: Athlete
    schema: str
    loads: LoadRecord
    focus: tuple[str, ...]
    notes: tuple[str, ...]

    def daily_loads(self) -> DailyLoads:
        """Kinds and loads of all days as the plan's workouts have them, from its first Monday on.

        Days that are done have the loads that they really had; the goal race has none, as nothing
        is planned after it.
        """
        loads = np.zeros(len(self.loads.kinds))
        first = self.plan.days[0].date
        start = first.toordinal() - first.weekday()
        for day in self.plan.days:
            loads[day.date.toordinal() - start] = day.load
        loads[self.loads.race] = 0.0
        loads[: len(self.loads.done)] = self.loads.done
        return DailyLoads(self.loads.kinds, loads, np.nan, np.nan)
