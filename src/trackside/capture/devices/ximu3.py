"""x-io x-IMU3 over serial (USB) or UDP: data messages in ASCII or binary, and JSON answers.

Every message ends with a line feed. ASCII: a letter, the time in µs, and values, all separated by
commas. Binary: 80 + the letter, the time as u64, the values as f32, little-endian; in them 0A is
sent as DB DC and DB as DB DD. A message that begins with a brace answers a command, in JSON.
Source: x-IMU3 User Manual v1.7, sections 8 (communication) and 10 (network announcement).

The magnetometer has a slower clock of its own. Since an IMU stream has one time base, each of its
values goes with the inertial sample that follows it; all others have NaN. The maker's earth frame
(x north, y west, z up) becomes ours. There is no checksum: a data message is believed if its length
and its numbers make sense.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan, radians
from struct import Struct
from typing import Any, Final, NamedTuple

from trackside.capture.devices.attitude import ENU_FROM_NWU, product
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.framing import NEED_MORE, NOT_A_MESSAGE, FrameReader
from trackside.capture.devices.gathering import Row, SampleGatherer
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    ORIENTATION,
    Channel,
    Device,
    Kind,
)

MODEL: Final = "x-IMU3"
TICK: Final = 1e-6  # s
RATE: Final = 200  # Hz, asked of the device for inertial messages; the others are as it is set
_SAMPLE_RATE: Final = 400  # Hz, of which messages are a whole fraction
STANDARD_GRAVITY: Final = 9.80665  # m/s², CGPM 1901
ANNOUNCEMENT_PORT: Final = 10000
"""Where devices broadcast once a second who they are; see :func:`parse_announcement`."""
DATA_PORT: Final = 8000
"""The manual's example of a device's "send" port; the announcement tells the true one."""

MAGNETOMETER = Channel("magnetometer", "a.u.", ("x", "y", "z"))


def _stream(
    name: str, kind: Kind, *channels: Channel, rate: float | None = None
) -> StreamDescription:
    return StreamDescription(name, kind, channels, rate, TICK)


IMU = _stream("imu", Kind.IMU, ACCELEROMETER, GYROSCOPE, MAGNETOMETER, rate=float(RATE))
HIGH_G = _stream("high_g", Kind.AUXILIARY, Channel("high_g_accelerometer", "m/s²", ("x", "y", "z")))
ATTITUDE = _stream("orientation", Kind.ORIENTATION, ORIENTATION)
BATTERY = _stream(
    "battery",
    Kind.BATTERY,
    Channel("level", "%"),
    Channel("voltage", "V"),
    Channel("charging_status", "1"),
)
TEMPERATURE = _stream("temperature", Kind.AUXILIARY, Channel("temperature", "°C"))
SIGNAL = _stream("signal", Kind.AUXILIARY, Channel("quality", "%"), Channel("rssi", "dBm"))
SYNC = _stream("sync", Kind.EVENT, Channel("edge", "1"))
STREAMS = (IMU, HIGH_G, ATTITUDE, BATTERY, TEMPERATURE, SIGNAL, SYNC)

_UNUSED: Final = {"R": 9, "A": 3, "U": 4}
"""Messages that are understood and not kept: Q, L or E say it better."""
_KEPT: Final = {"I": 6, "M": 3, "H": 3, "Q": 4, "L": 7, "E": 7, "B": 3, "T": 1, "W": 2, "Y": 1}
_VALUES: Final = _KEPT | _UNUSED
"""How many values a message of each letter has."""
_LAYOUTS = {letter: Struct(f"<Q{count}f") for letter, count in _VALUES.items()}
_TEXTS: Final = "NFS"
_TIME = Struct("<Q")
_LARGEST_TIME: Final = 2**63 - 1
_LONGEST: Final = 4096  # bytes in any message
_LINE_FEED: Final = b"\n"
_ESCAPE: Final = b"\xdb"
_NO_FIELD: Final = (nan, nan, nan)


class Note(NamedTuple):
    """A text that a device sent. Letters: N notification, F error, S serial accessory."""

    device_time: int  # µs
    letter: str
    text: str


def command(name: str, value: Any = None) -> bytes:
    """A command to a device, such as ``command("ping")``."""
    return json.dumps({name: value}, separators=(",", ":")).encode() + _LINE_FEED


def measure(buffer: bytes, start: int) -> int:
    """The length of the line at ``start``; see :data:`framing.Measure`."""
    end = buffer.find(_LINE_FEED, start, start + _LONGEST)
    if end >= 0:
        return end + 1 - start
    return NEED_MORE if len(buffer) - start < _LONGEST else NOT_A_MESSAGE


class XImu3Decoder:
    """Bytes of an x-IMU3's serial port or UDP socket to samples."""

    def __init__(self) -> None:
        self._reader = FrameReader(measure)
        self._gatherer = SampleGatherer(STREAMS)
        self._field: Row = _NO_FIELD
        self.rejected = 0
        self.device: Device | None = None
        """What the device told of itself in answer to a ping."""
        self.notes: list[Note] = []
        """The texts that it sent; whoever reads them removes them."""
        self.answers: list[dict[str, Any]] = []
        """Its answers to commands; whoever reads them removes them."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples completed by ``data``."""
        for line in self._reader.feed(data):
            if not self._understood(line):
                self._reader.rejected += len(line)
        self.rejected = self._reader.rejected
        return self._gatherer.take()

    def _understood(self, line: bytes) -> bool:
        if line[0] & 0x80:
            return self._take_binary(line[:-1])
        if line.startswith(b"{"):
            return self._take_answer(line)
        return self._take_text(line.rstrip(b"\r\n"))

    def _take_binary(self, stuffed: bytes) -> bool:
        letter = chr(stuffed[0] - 0x80)
        body = _unstuffed(stuffed[1:])
        layout = _LAYOUTS.get(letter)
        if layout is not None and len(body) == layout.size:
            ticks, *values = layout.unpack(body)
            return self._take(letter, ticks, tuple(values))
        if letter in _TEXTS and len(body) >= _TIME.size:
            ticks = _TIME.unpack_from(body)[0]
            return self._take_note(letter, ticks, body[_TIME.size :])
        return False

    def _take_text(self, line: bytes) -> bool:
        letter, _, rest = line.partition(b",")
        time, _, arguments = rest.partition(b",")
        name = letter.decode("ascii", "replace")
        try:
            ticks = int(time)
            if len(name) == 1 and name in _TEXTS:
                return self._take_note(name, ticks, arguments)
            values = tuple(map(float, arguments.split(b",")))
        except ValueError:
            return False
        return len(values) == _VALUES.get(name) and self._take(name, ticks, values)

    def _take_note(self, letter: str, ticks: int, text: bytes) -> bool:
        if not 0 <= ticks <= _LARGEST_TIME:
            return False
        self.notes.append(Note(ticks, letter, text.decode("ascii", "replace")))
        return True

    def _take_answer(self, line: bytes) -> bool:
        answer = _json_object(line)
        if answer is None:
            return False
        self.answers.append(answer)
        ping = answer.get("ping")
        if isinstance(ping, dict):
            self.device = Device(MODEL, _first(ping, "sn", "serialNumber"))
        return True

    def _take(self, letter: str, ticks: int, values: Row) -> bool:
        """Believe a data message or not."""
        if not 0 <= ticks <= _LARGEST_TIME or not isfinite(sum(values)):
            return False
        if letter == "I":
            x, y, z, ax, ay, az = values
            g = STANDARD_GRAVITY
            inertial = (ax * g, ay * g, az * g, radians(x), radians(y), radians(z))
            self._gatherer.add(IMU.name, inertial + self._field, ticks)
            self._field = _NO_FIELD
        elif letter == "M":
            self._field = values
        elif letter in "QLE":
            self._gatherer.add(ATTITUDE.name, product(ENU_FROM_NWU, values[:4]), ticks)
        elif letter == "H":
            acceleration = tuple(value * STANDARD_GRAVITY for value in values)
            self._gatherer.add(HIGH_G.name, acceleration, ticks)
        elif letter in _AS_SENT:
            self._gatherer.add(_AS_SENT[letter].name, values, ticks)
        return True


_AS_SENT: Final = {"B": BATTERY, "T": TEMPERATURE, "W": SIGNAL, "Y": SYNC}


def _unstuffed(data: bytes) -> bytes:
    if _ESCAPE not in data:
        return data
    return data.replace(b"\xdb\xdc", _LINE_FEED).replace(b"\xdb\xdd", _ESCAPE)


def _json_object(data: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _first(content: Mapping[str, Any], *names: str) -> str:
    """The value of the first of these keys that is there: they were renamed between firmwares."""
    return next((str(content[name]) for name in names if name in content), "")


@dataclass(frozen=True)
class Announcement:
    """What a device on the network broadcasts of itself.

    It sends to UDP port ``data_port`` and listens on ``command_port``. ``battery`` is in %.
    """

    name: str
    serial: str
    address: str
    data_port: int
    command_port: int
    battery: float | None


def parse_announcement(datagram: bytes) -> Announcement | None:
    """A datagram on :data:`ANNOUNCEMENT_PORT`, or None if it is not an x-IMU3's."""
    content = _json_object(datagram)
    if content is None or not {"ip", "send", "receive"} <= content.keys():
        return None
    try:
        return Announcement(
            name=_first(content, "name"),
            serial=_first(content, "sn", "serial"),
            address=str(content["ip"]),
            data_port=int(content["send"]),
            command_port=int(content["receive"]),
            battery=float(content["battery"]) if "battery" in content else None,
        )
    except (TypeError, ValueError, OverflowError):
        return None


_START: Final = (
    Write(command("ping")),
    Write(command("inertialMessageRateDivisor", _SAMPLE_RATE // RATE)),
    Write(command("apply")),
)

XIMU3_SERIAL = DeviceDescription(
    model=MODEL,
    transport=Transport.SERIAL,
    streams=STREAMS,
    decoder=XImu3Decoder,
    start=_START,
    baud_rate=115200,
)
XIMU3_UDP = DeviceDescription(
    model=MODEL,
    transport=Transport.UDP,
    streams=STREAMS,
    decoder=XImu3Decoder,
    start=_START,
    port=DATA_PORT,
)
