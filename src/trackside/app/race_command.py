"""The command for the goal race: splits, heart rate, weather, hills, and a pace band."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from trackside.app.display import Report, plain_table, show

if TYPE_CHECKING:
    from trackside.planner.athlete import Athlete
    from trackside.planner.race_strategy import RaceStrategy


def race(
    athlete: Annotated[
        Path, typer.Argument(help="A plan (.json) or the athlete's profile (.toml).")
    ],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="A GPX track, or a CSV file with distance_m,elevation_m."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", help="Of the air, °C; left out: cool.")
    ] = None,
    humidity: Annotated[
        float, typer.Option("--humidity", min=0.0, max=100.0, help="Relative humidity, %.")
    ] = 50.0,
    finish: Annotated[
        str | None,
        typer.Option("--time", metavar="H:MM:SS", help="Finish in this time instead."),
    ] = None,
    band: Annotated[
        Path | None, typer.Option("--band", help="Write a pace band to print (.html).")
    ] = None,
    miles: Annotated[bool, typer.Option("--miles", help="Splits by the mile.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Simulate the goal race: what is to be expected, and how to pace it.

    Even effort, even pace, a negative and a positive split are compared at the same effort.

    Examples:

        trackside plan race ada.json --temperature 18 --band ada_band.html

        trackside plan race ada.toml --course city.gpx --time 3:45:00
    """
    from trackside.planner.course_file import read_course
    from trackside.planner.pace_band import Unit, write_band
    from trackside.planner.race_strategy import plan_race

    strategy = plan_race(
        _athlete(athlete),
        read_course(course) if course else None,
        temperature,
        humidity / 100.0,
        _seconds(finish) if finish else None,
    )
    unit = Unit.MILE if miles else Unit.KILOMETRE
    if band:
        write_band(strategy, band, unit)
    show(_report(strategy, unit.metres), _tables, as_json)


def _athlete(path: Path) -> "Athlete":
    if path.suffix == ".json":
        from trackside.planner.plan_file import read_plan

        return read_plan(path).athlete
    from trackside.planner.athlete import complete
    from trackside.planner.profile_file import read_profile

    return complete(read_profile(path), date.today())


def _seconds(text: str) -> float:
    from trackside.planner.checked_table import duration

    return duration(text)


def _report(strategy: "RaceStrategy", every: float) -> Report:
    best = strategy.recommended
    return {
        "race": strategy.goal.name,
        "km": strategy.goal.distance / 1000.0,
        "ascent_m": round(strategy.course.ascent),
        "time_s": round(best.time, 1),
        "wbgt_c": None if strategy.wbgt is None else round(strategy.wbgt, 1),
        "slowdown": round(strategy.slowdown, 4),
        "statements": list(strategy.statements),
        "pacing": [
            {
                "pacing": plan.pacing.value,
                "time_s": round(plan.time, 1),
                "halves_s": [round(half, 1) for half in plan.half_times],
                "mean_reserve": round(plan.mean_fraction, 3),
                "peak_reserve": round(plan.peak_fraction, 3),
                "explanation": plan.explanation,
            }
            for plan in strategy.plans
        ],
        "unit_m": every,
        "splits": [
            {
                "distance_m": round(split.distance, 1),
                "time_s": round(split.time, 1),
                "total_s": round(split.total, 1),
                "pace_s_per_km": round(1000.0 / split.speed, 1),
                "gradient": round(split.gradient, 4),
                "heart_rate_bpm": round(split.heart_rate),
            }
            for split in best.splits(every)
        ],
    }


def _tables(report: Report) -> list[Table]:
    from trackside.planner.workout_text import clock_text

    compared = plain_table(
        "Pacing",
        "Time",
        "First half",
        "Second half",
        "Reserve [%]",
        title="\n".join([f"{report['race']}, {report['km']:g} km", *report["statements"]]),
    )
    for plan in report["pacing"]:
        first, second = plan["halves_s"]
        compared.add_row(
            plan["pacing"].replace("_", " "),
            clock_text(plan["time_s"]),
            clock_text(first),
            clock_text(second),
            f"{100 * plan['mean_reserve']:.0f}, at most {100 * plan['peak_reserve']:.0f}",
        )
    splits = plain_table(
        "mi" if report["unit_m"] > 1000 else "km",
        "Split",
        "Total",
        "Pace [/km]",
        "Slope [%]",
        "bpm",
        title="Splits with even effort",
    )
    for split in report["splits"]:
        splits.add_row(
            f"{split['distance_m'] / report['unit_m']:.4g}",
            clock_text(split["time_s"]),
            clock_text(split["total_s"]),
            clock_text(split["pace_s_per_km"]),
            f"{100 * split['gradient']:+.1f}",
            str(split["heart_rate_bpm"]),
        )
    return [compared, splits]
