"""The command ``trackside features``: gait and heart rate of a recording."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackside.errors import ParameterError

if TYPE_CHECKING:
    from trackside.planner.athlete import Athlete


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
    strides: Annotated[
        bool, typer.Option("--strides", help="One row a stride, from feet, shanks or pelvis.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --strides: write all columns to this .csv."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Show steps, cadence, stride times and heart rate; with --strides, every stride.

    Steps come from the legs' sensors, or else from the pelvis'; no calibration is needed. Heart
    rate comes from RR intervals, an ECG, or averages; artefacts are corrected, and what cannot be
    used is told with the reason. Strides that are doubtful are marked with the reason.

    Examples:

        trackside features session.h5 --json

        trackside features run.h5 --profile me.toml --thresholds 152:171

        trackside features run.h5 --strides -o strides.csv
    """
    from trackside.app.display import show
    from trackside.app.session_features import session_report, session_tables
    from trackside.app.stride_report import show_strides
    from trackside.recordings.reader import open_recording

    if output is not None and not strides:
        raise ParameterError("--output writes the strides' table: give --strides, too")
    if strides:
        show_strides(recording, output, as_json)
        return
    bounds, athlete = _thresholds(thresholds), _athlete(profile)
    with open_recording(recording) as opened:
        report = session_report(opened, athlete, bounds)
    show(report, session_tables, as_json)


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
