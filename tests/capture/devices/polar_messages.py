"""Messages as Polar devices send them."""

import struct

from trackside.capture.devices.contract import DeviceDescription
from trackside.capture.devices.polar import CONTROL, PolarDecoder
from trackside.capture.devices.polar_control import Setting


def frame(kind: int, time: int, form: int, content: bytes) -> bytes:
    return struct.pack("<BQB", kind, time, form) + content


def answer_to_start(kind: int, factor: float) -> bytes:
    return bytes([0xF0, 2, kind, 0, 0, Setting.FACTOR, 1]) + struct.pack("<f", factor)


def started(device: DeviceDescription, factor: float = 1.0) -> PolarDecoder:
    """A decoder that has heard the answers to all of the device's start commands."""
    decoder = device.decoder()
    assert isinstance(decoder, PolarDecoder)
    for write in device.start:
        decoder.feed(answer_to_start(write.data[1], factor), CONTROL)
    return decoder
