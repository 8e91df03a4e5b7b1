"""The commands for real sensors: scan, record and kit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackside.app.live_view_options import (
    Angle,
    ColourScheme,
    Earlier,
    MaximumHeartRate,
    PoseStoodIn,
    live_options,
)
from trackside.app.service_options import Token
from trackside.errors import MissingDataError, TracksideError

if TYPE_CHECKING:
    from trackside.app.recording import Cueing, Window
    from trackside.app.scanning import Sighting
    from trackside.capture.connecting import Surroundings
    from trackside.capture.kit import Kit, KitSensor

kit_app = typer.Typer(
    help="Say which sensor sits where: build a kit file, and check one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

VIRTUAL_DURATION, VIRTUAL_SPEED = 60.0, 3.5
"""The virtual athlete runs for so many s at so many m/s, again and again."""

Seconds = Annotated[float, typer.Option("--seconds", min=0.5, help="How long to look.")]
Virtual = Annotated[
    bool, typer.Option("--virtual", help="A virtual athlete's sensors instead of real ones.")
]


def scan(seconds: Seconds = 5.0, virtual: Virtual = False) -> None:
    """Show the sensors that are there: Bluetooth, serial ports, network and LSL streams.

    Example: trackside scan
    """
    from rich.console import Console

    from trackside.app.display import plain_table

    sightings = asyncio.run(_sightings(seconds, virtual))
    table = plain_table("Model", "Name", "Found by", "dBm", title=f"{len(sightings)} devices seen")
    for sighting in sightings:
        signal = "–" if sighting.signal is None else str(sighting.signal)
        table.add_row(sighting.model or "?", sighting.name, sighting.found_by, signal)
    Console(markup=False, highlight=False).print(table)


def record(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The recording to write (.h5). Default: the time."),
    ] = None,
    kit: Annotated[
        Path | None, typer.Option("--kit", help="The kit file: which sensor sits where.")
    ] = None,
    duration: Annotated[
        float | None, typer.Option(min=0.1, help="Stop by itself after so many s.")
    ] = None,
    virtual: Virtual = False,
    lsl: Annotated[
        bool,
        typer.Option("--lsl", help="Let others follow the streams on the Lab Streaming Layer."),
    ] = False,
    view: Annotated[
        bool, typer.Option("--view", help="Open the live window: skeleton, heart rate, sensors.")
    ] = False,
    angle: Angle = "knee_flexion",
    max_heart_rate: MaximumHeartRate = None,
    pose: PoseStoodIn = "n",
    earlier: Earlier = None,
    scheme: ColourScheme = "light",
    workout: Annotated[
        Path | None,
        typer.Option("--workout", help="A plan (.json): cues for the session that it has today."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="A service on whose page the cues are shown."),
    ] = None,
    token: Token = None,
) -> None:
    """Record sensors live to a file, until you press q or Ctrl-C.

    While it runs: **l** ends a lap, **m** marks the moment, **q** stops. The live window (--view)
    runs in a process of its own: closing it changes nothing for the recording. With a plan the
    athlete is told what to mind: heart rate above the step's ceiling, drift, form that falls off,
    the next step; with a service's address as well, its page shows so to the coach.

    Examples:

        trackside record --kit kit.toml -o session.h5

        trackside record --virtual --duration 60

        trackside record --kit kit.toml --view --max-heart-rate 188

        trackside record --kit kit.toml --view --from yesterday.h5

        trackside record --kit kit.toml --workout ada.json --to https://plans.example.org
    """
    from trackside.app.display import recording_table, show
    from trackside.app.recording import Window
    from trackside.app.reports import recording_report
    from trackside.capture.kit_file import read_kit
    from trackside.recordings.reader import open_recording
    from trackside.viewer.opening import check_viewer

    if (kit is None) != virtual:
        raise typer.BadParameter("name a kit with --kit FILE, or try it with --virtual")
    if to is not None and workout is None:
        raise typer.BadParameter("--to needs --workout PLAN: without a plan there are no cues")
    path = output or Path(datetime.now().strftime("session-%Y-%m-%d-%H%M%S.h5"))
    print(f"Recording to {path}; q or Ctrl-C stops")
    window = None
    if view:
        check_viewer()
        options = live_options(angle, max_heart_rate, pose, earlier)
        window = Window(options, scheme)
    worn = None if kit is None else read_kit(kit)
    cueing = None if workout is None else _cueing(workout, to, token)
    asyncio.run(_record(path, worn, duration, lsl, window, cueing))
    with open_recording(path) as recording:
        show(recording_report(recording), recording_table, as_json=False)


@kit_app.command()
def check(kit: Annotated[Path, typer.Argument(help="A kit file (.toml).")]) -> None:
    """Check a kit file and show what it means.

    Example: trackside kit check kit.toml
    """
    from trackside.capture.kit_file import read_kit

    _print_kit(str(kit), read_kit(kit))


@kit_app.command()
def new(
    output: Annotated[Path, typer.Option("-o", "--output", help="The kit file to write.")],
    name: Annotated[str, typer.Option(help="The athlete's name.")] = "",
    height: Annotated[
        float | None, typer.Option(min=1.0, max=2.3, help="The athlete's body height in m.")
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(help="A segment that wears a sensor; repeatable. Default: pelvis and legs."),
    ] = None,
    serial: Annotated[
        list[str] | None,
        typer.Option(metavar="PORT=MODEL", help="What is on a serial port; repeatable."),
    ] = None,
    seconds: Seconds = 5.0,
) -> None:
    """Build a kit file by moving: put the sensors on, switch them on, and do as you are told.

    Examples:

        trackside kit new -o kit.toml --name Ada --height 1.72

        trackside kit new -o kit.toml --segment pelvis --serial "/dev/ttyUSB0=Xsens MTi"
    """
    from trackside.app.kit_wizard import USUAL_SEGMENTS
    from trackside.capture.kit import Kit
    from trackside.capture.kit_file import write_kit
    from trackside.recordings.model import Athlete

    if output.exists():
        raise FileExistsError(f"{output} exists; name a new file, or remove this one")
    segments = segment or list(USUAL_SEGMENTS)
    sensors = asyncio.run(_assigned(segments, _pairs(serial or []), seconds))
    if not sensors:
        raise MissingDataError(
            "no sensor of a known model was found: switch them on, and see: trackside scan"
        )
    kit = Kit(sensors, Athlete(name, height))
    write_kit(output, kit)
    _print_kit(str(output), kit)


def _pairs(items: list[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in items]
    for item, (port, _, model) in zip(items, pairs, strict=True):
        if not port or not model:
            raise typer.BadParameter(f'{item!r}: expected PORT=MODEL, such as "COM3=Xsens MTi"')
    return {port: model for port, _, model in pairs}


def _print_kit(title: str, kit: "Kit") -> None:
    from rich.console import Console

    from trackside.app.display import plain_table

    height = f", {kit.athlete.height:g} m" if kit.athlete.height else ""
    athlete = f"{kit.athlete.name or 'athlete unknown'}{height}"
    table = plain_table("Sensor", "Model", "Found by", "Hz", title=f"{title}: {athlete}")
    for sensor in kit.sensors:
        rates = [stream.rate for stream in sensor.streams.values() if stream.rate]
        rate = f"{rates[0]:g}" if rates else "–"
        table.add_row(sensor.label, sensor.model, sensor.reach, rate)
    Console(markup=False, highlight=False).print(table)


async def _sightings(seconds: float, virtual: bool) -> "list[Sighting]":
    from trackside.app.scanning import scan as look_around
    from trackside.capture.connecting import Surroundings

    if not virtual:
        return await look_around(Surroundings(), seconds)
    async with _virtual_surroundings() as (surroundings, _):
        return await look_around(surroundings, seconds)


async def _record(
    path: Path,
    kit: "Kit | None",
    duration: float | None,
    lsl: bool,
    window: "Window | None",
    cueing: "Cueing | None",
) -> None:
    from rich.console import Console

    from trackside.app.recording import record_kit
    from trackside.capture.connecting import Surroundings

    console = Console(highlight=False)
    record_these = partial(
        record_kit,
        output=path,
        duration=duration,
        console=console,
        offered_on_lsl=lsl,
        window=window,
        cueing=cueing,
    )
    if kit is not None:
        await record_these(kit, surroundings=Surroundings())
        return
    console.print("Putting virtual sensors on a virtual athlete …")
    async with _virtual_surroundings() as (surroundings, worn):
        await record_these(worn, surroundings=surroundings)


def _cueing(workout: Path, to: str | None, token: str | None) -> "Cueing":
    """Cues for today's session of a plan, told to a service as well where one is named."""
    from trackside.app.cue_sender import PATIENCE, CueSender
    from trackside.app.live_cues import cues_of_today
    from trackside.app.recording import Cueing
    from trackside.app.service_client import ServiceClient

    cues = cues_of_today(workout, datetime.now().date())
    if to is None:
        return Cueing(cues)
    return Cueing(cues, CueSender(ServiceClient(to, token, PATIENCE), cues.athlete.runner_id))


async def _assigned(
    segments: list[str], serial: dict[str, str], seconds: float
) -> "list[KitSensor]":
    from trackside.app.kit_wizard import assign_by_moving, provisional
    from trackside.app.scanning import Sighting
    from trackside.app.scanning import scan as look_around
    from trackside.capture.connecting import Surroundings
    from trackside.capture.devices.contract import Transport

    surroundings = Surroundings()
    print(f"Looking for sensors for {seconds:g} s …")
    sightings = await look_around(surroundings, seconds)
    sightings += [
        Sighting(Transport.SERIAL, model, {"port": port}) for port, model in serial.items()
    ]
    return await assign_by_moving(provisional(sightings), segments, surroundings, print)


@asynccontextmanager
async def _virtual_surroundings() -> "AsyncIterator[tuple[Surroundings, Kit]]":
    from trackside.app.simulating import plan_for
    from trackside.capture.connecting import Surroundings

    try:
        from trackside.simulation.virtual_session import virtual_session
    except ImportError as error:
        raise TracksideError(
            f"virtual sensors need more than is installed ({error}): they run on Linux and macOS "
            'after pip install "trackside[virtual]"'
        ) from error
    async with virtual_session(plan_for(VIRTUAL_DURATION, VIRTUAL_SPEED)) as worn:
        yield Surroundings(worn.adapter, lambda: worn.ports, worn.host, lambda _: []), worn.kit
