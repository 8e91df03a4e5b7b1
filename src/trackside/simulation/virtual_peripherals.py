"""Virtual BLE devices: what a strap, a foot pod and a DOT offer and send, and their faults.

A peripheral's messages are a function of time alone; being connected decides which of them are
sent. All peripherals of a radio share one time, so that sensors on one body move together.
"""

import asyncio
import itertools
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from bumble.att import (
    ATT_CID,
    ATT_Error,
    ATT_Handle_Value_Notification,
    Attribute,
    AttributeValue,
    ErrorCode,
)
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.l2cap import L2CAP_PDU

from trackside.arrays import Floats
from trackside.capture.devices import battery, heart_rate, running_speed
from trackside.capture.devices.movella_dot import (
    BATTERY,
    DEVICE_CONTROL,
    INFORMATION,
    MEASUREMENT_CONTROL,
    dot_uuid,
    start_measurement,
)
from trackside.recordings.model import Imu

_READ, _WRITE = Characteristic.Properties.READ, Characteristic.Properties.WRITE
_NOTIFY = Characteristic.Properties.NOTIFY


class VirtualPeripheral:
    """A device that sends its messages to whoever is subscribed to them.

    ``services`` is what it offers, ``advertised`` the UUIDs it advertises; ``measurement`` is the
    characteristic that its messages come from. ``sent`` counts what it sent and was subscribed to,
    ``writes`` keeps what was written to it, with the characteristic's UUID.
    """

    advertised: tuple[str, ...] = ()
    measurement_uuid: str

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.measurement = _characteristic(self.measurement_uuid, _NOTIFY, b"")
        self.services = self.offered()
        self.sent = 0
        self.writes: list[tuple[str, bytes]] = []
        self._silent = False
        self._epoch = 0.0
        self._booted = 0.0  # s since the epoch
        self._device: Device | None = None
        self._connection: Connection | None = None
        self._transmit: Callable[[bytes], None] | None = None
        self._sending: asyncio.Task[None] | None = None

    def offered(self) -> list[Service]:
        """The services, :attr:`measurement` among them."""
        raise NotImplementedError

    def messages(self, since: float) -> Iterator[tuple[float, bytes]]:
        """When, in s since the epoch, which message is due; from ``since`` on, in order."""
        raise NotImplementedError

    def attach(self, device: Device, epoch: float, transmit: Callable[[bytes], None]) -> None:
        """Put the services on a bumble device.

        ``epoch``: the radio's start on the loop's clock. ``transmit`` sends an L2CAP packet.
        """
        self._device, self._epoch, self._transmit = device, epoch, transmit
        device.add_services(self.services)
        device.on(Device.EVENT_CONNECTION, self._connected)

    @property
    def time(self) -> float:
        """Now, in s since the epoch."""
        return asyncio.get_running_loop().time() - self._epoch

    def boot(self) -> None:
        """Start the device's clock and its measurement anew."""
        self._booted = self.time
        self._silent = False

    def fall_silent(self) -> None:
        """Send nothing any more, while connected, until the next connection."""
        self._silent = True

    async def send(self, data: bytes) -> None:
        """Send a message out of turn; garbage, for example."""
        if self._silent or not (self._device and self._connection and self._transmit):
            return
        subscribed = self._device.gatt_server.subscribers.get(self._connection, {})
        if self.measurement.handle in subscribed:
            self.sent += 1
            fitting = data[: self._connection.att_mtu - 3]
            notification = ATT_Handle_Value_Notification(self.measurement.handle, fitting)
            self._transmit(bytes(L2CAP_PDU(ATT_CID, bytes(notification))))

    def begin(self) -> None:
        """Begin to send what is due from now on."""
        self.end()
        self._sending = asyncio.create_task(self._send_all(), name=f"virtual {self.name}")

    def end(self) -> None:
        """Stop sending."""
        if self._sending is not None:
            self._sending.cancel()
        self._sending = None

    async def _send_all(self) -> None:
        for due, data in self.messages(self.time):
            await asyncio.sleep(due - self.time)
            await self.send(data)

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        self._silent = False
        connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        self.end()

    def _writable(self, uuid: str) -> "Characteristic[bytes]":
        def written(_connection: Any, value: bytes) -> None:
            self.writes.append((uuid, value))
            self.written(uuid, value)

        value = AttributeValue(read=_refuse, write=written)
        return Characteristic(uuid, _WRITE, Attribute.Permissions.WRITEABLE, value)

    def written(self, uuid: str, value: bytes) -> None:
        """What the device does about a value written to one of its characteristics."""


class _SigPeripheral(VirtualPeripheral):
    """A device of a Bluetooth SIG profile: it sends while it is subscribed to."""

    def offered(self) -> list[Service]:
        self.measurement.on(Characteristic.EVENT_SUBSCRIPTION, self._subscribed)
        level = _characteristic(battery.LEVEL, _READ | _NOTIFY, bytes([80]))
        return [
            *(Service(service, [self.measurement]) for service in self.advertised),
            Service(battery.SERVICE, [level]),
        ]

    def _subscribed(self, _connection: Any, notify: bool, _indicate: bool) -> None:
        if notify:
            self.begin()
        else:
            self.end()


class HeartRateStrap(_SigPeripheral):
    """A heart rate strap that sends each second the rate and the intervals of the beats in it.

    ``beats`` (B,) s since the epoch: moments of the beats. After the last one, the intervals
    between them are repeated endlessly.
    """

    advertised = (heart_rate.SERVICE,)
    measurement_uuid = heart_rate.MEASUREMENT

    def __init__(self, name: str, address: str, beats: Floats) -> None:
        super().__init__(name, address)
        self._first = float(beats[0])
        self._intervals = np.diff(beats)

    def messages(self, since: float) -> Iterator[tuple[float, bytes]]:
        """One message a second; the rate is that of the intervals in it, or the one before."""
        intervals = itertools.cycle(self._intervals.tolist())
        interval = next(intervals)
        beat, rate = self._first + interval, 0
        for second in itertools.count(1):
            passed: list[float] = []
            while beat <= second:
                passed.append(interval)
                interval = next(intervals)
                beat += interval
            rate = round(60 * len(passed) / sum(passed)) if passed else rate
            if second > since:
                yield float(second), heart_rate_message(rate, passed[-9:])


class FootPod(_SigPeripheral):
    """A foot pod that sends a measurement each second.

    ``runs`` (K, 3): speed m/s, cadence 1/min and stride length m of each second, repeated
    endlessly.
    """

    advertised = (running_speed.SERVICE,)
    measurement_uuid = running_speed.MEASUREMENT

    def __init__(self, name: str, address: str, runs: Floats) -> None:
        super().__init__(name, address)
        self._runs = runs

    def messages(self, since: float) -> Iterator[tuple[float, bytes]]:
        """One message a second."""
        distance = 0.0
        for second, run in enumerate(itertools.cycle(self._runs.tolist()), start=1):
            speed, cadence, stride = run
            distance += speed
            if second > since:
                yield float(second), running_message(speed, cadence, stride, distance)


class Dot(VirtualPeripheral):
    """A Movella DOT that sends the samples of ``imu`` in payload mode 20, repeated endlessly.

    The samples' times are s since the epoch, and their rate is the rate at which they are sent.
    ``skew`` is how much faster its clock runs than the host's (1e-6 is 1 ppm), ``first_tick`` what
    the clock shows when the device boots.
    """

    measurement_uuid = dot_uuid(0x2003)  # the medium payload

    def __init__(
        self, name: str, address: str, imu: Imu, *, skew: float = 0.0, first_tick: int = 0
    ) -> None:
        super().__init__(name, address)
        self._times = imu.time
        # s until the samples are repeated
        self._period = (math.floor(imu.time[-1] * imu.rate + 1e-6) + 1) / imu.rate
        self._bodies = mode_20(imu)
        self._skew = skew
        self._first_tick = first_tick

    def offered(self) -> list[Service]:
        """Information, device control, measurement and battery."""
        level = _characteristic(BATTERY, _READ | _NOTIFY, bytes([80, 0]))
        return [
            Service(
                dot_uuid(0x1000),
                [
                    _characteristic(INFORMATION, _READ, dot_information(self.address)),
                    self._writable(DEVICE_CONTROL),
                ],
            ),
            Service(dot_uuid(0x2000), [self._writable(MEASUREMENT_CONTROL), self.measurement]),
            Service(dot_uuid(0x3000), [level]),
        ]

    def written(self, uuid: str, value: bytes) -> None:
        """Start and stop measuring."""
        if uuid == MEASUREMENT_CONTROL:
            if value == start_measurement(20):
                self.begin()
            else:
                self.end()

    def boot(self) -> None:
        """Start the clock anew, at 0."""
        super().boot()
        self._first_tick = 0

    def messages(self, since: float) -> Iterator[tuple[float, bytes]]:
        """A message for each sample, with the device's time in µs before it."""
        for turn in itertools.count(int(since // self._period)):
            began = turn * self._period
            first = int(np.searchsorted(self._times, since - began, side="right"))
            for time, body in zip(
                (began + self._times[first:]).tolist(), self._bodies[first:], strict=True
            ):
                yield time, struct.pack("<I", self.ticks(time)) + body

    def ticks(self, time: float) -> int:
        """What the device's clock shows ``time`` s after the epoch."""
        passed = (time - self._booted) * (1 + self._skew)
        return (self._first_tick + math.floor(passed / 1e-6)) % 2**32


def _refuse(_connection: Any) -> bytes:
    raise ATT_Error(ErrorCode.READ_NOT_PERMITTED)


def heart_rate_message(rate: int, intervals: list[float]) -> bytes:
    """A heart rate measurement on the skin: bpm, and up to 9 intervals in s, oldest first."""
    flags = 0x06 | 0x10 * bool(intervals)
    ticks = (round(interval / heart_rate.RR_UNIT) for interval in intervals)
    return struct.pack(f"<BB{len(intervals)}H", flags, min(rate, 255), *ticks)


def running_message(speed: float, cadence: float, stride: float, distance: float) -> bytes:
    """A measurement of running: m/s, 1/min, m and m."""
    return struct.pack(
        "<BHBHI",
        0x07,
        round(256 * speed),
        round(cadence),
        round(100 * stride),
        round(10 * distance),
    )


def dot_information(address: str) -> bytes:
    """What a DOT of that address says about itself: firmware 3.0.0 of 2 January 2023, XS-T01."""
    octets = bytes.fromhex(address.replace(":", ""))
    firmware = struct.pack("<3BH5BI", 3, 0, 0, 2023, 1, 2, 3, 4, 5, 0)
    return octets[::-1] + firmware + octets[::-1] + bytes(2) + b"XS-T01"


def mode_20(imu: Imu) -> list[bytes]:
    """What follows the time in the payloads of a DOT in mode 20, one for each sample.

    Acceleration in m/s², angular rate in °/s, magnetic field in units of 1/4096 of the field at
    calibration, which is taken for 40 µT; 36 bytes, of which the last 6 are unused.
    """
    gyr = np.zeros_like(imu.acc) if imu.gyr is None else imu.gyr
    mag = np.zeros_like(imu.acc) if imu.mag is None else imu.mag
    layout = [("acc", "<f4", 3), ("gyr", "<f4", 3), ("mag", "<i2", 3), ("unused", "V6")]
    rows = np.zeros(len(imu.time), layout)
    rows["acc"], rows["gyr"] = imu.acc, np.degrees(gyr)
    rows["mag"] = np.clip(np.rint(mag / 40 * 4096), -32768, 32767)
    return [row.tobytes() for row in rows]


def _characteristic(
    uuid: str, properties: Characteristic.Properties, value: bytes
) -> "Characteristic[bytes]":
    return Characteristic(uuid, properties, Attribute.Permissions.READABLE, value)
