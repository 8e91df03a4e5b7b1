"""Heart rate straps and watches: the Heart Rate Service of the Bluetooth SIG (version 1.0).

The service sends no time stamps: samples are stamped on arrival, and beats are to be laid out
backwards from there.
"""

import struct

import numpy as np

from trackside.capture.devices import battery, device_information
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
)
from trackside.capture.devices.gatt import (
    NotificationDecoder,
    NotificationError,
    one_sample,
    sig_uuid,
)
from trackside.recordings.model import HEART_RATE, RR_INTERVAL, Channel, Kind

SERVICE = sig_uuid(0x180D)
MEASUREMENT = sig_uuid(0x2A37)

STREAMS = (
    StreamDescription(
        "heart_rate",
        Kind.HEART_RATE,
        (HEART_RATE, Channel("contact", "1"), Channel("energy_expended", "J")),
    ),
    StreamDescription("rr_interval", Kind.HEART_RATE, (RR_INTERVAL,)),
)
"""``contact``: 1 on the skin, 0 not, NaN where the device cannot tell. ``energy_expended``: NaN
where it was not sent. RR intervals come in the order of the beats."""

RR_UNIT = 1 / 1024  # s
_RATE_16_BIT, _CONTACT, _CONTACT_SUPPORTED, _ENERGY, _RR = (1 << bit for bit in range(5))


def samples(data: bytes) -> list[Samples]:
    """A heart rate measurement (section 3.1): one heart rate and 0 to 9 RR intervals.

    A heart rate of 0, which straps send when they do not know, is passed on. Raises
    :class:`NotificationError` if the length does not fit the flags.
    """
    flags = data[0] if data else 0
    head = struct.Struct("<B" + "BH"[bool(flags & _RATE_16_BIT)] + "H" * bool(flags & _ENERGY))
    intervals = data[head.size :]
    if len(data) < head.size or len(intervals) % 2 or (intervals and not flags & _RR):
        raise NotificationError(f"heart rate measurement {data.hex()}: length and flags differ")
    _, rate, *energy = head.unpack_from(data)
    measured = one_sample(
        "heart_rate",
        heart_rate=rate,
        contact=bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else np.nan,
        energy_expended=1000.0 * energy[0] if energy else np.nan,
    )
    if not intervals:
        return [measured]
    rr = np.frombuffer(intervals, "<u2").astype(np.float64)[:, np.newaxis] * RR_UNIT
    return [measured, Samples("rr_interval", {"rr_interval": rr})]


def decoder() -> NotificationDecoder:
    """A decoder of heart rate and battery."""
    return NotificationDecoder({MEASUREMENT: samples, battery.LEVEL: battery.samples})


HEART_RATE_MONITOR = DeviceDescription(
    model="Heart rate monitor",
    transport=Transport.BLE,
    streams=(*STREAMS, battery.STREAM),
    decoder=decoder,
    services=(SERVICE,),
    notify=(MEASUREMENT, battery.LEVEL),
    read=(battery.LEVEL, *device_information.READ),
)
