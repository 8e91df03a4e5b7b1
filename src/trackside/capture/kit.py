"""A kit: which sensor sits on which segment, and how each is reached."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trackside.capture.devices import describe
from trackside.capture.devices.contract import DeviceDescription, Transport
from trackside.capture.devices.lsl_stream import SIGNALS
from trackside.errors import ParameterError
from trackside.recordings.model import Athlete, Device, Stream
from trackside.recordings.placements import SEGMENTS, segment_from_label

_REACHED_BY: Final = {
    Transport.BLE: ("address", "name"),
    Transport.SERIAL: ("port", "serial_number"),
    Transport.UDP: ("serial_number", "host", "udp_port"),
    Transport.LSL: ("source_id", "name"),
}
_WAYS: Final = tuple(
    dict.fromkeys(("source_id", *(key for keys in _REACHED_BY.values() for key in keys)))
)
_ROLE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class KitSensor:
    """One device of a kit.

    ``model`` is that of a :class:`DeviceDescription`. It sits on a ``segment``, or has a ``role``
    such as ``"heart_rate"``. BLE devices are reached by their ``address`` or advertised ``name``,
    serial ones by ``port`` or USB ``serial_number``, those on the network by ``serial_number`` (or
    MAC address), by the ``host`` from which they send, or, if there is one, by the ``udp_port`` to
    which they send; left out, that is the model's usual port. Commands go to their
    ``command_port``, or where they send from. LSL streams are reached by their
    ``source_id``, their ``name``, or both. ``transport`` is needed only for models that have
    several. ``rate`` is in Hz, None for the usual one.

    Raises :class:`ParameterError` if these do not fit together.
    """

    model: str
    segment: str | None = None
    role: str | None = None
    transport: str | None = None
    address: str | None = None
    name: str | None = None
    port: str | None = None
    serial_number: str | None = None
    host: str | None = None
    udp_port: int | None = None
    command_port: int | None = None
    source_id: str | None = None
    rate: int | None = None

    def __post_init__(self) -> None:
        _check_label(self)
        _check_reach(self)

    @property
    def label(self) -> str:
        """What the sensor is called: its segment or its role."""
        return self.segment or self.role or ""

    @property
    def reach(self) -> str:
        """What it is found by: the first given of address, name, port and so on."""
        return next(str(value) for key in _WAYS if (value := getattr(self, key)) is not None)

    @property
    def description(self) -> DeviceDescription:
        """How its device is started and read."""
        transport = None if self.transport is None else Transport(self.transport)
        return describe(self.model, transport, self.rate)

    @property
    def streams(self) -> Mapping[str, Stream]:
        """The streams that are recorded of it, by their name within the device.

        The IMU's stream, or the one that is called as the sensor is, has the sensor's name; the
        others have theirs behind it: ``left_shank_battery``. Of an LSL stream nothing is known
        before it was found.
        """
        return self.streams_of(self.description)

    def streams_of(self, description: DeviceDescription) -> Mapping[str, Stream]:
        """Like :attr:`streams`, of a device that was found to have this ``description``."""
        device = Device(self.model, self.reach)
        return {
            stream.name: Stream(
                name=(
                    self.label
                    if stream.name in ("imu", SIGNALS, self.label)
                    else f"{self.label}_{stream.name}"
                ),
                kind=stream.kind,
                channels=stream.channels,
                rate=stream.rate,
                device=device,
                placement=self.segment,
                tick=stream.tick,
                tick_bits=stream.tick_bits,
                sequence_bits=stream.sequence_bits,
            )
            for stream in description.streams
        }


@dataclass(frozen=True)
class Kit:
    """An athlete and the sensors worn. Raises :class:`ParameterError` if two cannot be told apart.

    ``athlete`` has a name and a height in m, as far as they are known.
    """

    sensors: Sequence[KitSensor]
    athlete: Athlete = field(default_factory=Athlete)

    def __post_init__(self) -> None:
        if not self.sensors:
            raise ParameterError("a kit needs at least one [[sensor]]")
        _check_unique("segment or role", (sensor.label for sensor in self.sensors))
        _check_unique("device", (sensor.reach for sensor in self.sensors))
        names = (stream.name for sensor in self.sensors for stream in sensor.streams.values())
        _check_unique("stream", names)


def _check_label(sensor: KitSensor) -> None:
    if (sensor.segment is None) == (sensor.role is None):
        raise ParameterError('expected a segment or a role such as role = "heart_rate", not both')
    if sensor.segment is not None and sensor.segment not in SEGMENTS:
        meant = segment_from_label(sensor.segment)
        hint = f"did you mean '{meant}'?" if meant else f"expected one of {', '.join(SEGMENTS)}"
        raise ParameterError(f"segment '{sensor.segment}': {hint}")
    if sensor.role is not None and (sensor.role in SEGMENTS or not _ROLE.fullmatch(sensor.role)):
        raise ParameterError(
            f"role '{sensor.role}': expected small letters, digits and _, and no segment's name"
        )


def _check_reach(sensor: KitSensor) -> None:
    if sensor.transport is not None and sensor.transport not in [*Transport]:
        raise ParameterError(f"transport '{sensor.transport}': expected {', '.join(Transport)}")
    transport = sensor.description.transport
    fitting = _REACHED_BY[transport]
    expected = f"{sensor.model} is reached by {transport}: expected {' or '.join(fitting)}"
    given = [key for key in _WAYS if getattr(sensor, key) is not None]
    for key in given:
        if key not in fitting:
            raise ParameterError(f"{key}: {expected}")
        if getattr(sensor, key) == "":
            raise ParameterError(f"{key} is empty; leave it out or say which")
    if not given:
        raise ParameterError(expected)
    if sensor.command_port is not None and transport is not Transport.UDP:
        raise ParameterError(
            f"command_port: {sensor.model} is reached by {transport}, which has none"
        )


def _check_unique(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ParameterError(f"{what} '{name}' is there {count} times: expected once")
