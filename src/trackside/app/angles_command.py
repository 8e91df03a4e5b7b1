"""The command ``trackside angles``: the joint angles of a solved recording over the stride."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from rich.table import Table

    from trackside.app.display import Report
    from trackside.kinematics.pose import Pose
    from trackside.kinematics.stride_curves import StrideCurves

Session = Annotated[
    Path,
    typer.Argument(
        metavar="SESSION", help="A solved recording (.h5), or a pose from elsewhere (.mvnx, .bvh)."
    ),
]
Span = Annotated[
    str | None, typer.Option(metavar="START:END", help="Only this part of the session, in s.")
]
Lap = Annotated[int | None, typer.Option(help="Only this lap of the session, counted from 1.")]


def angles(
    session: Session,
    picture: Annotated[
        Path | None, typer.Option(help="Draw mean ± SD of every angle over the stride (.png).")
    ] = None,
    over: Annotated[
        Literal["stride", "time"], typer.Option(help="Draw over the stride, or as time courses.")
    ] = "stride",
    csv: Annotated[
        Path | None, typer.Option(help="Write mean and SD over the stride, one row a percent.")
    ] = None,
    span: Span = None,
    lap: Lap = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Show joint angles over the stride, right and left.

    The stride goes from one initial contact of a foot to its next. Angles frame by frame are what
    `trackside export --csv` writes.

    Examples:

        trackside angles session.h5 --picture angles.png

        trackside angles session.h5 --lap 3 --csv lap3.csv

        trackside angles session.h5 --span 10:14 --over time --picture angles.png
    """
    from trackside.app.display import show
    from trackside.app.stretches import part_of, stretch_or_lap
    from trackside.kinematics.stride_curves import stride_curves

    stretch = stretch_or_lap(span, lap)
    if over == "time" and (picture is None or csv is not None or as_json):
        raise typer.BadParameter("--over time draws a picture: name --picture, no --csv or --json")
    with progress_bar(f"Angles of {session.name}") as progress:
        progress(0.0, "reading")
        pose = part_of(session, stretch, lap)
        if over == "time" and picture is not None:
            _draw_in_time(picture, session, pose)
            print(picture)
            return
        progress(0.4, "strides")
        curves = stride_curves(pose)
        progress(0.7, "writing")
        _write(session, curves, picture, csv)
    show(_report(session, curves), _tables, as_json)
    for path in (picture, csv):
        if path is not None and not as_json:
            print(path)


def _draw_in_time(picture: Path, session: Path, pose: "Pose") -> None:
    from trackside.app.stride_pictures import draw_angles_in_time
    from trackside.kinematics.stride_curves import measured_angles

    draw_angles_in_time(picture, session.name, pose.time, measured_angles(pose))


def _write(session: Path, curves: "StrideCurves", picture: Path | None, csv: Path | None) -> None:
    from trackside.app.stride_pictures import draw_stride_angles
    from trackside.app.tables import write_curves_csv

    if picture is not None:
        draw_stride_angles(picture, session.name, curves)
    if csv is not None:
        write_curves_csv(csv, curves.curves())


def _report(session: Path, curves: "StrideCurves") -> "Report":
    import numpy as np

    from trackside.app.comparison_report import strides_report

    rows = {}
    for name, curve in curves.curves().items():
        degrees = np.rad2deg(curve.mean)
        rows[name] = {
            "least_deg": round(float(degrees.min()), 1),
            "least_at_percent": int(degrees.argmin()),
            "largest_deg": round(float(degrees.max()), 1),
            "largest_at_percent": int(degrees.argmax()),
            "sd_deg": round(float(np.rad2deg(np.sqrt(np.mean(curve.sd**2)))), 1),
        }
    return {"session": str(session), "strides": strides_report(curves), "angles": rows}


def _tables(report: "Report") -> "list[Table]":
    from trackside.app.comparison_report import strides_in_words
    from trackside.app.display import plain_table
    from trackside.app.gait_words import angle_in_words

    title = f"{report['session']}\n{strides_in_words(report['strides'])}"
    table = plain_table(
        "Angle", "Least [°]", "at [%]", "Largest [°]", "at [%]", "± SD [°]", title=title
    )
    for name, row in report["angles"].items():
        table.add_row(
            angle_in_words(name),
            f"{row['least_deg']:.1f}",
            str(row["least_at_percent"]),
            f"{row['largest_deg']:.1f}",
            str(row["largest_at_percent"]),
            f"{row['sd_deg']:.1f}",
        )
    return [table]
