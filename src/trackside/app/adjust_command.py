"""The command that adjusts a plan to what happened: trackside plan adjust."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from trackside.app.display import Report, show
from trackside.errors import FileFormatError, ParameterError

if TYPE_CHECKING:
    from trackside.planner.adjustment import Proposal
    from trackside.planner.athlete import Athlete
    from trackside.planner.plan_record import PlanRecord
    from trackside.planner.profile import RaceResult
    from trackside.planner.training_diary import DoneSession, Illness, TrainingDiary

Days = list[str] | None
DIARY = ".diary.json"


def adjust(
    plan: Annotated[Path, typer.Argument(help="A plan that trackside plan new made (.json).")],
    session: Annotated[
        list[Path] | None,
        typer.Option(
            "--session",
            help="A session done: a recording, a watch's file (.fit, .tcx, .gpx), or features "
            "(.json); repeatable.",
        ),
    ] = None,
    missed: Annotated[
        Days, typer.Option("--missed", metavar="DATE", help="A session that was not done.")
    ] = None,
    ill: Annotated[
        Days,
        typer.Option("--ill", metavar="DATE[:DATE]", help="Ill since then, or from one to other."),
    ] = None,
    off: Annotated[
        Days, typer.Option("--off", metavar="DATE", help="No training on that day, please.")
    ] = None,
    mornings: Annotated[
        Path | None,
        typer.Option("--mornings", help="HRV of mornings (.csv with date,rmssd_ms)."),
    ] = None,
    test: Annotated[
        Days,
        typer.Option("--test", metavar="DATE=KM=TIME", help="A race or trial: 2027-03-28=10=48:30"),
    ] = None,
    reject: Annotated[
        Days,
        typer.Option("--reject", metavar="DATE", help="Leave this day as it is; repeatable."),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Change the plan as it is proposed.")
    ] = False,
    today: Annotated[
        str | None, typer.Option("--today", metavar="DATE", help="Default: today.")
    ] = None,
    diary: Annotated[
        Path | None,
        typer.Option("--diary", help="Where what happened is kept; default: beside the plan."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Adjust the days to come to what happened, and show what would change, and why.

    What is told here is kept in a diary beside the plan. Nothing of the plan changes before
    --confirm; days that are past never do, and a day that you --reject stays as it is for good.

    Examples:

        trackside plan adjust ada.json --session run.h5

        trackside plan adjust ada.json --missed 2027-02-16 --ill 2027-02-18:2027-02-21

        trackside plan adjust ada.json --mornings hrv.csv --reject 2027-02-25 --confirm
    """
    from trackside.planner.adjuster import adjust as solve_again
    from trackside.planner.adjustment import adjusted
    from trackside.planner.plan_file import read_plan, write_plan
    from trackside.planner.training_diary import read_diary, write_diary

    record = read_plan(plan)
    now = _date(today) if today else date.today()
    kept = diary or plan.with_suffix(DIARY)
    before = read_diary(kept)
    told = replace(
        before,
        sessions=_with_sessions(before, _sessions(session or (), record.athlete)),
        missed=_with_days(before.missed, missed),
        illnesses=_with_illnesses(before, ill or ()),
        mornings={**before.mornings, **(_mornings(mornings) if mornings else {})},
        tests=tuple(dict.fromkeys((*before.tests, *map(_test, test or ())))),
        off=_with_days(before.off, off),
        vetoes=_with_days(before.vetoes, reject),
    )
    _check_in_plan(record, [*told.missed, *told.off, *told.vetoes])
    found = solve_again(record, told, now)
    if told != before:
        write_diary(told, kept)
    changed = found is not None and confirm
    if found is not None and confirm:
        after = adjusted(record, found.proposal.changes, found.proposal.loads)
        write_plan(after, plan)
    report = _report(record, found.proposal if found else None, now, changed, plan)
    show(report, _tables, as_json)


def _report(
    record: "PlanRecord", proposal: "Proposal | None", today: date, confirmed: bool, plan: Path
) -> Report:
    from trackside.app.change_table import change_report

    before = {day.date: day.workouts for day in record.plan.days}
    return {
        "plan": str(plan),
        "today": today.isoformat(),
        "confirmed": confirmed,
        "revision": record.plan.revision + confirmed,
        "summary": proposal.summary if proposal else "the plan stays as it is",
        "changes": [
            change_report(one.date, before[one.date], one.workouts, one.reason)
            for one in (proposal.changes if proposal else ())
        ],
    }


def _tables(report: Report) -> list[Table]:
    from trackside.app.change_table import change_table

    ended = f"\n{report['plan']} is now at revision {report['revision']}"
    if not report["confirmed"]:
        ended = (
            "\nnothing is changed yet: --confirm takes it, --reject DATE leaves a day as it is"
            if report["changes"]
            else ""
        )
    heading = f"{report['today']}: {report['summary']}{ended}"
    return [change_table(report["changes"], heading)]


def _sessions(paths: Iterable[Path], athlete: "Athlete") -> "list[DoneSession]":
    from trackside.app.session_files import summary_of_file
    from trackside.planner.training_diary import DoneSession

    found = []
    for path in paths:
        summary = summary_of_file(path, athlete)
        if summary.trimp.value is None:
            raise ParameterError(
                f"{path}: its load is unknown ({summary.trimp.reason}); if it was not done, say "
                f"--missed {summary.started_at.date()}"
            )
        load = summary.trimp
        found.append(DoneSession(summary.started_at.date(), path.name, load.value, load.sd))
    return found


def _with_sessions(
    before: "TrainingDiary", new: "Sequence[DoneSession]"
) -> "tuple[DoneSession, ...]":
    """Sessions in order, one that is told again in place of the first."""
    by_source = {(one.day, one.source): one for one in (*before.sessions, *new)}
    return tuple(sorted(by_source.values(), key=lambda one: (one.day, one.source)))


def _with_illnesses(before: "TrainingDiary", told: Iterable[str]) -> "tuple[Illness, ...]":
    """Illnesses by their first day; an end that is told later replaces none."""
    from trackside.planner.training_diary import Illness

    by_first = {one.first: one for one in before.illnesses}
    for text in told:
        first, _, last = text.partition(":")
        illness = Illness(_date(first), _date(last) if last else None)
        if illness.last is not None and illness.last < illness.first:
            raise ParameterError(f"{text!r}: expected the first day, a colon and the last day")
        by_first[illness.first] = illness
    return tuple(by_first[first] for first in sorted(by_first))


def _with_days(before: tuple[date, ...], told: Days) -> tuple[date, ...]:
    return tuple(sorted({*before, *map(_date, told or ())}))


def _mornings(path: Path) -> dict[date, float]:
    """Mornings of a CSV file with the columns date and rmssd_ms."""
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"date", "rmssd_ms"} <= set(rows.fieldnames or ()):
            raise FileFormatError(path, "line 1", "columns date,rmssd_ms")
        found = {}
        for number, row in enumerate(rows, start=2):
            try:
                found[date.fromisoformat(row["date"].strip())] = float(row["rmssd_ms"])
            except (ValueError, AttributeError) as error:
                wanted = "a day such as 2027-02-16 and RMSSD in ms"
                raise FileFormatError(path, f"line {number}", wanted) from error
    return found


def _test(text: str) -> "RaceResult":
    from trackside.planner.profile import RaceResult

    try:
        day, kilometres, time = text.split("=")
        seconds = 0.0
        for part in time.split(":"):
            seconds = 60.0 * seconds + float(part)
        result = RaceResult(date.fromisoformat(day), 1000.0 * float(kilometres), seconds)
    except ValueError:
        raise ParameterError(
            f"{text!r} is no test: expected day, km and time such as 2027-03-28=10=48:30"
        ) from None
    if not (result.distance > 0.0 and result.time > 0.0):
        raise ParameterError(f"{text!r}: expected a distance and a time above 0")
    return result


def _check_in_plan(record: "PlanRecord", days: Iterable[date]) -> None:
    first, last = record.plan.days[0].date, record.plan.days[-1].date
    for day in days:
        if not first <= day <= last:
            raise ParameterError(f"{day}: expected a day of the plan, {first} to {last}")


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        tomorrow = date.today() + timedelta(days=1)
        raise ParameterError(f"{text!r} is no day: expected a date such as {tomorrow}") from None
