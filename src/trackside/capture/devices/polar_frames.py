"""Frames of Polar's measurement service: one measurement's samples, up to a time stamp.

Source: Polar's description of online measurement (``online_measurement.pdf`` of its BLE SDK).
"""

import struct
from dataclasses import dataclass
from math import radians

import numpy as np

from trackside.arrays import Floats
from trackside.capture.devices.gatt import NotificationError
from trackside.capture.devices.polar_control import Measurement, measurement_type
from trackside.capture.devices.polar_samples import delta_samples, raw_samples

COMPRESSED = 0x80
"""The bit of the frame type that marks delta-compressed content."""

LATEST_TIME = 1 << 62
"""ns since 2000, in the year 2146: a later time stamp is none, and does not fit signed counters."""

_HEADER = struct.Struct("<BQB")
_STANDARD_GRAVITY = 9.80665  # m/s², CGPM 1901
_MICROTESLA_PER_GAUSS = 100.0
_PPI = np.dtype([("rate", "u1"), ("interval", "<u2"), ("error", "<u2"), ("flags", "u1")])


@dataclass(frozen=True)
class Frame:
    """``time``: when the last sample was taken, in ns since 2000-01-01 on the device's clock."""

    measurement: Measurement
    time: int
    type: int
    content: bytes


@dataclass(frozen=True)
class _Layout:
    """Samples of ``columns`` numbers of ``bits`` bits, times ``scale`` in SI units."""

    columns: int
    bits: int
    scale: float
    floating: bool = False


_LAYOUTS = {
    (Measurement.ECG, 0x00): _Layout(1, 24, 1e-6),
    (Measurement.ACCELEROMETER, 0x00): _Layout(3, 8, _STANDARD_GRAVITY / 1000),
    (Measurement.ACCELEROMETER, 0x01): _Layout(3, 16, _STANDARD_GRAVITY / 1000),
    (Measurement.ACCELEROMETER, 0x02): _Layout(3, 24, _STANDARD_GRAVITY / 1000),
    (Measurement.ACCELEROMETER, 0x80): _Layout(3, 16, _STANDARD_GRAVITY),
    (Measurement.ACCELEROMETER, 0x81): _Layout(3, 16, _STANDARD_GRAVITY / 1000),
    (Measurement.GYROSCOPE, 0x80): _Layout(3, 16, radians(1)),
    (Measurement.GYROSCOPE, 0x81): _Layout(3, 32, radians(1), floating=True),
    (Measurement.MAGNETOMETER, 0x80): _Layout(3, 16, _MICROTESLA_PER_GAUSS),
    (Measurement.MAGNETOMETER, 0x81): _Layout(4, 16, _MICROTESLA_PER_GAUSS / 1000),
}


def parse_frame(data: bytes) -> Frame:
    """The header of a frame. Raises :class:`NotificationError` for what is no frame."""
    if len(data) <= _HEADER.size:
        raise NotificationError(f"measurement frame: only {len(data)} bytes")
    kind, time, frame_type = _HEADER.unpack_from(data)
    if time > LATEST_TIME:
        raise NotificationError(f"measurement frame: time stamp {time}")
    return Frame(measurement_type(kind), time, frame_type, data[_HEADER.size :])


def channel_values(frame: Frame, factor: float) -> dict[str, Floats]:
    """A frame's samples by channel: (n, columns) in V, m/s², rad/s or µT.

    ``factor``: what the device told when it started the measurement; it scales compressed frames
    only. Raises :class:`NotificationError` for unknown types and content that is cut off.
    """
    if frame.measurement is Measurement.PPI:
        return _ppi_values(frame)
    layout = _LAYOUTS.get((frame.measurement, frame.type))
    if layout is None:
        raise NotificationError(f"{frame.measurement.name}: unknown frame type {frame.type:#04x}")
    values = _numbers(frame, layout)
    scaled = values[:, :3] * (layout.scale * (factor if frame.type & COMPRESSED else 1.0))
    if frame.measurement is not Measurement.MAGNETOMETER:
        return {frame.measurement.name.lower(): scaled}
    unknown = np.full((len(values), 1), np.nan)
    calibration = values[:, 3:] if layout.columns > 3 else unknown
    return {"magnetometer": scaled, "calibration": calibration}


def _numbers(frame: Frame, layout: _Layout) -> Floats:
    unpack = delta_samples if frame.type & COMPRESSED else raw_samples
    values = unpack(frame.content, layout.columns, layout.bits)
    if not layout.floating:
        return values.astype(np.float64)
    # The differences are those of the bit patterns of 32-bit floats, modulo 2³².
    floats = values.astype(np.uint32).view(np.float32)
    if not np.isfinite(floats).all():
        raise NotificationError(f"{frame.measurement.name}: samples that are not finite")
    return floats.astype(np.float64)


def _ppi_values(frame: Frame) -> dict[str, Floats]:
    if frame.type != 0 or len(frame.content) % _PPI.itemsize:
        raise NotificationError(f"PPI: type {frame.type:#04x}, {len(frame.content)} bytes")
    beats = np.frombuffer(frame.content, _PPI)
    flags = beats["flags"]
    contact = np.where(flags & 4, (flags & 2) / 2, np.nan)
    columns = {
        "rr_interval": beats["interval"] / 1000,
        "error": beats["error"] / 1000,
        "heart_rate": beats["rate"].astype(np.float64),
        "blocked": (flags & 1).astype(np.float64),
        "contact": contact,
    }
    return {name: column[:, np.newaxis] for name, column in columns.items()}
