"""Foot pods: the Running Speed and Cadence Service of the Bluetooth SIG (version 1.0).

The service sends no time stamps: samples are stamped on arrival.
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
from trackside.recordings.model import Channel, Kind

SERVICE = sig_uuid(0x1814)
MEASUREMENT = sig_uuid(0x2A53)

STREAM = StreamDescription(
    "running_speed",
    Kind.RUNNING_SPEED,
    (
        Channel("speed", "m/s"),
        Channel("cadence", "1/min"),
        Channel("stride_length", "m"),
        Channel("distance", "m"),
        Channel("running", "1"),
    ),
)
"""``cadence`` is as sent, and some pods count steps, others strides (two steps): compare it with
another source, or with speed over stride length, before it is used as steps/min. ``stride_length``
and ``distance`` are NaN where not sent. ``running``: 1 running, 0 walking."""

_STRIDE_LENGTH, _DISTANCE, _RUNNING = (1 << bit for bit in range(3))


def samples(data: bytes) -> list[Samples]:
    """A running speed and cadence measurement (section 3.1), one sample.

    Raises :class:`NotificationError` if the length does not fit the flags.
    """
    flags = data[0] if data else 0
    has_stride, has_distance = bool(flags & _STRIDE_LENGTH), bool(flags & _DISTANCE)
    layout = struct.Struct("<BHB" + "H" * has_stride + "I" * has_distance)
    if len(data) != layout.size:
        raise NotificationError(f"running speed {data.hex()}: length and flags differ")
    _, speed, cadence, *rest = layout.unpack(data)
    return [
        one_sample(
            "running_speed",
            speed=speed / 256,
            cadence=cadence,
            stride_length=rest[0] / 100 if has_stride else np.nan,
            distance=rest[-1] / 10 if has_distance else np.nan,
            running=bool(flags & _RUNNING),
        )
    ]


def decoder() -> NotificationDecoder:
    """A decoder of running speed and battery."""
    return NotificationDecoder({MEASUREMENT: samples, battery.LEVEL: battery.samples})


FOOT_POD = DeviceDescription(
    model="Foot pod",
    transport=Transport.BLE,
    streams=(STREAM, battery.STREAM),
    decoder=decoder,
    services=(SERVICE,),
    notify=(MEASUREMENT, battery.LEVEL),
    read=(battery.LEVEL, *device_information.READ),
)
