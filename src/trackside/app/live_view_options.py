"""Options of the commands that open a live window, and what they mean."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from trackside.app.calibrate_command import Earlier, PoseStoodIn, earlier_calibration
from trackside.app.live_options import LiveOptions

Angle = Annotated[
    str,
    typer.Option(
        help="The joint angle that the window plots, such as knee_flexion (both sides), "
        "left_hip_rotation or trunk_bending; the key a changes it."
    ),
]
MaximumHeartRate = Annotated[
    float | None,
    typer.Option(min=100.0, max=240.0, help="bpm; the window then shows five zones below it."),
]
ColourScheme = Annotated[
    Literal["light", "dark"], typer.Option("--scheme", help="The window's colours; the key d.")
]

__all__ = ["Angle", "ColourScheme", "Earlier", "MaximumHeartRate", "PoseStoodIn", "live_options"]


def live_options(
    angle: str,
    maximum_heart_rate: float | None,
    pose: Literal["n", "t", "sit"],
    earlier: Path | None,
    height: float | None = None,
) -> LiveOptions:
    """The options of a live window, checked before anything is opened.

    Raises ParameterError for an angle that there is none of, MissingDataError if the earlier
    recording has no calibration.
    """
    from trackside.app.live_features import LiveAngle
    from trackside.planner.heart_rate_zones import BOUNDS

    LiveAngle(angle)
    zones = tuple(bound * maximum_heart_rate for bound in BOUNDS) if maximum_heart_rate else ()
    return LiveOptions(angle, zones, pose, height, earlier_calibration(earlier))
