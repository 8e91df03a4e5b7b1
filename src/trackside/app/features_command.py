"""The command ``trackside features``: what a session tells."""

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
        bool, typer.Option("--strides", help="One row a stride, from whatever tells of strides.")
    ] = False,
    laps: Annotated[bool, typer.Option("--laps", help="One row a lap.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="With --strides or --laps: write all columns to this .csv or .parquet; without: "
            "write everything to this .json.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Show what a session tells: activities, gait, heart rate, drift, each with its uncertainty.

    From whatever was worn: sensors on feet, legs or trunk, one alone, a heart-rate strap, or a
    watch whose file was imported; no calibration is needed. What is not known says why, and what
    is doubtful is marked with the reason. With --strides every stride is shown, with --laps every
    lap.

    Examples:

        trackside features session.h5 --json

        trackside features run.h5 --profile me.toml --thresholds 152:171

        trackside features run.h5 --laps -o laps.parquet

        trackside features run.h5 --strides -o strides.csv
    """
    if strides and laps:
        raise ParameterError("--strides and --laps are two tables: give one of them")
    if strides:
        from trackside.app.stride_report import show_strides

        show_strides(recording, output, as_json)
        return
    from trackside.app.features_report import show_features
    from trackside.app.session_features import session_features
    from trackside.recordings.reader import open_recording

    bounds, athlete = _thresholds(thresholds), _athlete(profile)
    with open_recording(recording) as opened:
        features = session_features(opened, athlete, bounds)
    show_features(features, laps, output, as_json)


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
