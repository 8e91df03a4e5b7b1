"""SlimeVR trackers over UDP: one datagram, one packet or one bundle of packets.

Packet: u32 type, u64 number, content; big-endian. Bundle (type 100): packets {u16 length, u32 type,
content}; compact bundle (101): {u8 length, u8 type, content}. Source: SlimeVR-Tracker-ESP
(network/connection.cpp, packets.h) and SlimeVR-Server (UDPPacket.kt), protocol version 22.

A tracker looks for a server by broadcast and falls silent if it is not answered: what has to be
sent is in ``replies``, and :data:`HEARTBEAT` has to go out at least every 3 s. (Its echo of a ping
is not answered: that would never end.)

The packets have no time stamps. Their numbers count packets of every kind, bundles once, so they
are no sample numbers: they go into ``lost`` and ``late`` and not into the streams. A late packet is
dropped, as there is no telling when it was measured.

Orientations are into an earth frame with z up whose heading is arbitrary; accelerations are the
sensor's, without gravity. A tracker has one sensor, or two with an extension.
"""

from collections.abc import Callable, Iterator
from math import isfinite
from struct import Struct, error
from typing import Final

from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.gathering import Row, SampleGatherer
from trackside.recordings.model import ORIENTATION, Channel, Device, Kind

MODEL: Final = "SlimeVR"
PORT: Final = 6969
SENSORS: Final = 2

LINEAR_ACCELERATION = Channel("linear_acceleration", "m/s²", ("x", "y", "z"))

ATTITUDES = tuple(
    StreamDescription(f"orientation_{sensor}", Kind.ORIENTATION, (ORIENTATION,))
    for sensor in range(SENSORS)
)
ACCELERATIONS = tuple(
    StreamDescription(f"acceleration_{sensor}", Kind.AUXILIARY, (LINEAR_ACCELERATION,))
    for sensor in range(SENSORS)
)
BATTERY = StreamDescription(
    "battery", Kind.BATTERY, (Channel("level", "%"), Channel("voltage", "V"))
)
TEMPERATURE = StreamDescription("temperature", Kind.AUXILIARY, (Channel("temperature", "°C"),))
SIGNAL = StreamDescription("signal", Kind.AUXILIARY, (Channel("rssi", "dBm"),))
STREAMS = (*ATTITUDES, *ACCELERATIONS, BATTERY, TEMPERATURE, SIGNAL)

# Packet types; those of a tracker that are not listed say nothing of the body.
HEARTBEAT_REPLY, HEARTBEAT_REQUEST, HANDSHAKE, ACCELERATION = 0, 1, 3, 4
BATTERY_LEVEL, SENSOR_INFO, ROTATION, SIGNAL_STRENGTH = 12, 15, 17, 19
TEMPERATURE_DATA, FEATURE_FLAGS, ROTATION_AND_ACCELERATION = 20, 22, 23
BUNDLE, COMPACT_BUNDLE = 100, 101

_HEADER = Struct(">IQ")
_ACCELERATION = Struct(">3fB")
_BATTERY = Struct(">2f")
_SENSOR_INFO = Struct(">2B")
_ROTATION = Struct(">2B4fB")
_NORMAL_ROTATION: Final = 1  # 2: corrections by the magnetometer, on their own
_SIGNAL = Struct(">Bb")
_TEMPERATURE = Struct(">Bf")
_PACKED = Struct(">B7h")
_QUATERNION_UNIT: Final = 2.0**-15
_ACCELERATION_UNIT: Final = 2.0**-7  # m/s²
_HANDSHAKE = Struct(
    ">7iB"
)  # board, IMU, MCU, three unused, protocol; length of the firmware's name
_MAC_BYTES: Final = 6
_LARGEST_NUMBER: Final = 2**63 - 1

HEARTBEAT = Write(_HEADER.pack(HEARTBEAT_REQUEST, 0))
WELCOME = Write(b"\x03Hey OVR =D 5")
FEATURES = Write(_HEADER.pack(FEATURE_FLAGS, 0) + b"\x03")
"""We understand bundles and compact bundles."""


class SlimeVrDecoder:
    """Datagrams of one tracker to samples, and the replies that it waits for."""

    def __init__(self) -> None:
        self._gatherer = SampleGatherer(STREAMS)
        self._newest: int | None = None
        self._handlers: dict[int, Callable[[bytes], None]] = {
            HANDSHAKE: self._take_handshake,
            ACCELERATION: self._take_acceleration,
            BATTERY_LEVEL: self._take_battery,
            SENSOR_INFO: self._take_sensor_info,
            ROTATION: self._take_rotation,
            SIGNAL_STRENGTH: self._take_signal,
            TEMPERATURE_DATA: self._take_temperature,
            FEATURE_FLAGS: self._take_feature_flags,
            ROTATION_AND_ACCELERATION: self._take_rotation_and_acceleration,
            BUNDLE: lambda content: self._take_bundle(content, Struct(">HI"), 4),
            COMPACT_BUNDLE: lambda content: self._take_bundle(content, Struct(">BB"), 1),
        }
        self.rejected = 0
        self.lost = 0
        """Packets that never came, as far as their numbers tell."""
        self.late = 0
        """Packets that came after a newer one, or twice."""
        self.device: Device | None = None
        """What the tracker told of itself."""
        self.replies: list[Write] = []
        """What has to be sent to the tracker; whoever sends it removes it."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples of one datagram."""
        try:
            kind, number = _HEADER.unpack_from(data)
            if self._in_order(kind, number):
                self._take(kind, data[_HEADER.size :])
        except error:
            self.rejected += len(data)
        return self._gatherer.take()

    def _in_order(self, kind: int, number: int) -> bool:
        """Count what was lost or late; False for a packet that is late. A handshake starts anew."""
        if number > _LARGEST_NUMBER:
            raise error("packet number out of range")
        if kind == HANDSHAKE:
            self._newest = None
            return True
        if self._newest is not None:
            if number <= self._newest:
                self.late += 1
                return False
            self.lost += number - self._newest - 1
        self._newest = number
        return True

    def _take(self, kind: int, content: bytes) -> None:
        handler = self._handlers.get(kind)
        if handler:
            handler(content)

    def _take_bundle(self, content: bytes, header: Struct, type_bytes: int) -> None:
        for kind, inner in list(_bundled(content, header, type_bytes)):
            self._take(kind, inner)

    def _take_handshake(self, content: bytes) -> None:
        *_, size = _HANDSHAKE.unpack_from(content)
        firmware = content[_HANDSHAKE.size :][:size]
        mac = content[_HANDSHAKE.size + size :][:_MAC_BYTES]
        if len(mac) < _MAC_BYTES:
            raise error("the handshake ends before the MAC address")
        self.device = Device(MODEL, mac.hex(":"), firmware.decode("ascii", "replace"))
        self.replies.append(WELCOME)

    def _take_feature_flags(self, content: bytes) -> None:  # noqa: ARG002 - of no use to us
        self.replies.append(FEATURES)

    def _take_sensor_info(self, content: bytes) -> None:
        sensor, state = _SENSOR_INFO.unpack_from(content)
        acknowledgement = SENSOR_INFO.to_bytes(4, "big") + bytes([sensor, state])
        self.replies.append(Write(acknowledgement))

    def _take_rotation(self, content: bytes) -> None:
        sensor, nature, x, y, z, w, _ = _ROTATION.unpack_from(content)
        if nature == _NORMAL_ROTATION:
            self._add(ATTITUDES, sensor, (w, x, y, z))

    def _take_acceleration(self, content: bytes) -> None:
        *acceleration, sensor = _ACCELERATION.unpack_from(content)
        self._add(ACCELERATIONS, sensor, tuple(acceleration))

    def _take_rotation_and_acceleration(self, content: bytes) -> None:
        sensor, x, y, z, w, *acceleration = _PACKED.unpack_from(content)
        self._add(ATTITUDES, sensor, tuple(number * _QUATERNION_UNIT for number in (w, x, y, z)))
        self._add(
            ACCELERATIONS, sensor, tuple(number * _ACCELERATION_UNIT for number in acceleration)
        )

    def _take_battery(self, content: bytes) -> None:
        voltage, level = _BATTERY.unpack_from(content)
        self._add((BATTERY,), 0, (level * 100, voltage))

    def _take_signal(self, content: bytes) -> None:
        _, strength = _SIGNAL.unpack_from(content)
        self._add((SIGNAL,), 0, (float(strength),))

    def _take_temperature(self, content: bytes) -> None:
        _, temperature = _TEMPERATURE.unpack_from(content)
        self._add((TEMPERATURE,), 0, (temperature,))

    def _add(self, streams: tuple[StreamDescription, ...], sensor: int, row: Row) -> None:
        if sensor >= len(streams) or not isfinite(sum(row)):
            raise error("no such sensor, or no such number")
        self._gatherer.add(streams[sensor].name, row)


def _bundled(content: bytes, header: Struct, type_bytes: int) -> Iterator[tuple[int, bytes]]:
    """The packets of a bundle; the length in ``header`` counts the type too."""
    position = 0
    while position < len(content):
        length, kind = header.unpack_from(content, position)
        start, position = position + header.size, position + header.size - type_bytes + length
        if length < type_bytes or position > len(content):
            raise error("a bundled packet ends beyond its bundle")
        yield kind, content[start:position]


SLIMEVR = DeviceDescription(
    model=MODEL,
    transport=Transport.UDP,
    streams=STREAMS,
    decoder=SlimeVrDecoder,
    repeat=((HEARTBEAT, 1.0),),
    port=PORT,
)
