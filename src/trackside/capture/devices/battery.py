"""The Battery Service of the Bluetooth SIG (version 1.0), which most BLE devices have."""

from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.capture.devices.gatt import NotificationError, one_sample, sig_uuid
from trackside.recordings.model import Channel, Kind

SERVICE = sig_uuid(0x180F)
LEVEL = sig_uuid(0x2A19)
STREAM = StreamDescription("battery", Kind.BATTERY, (Channel("level", "%"),))


def samples(data: bytes) -> list[Samples]:
    """A battery level in %. Raises :class:`NotificationError` unless it is one byte up to 100."""
    if len(data) != 1 or data[0] > 100:
        raise NotificationError(f"battery level {data.hex()}: expected one byte up to 100")
    return [one_sample("battery", level=data[0])]
