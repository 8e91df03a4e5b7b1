"""The command ``trackside export``: a solved motion in the formats of other programs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trackside.app.angles_command import Lap, Span
from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from trackside.kinematics.pose import Pose


LARGE = 5_000_000
"""Bytes of a replay above which it is said how to make it smaller."""

Writer = Callable[[Path, "Pose", Callable[[float], None]], None]


def export(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDING",
            help="A recording (.h5), solved but for --fit and --html, or a pose from elsewhere "
            "(.mvnx, .bvh).",
        ),
    ],
    bvh: Annotated[
        Path | None, typer.Option(help="Write the motion for Blender and other programs.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write joint angles, one row a frame.")] = None,
    mot: Annotated[
        Path | None, typer.Option(help="Write joint angles as OpenSim's coordinates.")
    ] = None,
    sto: Annotated[
        Path | None, typer.Option(help="Write sensor orientations for OpenSense, y up.")
    ] = None,
    fit: Annotated[
        Path | None,
        typer.Option(
            help="Write heart rate, cadence, running dynamics and laps for watches' sites."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(help="Write a replay in one page that opens offline, also on a phone."),
    ] = None,
    ghost: Annotated[
        Path | None,
        typer.Option(help="A second motion in the replay: a solved .h5, .mvnx or .bvh."),
    ] = None,
    ghost_lap: Annotated[
        int | None,
        typer.Option(help="A lap of the second motion; without --ghost of this recording."),
    ] = None,
    span: Span = None,
    lap: Lap = None,
    names: Annotated[
        Literal["hik", "mixamo", "cmu"],
        typer.Option(help="Joint names in the BVH: MotionBuilder's, Mixamo's or CMU's."),
    ] = "hik",
    t_pose: Annotated[
        bool, typer.Option("--t-pose", help="Put a T-pose before the motion in the BVH.")
    ] = False,
    model: Annotated[
        Literal["rajagopal", "gait2392"],
        typer.Option(help="The OpenSim model whose coordinates the .mot is for."),
    ] = "rajagopal",
    rate: Annotated[
        float | None,
        typer.Option(min=1, max=1000, help="Frames per second. Default: the recording's."),
    ] = None,
) -> None:
    """Export a recording.

    Examples:

        trackside export session.h5 --bvh session.bvh --csv session.csv

        trackside export session.h5 --bvh session.bvh --names mixamo --t-pose --rate 30

        trackside export session.h5 --mot session.mot --sto session.sto

        trackside export session.h5 --fit session.fit

        trackside export session.h5 --html replay.html --ghost april.h5

        trackside export session.h5 --html lap3.html --lap 3 --ghost-lap 1
    """
    from trackside.app.replay_page import at_wanted_rate
    from trackside.app.stretches import part_of, stretch_or_lap

    stretch = stretch_or_lap(span, lap)
    wanted: list[tuple[Path | None, Writer]] = [
        (bvh, partial(_write_bvh, names=names, t_pose=t_pose)),
        (csv, _write_csv),
        (mot, partial(_write_mot, model=model)),
        (sto, _write_sto),
    ]
    writers = [(path, write) for path, write in wanted if path is not None]
    paths = [path for path, _ in writers] + [path for path in (fit, html) if path is not None]
    if not paths:
        raise typer.BadParameter(
            "nothing to export: name --bvh, --csv, --mot, --sto, --fit or --html and a file"
        )
    if len(set(paths)) < len(paths):
        raise typer.BadParameter("each format needs a file of its own")
    if html is None and (ghost is not None or ghost_lap is not None):
        raise typer.BadParameter("a ghost is part of the replay: name --html, too")
    if fit is not None and (stretch is not None or lap is not None):
        raise typer.BadParameter("--fit is of the whole recording: leave out --span and --lap")
    if fit is not None:
        _write_fit(fit, source)
    if html is not None:
        second = None if ghost is None and ghost_lap is None else (ghost or source, ghost_lap)
        with progress_bar(f"Exporting {source.name}") as progress:
            progress(0.0, html.name)
            told = _write_html(html, source, stretch, lap, rate, second)
        print("\n".join(told))
    if not writers:
        return
    pose = at_wanted_rate(part_of(source, stretch, lap), rate)
    with progress_bar(f"Exporting {source.name}") as progress:
        for path, write in writers:
            progress(0.0, path.name)
            write(path, pose, partial(progress, what=path.name))
    pace = f"frames at {pose.rate:g} Hz" if len(pose.time) > 1 else "frame"
    for path, _ in writers:
        print(f"{path}: {len(pose.time)} {pace}")


def _write_bvh(
    path: Path, pose: "Pose", progress: Callable[[float], None], names: str, t_pose: bool
) -> None:
    from trackside.kinematics.bvh import write_bvh
    from trackside.kinematics.bvh_names import NAME_SETS

    write_bvh(path, pose, progress, names=NAME_SETS[names], t_pose=t_pose)


def _write_csv(path: Path, pose: "Pose", _: Callable[[float], None]) -> None:
    from trackside.app.tables import write_csv

    write_csv(path, pose)


def _write_mot(path: Path, pose: "Pose", _: Callable[[float], None], model: str) -> None:
    from trackside.kinematics.opensim_motion import OpenSimModel, write_mot

    write_mot(path, pose, OpenSimModel(model))


def _write_sto(path: Path, pose: "Pose", _: Callable[[float], None]) -> None:
    from trackside.kinematics.opensim_sensors import sensor_orientations, write_sto

    write_sto(path, sensor_orientations(pose))


def _write_fit(path: Path, source: Path) -> None:
    from trackside.app.session_activity import activity_of
    from trackside.planner.activity_file import activity_bytes, lap_bounds
    from trackside.replacing import replacing

    activity = activity_of(source)
    content = activity_bytes(activity)
    with replacing(path) as target:
        target.write_bytes(content)
    print(f"{path}: {len(activity.time)} records, laps: {len(lap_bounds(activity))}")


def _write_html(
    path: Path,
    source: Path,
    stretch: tuple[float, float] | None,
    lap: int | None,
    rate: float | None,
    ghost: tuple[Path, int | None] | None,
) -> list[str]:
    """Write the replay; what there is to say of it."""
    from dataclasses import replace

    from trackside.app.replay_page import ghost_of, replay_of
    from trackside.viewer.html_page import write_replay

    replay = replay_of(source, stretch, lap, rate)
    if ghost is not None:
        other, its_lap = ghost
        title = other.name if its_lap is None else f"{other.name}, lap {its_lap}"
        replay = replace(replay, ghost=ghost_of(other, its_lap, rate), ghost_title=title)
    size = write_replay(path, replay)
    told = [f"{path}: {size / 1e6:.1f} MB", *replay.remarks]
    if size > LARGE:
        told.append(
            f"More than {LARGE / 1e6:g} MB is slow to send and to open on a phone: take a part "
            "with --span START:END or --lap, or fewer frames with --rate 50."
        )
    return told
