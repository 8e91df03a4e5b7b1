"""The command ``trackside export``: a solved motion in the formats of other programs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trackside.app.progress import progress_bar

if TYPE_CHECKING:
    from trackside.kinematics.pose import Pose


Writer = Callable[[Path, "Pose", Callable[[float], None]], None]


def export(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDING",
            help="A recording (.h5), solved but for --fit, or a pose from elsewhere (.mvnx, .bvh).",
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
    """
    from trackside.app.stretches import pose_of
    from trackside.kinematics.frame_rate import at_rate

    wanted: list[tuple[Path | None, Writer]] = [
        (bvh, partial(_write_bvh, names=names, t_pose=t_pose)),
        (csv, _write_csv),
        (mot, partial(_write_mot, model=model)),
        (sto, _write_sto),
    ]
    writers = [(path, write) for path, write in wanted if path is not None]
    paths = [path for path, _ in writers] + ([] if fit is None else [fit])
    if not paths:
        raise typer.BadParameter(
            "nothing to export: name --bvh, --csv, --mot, --sto or --fit and a file"
        )
    if len(set(paths)) < len(paths):
        raise typer.BadParameter("each format needs a file of its own")
    if fit is not None:
        _write_fit(fit, source)
    if not writers:
        return
    pose = pose_of(source)
    if rate is not None:
        pose = at_rate(pose, rate)
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
