"""The command ``trackside compare``: a session against a norm, another session, a lap or a BVH."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackside.app.angles_command import Lap, Session, Span
from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from trackside.app.comparison_report import Reference


def compare(
    session: Session,
    norm: Annotated[
        str | None,
        typer.Option(
            metavar="GAIT",
            help="Published curves: walk-1.2, run-2.5, run-3.5 or run-4.5 (speed in m/s).",
        ),
    ] = None,
    other: Annotated[
        Path | None,
        typer.Option("--with", metavar="FILE", help="Another session, .mvnx or .bvh."),
    ] = None,
    with_lap: Annotated[
        int | None, typer.Option(help="A lap of the other session; without --with of this one.")
    ] = None,
    lap: Lap = None,
    span: Span = None,
    least: Annotated[
        float, typer.Option(min=0.5, max=90, help="Tell of differences of so many degrees or more.")
    ] = 5.0,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the curves on the reference's band (.png).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Compare joint angles over the stride with a standard, and left with right.

    Tells irregularities in plain words, the most severe first: where in the stride an angle is
    outside two standard deviations, or earlier or later. Then how far each angle is off.

    Examples:

        trackside compare session.h5 --norm run-3.5 --picture compare.png

        trackside compare today.h5 --with april.h5

        trackside compare session.h5 --lap 10 --with-lap 2

        trackside compare session.h5 --with model.bvh --least 8 --json
    """
    import numpy as np

    from trackside.app.comparison_report import (
        compare_with,
        comparison_report,
        comparison_tables,
    )
    from trackside.app.display import show
    from trackside.app.stretches import part_of, stretch_or_lap
    from trackside.app.stride_pictures import draw_comparison
    from trackside.kinematics.stride_curves import stride_curves

    stretch = stretch_or_lap(span, lap)
    _check_one_reference(norm, other, with_lap)
    with progress_bar(f"Comparing {session.name}") as progress:
        progress(0.0, "reference")
        reference = _norm(norm) if norm else _session(other or session, with_lap)
        progress(0.4, "session")
        curves = stride_curves(part_of(session, stretch, lap))
        progress(0.8, "comparing")
        title = f"{session.name}, lap {lap}" if lap else session.name
        comparison = compare_with(title, curves, reference, float(np.radians(least)))
        if picture is not None:
            draw_comparison(picture, comparison)
    show(comparison_report(comparison), comparison_tables, as_json)
    if picture is not None and not as_json:
        print(picture)


def _check_one_reference(norm: str | None, other: Path | None, with_lap: int | None) -> None:
    if norm is None and other is None and with_lap is None:
        raise typer.BadParameter("compare with what? name --norm, --with or --with-lap")
    if norm is not None and (other is not None or with_lap is not None):
        raise typer.BadParameter("--norm stands alone: leave out --with and --with-lap")


def _norm(name: str) -> "Reference":
    from trackside.app.comparison_report import Reference
    from trackside.kinematics.normative_curves import norm_named

    norm = norm_named(name)
    title = f"{norm.title}, {norm.people} people"
    return Reference(title, norm.source, norm.walking, norm.of_both_sides(), norm.shape_only)


def _session(path: Path, lap: int | None) -> "Reference":
    from trackside.app.comparison_report import Reference
    from trackside.app.stretches import part_of
    from trackside.kinematics.stride_curves import stride_curves

    curves = stride_curves(part_of(path, None, lap))
    title = f"{path.name}, lap {lap}" if lap else path.name
    walking = all(strides.walking for strides in curves.strides.values())
    return Reference(title, "", walking, curves.curves())
