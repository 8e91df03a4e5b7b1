"""A virtual athlete wearing virtual sensors of every transport, sending at real speed.

Seven Movella DOTs, a heart rate strap and a foot pod on a virtual radio, an Xsens MTi on a
pseudo-terminal, and an x-IMU3 on the loopback network: all of one simulated run, repeated
endlessly.
"""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from struct import Struct
from typing import Final

import numpy as np

from trackside.arrays import Floats
from trackside.capture.devices import xbus_items as items
from trackside.capture.devices.heart_rate import HEART_RATE_MONITOR
from trackside.capture.devices.movella_dot import MOVELLA_DOT
from trackside.capture.devices.running_speed import FOOT_POD
from trackside.capture.devices.xbus import MTDATA2, XSENS_MTI, message
from trackside.capture.devices.ximu3 import STANDARD_GRAVITY, XIMU3_UDP
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.transports.ble_adapter import Adapter
from trackside.capture.transports.usb_ports import SerialPort
from trackside.recordings.model import Athlete
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, stand
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import Dot, FootPod, HeartRateStrap
from trackside.simulation.virtual_serial import VirtualSerialDevice
from trackside.simulation.virtual_udp import LOOPBACK, VirtualXImu3

DOTS: Final = (
    "pelvis",
    "left_thigh",
    "right_thigh",
    "left_shank",
    "right_shank",
    "left_foot",
    "right_foot",
)
DOT_RATE, MTI_RATE, XIMU3_RATE = 60, 100, 200  # Hz
MTI_SERIAL_NUMBER, XIMU3_SERIAL_NUMBER = "VMTI01", "VXIMU301"
SKEW = 20e-6
"""How far the clocks of two neighbouring DOTs drift apart."""
REST: Final = 8.0  # s, of which coming to rest takes about five
QUALITY = LinkQuality(interval=0.015, retransmissions=0.1)

_STAMPS = Struct(">HBHHBI")
_VECTOR = Struct(">HB3f")
_VECTORS: Final = (items.RATE_OF_TURN, items.ACCELERATION, items.MAGNETIC_FIELD)


@dataclass(frozen=True)
class VirtualSession:
    """What is worn, and how it is reached: adapter, serial ports, and the network's interface."""

    kit: Kit
    adapter: Adapter
    ports: Sequence[SerialPort]
    host: str = LOOPBACK


@asynccontextmanager
async def virtual_session(plan: SessionPlan) -> AsyncIterator[VirtualSession]:
    """Wear and switch on everything; the athlete goes by the plan, again and again.

    It begins standing on a straight line; between two times the athlete stands.
    """
    plan = repeatable(plan)
    worn = simulate(plan, DOTS, IDEAL, rate=DOT_RATE)
    chest, head = _signals(plan, "t8", MTI_RATE), _signals(plan, "head", XIMU3_RATE)
    loop = asyncio.get_running_loop()
    radio = VirtualRadio()
    began = loop.time()
    for peripheral in _peripherals(worn):
        await radio.add(peripheral, QUALITY)
    udp_port = free_port()
    mti = VirtualSerialDevice(MTI_SERIAL_NUMBER)
    ximu3 = VirtualXImu3(XIMU3_SERIAL_NUMBER, udp_port)
    await ximu3.open()
    with _playing(_play_mti(chest, mti, began), _play_ximu3(head, ximu3, began)):
        try:
            kit = _kit(worn.athlete, udp_port)
            yield VirtualSession(kit, await radio.adapter(), (mti.port,))
        finally:
            mti.unplug()
            await ximu3.close()


def repeatable(plan: SessionPlan) -> SessionPlan:
    """The plan with a rest, after which the body is as at the beginning: nothing jumps between."""
    return replace(plan, phases=(*plan.phases, stand(REST)))


def _peripherals(worn: SimulatedSession) -> Iterator[Dot | HeartRateStrap | FootPod]:
    for number, segment in enumerate(DOTS):
        skew = SKEW * (number - len(DOTS) // 2)
        yield Dot("Movella DOT", _address(number), worn.imu(segment), skew=skew)
    yield HeartRateStrap("Virtual strap", _address(len(DOTS)), worn.truth.beats)
    yield FootPod("Virtual pod", _address(len(DOTS) + 1), np.array([[3.5, 168.0, 1.25]]))


def _address(number: int) -> str:
    return f"F0:00:00:00:01:{number:02X}"


def _kit(athlete: Athlete, udp_port: int) -> Kit:
    dots = [
        KitSensor(MOVELLA_DOT.model, segment=segment, address=_address(number))
        for number, segment in enumerate(DOTS)
    ]
    return Kit(
        [
            *dots,
            KitSensor(XSENS_MTI.model, segment="t8", serial_number=MTI_SERIAL_NUMBER),
            KitSensor(
                XIMU3_UDP.model,
                segment="head",
                transport=XIMU3_UDP.transport,
                serial_number=XIMU3_SERIAL_NUMBER,
                udp_port=udp_port,
            ),
            KitSensor(HEART_RATE_MONITOR.model, role="heart_rate", name="Virtual strap"),
            KitSensor(FOOT_POD.model, role="running_speed", name="Virtual pod"),
        ],
        athlete,
    )


@contextmanager
def _playing(*plays: Awaitable[None]) -> Iterator[None]:
    tasks = [asyncio.ensure_future(play) for play in plays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


def _signals(plan: SessionPlan, segment: str, rate: float) -> Floats:
    """Angular rate (rad/s), acceleration (m/s²) and field (µT) on a segment, (N, 9)."""
    values = simulate(plan, (segment,), IDEAL, rate=rate).arrays()[segment].values
    return np.hstack([values[name] for name in ("gyroscope", "accelerometer", "magnetometer")])


async def _play_mti(signals: Floats, device: VirtualSerialDevice, began: float) -> None:
    async def send(number: int) -> None:
        ticks = round(number * 1e4 / MTI_RATE)
        await device.send(mti_message(number, ticks, signals[number % len(signals)].tolist()))

    await _play(MTI_RATE, began, send)


async def _play_ximu3(signals: Floats, device: VirtualXImu3, began: float) -> None:
    async def send(number: int) -> None:
        row = signals[number % len(signals)]
        ticks = round(number * 1e6 / XIMU3_RATE)
        rate_deg, acceleration_g = np.degrees(row[:3]), row[3:6] / STANDARD_GRAVITY
        device.send_inertial(ticks, rate_deg.tolist(), acceleration_g.tolist())

    await _play(XIMU3_RATE, began, send)


async def _play(rate: float, began: float, send: Callable[[int], Awaitable[None]]) -> None:
    """Send sample after sample, each when it is due, for ever."""
    loop = asyncio.get_running_loop()
    for number in itertools.count():
        await asyncio.sleep(began + number / rate - loop.time())
        await send(number)


def mti_message(number: int, ticks: int, signals: Sequence[float]) -> bytes:
    """An MTData2 message: sample number and time (0.1 ms), both of which wrap, and nine values.

    ``signals``: angular rate (rad/s), acceleration (m/s²) and field (a.u.), three of each.
    """
    counters = (number % 2**16, items.SAMPLE_TIME_FINE, 4, ticks % 2**32)
    stamps = _STAMPS.pack(items.PACKET_COUNTER, 2, *counters)
    vectors = (
        _VECTOR.pack(item, 12, *signals[3 * i : 3 * i + 3]) for i, item in enumerate(_VECTORS)
    )
    return message(MTDATA2, stamps + b"".join(vectors))


def free_port() -> int:
    """A UDP port that nobody uses at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
