"""What every device file provides: a description and a decoder. No I/O happens here.

A device is added by writing one file that makes a :class:`DeviceDescription` and by naming it in
``trackside.capture.devices.DEVICES``. Transports read the description to find the device, start it,
and carry its bytes to the decoder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trackside.arrays import Floats, Integers
from trackside.recordings.model import Channel, Kind, Values


class Transport(StrEnum):
    """How a device is reached."""

    BLE = "ble"
    SERIAL = "serial"
    UDP = "udp"
    LSL = "lsl"


@dataclass(frozen=True)
class StreamDescription:
    """One of a device's streams.

    ``name`` is unique within the device, such as ``"imu"``. ``rate`` is nominal, in Hz, None where
    samples come when they come. ``tick`` is the length in s of one tick of the device's clock, None
    without a clock; ``tick_bits`` and ``sequence_bits`` tell where its raw counters wrap, None
    where they do not or there is none.
    """

    name: str
    kind: Kind
    channels: tuple[Channel, ...]
    rate: float | None = None
    tick: float | None = None
    tick_bits: int | None = None
    sequence_bits: int | None = None


@dataclass(frozen=True)
class Samples:
    """What one message of a device said, before clocks.

    ``stream`` is a name from the device's descriptions. ``values``: for each channel an
    (n, columns) array in SI units. ``device_time`` (n,) ticks and ``sequence`` (n,) are raw, wraps
    included, and None where the device sends none. ``time`` (n,) is when each was taken, s on the
    host's monotonic clock, where the link itself compares the clocks; None leaves that to arrivals.
    """

    stream: str
    values: Mapping[str, Values]
    device_time: Integers | None = None
    sequence: Integers | None = None
    time: Floats | None = None


@dataclass(frozen=True)
class Remark:
    """What a device said in words, at ``time`` (s on the host's monotonic clock).

    ``time`` is None if only its arrival is known.
    """

    text: str
    time: float | None = None


class Decoder(Protocol):
    """A streaming parser: bytes in, samples out.

    A decoder whose device wants answers also has ``replies``, a list of :class:`Write`, and one
    whose device speaks has ``remarks``, a list of :class:`Remark`; whoever takes one removes it.
    Where the device tells it, ``device`` is its identity (a ``Device``, None until then),
    ``refused`` says what it does not measure although it was started, each in a few words, and
    ``lost`` counts messages that never came, for devices without sample numbers.

    Any split of the same bytes gives the same samples. Garbage is skipped up to the next message
    that checks out, never raised on, and counted.
    """

    rejected: int
    """Bytes thrown away so far because they belonged to no valid message."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:
        """Samples completed by ``data``.

        ``channel`` names the BLE characteristic (its UUID, lower case) that data came from; on
        characteristics one call is one notification. Serial and UDP leave it empty.
        """
        ...


@dataclass(frozen=True)
class Write:
    """Bytes to write to a BLE characteristic, or to a serial port or socket (no characteristic)."""

    data: bytes
    characteristic: str = ""


@dataclass(frozen=True)
class DeviceDescription:
    """How to recognise, start, read and stop a model of device.

    ``names``: prefixes of the advertised name, ``services``: advertised service UUIDs, either of
    which marks a BLE device as this model. ``notify``: characteristics to subscribe to before
    starting; ``read``: characteristics whose value is read once on connecting and fed to the
    decoder. UUIDs are lower case and 128 bits long. ``repeat``: what must be written again and
    again, with the interval in s. ``baud_rate`` for serial, ``port`` for UDP devices.
    """

    model: str
    transport: Transport
    streams: tuple[StreamDescription, ...]
    decoder: Callable[[], Decoder]
    names: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    start: tuple[Write, ...] = ()
    stop: tuple[Write, ...] = ()
    repeat: tuple[tuple[Write, float], ...] = ()
    baud_rate: int | None = None
    port: int | None = None
