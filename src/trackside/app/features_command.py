"""The command ``trackside features``: gait and heart rate of a recording."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackside.errors import MissingDataError, SignalError

FAULT = "fault"
"""Kind of the annotations that importers leave of what was wrong with a file."""

if TYPE_CHECKING:
    from rich.table import Table

    from trackside.kinematics.gait import GaitFeatures
    from trackside.planner.athlete import Athlete
    from trackside.recordings.reader import Recording


def features(
    recording: Annotated[Path, typer.Argument(help="A Trackside recording (.h5).")],
    profile: Annotated[
        Path | None,
        typer.Option(help="The athlete's profile (.toml), for heart-rate zones and loads."),
    ] = None,
    thresholds: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST:SECOND", help="Heart rates at the ventilatory thresholds, in bpm."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Show steps, cadence, stride times and heart rate.

    Steps come from the legs' sensors, or else from the pelvis'; no calibration is needed. Heart
    rate comes from RR intervals, an ECG, or averages; artefacts are corrected, and what cannot be
    used is told with the reason.

    Examples:

        trackside features session.h5 --json

        trackside features run.h5 --profile me.toml --thresholds 152:171
    """
    from trackside.app.display import show
    from trackside.recordings.reader import open_recording

    bounds = _thresholds(thresholds)
    athlete = _athlete(profile)
    with open_recording(recording) as opened:
        gait, no_gait = gait_or_reason(opened)
        heart, no_heart = _heart(opened, gait, athlete, bounds)
        damage = [note.text for note in opened.annotations if note.kind == FAULT]
    if no_gait and no_heart:
        raise MissingDataError(f"{no_gait}; {no_heart}")
    show(
        {
            **_gait_part(gait, no_gait),
            "heart_rate": heart or {"reason": no_heart},
            "file_faults": damage,
        },
        _tables,
        as_json,
    )


def gait_or_reason(recording: "Recording") -> tuple["GaitFeatures | None", str]:
    """The gait, or None and why there is none."""
    from trackside.app.sensors import turning_imus
    from trackside.kinematics.gait import gait_features

    try:
        return gait_features(turning_imus(recording)), ""
    except MissingDataError as error:
        return None, str(error)


def _gait_part(gait: "GaitFeatures | None", reason: str) -> dict[str, Any]:
    from trackside.app.reports import gait_report

    return {"gait_reason": reason} if gait is None else gait_report(gait)


def _heart(
    recording: "Recording",
    gait: "GaitFeatures | None",
    athlete: "Athlete | None",
    thresholds: tuple[float, float] | None,
) -> tuple[dict[str, Any] | None, str]:
    """The report of the heart rate, or None and why there is none."""
    from trackside.app.heart_report import heart_report
    from trackside.app.heart_signals import heart_signals
    from trackside.filters.heart_rate_session import heart_session

    try:
        session = heart_session(heart_signals(recording, gait))
    except SignalError as error:
        return None, str(error)
    return heart_report(session, athlete, thresholds), ""


def _tables(report: dict[str, Any]) -> list["Table"]:
    from trackside.app.display import gait_table, plain_table
    from trackside.app.heart_report import heart_table

    tables = []
    reasons = [report.get("gait_reason"), report["heart_rate"].get("reason")]
    if reasons[0] is None:
        tables += gait_table(report)
    if reasons[1] is None:
        tables += heart_table(report["heart_rate"])
    for heading, reason in [
        *(("Not shown", reason) for reason in reasons if reason),
        *(("Imported from a faulty file", fault) for fault in report["file_faults"]),
    ]:
        table = plain_table(heading, title="")
        table.add_row(reason)
        tables.append(table)
    return tables


def _thresholds(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        first, second = (float(part) for part in text.split(":"))
    except ValueError:
        first = second = 0.0
    if not 0.0 < first < second:
        raise typer.BadParameter(f"{text!r}: expected FIRST:SECOND in bpm, such as 152:171")
    return first, second


def _athlete(profile: Path | None) -> "Athlete | None":
    if profile is None:
        return None
    from trackside.planner.athlete import complete
    from trackside.planner.profile_file import read_profile

    return complete(read_profile(profile), date.today())
