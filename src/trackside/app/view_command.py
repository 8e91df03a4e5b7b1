"""The command ``trackside view``: the replay window of a recording or a motion from elsewhere."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from trackside.app.angles_command import Lap, Span
from trackside.app.live_options import LiveOptions
from trackside.app.live_view_options import Angle, MaximumHeartRate, PoseStoodIn, live_options


def view(
    session: Annotated[
        Path,
        typer.Argument(
            metavar="SESSION", help="A recording (.h5), or a motion from elsewhere (.bvh, .mvnx)."
        ),
    ],
    other: Annotated[
        Path | None, typer.Option("--with", metavar="FILE", help="A second motion, as a ghost.")
    ] = None,
    with_lap: Annotated[
        int | None, typer.Option(help="A lap of the second motion; without --with of this one.")
    ] = None,
    lap: Lap = None,
    span: Span = None,
    at: Annotated[float | None, typer.Option(help="The moment to show first, in s.")] = None,
    look_from: Annotated[
        Literal["side", "front", "back", "top", "follow"],
        typer.Option("--from", help="The view to begin with."),
    ] = "follow",
    scheme: Annotated[
        Literal["light", "dark"], typer.Option(help="Light for sunshine, dark for the evening.")
    ] = "light",
    picture: Annotated[Path | None, typer.Option(help="Save the view as PNG, and end.")] = None,
    video: Annotated[
        Path | None, typer.Option(help="Save the span or lap as MP4, and end; needs ffmpeg.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=4.0, help="Times the real speed.")] = 1.0,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Show a recording live while it is written by another one."),
    ] = False,
    angle: Angle = "knee_flexion",
    max_heart_rate: MaximumHeartRate = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="With --follow: a calibrated recording in which the same sensors sat the same way."
        ),
    ] = None,
    pose: PoseStoodIn = "n",
    height: Annotated[
        float | None, typer.Option(help="With --follow: body height in m, if the file has none.")
    ] = None,
) -> None:
    """Replay a session in 3D, with its angles over the stride.

    Needs the extra `viewer`. Press H in the window for all keys.

    Examples:

        trackside view session.h5

        trackside view today.h5 --with april.h5 --from side

        trackside view session.h5 --lap 10 --with-lap 2

        trackside view session.h5 --span 10:14 --speed 0.25 --video slow.mp4

        trackside view motion.bvh --at 3.2 --picture moment.png

        trackside view session.h5 --follow --max-heart-rate 188
    """
    if follow:
        _follow(session, live_options(angle, max_heart_rate, pose, calibration, height), scheme)
        return
    from trackside.app.replaying import open_ghost, open_replay
    from trackside.app.stretches import stretch_or_lap
    from trackside.viewer.opening import Start, check_viewer, show_replay
    from trackside.viewer.video import ffmpeg

    stretch = stretch_or_lap(span, lap)
    if picture is not None and video is not None:
        raise typer.BadParameter("a picture or a video: name one of the two")
    check_viewer()
    if video is not None:
        ffmpeg()
    replay = open_replay(session, stretch, lap)
    if other is not None or with_lap is not None:
        replay = replay.beside(open_ghost(other or session, with_lap))
    start = Start(look_from, scheme, at, speed)
    show_replay(replay, start, picture=picture, video=video)
    for path in (picture, video):
        if path is not None:
            print(path)


def _follow(session: Path, options: LiveOptions, scheme: str) -> None:
    from trackside.app.live_view import follow
    from trackside.viewer.opening import check_viewer

    check_viewer()
    follow(session, options, scheme)
