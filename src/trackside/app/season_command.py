"""The command for Andrews' season: the corrected model, his own with its sign mended, his table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from trackside.app.display import Report, plain_table, show
from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from trackside.arrays import Floats

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def season(
    start: Annotated[
        float, typer.Argument(min=5.0, max=80.0, help="km a week to start from, 5 to 80.")
    ],
    weeks: Annotated[int, typer.Option("--weeks", min=6, max=30, help="How long it is.")] = 16,
    strict: Annotated[
        bool, typer.Option("--strict", help="Andrews' model as published, with its sign mended.")
    ] = False,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Say which rules a printed season breaks (week,day,type,km)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Solve the season of Andrews' Optimal Season Running Schedule, week by week and exactly.

    Without --strict: shares that may be missed at a price, a long run on the weekend with an easy
    day after it, rules that hold from Sunday to Monday, too.

    Examples:

        trackside plan season 20

        trackside plan season 20 --strict --table season_20km.csv
    """
    if table is not None:
        from trackside.planner.andrews import broken_rules, read_table

        broken = broken_rules(read_table(table), start)
        report: Report = {
            "table": str(table),
            "start_km": start,
            "broken": [one._asdict() for one in broken],
        }
        show(report, _broken_table, as_json)
        return
    with progress_bar(f"Season from {start:g} km") as progress:
        report = _strict(start, weeks) if strict else _corrected(start, weeks, progress)
    show(report, _season_table, as_json)


def _corrected(start: float, weeks: int, progress: Callable[..., None]) -> Report:
    from trackside.planner.season import solve_season
    from trackside.planner.season_rules import RunType, andrews_aerobic_shares, andrews_goals

    goals = [1000.0 * goal for goal in andrews_goals(start, weeks)]
    found = solve_season(goals, andrews_aerobic_shares(weeks), tell=progress)
    kinds = [kind.value for kind in RunType]
    return {
        "model": "corrected",
        "objective": round(found.objective, 6),
        "off_goals_km": round(found.off_goals, 4),
        "off_shares_km": round(found.off_shares, 4),
        "gap": found.gap,
        "weeks": _weeks(found.distances / 1000.0, kinds, [goal / 1000.0 for goal in goals]),
    }


def _strict(start: float, weeks: int) -> Report:
    from trackside.planner.andrews import TYPES, broken_rules, solve_strictly

    found = solve_strictly(start, weeks)
    return {
        "model": "Andrews' own, with its sign mended",
        "off_goals_km": round(found.off_goals, 4),
        "off_shares_km": round(found.off_shares, 4),
        "weeks": _weeks(found.distances, TYPES, found.goals.tolist()),
        "broken": [one._asdict() for one in broken_rules(found.distances, start)],
    }


def _weeks(distances: "Floats", kinds: Sequence[str], goals: Sequence[float]) -> list[Report]:
    return [
        {
            "week": number,
            "goal_km": round(goal, 2),
            "km": round(float(week.sum()), 2),
            "runs": [
                {"day": WEEKDAYS[day], "type": kinds[kind], "km": round(float(week[day, kind]), 2)}
                for day in range(7)
                for kind in range(len(kinds))
                if week[day, kind] > 0.0
            ],
        }
        for number, (week, goal) in enumerate(zip(distances, goals, strict=True), start=1)
    ]


def _season_table(report: Report) -> list[Table]:
    table = plain_table(
        "Week",
        "Goal",
        "Run",
        *WEEKDAYS,
        title=f"Season in km, {report['model']}\n{report['off_goals_km']:g} km off the goals, "
        f"{report['off_shares_km']:g} km off the shares; types: e easy (or aerobic), l long, "
        "n anaerobic, h threshold",
    )
    table.columns[0].no_wrap = True
    for week in report["weeks"]:
        cells = dict.fromkeys(WEEKDAYS, "–")
        for run in week["runs"]:
            cells[run["day"]] = f"{LETTERS[run['type']]}{run['km']:.1f}"
        goal, total = f"{week['goal_km']:.1f}", f"{week['km']:.1f}"
        table.add_row(str(week["week"]), goal, total, *cells.values())
    return [table, *(_broken_table(report) if report.get("broken") else [])]


LETTERS = {"easy": "e", "long": "l", "anaerobic": "n", "threshold": "h", "aerobic": "e"}


def _broken_table(report: Report) -> list[Table]:
    table = plain_table(
        "Week", "Rule", "Is", "Limit", title=f"Rules are broken {len(report['broken'])} times"
    )
    table.columns[0].no_wrap = True
    table.columns[1].no_wrap = False
    for one in report["broken"]:
        table.add_row(str(one["week"]), one["rule"], one["value"], one["limit"])
    return [table]
