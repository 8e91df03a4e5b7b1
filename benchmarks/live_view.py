"""The live window beside a recording: how late it is, what it costs, and whether it disturbs.

    xvfb-run -a -s "-screen 0 1280x800x24" python benchmarks/live_view.py [--seconds 60]

17 virtual x-IMU3s at 60 Hz send over the loopback network from a process of their own; another one
records them, once without a window and once with one, which is a third process. Each sample carries
the moment at which it was sent: what the recorder stamps later than that is its pause. Beside it a
process that does nothing but read the datagrams of one more sensor tells what this machine's other
work makes late. The window tells when a pose was ready and when its picture was on the screen, its
share of a core, and its memory. First of all a window in this process draws as fast as it can.

    xvfb-run -a -s "-screen 0 1280x800x24" python benchmarks/live_view.py --memory 10

has a session of ten minutes filtered, solved and drawn without waiting, and prints the memory
meanwhile.

    python benchmarks/live_view.py --late

prints how wrong a sensor's orientation is while it is carried on with its last angular rate.
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
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path

import numpy as np
from live_pictures import AtOnce, Picture, blocks, shown_streams
from PySide6.QtWidgets import QApplication

from trackside.app import live_view
from trackside.app.live_options import LiveOptions
from trackside.app.live_sensor import LiveSensor
from trackside.app.live_session import LiveSession
from trackside.app.recording import Window, record_kit
from trackside.app.simulating import plan_for
from trackside.arrays import Floats
from trackside.capture.connecting import Surroundings
from trackside.capture.devices.ximu3 import STANDARD_GRAVITY
from trackside.capture.kit import Kit, KitSensor
from trackside.kinematics import quaternions as qt
from trackside.recordings.model import Athlete, Block
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
SPEED_REACHED = 15.0  # s


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


async def send(signals: Path, epoch: float) -> None:
    """Send all sensors' samples for ever; their ticks are µs since ``epoch`` (s, monotonic).

    All but the ticks is prepared: real sensors take nothing of this machine's time.
    """
    played = [[inertial_tail(row) for row in sensor] for sensor in np.load(signals)]
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
    """Be the recorder's window, and tell when it drew what, and what it costs.

    A line for each picture, in a file that is whole whenever this process should be ended.
    """
    ready: deque[tuple[float, LivePicture]] = deque()
    told = report.open("w", buffering=1)

    def drawn(picture: LivePicture) -> None:
        now = time.monotonic()
        while ready:
            made, offered = ready.popleft()
            if offered is picture:
                line = now, picture.arrival, made, time.process_time(), _resident()
                told.write(json.dumps(line) + "\n")
                break

    def opened(window: LiveWindow) -> None:
        window.drawn.connect(drawn)
        offer = window.offer

        def offered(picture: LivePicture) -> None:
            ready.append((time.monotonic(), picture))
            offer(picture)

        window.offer = offered  # type: ignore[method-assign]  # the window tells of drawn pictures only

    live_view.watch(opened)


def _resident() -> float:
    """MB of memory that this process and its worker hold; what they share counts twice."""
    whose = ["self", *(str(child.pid) for child in active_children())]
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in whose)
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
    np.save(folder / "signals.npy", signals())
    for name in ("without", "with"):
        path, report = folder / f"{name}.h5", folder / "report"
        epoch = time.monotonic()
        command = [sys.executable, __file__, "--record", str(path)]
        command += ["--seconds", str(WARM + seconds)]
        if name == "with":
            command += ["--report", str(report)]
        with _started("--listen", epoch) as bare:
            with _started("--send", epoch, "--signals", str(folder / "signals.npy")):
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
            print_window(_lines(report), arrivals[arrivals > WARM], start)


def spread(late: Floats) -> str:
    """The usual and the largest of some times (N,) s."""
    p50, p99, most = 1e3 * np.percentile(late, [50, 99, 100])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, at most {most:.1f} ms"


def _children() -> float:
    """s of the processor that processes have taken which this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _started(option: str, epoch: float, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this benchmark that has said that it is ready; it is ended."""
    command = [sys.executable, __file__, option, str(epoch), *more]
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


def _lines(report: Path) -> Floats:
    """What the window wrote, (N, 5), without a last line that may be cut off."""
    return np.array([json.loads(line) for line in report.read_text().split("\n")[:-1]])


def print_window(told: Floats, arrivals: Floats, start: float) -> None:
    """Print how long after its arrival each sample was on the screen, and what that cost."""
    drawn, newest, ready, worked, resident = told.T
    arrivals = np.sort(arrivals)
    first = np.searchsorted(newest, arrivals)
    seen = first < len(drawn)
    first, arrivals = first[seen], arrivals[seen]
    for what, took in (
        ("from arrival to the screen", drawn[first] - start - arrivals),
        ("  of which until all is there that the picture shows", newest[first] - arrivals),
        ("  until the pose is ready", ready[first] - start - newest[first]),
        ("  and until it is drawn", drawn[first] - ready[first]),
    ):
        p50, p95, most = 1e3 * np.percentile(took, [50, 95, 100])
        print(f"  {what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, at most {most:.0f} ms")
    measured = drawn - start > WARM
    drawn, worked, resident = drawn[measured], worked[measured], resident[measured]
    span = drawn[-1] - drawn[0]
    share = (worked[-1] - worked[0]) / span
    print(f"  {(len(drawn) - 1) / span:.1f} frames/s, {share:.2f} of a core")
    print(f"  memory {resident[0]:.0f} MB at first, {resident[-1]:.0f} MB at the end")


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


def late() -> None:
    """Print how wrong orientations are that are carried on until a late sample has come."""
    session = simulate(plan_for(30.0, SPEED), KIT_17, IDEAL, rate=RATE)
    ahead = np.arange(1, 4) / RATE
    wrong: dict[str, Floats] = {}
    for segment in KIT_17:
        block, sensor = session.arrays()[segment], LiveSensor(session.imu(segment).stream)
        whole = LiveSensor(sensor.stream)
        whole.add(block)
        angles = []
        for row in range(len(block)):
            values = {name: array[row : row + 1] for name, array in block.values.items()}
            sensor.add(Block(segment, block.time[row : row + 1], values))
            if block.time[row] > SPEED_REACHED and row + len(ahead) < len(block):
                there = block.time[row] + ahead
                carried, true = (
                    np.stack([each.at(t).orientation for t in there]) for each in (sensor, whole)
                )
                angles.append(np.degrees(qt.angle_between(carried, true)))
        wrong[segment] = np.array(angles)
    worst = max(wrong, key=lambda segment: float(np.mean(wrong[segment] ** 2)))
    for number, span in enumerate(ahead):
        everyone = np.concatenate([each[:, number] for each in wrong.values()])
        most = wrong[worst][:, number]
        print(
            f"carried on by {1e3 * span:.0f} ms: {np.sqrt(np.mean(everyone**2)):.1f}° RMS of all, "
            f"{np.sqrt(np.mean(most**2)):.1f}° of the {worst.replace('_', ' ')}, the worst"
        )


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
    parser.add_argument("--late", action="store_true", help="only look at what is carried on")
    parser.add_argument("--listen", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--send", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--signals", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--window", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send is not None:
        asyncio.run(send(options.signals, options.send))
    elif options.listen is not None:
        listen(options.listen)
    elif options.memory is not None:
        memory(options.memory)
    elif options.late:
        late()
    elif options.record is not None:
        asyncio.run(record(options.record, options.seconds, options.report))
    elif options.window is not None:
        watch(options.window)
    elif options.fast:
        fast()
    else:
        fast()  # first, so that all kernels are compiled
        with tempfile.TemporaryDirectory() as folder:
            pauses(options.seconds, Path(folder))


if __name__ == "__main__":
    main()
