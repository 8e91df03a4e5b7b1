"""The command line. Commands are thin: they read arguments, call the stages and print."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from trackside import __version__
from trackside.app.angles_command import angles
from trackside.app.calibrate_command import By, Earlier, PoseStoodIn, calibrate, earlier_calibration
from trackside.app.capture_commands import kit_app, record, scan
from trackside.app.compare_command import compare
from trackside.app.export_command import export
from trackside.app.features_command import features
from trackside.app.plan_commands import plan_app
from trackside.app.progress import progress_bar
from trackside.app.recover_command import recover
from trackside.app.report_command import report
from trackside.app.service_commands import jobs_app, serve, users_app
from trackside.app.view_command import view
from trackside.errors import ServiceError, TracksideError

app = typer.Typer(
    name="trackside",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

app.command()(scan)
app.command()(record)
app.add_typer(kit_app, name="kit")
app.add_typer(plan_app, name="plan")
app.command()(serve)
app.add_typer(jobs_app, name="jobs")
app.add_typer(users_app, name="users")

RecordingPath = Annotated[Path, typer.Argument(help="A Trackside recording (.h5).")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The recording to write (.h5).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"trackside {__version__}")
        raise typer.Exit


@app.callback()
def trackside(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """From body-worn sensors to a moving skeleton, BVH, gait features and a training plan."""


def main() -> None:
    """Run the command line; what users can mend ends in one line and exit code 2.

    Code 1 where a service did not do its part: the same command may work later.
    """
    try:
        app()
    except ServiceError as error:
        sys.exit(_complain(str(error), 1))
    except (TracksideError, OSError) as error:
        sys.exit(_complain(str(error), 2))


def _complain(message: str, code: int) -> int:
    print(f"trackside: {message}", file=sys.stderr)
    return code


def _pairs(items: list[str], what: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in items]
    for item, (key, _, value) in zip(items, pairs, strict=True):
        if not key or not value:
            raise typer.BadParameter(f"{item!r}: expected {what}")
    return {key: value for key, _, value in pairs}


@app.command("import")
def import_(
    source: Annotated[
        Path,
        typer.Argument(help="A file or folder from another maker's software."),
    ],
    output: Output,
    place: Annotated[
        list[str] | None,
        typer.Option("--place", metavar="SENSOR=SEGMENT", help="Where a sensor sat; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import other makers' recordings.

    Knows full-body MATLAB files, Xsens MT Manager text exports and MVNX files, x-IMU3 log folders,
    BROAD trials, and the FIT, TCX and GPX activities of watches, and recognises them by their
    content.

    Examples:

        trackside import walk.mat -o walk.h5

        trackside import run.fit -o run.h5

        trackside import exports/ -o walk.h5 --place 00B40B91=pelvis --place 00B40C3C=right_thigh
    """
    from trackside.app.display import recording_table, show
    from trackside.app.reports import recording_report
    from trackside.recordings.importing import import_recording
    from trackside.recordings.reader import open_recording

    placements = _pairs(place or [], "SENSOR=SEGMENT, such as 00B40B91=pelvis")
    with progress_bar(f"Importing {source.name}") as progress:
        import_recording(
            source, output, placements=placements, progress=lambda share: progress(share, "")
        )
    with open_recording(output) as recording:
        show(recording_report(recording), recording_table, as_json)


@app.command()
def info(recording: RecordingPath, as_json: AsJson = False) -> None:
    """Show what a recording holds: sensors, rates, gaps, and whether it is complete.

    Example: trackside info session.h5
    """
    from trackside.app.display import recording_table, show
    from trackside.app.reports import recording_report
    from trackside.recordings.reader import open_recording

    with open_recording(recording) as opened:
        show(recording_report(opened), recording_table, as_json)


app.command()(calibrate)


@app.command()
def solve(
    recording: RecordingPath,
    stretch: Annotated[
        str | None,
        typer.Option(
            "--calibrate",
            metavar="START:END",
            help="When the athlete held the calibration pose, in s; with --by movement, went "
            "straight ahead. Default: found by itself.",
        ),
    ] = None,
    by: By = "pose",
    pose: PoseStoodIn = "n",
    height: Annotated[
        float | None, typer.Option(help="Body height in m. Default: the recording's, or 1.75.")
    ] = None,
    length: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=METRES", help="A measured length, such as thigh=0.43."),
    ] = None,
    heading: Annotated[
        Literal["auto", "joints", "north"],
        typer.Option(help="What holds headings together; auto takes north where it is trusted."),
    ] = "auto",
    rate: Annotated[
        float | None, typer.Option(help="Frames per second. Default: the fastest sensor's.")
    ] = None,
    ground: Annotated[
        Literal["level", "treadmill"],
        typer.Option(help="What the athlete moves on; on a treadmill the skeleton stays in place."),
    ] = "level",
    limits: Annotated[
        bool,
        typer.Option("--limits", help="Push joints softly back into the ranges that people have."),
    ] = False,
    earlier: Earlier = None,
    as_json: AsJson = False,
) -> None:
    """Solve the moving skeleton and keep it in the recording.

    The calibration pose is found by itself: stand still for two seconds before you move. Without
    magnetometers, headings follow from the joints' motion. Sensors that are swapped, on the wrong
    segment or have slipped are named.

    Examples:

        trackside solve session.h5 --height 1.82

        trackside solve session.h5 --pose t --calibrate 3.0:5.0 --length thigh=0.43

        trackside solve session.h5 --by movement

        trackside solve session.h5 --ground treadmill

        trackside solve session.h5 --limits
    """
    from trackside.app.display import show, solution_tables
    from trackside.app.reports import solution_report
    from trackside.app.solving import Heading, SolveOptions, store
    from trackside.app.solving import solve as solve_recording
    from trackside.app.stretches import parse_stretch
    from trackside.kinematics.calibration import StaticPose, Way
    from trackside.kinematics.treadmill import Ground
    from trackside.recordings.reader import open_recording

    options = SolveOptions(
        pose=StaticPose(pose),
        stretch=parse_stretch(stretch),
        height=height,
        lengths=_lengths(length or []),
        heading=Heading(heading),
        rate=rate,
        ground=Ground(ground),
        way=Way(by),
        limits=limits,
    )
    reused = earlier_calibration(earlier)
    with progress_bar(f"Solving {recording.name}") as progress:
        with open_recording(recording) as opened:
            solution = solve_recording(opened, options, progress, reused)
        progress(1.0, "saving")
        store(recording, solution)
    show(solution_report(solution), solution_tables, as_json)


app.command()(angles)
app.command()(compare)
app.command()(export)
app.command()(features)
app.command()(report)
app.command()(view)


@app.command()
def simulate(
    output: Output,
    duration: Annotated[float, typer.Option(min=5, help="Seconds of walking or running.")] = 60.0,
    speed: Annotated[float, typer.Option(help="m/s; below 2.2 the athlete walks.")] = 3.5,
    kit: Annotated[
        Literal["full-17", "lower-body-8", "feet", "pelvis"], typer.Option(help="Sensors worn.")
    ] = "full-17",
    ideal: Annotated[bool, typer.Option("--ideal", help="Sensors without any error.")] = False,
    height: Annotated[float, typer.Option(min=1.0, max=2.3, help="Body height in m.")] = 1.75,
    rate: Annotated[float, typer.Option(min=20, max=400, help="Samples per second.")] = 100.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same recording.")] = 0,
) -> None:
    """Simulate an athlete who stands, then walks or runs, wearing sensors.

    Examples:

        trackside simulate -o run.h5 --speed 4.5 --duration 120

        trackside simulate -o walk.h5 --speed 1.3 --kit lower-body-8 --ideal
    """
    from trackside.app.simulating import plan_for, record_session
    from trackside.simulation.athlete import simulate as simulate_session
    from trackside.simulation.kits import KITS
    from trackside.simulation.sensor_errors import IDEAL, REALISTIC

    plan = plan_for(duration, speed)
    with progress_bar("Simulating") as progress:
        errors = IDEAL if ideal else REALISTIC
        session = simulate_session(plan, KITS[kit], errors, height=height, rate=rate, seed=seed)
        progress(0.5, "recording")
        record_session(session, output)
    print(f"{output}: {kit}, {duration:g} s at {speed:g} m/s")


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the results.")] = Path(
        "demo"
    ),
    duration: Annotated[float, typer.Option(min=10, help="Seconds of running.")] = 60.0,
    speed: Annotated[float, typer.Option(min=2.3, max=9.5, help="m/s.")] = 3.5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same demo.")] = 0,
) -> None:
    """Show the whole way, from sensors to BVH, features and a picture, without hardware.

    Example: trackside demo -o demo
    """
    from trackside.app.demo import run_demo

    run_demo(output, duration, speed, seed)


def _lengths(items: list[str]) -> dict[str, float]:
    what = "PART=METRES, such as thigh=0.43"
    try:
        return {part: float(metres) for part, metres in _pairs(items, what).items()}
    except ValueError as error:
        raise typer.BadParameter(f"{error}: expected {what}") from None


app.command()(recover)


if __name__ == "__main__":
    main()
