"""A plan's season in one picture: distance by type, and what its loads do."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackside.app.plan_reports import lived_through
from trackside.planner.plan_record import PlanRecord
from trackside.planner.workouts import SessionType
from trackside.replacing import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito's palette
KINDS = {
    "easy": ((SessionType.EASY, SessionType.STRIDES), "#56B4E9"),
    "long": ((SessionType.LONG,), "#0072B2"),
    "tempo, race pace": ((SessionType.TEMPO, SessionType.RACE_PACE), "#E69F00"),
    "intervals, hills": ((SessionType.INTERVALS, SessionType.HILLS), "#D55E00"),
    "race, trial": ((SessionType.RACE, SessionType.TRIAL), "#333333"),
}
LINES = {"fitness": "#0072B2", "fatigue": "#D55E00", "form": "#009E73"}
LABELS = {"fitness": "fitness (CTL)", "fatigue": "fatigue (ATL)", "form": "form (TSB)"}
PHASE_SHADES = ("#FFFFFF", "#F0F0F0")


def draw_season(path: Path, record: PlanRecord) -> None:
    """Draw weekly distance by type above fitness, fatigue and form, as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    goal = record.plan.goal
    figure.suptitle(f"{goal.name}, {goal.distance / 1000:g} km on {goal.day:%d %B %Y}")
    _draw_distance(above, record)
    _draw_loads(below, record)
    for axis in (above, below):
        axis.grid(alpha=0.3, axis="y")
    _shade_phases(above, below, record)
    with replacing(path) as target:
        figure.savefig(target, format="png", dpi=110)


def _monday(record: PlanRecord, week: int) -> float:
    """The Monday of a week counted from 0, in days as matplotlib has them."""
    from matplotlib.dates import date2num

    first = record.plan.days[0].date
    monday = first - timedelta(days=first.weekday())
    # matplotlib.dates has no types
    return float(date2num(monday)) + 7.0 * week  # type: ignore[no-untyped-call]


def _draw_distance(axis: "Axes", record: PlanRecord) -> None:
    weeks = record.plan.days[-1].week_number
    middles = np.array([_monday(record, week) + 3.5 for week in range(weeks)])
    bottom = np.zeros(weeks)
    for name, (types, colour) in KINDS.items():
        km = np.zeros(weeks)
        for day in record.plan.days:
            km[day.week_number - 1] += sum(
                workout.distance / 1000.0 for workout in day.workouts if workout.type in types
            )
        axis.bar(middles, km, 5.5, bottom, color=colour, label=name)
        bottom += km
    for week in sorted({day.week_number for day in record.plan.days if day.is_recovery_week}):
        at = middles[week - 1], bottom[week - 1]
        axis.annotate("recovery", at, (0, 3), textcoords="offset points", ha="center", fontsize=7)
    axis.set_ylabel("distance [km a week]")
    axis.legend(loc="upper left", ncols=len(KINDS), fontsize="small")
    axis.set_ylim(0, 1.2 * bottom.max())


def _draw_loads(axis: "Axes", record: PlanRecord) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    lived = lived_through(record)
    days = _monday(record, 0) + 0.5 + np.arange(record.loads.race + 1)
    daily = record.daily_loads().loads[: len(days)]
    axis.bar(days, daily, 0.8, color="#CCCCCC", label="load of the day (TRIMP)")
    for name, colour in LINES.items():
        values = getattr(lived, name)[: len(days)]
        axis.plot(days, values, color=colour, lw=1.8, label=LABELS[name])
    axis.axhline(0.0, color="#888888", lw=0.8)
    axis.axvline(days[-1], color="#333333", lw=1.2, ls="--")
    axis.set_ylabel("load")
    axis.legend(loc="upper left", ncols=4, fontsize="small")
    low, high = axis.get_ylim()
    axis.set_ylim(low, high + 0.15 * (high - low))
    # matplotlib.dates has no types
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _shade_phases(above: "Axes", below: "Axes", record: PlanRecord) -> None:
    """A shade for each phase, and its name below."""
    phases: dict[str, list[int]] = {}
    for day in record.plan.days:
        phases.setdefault(day.phase.value, []).append(day.week_number)
    for number, (name, weeks) in enumerate(phases.items()):
        start, end = _monday(record, min(weeks) - 1), _monday(record, max(weeks))
        for axis in (above, below):
            axis.axvspan(start, end, color=PHASE_SHADES[number % 2], zorder=-1)
        middle = start + (end - start) / 2
        below.annotate(
            name,
            (middle, 0.0),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color="#555555",
        )
