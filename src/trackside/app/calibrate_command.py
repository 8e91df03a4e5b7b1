"""``trackside calibrate``: how each sensor sits, and whether it is where it should be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from trackside.kinematics.calibration import Calibration

Earlier = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="Take the mountings from this calibrated recording, in which the same sensors sat the "
        "same way. The athlete then need not stand in a pose, only face one way.",
    ),
]


PoseStoodIn = Annotated[
    Literal["n", "t", "sit"],
    typer.Option(
        help="The calibration pose: upright with arms hanging (n) or out (t), or sitting upright "
        "with level thighs, upright shanks and hanging arms (sit)."
    ),
]

By = Annotated[
    Literal["pose", "movement", "both"],
    typer.Option(
        help="What to calibrate by: a static pose; walking or running alone, with squats and arm "
        "movements where they are shown; or the pose, refined by movement where that is surer."
    ),
]


def earlier_calibration(path: Path | None) -> "Calibration | None":
    """The calibration in a recording, or None for None; MissingDataError if there is none in it."""
    from trackside.kinematics.calibration_file import read_calibration
    from trackside.recordings.reader import open_recording

    if path is None:
        return None
    with open_recording(path) as opened:
        return read_calibration(opened)


def calibrate(
    recording: Annotated[Path, typer.Argument(help="A Trackside recording (.h5).")],
    stretch: Annotated[
        str | None,
        typer.Option(
            metavar="START:END",
            help="When the athlete held the calibration pose, in s; with --by movement, went "
            "straight ahead. Default: found by itself.",
        ),
    ] = None,
    by: By = "pose",
    pose: PoseStoodIn = "n",
    earlier: Earlier = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Calibrate the sensors, and tell which is swapped, on the wrong segment or has slipped.

    Keeps the calibration in the recording. Without magnetometers, headings follow from the joints.

    Examples:

        trackside calibrate session.h5

        trackside calibrate session.h5 --pose sit

        trackside calibrate session.h5 --by movement

        trackside calibrate session.h5 --by both

        trackside calibrate second.h5 --from session.h5 --stretch 20:24
    """
    from trackside.app.display import calibration_tables, show
    from trackside.app.sensor_reports import calibration_report
    from trackside.app.solving import SolveOptions, calibrate_recording, store_calibration
    from trackside.app.stretches import parse_stretch
    from trackside.kinematics.calibration import StaticPose, Way
    from trackside.recordings.reader import open_recording

    options = SolveOptions(pose=StaticPose(pose), stretch=parse_stretch(stretch), way=Way(by))
    reused = earlier_calibration(earlier)
    with progress_bar(f"Calibrating {recording.name}") as progress:
        with open_recording(recording) as opened:
            found = calibrate_recording(opened, options, progress, reused)
        progress(0.9, "saving")
        store_calibration(recording, found)
    show(calibration_report(found), calibration_tables, as_json)
