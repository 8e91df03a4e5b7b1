"""The command ``trackside report``: a session on one page, for the screen and for paper."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from trackside.app.features_command import Profile, Thresholds
from trackside.app.progress import progress_bar


def report(
    session: Annotated[
        Path,
        typer.Argument(
            metavar="SESSION", help="A recording (.h5), best a solved one, or a .mvnx or .bvh."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The report to write (.pdf or .html).")
    ],
    profile: Profile = None,
    thresholds: Thresholds = None,
    norm: Annotated[
        str | None,
        typer.Option(
            metavar="GAIT",
            help="Published curves: walk-1.2, run-2.5, run-3.5 or run-4.5. Default: the nearest "
            "in speed, if one is near.",
        ),
    ] = None,
    paper: Annotated[
        Literal["a4", "letter"], typer.Option(help="The size of the PDF's page.")
    ] = "a4",
) -> None:
    """Write a report of a session on one page.

    Joint angles over the stride, cadence, stride length, contact times, heart rate and zones,
    left against right, and what stands out in plain words. What is missing is told with the
    reason.

    Examples:

        trackside report session.h5 -o report.pdf

        trackside report session.h5 -o report.html --profile me.toml --norm run-3.5

        trackside report session.h5 -o report.pdf --paper letter
    """
    from trackside.app.features_command import athlete_of, parse_thresholds
    from trackside.app.report_content import report_content
    from trackside.app.report_page import check_ending, write_report

    check_ending(output)
    bounds, athlete = parse_thresholds(thresholds), athlete_of(profile)
    with progress_bar(f"Report of {session.name}") as progress:
        progress(0.0, "reading")
        content = report_content(session, athlete, bounds, norm)
        progress(0.6, "drawing")
        write_report(output, content, paper)
    print(output)
    for text in content.headlines:
        print(f"- {text}")
    for text in content.missing:
        print(f"Missing: {text}")
