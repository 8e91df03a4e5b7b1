"""What LSL streams tell of their channels, in terms of ours and back.

Types and units follow the recommendations of the XDF format: its page on motion capture for
``PositionX`` or ``OrientationA`` (the real part of a quaternion, then B, C, D) and for units in
full, such as ``meters``; its page on meta-data for the rest. What they do not name is called in
their manner: ``AccelerationX``, ``AngularVelocityX``. Which of our channels a column belongs to is
told beside them, as ``quantity`` and ``axis``, so that a stream of ours comes back as it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from trackside.recordings import layout
from trackside.recordings.model import Channel, Kind, Stream

_UNITS: Final = {
    "m": "meters",
    "s": "seconds",
    "V": "volts",
    "µV": "microvolts",
    "%": "percent",
    "°C": "degrees Celsius",
    "m/s": "meters/second",
    "m/s²": "meters/second^2",
    "rad/s": "radians/second",
    "µT": "microteslas",
    "bpm": "beats/minute",
    "1": "normalized",
}
_SYMBOLS: Final = {name: symbol for symbol, name in _UNITS.items()}
_UNKNOWN_UNIT: Final = "a.u."

_TYPES: Final = {
    "accelerometer": "Acceleration",
    "linear_acceleration": "LinearAcceleration",
    "gyroscope": "AngularVelocity",
    "magnetometer": "MagneticField",
    "ecg": "ECG",
    "rr_interval": "RRInterval",
}
_AXES: Final = {
    ("x", "y", "z"): ("X", "Y", "Z"),
    ("w", "x", "y", "z"): ("A", "B", "C", "D"),
}
_CONTENT: Final = {
    Kind.IMU: "MoCap",
    Kind.ORIENTATION: "MoCap",
    Kind.HEART_RATE: "HeartRate",
    Kind.RUNNING_SPEED: "RunningSpeed",
    Kind.ECG: "ECG",
    Kind.BATTERY: "Battery",
    Kind.EVENT: "Events",
    Kind.AUXILIARY: "Misc",
}
_AXIS: Final = re.compile(r"(?<=[a-z])[A-Z]$")


@dataclass(frozen=True)
class LslChannel:
    """One channel of an LSL stream: a column of one of ours. What is not told is empty."""

    label: str = ""
    unit: str = ""
    type: str = ""
    quantity: str = ""
    axis: str = ""


def content_type(stream: Stream) -> str:
    """What LSL calls the content of a stream, such as ``MoCap``."""
    return _CONTENT[stream.kind]


def channels_told(channels: Sequence[Channel]) -> list[LslChannel]:
    """The LSL channels of a stream, in the order of its columns."""
    return [
        LslChannel(
            label=channel.name if len(channel.columns) == 1 else f"{channel.name}_{column}",
            unit=_UNITS.get(channel.unit, channel.unit),
            type=_TYPES.get(channel.name, layout.dataset_name(channel)) + axis,
            quantity=channel.name,
            axis=column,
        )
        for channel in channels
        for column, axis in zip(channel.columns, _axes(channel), strict=True)
    ]


def _axes(channel: Channel) -> Sequence[str]:
    return _AXES.get(channel.columns, ("",) * len(channel.columns))


def channels_understood(told: Sequence[LslChannel], content: str) -> tuple[Channel, ...]:
    """Our channels for those of an LSL stream, in their order.

    Neighbours that measure the same in the same unit are one: 32 electrodes, or three axes of a
    force. ``content``: the stream's content type, which names what tells no type.
    """
    channels: list[Channel] = []
    for (name, unit), group in groupby(told, lambda channel: _measured(channel, content)):
        parts = list(group)
        columns = [part.axis or part.label or str(n) for n, part in enumerate(parts, start=1)]
        channels.append(Channel(_unused(name, channels), unit, tuple(columns)))
    return tuple(channels)


def _measured(channel: LslChannel, content: str) -> tuple[str, str]:
    """Name and unit of what a channel belongs to."""
    unit = channel.unit.strip()
    quantity = channel.quantity or _AXIS.sub("", channel.type) or content
    name = re.sub(r"\W+", "_", quantity).strip("_").lower() or "signal"
    return name, _SYMBOLS.get(unit, unit) or _UNKNOWN_UNIT


def _unused(name: str, channels: Sequence[Channel]) -> str:
    """The name, changed if a file could not hold it beside the others."""
    taken = {*layout.RESERVED, *map(layout.dataset_name, channels)}
    numbered = (name if n == 1 else f"{name}_{n}" for n in range(1, len(taken) + 2))
    return next(free for free in numbered if layout.dataset_name(Channel(free, "")) not in taken)


def add_channels(description: Any, told: Sequence[LslChannel]) -> None:
    """Write channels into an LSL stream's description (its element ``desc``)."""
    channels = description.append_child("channels")
    for each in told:
        channel = channels.append_child("channel")
        for name, value in vars(each).items():
            if value:
                channel.append_child_value(name, value)


def read_channels(description: Any, count: int) -> list[LslChannel]:
    """The ``count`` channels of an LSL stream's description; empty ones if it does not tell all."""
    told = []
    channel = description.child("channels").child("channel")
    while not channel.empty():
        told.append(LslChannel(**{n: channel.child_value(n) for n in vars(LslChannel())}))
        channel = channel.next_sibling("channel")
    return told if len(told) == count else [LslChannel()] * count
