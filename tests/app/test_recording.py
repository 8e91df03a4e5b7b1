"""Recording as the coach does it: a kit, a terminal, keys, and a file that holds everything."""

import asyncio
import io
import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from trackside.app import live_table
from trackside.app.kit_wizard import asking_order, assign_by_moving, provisional
from trackside.app.live_table import WIDE, LiveTable, Snapshot, drawn
from trackside.app.recording import messages_told
from trackside.app.scanning import Sighting
from trackside.capture.clock import ClockEstimate
from trackside.capture.connecting import Surroundings
from trackside.capture.connection import LinkState
from trackside.capture.devices.contract import Transport
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.kit_file import write_kit
from trackside.capture.live import LiveSource, NoSensorError
from trackside.capture.recorder import record
from trackside.capture.status import SensorStatus, StreamStatus
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    Annotation,
    Athlete,
    Block,
    Device,
    Imu,
    Kind,
    Stream,
)
from trackside.recordings.reader import open_recording
from trackside.simulation import virtual_time
from trackside.simulation.plan import running_session
from trackside.simulation.virtual_ble import VirtualRadio
from trackside.simulation.virtual_peripherals import Dot
from trackside.simulation.virtual_udp import VirtualXImu3

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals on Windows", allow_module_level=True)

import pty
import select
import termios

from trackside.simulation.virtual_session import free_port, virtual_session


class UntilAllAreHeard:
    """A live source that stops when every sensor has sent something."""

    def __init__(self, live: LiveSource) -> None:
        self.streams = live.streams
        self._live = live

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """What comes."""
        async for item in self._live.blocks():
            yield item
            if all(sensor.silence is not None for sensor in self._live.status()):
                self._live.stop()


def test_virtual_sensors_of_every_transport_are_recorded_whole(tmp_path: Path) -> None:
    """BLE, serial and UDP devices end in one complete file, without a gap."""

    async def scene() -> Kit:
        async with virtual_session(running_session(12.0, 3.5)) as worn:
            surroundings = Surroundings(worn.adapter, lambda: worn.ports, worn.host)
            sensors = [surroundings.live_sensor(sensor) for sensor in worn.kit.sensors]
            live = LiveSource(sensors, asyncio.get_running_loop().time())
            athlete = worn.kit.athlete
            await record(UntilAllAreHeard(live), tmp_path / "a.h5", athlete=athlete)
            return worn.kit

    kit = asyncio.run(asyncio.wait_for(scene(), 60))
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        assert recording.athlete == kit.athlete
        for sensor in kit.sensors:
            assert recording.rows(sensor.label) > 0, sensor.label
            assert recording.gaps(sensor.label) == [], sensor.label
        assert {imu.stream.placement for imu in recording.imus()} == {
            sensor.segment for sensor in kit.sensors if sensor.segment
        }


CHILD = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from trackside.app.cli import main
sys.argv = ["trackside", *sys.argv[1:]]
main()
"""
"""Makes the terminal that it is given its own, so that Ctrl-C and job control work as they do."""


class Terminal:
    """A command in a terminal of its own, 80 columns wide, and all that it has shown."""

    def __init__(self) -> None:
        self.shown = ""
        self._user, self._program = pty.openpty()
        termios.tcsetwinsize(self._program, (24, 80))

    async def run(self, *command: str | Path) -> asyncio.subprocess.Process:
        """Start the command."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CHILD, *map(str, command)),
            stdin=self._program,
            stdout=self._program,
            stderr=self._program,
            start_new_session=True,
        )
        os.close(self._program)
        return process

    async def until(self, text: str) -> None:
        """Wait until the text is shown."""
        while text not in self.shown:
            read = await asyncio.to_thread(os.read, self._user, 4096)
            self.shown += read.decode(errors="replace")

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._user, keys.encode())


@pytest.mark.parametrize("end", ["q", "\x03"])
def test_keys_make_laps_and_end_the_recording(tmp_path: Path, end: str) -> None:
    """On a real terminal l and m become annotations; q and Ctrl-C leave a complete file."""
    port = free_port()
    kit = Kit(
        [KitSensor("x-IMU3", segment="pelvis", transport="udp", udp_port=port)], Athlete("Ada")
    )
    write_kit(tmp_path / "kit.toml", kit)

    async def send(device: VirtualXImu3) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in itertools.count():
            await asyncio.sleep(start + number / 200 - loop.time())
            device.send_inertial(number * 5000, (0.0, 0.0, 1.0), (0.0, 0.0, 1.0))

    async def scene() -> int:
        device = VirtualXImu3("6543A8D2", port)
        await device.open()
        sending = asyncio.create_task(send(device))
        terminal = Terminal()
        files = ("--kit", tmp_path / "kit.toml", "-o", tmp_path / "a.h5")
        process = await terminal.run("record", *files)
        await terminal.until("streaming")
        terminal.press("lxm")
        await terminal.until("lap 2, 1 marks")
        terminal.press(end)
        await terminal.until("complete")
        sending.cancel()
        await device.close()
        return await process.wait()

    assert asyncio.run(asyncio.wait_for(scene(), 60)) == 0
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        assert recording.athlete.name == "Ada"
        assert [(note.kind, note.text) for note in recording.annotations] == [
            ("lap", "lap 1"),
            ("mark", "mark 1"),
        ]
        assert recording.gaps("pelvis") == []
        assert 0 < recording.annotations[0].time < recording.duration


def stream(**changes: object) -> StreamStatus:
    usual = StreamStatus(
        name="x",
        kind=Kind.IMU,
        samples=600,
        gaps=0,
        missing=0,
        received=60.0,
        rate=60.0,
        nominal=60.0,
        offset=-1234.567,
        clock=ClockEstimate(0.1, 12.3, 0.0004, 0),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def sensor(label: str, main: StreamStatus, **changes: object) -> SensorStatus:
    usual = SensorStatus(label, "IMU", LinkState.STREAMING, 0.0, 80.0, -61, 0, 0, "", [main])
    return replace(usual, **changes)  # type: ignore[arg-type]


def shown(*sensors: SensorStatus, messages: tuple[str, ...] = (), width: int = 80) -> list[str]:
    """The lines of the table on a terminal of so many columns."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(drawn(Snapshot("session.h5", 3723.0, 2, 1, sensors, messages), width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_the_table_tells_what_is_wrong_in_80_columns() -> None:
    """A row says at a glance whether a sensor is well, lost, wrong or given up."""
    lines = shown(
        sensor("right_upper_arm", stream(offset=-123456.789)),
        sensor("left_foot", stream(gaps=12, missing=12345), silence=12.0),
        sensor("right_foot", stream(received=30.0, rate=30.2)),
        sensor("pelvis", stream(), link=LinkState.SEARCHING, silence=None, battery=None),
        sensor("t8", stream(), problem="2 devices are called x"),
        sensor(
            "heart_rate", stream(nominal=None, rate=None, clock=None, received=1.0), signal=None
        ),
        messages=("t8: 2 devices are called Movella DOT; name one by its address: " + "A" * 40,),
    )
    assert max(map(len, lines)) <= 80
    assert "62:03" in lines[0]
    assert "lap 3" in lines[0]
    rows = {line.split()[0]: line for line in lines[2:8]}
    assert "streaming" in rows["right_upper_arm"]
    assert "+12" in rows["right_upper_arm"]
    assert "12345 in 12" in rows["left_foot"]
    assert "lost 12 s" in rows["left_foot"]
    assert "30.2≠60" in rows["right_foot"]
    assert "searching" in rows["pelvis"]
    assert "given up" in rows["t8"]
    assert "streaming" in rows["heart_rate"]
    assert "2 devices" in lines[8]


def test_the_table_tells_what_a_device_refuses_and_loses() -> None:
    """A refused start has a line of its own; packets without sample numbers are counted as such."""
    lines = shown(
        sensor("t8", stream(), device=Device("H10", "", "5.0.0"), refused=("ecg: in charger",)),
        sensor("pelvis", stream(), refused=("start: rejected",), silence=None),
        sensor("left_hand", stream(), lost=4321),
        sensor("button", stream(kind=Kind.EVENT, nominal=None, rate=None), silence=None),
        messages=("a message",),
    )
    assert max(map(len, lines)) <= 80
    rows = {line.split()[0]: line for line in lines[2:6]}
    assert "streaming" in rows["t8"]
    assert " refused " in rows["pelvis"]
    assert "4321 packets" in rows["left_hand"]
    assert "streaming" in rows["button"]
    assert [line.rstrip() for line in lines[6:]] == [
        "t8: H10 5.0.0 refuses ecg: in charger",
        "pelvis: IMU refuses start: rejected",
        "a message",
    ]
    told = sensor("t8", stream(), device=Device("H10", "", "5.0.0"))
    assert not any("H10" in line for line in shown(told))
    assert any("H10 5.0.0" in line for line in shown(told, width=WIDE))


def test_a_stopped_terminal_makes_nothing_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Showing returns at once, and so does the end, while the terminal takes nothing at all."""
    monkeypatch.setattr(live_table, "LATEST_END", 0.1)
    reader, terminal = pty.openpty()
    os.set_blocking(terminal, False)
    # the kernel moves what was written on by and by: full is what stays full
    while select.select([], [terminal], [], 0.5)[1]:
        with suppress(BlockingIOError):
            os.write(terminal, b"x" * 1024)
    os.set_blocking(terminal, True)
    before = set(threading.enumerate())
    # closing the file fails: what it holds can no longer be written
    with suppress(OSError), open(terminal, "w", closefd=False) as file:
        console = Console(file=file, width=80, force_terminal=True)
        with LiveTable(console) as table:
            (drawing,) = set(threading.enumerate()) - before
            for second in range(100):
                table.show(Snapshot("session.h5", float(second), 0, 0, [], []))
        assert drawing.is_alive(), "it was meant to hang"
        os.close(reader)  # the window is closed
        drawing.join()
    os.close(terminal)


def test_limbs_are_asked_for_from_the_outside_in() -> None:
    """Who moves the thigh moves shank and foot, so those have to be known before."""
    order = asking_order(["pelvis", "left_thigh", "left_shank", "right_foot", "left_hand", "t8"])
    assert order == ["right_foot", "left_shank", "left_thigh", "left_hand", "pelvis", "t8"]


def turning(*times: tuple[float, float]) -> Imu:
    """An IMU that turns to and fro from one time to another, s."""
    time = np.arange(3600) / 60
    moving = sum((first <= time) & (time < last) for first, last in times)
    gyr = 5.0 * (np.asarray(moving) * np.sin(7 * time))[:, np.newaxis] * np.ones(3)
    imu = Stream("imu", Kind.IMU, (GYROSCOPE, ACCELEROMETER), rate=60.0)
    return Imu(imu, time, gyr, np.zeros_like(gyr), None)


def test_the_wizard_finds_who_moves() -> None:
    """Each segment gets the sensor that moved when it was asked for; who never moved is left."""
    worn = {"left_foot": [(8.0, 10.0), (20.0, 22.0)], "left_shank": [(20.0, 22.0)], "": []}
    addresses = {name: f"C0:00:00:00:01:{n:02X}" for n, name in enumerate(worn)}
    said: list[str] = []

    async def scene() -> list[KitSensor]:
        radio = VirtualRadio()
        for name, times in worn.items():
            await radio.add(Dot("Movella DOT", addresses[name], turning(*times)))
        surroundings = Surroundings(await radio.adapter())
        seen = [
            Sighting(Transport.BLE, "Movella DOT", {"address": address})
            for address in addresses.values()
        ]
        unknown = Sighting(Transport.BLE, "", {"address": "C0:00:00:00:01:FF"})
        return await assign_by_moving(
            provisional([*seen, unknown]),
            ["pelvis", "left_shank", "left_foot"],
            surroundings,
            said.append,
        )

    sensors = virtual_time.run(asyncio.wait_for(scene(), 300))
    assert {sensor.segment: sensor.address for sensor in sensors} == {
        "left_foot": addresses["left_foot"],
        "left_shank": addresses["left_shank"],
    }
    assert [text for text in said if text.startswith("Move")] == [
        "Move the left foot now, and only it",
        "Move the left shank now, and only it",
        "Move the pelvis now, and only it",
    ]
    assert "left out" in said[-1]


def test_the_wizard_ends_when_there_is_nobody_to_ask_for() -> None:
    """Without a turning sensor nothing is asked; when all are lost it says so at once."""

    async def scene() -> None:
        surroundings = Surroundings(list_ports=list)
        strap = KitSensor("Heart rate monitor", role="heart_rate", name="Strap")
        assert await assign_by_moving([strap], ["pelvis"], surroundings, print) == [strap]
        absent = KitSensor("Xsens MTi", role="imu", port="/dev/absent")
        with pytest.raises(NoSensorError, match="imu: there is no serial port /dev/absent"):
            await assign_by_moving([absent], ["pelvis"], surroundings, print)

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_kit_files_are_checked_by_command(tmp_path: Path) -> None:
    """A good kit is shown; a mistake ends in one line that names the entry, exit code 2."""
    path = tmp_path / "kit.toml"
    for text, code, said in (
        ('[[sensor]]\nrole = "x"\nmodel = "Foot pod"\nname = "Pod"', 0, "Foot pod"),
        ('[[sensor]]\nrole = "x"\nmodel = "Foot pod"', 2, "number 1: Foot pod is reached by ble"),
    ):
        path.write_text(text)
        command = [sys.executable, "-m", "trackside.app.cli", "kit", "check", str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == code
        assert said in result.stdout + result.stderr
        assert code == 0 or len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_message_is_told_once_whatever_a_library_thinks_of(
    elsewhere: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no table shows it on the standard error, else in the table alone."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log = logging.getLogger("trackside.app.live_cues")
    with messages_told(elsewhere=elsewhere) as messages:
        logging.basicConfig()  # what a library does that logs by the root
        log.warning("slower")
    assert capsys.readouterr().err.count("slower") == int(elsewhere)
    assert messages.texts == ["slower"]


def test_messages_go_where_a_program_has_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, as they do before and after a recording."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logging.basicConfig(format="mine: %(message)s")
    log = logging.getLogger("trackside.app.live_cues")
    with messages_told(elsewhere=True) as messages:
        log.warning("slower")
    log.warning("again")
    assert capsys.readouterr().err.splitlines() == ["mine: slower", "mine: again"]
    assert messages.texts == ["slower"]
