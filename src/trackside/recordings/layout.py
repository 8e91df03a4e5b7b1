"""The names and storage settings of a recording file, in one place for writer and readers.

``docs/recording-format.md`` specifies the format; it follows APDM's HDF5 layout, version 5.
"""

from typing import Any

from trackside.recordings.model import Channel

FORMAT = "trackside recording"
FORMAT_VERSION = 1
APDM_VERSION = 5

HDF5_VERSION = "v110"
"""The oldest HDF5 that can follow a file while it is written; newer features are not used."""

SENSORS = "Sensors"
PROCESSED = "Processed"
ANNOTATIONS = "Annotations"
CONFIGURATION = "Configuration"

TIME = "Time"  # u64, µs since the Unix epoch
HOST_TIME = "HostTime"  # i64, ns since the recording's start
DEVICE_TIME = "DeviceTime"  # i64, ticks of the device's own clock
SEQUENCE = "Sequence"  # i64
STAMPS = (HOST_TIME, DEVICE_TIME, SEQUENCE)
RESERVED = (CONFIGURATION, TIME, *STAMPS)

TIME_TYPE = "<u8"
COUNTER_TYPE = "<i8"
VALUE_TYPE = "<f4"

REFERENCE = "_reference"
"""Ends the name of the stream with a maker's own estimate for the sensor of the name before it."""

CHUNK_ROWS = 256
KIND_BYTES = 32
TEXT_BYTES = 1024

COMPRESSION: dict[str, Any] = {"shuffle": True, "compression": "gzip", "compression_opts": 1}


def dataset_name(channel: Channel) -> str:
    """The name of a channel's dataset, in APDM's spelling: ``heart_rate`` is ``HeartRate``."""
    return "".join(part[:1].upper() + part[1:] for part in channel.name.split("_"))
