"""The live window beside a recording: how late it is, what it costs, and whether it disturbs.

    xvfb-run -a -s "-screen 0 1280x800x24" python benchmarks/live_view.py [--seconds 60]

17 virtual x-IMU3s at 60 Hz send over the loopback network from a process of their own; another one
records them, once without a window and once with one, which is a third process. Each sample carries
the moment at which it was sent: what the recorder stamps later than that is its pause. Beside it a
process that does nothing but read the datagrams of one more sensor tells what this machine's other
work makes late. The window tells when a pose was ready and when its picture was on the screen, its
share of a core, and its memory. Last, a window in this process draws as fast as it can.

    xvfb-run -a -s "-screen 0 1280x800x24" python benchmarks/live_view.py --memory 10

has a session of ten minutes filtered, solved and drawn without waiting, and prints the memory
meanwhile.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from live_pictures import AtOnce, Picture, blocks, shown_streams
from PySide6.QtWidgets import QApplication

from trackside.app import live_view
from trackside.app.live_options import LiveOptions
from trackside.app.live_session import LiveSession
from trackside.app.recording import Window, record_kit
from trackside.app.simulating import plan_for
from trackside.arrays import Floats
from trackside.capture.connecting import Surroundings
from trackside.capture.devices.ximu3 import STANDARD_GRAVITY
from trackside.capture.kit import Kit, KitSensor
from trackside.recordings.model import Athlete
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.virtual_udp import LOOPBACK, VirtualXImu3
from trackside.viewer.live_picture import LivePicture, LiveTitle
from trackside.viewer.live_window import LiveWindow
from trackside.viewer.offscreen import prepare_graphics
from trackside.viewer.scheme import LIGHT

RATE = 60.0
SESSION, SPEED = 60.0, 3.5  # s, m/s: the run that is played again and again
FIRST_PORT, BARE_PORT = 18_300, 18_299
WARM = 25.0
"""s after which everybody is connected and calibrated; what is measured begins then."""
FAST_SECONDS = 6.0


def kit() -> Kit:
    """The sensors, each on a port of its own."""
    sensors = [
        KitSensor(
            "x-IMU3",
            segment=segment,
            transport="udp",
            serial_number=f"{number:08X}",
            udp_port=FIRST_PORT + number,
        )
        for number, segment in enumerate(KIT_17)
    ]
    return Kit(sensors, Athlete("Ada", 1.75))


def signals() -> list[Floats]:
    """Angular rate in deg/s and acceleration in g, (N, 6), of each sensor."""
    session = simulate(plan_for(SESSION, SPEED), KIT_17, IDEAL, rate=RATE)
    values = [session.arrays()[segment].values for segment in KIT_17]
    return [
        np.hstack([np.degrees(each["gyroscope"]), each["accelerometer"] / STANDARD_GRAVITY])
        for each in values
    ]


async def send(epoch: float) -> None:
    """Send all sensors' samples for ever; their ticks are µs since ``epoch`` (s, monotonic).

    All but the ticks is prepared: real sensors take nothing of this machine's time.
    """
    played = [[inertial_tail(row) for row in sensor] for sensor in signals()]
    devices = [VirtualXImu3(f"{i:08X}", FIRST_PORT + i) for i in range(len(played))]
    for device in devices:
        await device.open()
    with suppress(OSError, AttributeError):  # sensors are never late; only root may say so
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("sending", flush=True)
    began, step = time.monotonic(), 1.0 / RATE / len(played)
    number = 0
    while True:
        sample, sensor = divmod(number, len(played))
        await asyncio.sleep(max(0.0, began + number * step - time.monotonic()))
        tail = played[sensor][sample % len(played[sensor])]
        data = b"I,%d,%s" % (round((time.monotonic() - epoch) * 1e6), tail)
        devices[sensor].send(data)
        if sensor == 0:
            devices[0].send_to(data, (LOOPBACK, BARE_PORT))
        number += 1


def inertial_tail(row: Floats) -> bytes:
    """What an x-IMU3 says of angular rate and acceleration (6,), behind its ticks."""
    return (",".join(f"{value:.6f}" for value in row.tolist()) + "\r\n").encode()


def listen(epoch: float) -> None:
    """Only read one sensor's datagrams until b"end", and tell how late each was read, s."""
    late = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bare:
        bare.bind((LOOPBACK, BARE_PORT))
        print("listening", flush=True)
        while (data := bare.recv(1000)) != b"end":
            late.append(time.monotonic() - epoch - 1e-6 * int(data.split(b",", 2)[1]))
    print(json.dumps(late))


async def record(path: Path, seconds: float, report: Path | None) -> None:
    """Record for so many s, with a window that reports to a file, or without."""
    window = None
    if report is not None:
        command = (sys.executable, __file__, "--window", str(report))
        window = Window(
            LiveOptions(zones=(94.0, 113.0, 132.0, 150.0, 169.0, 188.0)), "light", command
        )
    surroundings = Surroundings(host=LOOPBACK)
    await record_kit(kit(), path, surroundings, duration=seconds, window=window)


def watch(report: Path) -> None:
    """Be the recorder's window, and tell when it drew what, and what it costs."""
    frames: list[tuple[float, float, float]] = []
    usage: list[tuple[float, float, float]] = []

    ready: dict[int, float] = {}

    def drawn(picture: LivePicture) -> None:
        now = time.monotonic()
        frames.append((now, picture.arrival, ready.pop(id(picture))))
        if not usage or now - usage[-1][0] >= 1.0:
            usage.append((now, time.process_time(), _resident()))

    def opened(window: LiveWindow) -> None:
        window.drawn.connect(drawn)
        offer = window.offer

        def offered(picture: LivePicture) -> None:
            ready[id(picture)] = time.monotonic()
            offer(picture)

        window.offer = offered  # type: ignore[method-assign]

    live_view.watch(opened)
    report.write_text(json.dumps({"frames": frames, "usage": usage}))


def _resident() -> float:
    """MB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def stamps(path: Path) -> tuple[Floats, Floats]:
    """When each sample was stamped, s since the recording's start, and how late, s."""
    arrivals, late = [], []
    with open_recording(path) as recording:
        for segment in KIT_17:
            block = recording.read(segment)
            assert block.host_time is not None
            assert block.device_time is not None
            arrivals.append(block.host_time)
            late.append(block.host_time - block.device_time * 1e-6)
    return np.concatenate(arrivals), np.concatenate(late)


def pauses(seconds: float, folder: Path) -> None:
    """Record without and with a window, and print what was found."""
    for name in ("without", "with"):
        path, report = folder / f"{name}.h5", folder / "report.json"
        epoch = time.monotonic()
        command = [sys.executable, __file__, "--record", str(path)]
        command += ["--seconds", str(WARM + seconds)]
        if name == "with":
            command += ["--report", str(report)]
        with _started("--listen", epoch) as bare:
            with _started("--send", epoch):
                worked = _children()
                subprocess.run(command, check=True)
                share = (_children() - worked) / (WARM + seconds)
            alone = _told(bare)
        arrivals, late = stamps(path)
        start = epoch - late.min()  # of the recording; the quickest sample took no time
        late = (late - late.min())[arrivals > WARM]
        if not len(late):
            sys.exit(f"{name} a window: nothing came after {WARM:g} s; is this machine so busy?")
        whose = "recorder and window" if name == "with" else "recorder"
        print(f"{name} a window: {len(late)} samples; {whose}: {share:.2f} of a core")
        print(f"  stamped late by {spread(late)}")
        print(f"  read by a process that does nothing else: late by {spread(alone)}")
        if name == "with":
            print_window(json.loads(report.read_text()), arrivals[arrivals > WARM], start)


def spread(late: Floats) -> str:
    """The usual and the largest of some times (N,) s."""
    p50, p99, most = 1e3 * np.percentile(late, [50, 99, 100])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, at most {most:.1f} ms"


def _children() -> float:
    """s of the processor that processes have taken which this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _started(option: str, epoch: float) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this benchmark that has said that it is ready; it is ended."""
    command = [sys.executable, __file__, option, str(epoch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def _told(bare: subprocess.Popen[bytes]) -> Floats:
    """How late the reading process was, (N,) s, the last of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"end", (LOOPBACK, BARE_PORT))
    late = np.array(json.loads(bare.communicate()[0]))
    return late[round(WARM * RATE) :]


def print_window(told: dict[str, Any], arrivals: Floats, start: float) -> None:
    """Print how long after its arrival each sample was on the screen, and what that cost."""
    drawn, newest, ready = np.array(told["frames"]).T
    arrivals = np.sort(arrivals)
    first = np.searchsorted(newest, arrivals)
    seen = first < len(drawn)
    first, arrivals = first[seen], arrivals[seen] + start
    for what, took in (
        ("from arrival to the screen", drawn[first] - arrivals),
        ("  of which until the pose is ready", ready[first] - arrivals),
        ("  and until it is drawn", drawn[first] - ready[first]),
    ):
        p50, p95, most = 1e3 * np.percentile(took, [50, 95, 100])
        print(f"  {what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, at most {most:.0f} ms")
    usage = np.array(told["usage"])
    usage = usage[usage[:, 0] - start > WARM]
    span, worked, _ = usage[-1] - usage[0]
    frames = np.count_nonzero((drawn >= usage[0, 0]) & (drawn < usage[-1, 0]))
    print(f"  {frames / span:.1f} frames/s, {worked / span:.2f} of a core")
    print(f"  memory {usage[0, 2]:.0f} MB at first, {usage[-1, 2]:.0f} MB at the end")


def fast() -> None:
    """Print how many frames/s a window draws when it waits for nothing."""
    title, ready = pictures()
    prepare_graphics()
    application = QApplication([])
    window = LiveWindow(title, lambda _: None, LIGHT)
    window.show()
    for number in range(50):
        window.show_picture(ready[number])
        application.processEvents()
    started, worked, painted = time.monotonic(), time.process_time(), window.scene.painted
    while time.monotonic() - started < FAST_SECONDS:
        window.show_picture(ready[(window.scene.painted - painted) % len(ready)])
        application.processEvents()
    span, drawn = time.monotonic() - started, window.scene.painted - painted
    cost = (time.process_time() - worked) / drawn
    print(f"as fast as possible: {drawn / span:.0f} frames/s, {1e3 * cost:.1f} ms of a core each")
    window.close()


def memory(minutes: float) -> None:
    """Print what a window and its session hold while a long session is shown without waiting."""
    seconds = 60.0 * minutes
    shown = Picture("memory", kit="full-17", until=seconds)
    streams = shown_streams(simulate(plan_for(seconds + 2.0, SPEED), KIT_17, IDEAL), shown)
    session = LiveSession("session.h5", streams, Athlete("Ada", 1.75), LiveOptions(), AtOnce())
    prepare_graphics()
    application = QApplication([])
    window = LiveWindow(session.title, lambda _: None, LIGHT)
    window.show()
    told = 0.0
    for items in blocks(shown):
        for item in items:
            session.take(item)
        picture = session.picture()
        window.show_picture(picture)
        application.processEvents()
        if picture.time >= told:
            print(f"{picture.time / 60.0:4.0f} min: {_resident():.0f} MB", flush=True)
            told += 60.0
    window.close()


def pictures() -> tuple[LiveTitle, list[LivePicture]]:
    """Somebody who runs with 17 sensors, 30 pictures a second for ten seconds."""
    shown = Picture("fast", kit="full-17", until=30.0)
    streams = shown_streams(simulate(plan_for(42.0, SPEED), KIT_17, IDEAL), shown)
    session = LiveSession("session.h5", streams, Athlete("Ada", 1.75), LiveOptions(), AtOnce())
    made = []
    for items in blocks(shown):
        for item in items:
            session.take(item)
        made.append(session.picture())
    return session.title, made[-300:]


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="that are measured")
    parser.add_argument("--fast", action="store_true", help="only draw, as fast as possible")
    parser.add_argument("--memory", type=float, metavar="MIN", help="only look at the memory")
    parser.add_argument("--listen", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--send", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--window", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send is not None:
        asyncio.run(send(options.send))
    elif options.listen is not None:
        listen(options.listen)
    elif options.memory is not None:
        memory(options.memory)
    elif options.record is not None:
        asyncio.run(record(options.record, options.seconds, options.report))
    elif options.window is not None:
        watch(options.window)
    elif options.fast:
        fast()
    else:
        with tempfile.TemporaryDirectory() as folder:
            pauses(options.seconds, Path(folder))
        fast()


if __name__ == "__main__":
    main()
