"""The devices that Trackside understands: one file each, bytes in, samples out, no I/O."""

from trackside.capture.devices.contract import DeviceDescription

DEVICES: tuple[DeviceDescription, ...] = ()
