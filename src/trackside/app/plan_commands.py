"""The commands around training plans: trackside plan."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackside.app.adjust_command import adjust
from trackside.app.display import show
from trackside.app.evaluate_command import evaluate
from trackside.app.progress import progress_bar
from trackside.app.race_command import race
from trackside.app.season_command import season
from trackside.app.send_command import send
from trackside.errors import FileFormatError, ParameterError

if TYPE_CHECKING:
    from trackside.planner.athlete import Athlete
    from trackside.planner.plan_record import PlanRecord

plan_app = typer.Typer(
    help="Make a training plan for a race, look at it, adjust it, simulate it, take it along.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
plan_app.command()(adjust)
plan_app.command()(evaluate)
plan_app.command()(race)
plan_app.command()(season)
plan_app.command()(send)

PlanPath = Annotated[Path, typer.Argument(help="A plan that trackside plan new made (.json).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Picture = Annotated[
    Path | None, typer.Option("--picture", help="Draw the season into this file (.png).")
]
Day = Annotated[str | None, typer.Option("--day", metavar="DATE", help="A day, as 2027-03-28.")]


@plan_app.command()
def example(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it; default: the screen.")
    ] = None,
) -> None:
    """Write an athlete profile to start from, with a comment on every value.

    Example: trackside plan example -o ada.toml
    """
    from trackside.planner.example_profile import example_profile
    from trackside.planner.whole_file import write_whole

    text = example_profile(date.today())
    if output is None:
        print(text, end="")
    elif output.exists():
        raise ParameterError(f"{output} exists: expected the name of a new file")
    else:
        write_whole(output, text)
        print(f"{output} written: change it, then trackside plan new {output}")


@plan_app.command()
def new(
    profile: Annotated[Path, typer.Argument(help="The athlete's profile (.toml).")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The plan to write (.json).")
    ] = Path("plan.json"),
    schema: Annotated[
        str | None,
        typer.Option("--schema", help="marathon-21, shorter-12, or the path of your own (.toml)."),
    ] = None,
    workouts: Annotated[
        Path | None, typer.Option("--workouts", help="More workouts for the schema (.toml).")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="First day; default: today.")
    ] = None,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Make the plan from today to the goal race.

    Where the file holds an older plan for the same race, the new one is its next revision, and
    calendars that have the old one update. If no plan keeps all rules, this says which of them
    conflict and what would work, and writes nothing.

    Examples:

        trackside plan new ada.toml -o ada.json --picture ada.png

        trackside plan new ada.toml --schema shorter-12 --start 2027-01-04
    """
    from dataclasses import replace

    from trackside.app.plan_display import plan_tables
    from trackside.app.plan_reports import plan_report
    from trackside.planner.new_plan import PlanWishes, new_plan
    from trackside.planner.plan_file import write_plan
    from trackside.planner.training_schema import find_schema
    from trackside.planner.workout_library import read_library, workout_library

    today = _date(start) if start else date.today()
    library = read_library(workouts) if workouts else workout_library()
    wishes = PlanWishes(find_schema(schema, library) if schema else None, library)
    athlete = _athlete(profile, today)
    with progress_bar("Planning") as progress:
        made = new_plan(athlete, today, wishes, progress)
    revision = _next_revision(output, made)
    made = replace(made, plan=replace(made.plan, revision=revision))
    write_plan(made, output)
    if picture:
        _draw(picture, made)
    show(plan_report(made, str(output)), plan_tables, as_json)


@plan_app.command(name="show")
def show_(
    plan: PlanPath,
    week: Annotated[int | None, typer.Option("--week", min=1, help="One week, day by day.")] = None,
    day: Day = None,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Show a plan: all weeks, the days of one week, or one day with every step.

    Examples:

        trackside plan show ada.json

        trackside plan show ada.json --week 7

        trackside plan show ada.json --day 2027-03-28
    """
    from trackside.app.plan_display import day_tables, plan_tables, week_tables
    from trackside.app.plan_reports import day_report, plan_report, week_report
    from trackside.planner.plan_file import read_plan

    record = read_plan(plan)
    if picture:
        _draw(picture, record)
    if day is not None:
        show(day_report(record.plan, _date(day)), day_tables, as_json)
    elif week is not None:
        show(week_report(record, week), week_tables, as_json)
    else:
        show(plan_report(record, str(plan)), plan_tables, as_json)


@plan_app.command()
def simulate(
    plan: PlanPath,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="DATE", help="As if nothing were done then; repeatable."),
    ] = None,
    scale: Annotated[
        float,
        typer.Option("--scale", min=0.0, max=3.0, help="As if all loads were so many times it."),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Live through a plan day by day: fitness, fatigue, form, and every limit checked.

    Examples:

        trackside plan simulate ada.json

        trackside plan simulate ada.json --skip 2027-03-06 --skip 2027-03-07
    """
    from trackside.app.plan_display import simulation_tables
    from trackside.app.plan_reports import simulation_report
    from trackside.planner.plan_file import read_plan

    record = read_plan(plan)
    skipped = [_date(day) for day in skip or []]
    show(simulation_report(record, skipped, scale), simulation_tables, as_json)


@plan_app.command()
def export(
    plan: PlanPath,
    ics: Annotated[
        Path | None, typer.Option("--ics", help="A calendar with an entry for every session.")
    ] = None,
    fit: Annotated[
        Path | None, typer.Option("--fit", help="A folder for workouts that watches read.")
    ] = None,
    documents: Annotated[
        Path | None, typer.Option("--documents", help="One JSON document for every day (.json).")
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="The plan before, to cancel what is not planned any more."),
    ] = None,
) -> None:
    """Write a plan as calendar, as workouts for a watch, or as documents for a database.

    Example: trackside plan export ada.json --ics ada.ics --fit workouts
    """
    from trackside.planner.plan_file import documents_json, read_plan
    from trackside.planner.whole_file import write_whole

    if not (ics or fit or documents):
        raise ParameterError("nothing to write: expected --ics, --fit or --documents")
    record = read_plan(plan)
    if ics:
        from trackside.planner.calendar_export import write_calendar

        before = read_plan(previous).plan if previous else None
        write_calendar(record.plan, ics, previous=before)
        print(f"{ics} written: import it, or subscribe to it")
    if fit:
        from trackside.planner.workout_file import write_workouts

        written = write_workouts(record.plan, fit)
        print(f"{len(written)} workouts written to {fit}: copy them to GARMIN/NewFiles of a watch")
    if documents:
        write_whole(documents, documents_json(record.plan))
        print(f"{documents} written: {len(record.plan.days)} documents")


def _athlete(profile: Path, today: date) -> "Athlete":
    from trackside.planner.athlete import complete
    from trackside.planner.profile_file import read_profile

    return complete(read_profile(profile), today)


def _next_revision(path: Path, made: "PlanRecord") -> int:
    """0, or one more than that of the plan for the same race that is there."""
    from trackside.planner.plan_file import read_plan

    if not path.exists():
        return 0
    try:
        before = read_plan(path).plan
    except FileFormatError as error:
        raise ParameterError(f"{path} exists and is no plan: expected another name") from error
    if before.plan_id != made.plan.plan_id:
        raise ParameterError(
            f"{path} holds the plan {before.plan_id}: expected another name for {made.plan.plan_id}"
        )
    return before.revision + 1


def _draw(path: Path, record: "PlanRecord") -> None:
    from trackside.app.season_picture import draw_season

    draw_season(path, record)


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        tomorrow = date.today() + timedelta(days=1)
        raise ParameterError(f"{text!r} is no day: expected a date such as {tomorrow}") from None
