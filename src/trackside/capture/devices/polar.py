"""Polar H10 and Verity Sense: ECG, acceleration, angular rate, magnetic field and beats.

Beside the heart rate service they have Polar's measurement service (PMD). Its data characteristic
needs an MTU of about 232 bytes. A frame's time stamp is that of its last sample. ECG is in V.
The H10 breaks the link 45 s after it was taken off and its clock then starts anew in 2019; ECG and
acceleration can take half a minute to start.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.devices import battery, device_information, heart_rate, polar_control
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.gatt import NotificationDecoder, NotificationError
from trackside.capture.devices.polar_control import (
    Measurement,
    Operation,
    Response,
    Setting,
    Status,
)
from trackside.capture.devices.polar_frames import COMPRESSED, channel_values, parse_frame
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    HEART_RATE,
    MAGNETOMETER,
    RR_INTERVAL,
    Channel,
    Kind,
)

CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
TICK = 1e-9  # s

MAX_STRETCH = 1.1
"""Samples further apart than this many nominal periods mean that a frame was lost before them."""

STREAMS = {
    Measurement.ECG: StreamDescription("ecg", Kind.ECG, (Channel("ecg", "V"),), tick=TICK),
    Measurement.ACCELEROMETER: StreamDescription(
        "accelerometer", Kind.IMU, (ACCELEROMETER,), tick=TICK
    ),
    Measurement.GYROSCOPE: StreamDescription("gyroscope", Kind.IMU, (GYROSCOPE,), tick=TICK),
    Measurement.MAGNETOMETER: StreamDescription(
        "magnetometer", Kind.IMU, (MAGNETOMETER, Channel("calibration", "1")), tick=TICK
    ),
    Measurement.PPI: StreamDescription(
        "ppi",
        Kind.HEART_RATE,
        (
            RR_INTERVAL,
            Channel("error", "s"),
            HEART_RATE,
            Channel("blocked", "1"),
            Channel("contact", "1"),
        ),
        tick=TICK,
    ),
}
"""``calibration`` of the magnetometer: 0 unknown, 1 poor, 2 fair, 3 good, NaN where not sent.
``blocked``: 1 where movement made the interval unreliable; ``error`` is the device's estimate."""

_MEASURING = (Status.SUCCESS, Status.ALREADY_IN_STATE)

Settings = Mapping[Setting, int]


class PolarDecoder(NotificationDecoder):
    """Decodes the measurements that were started with the given settings.

    ``responses`` keeps the last answer to each command, ``stopped`` what the device stopped by
    itself, ``features`` what it can do, as far as it was heard.

    Compressed frames are rejected until the device has confirmed their start, because only that
    answer tells their scale.
    """

    def __init__(self, settings: Mapping[Measurement, Settings]) -> None:
        super().__init__(
            {
                DATA: self._frame,
                CONTROL: self._control,
                heart_rate.MEASUREMENT: heart_rate.samples,
                battery.LEVEL: battery.samples,
            }
        )
        self.responses: dict[tuple[Operation, Measurement], Response] = {}
        self.stopped: frozenset[Measurement] = frozenset()
        self.features: frozenset[Measurement] = frozenset()
        self._factors: dict[Measurement, float] = {}
        self._clocks = {
            measurement: _clock(measurement, chosen) for measurement, chosen in settings.items()
        }

    @property
    def refused(self) -> tuple[str, ...]:
        """What is not measured although it was started, and why: ``"ecg: in charger"``."""
        answers = (
            f"{_words(response.measurement)}: {_words(response.status)}"
            for (operation, _), response in self.responses.items()
            if operation is Operation.START and response.status not in _MEASURING
        )
        stopped = (f"{_words(measurement)}: stopped by itself" for measurement in self.stopped)
        return (*answers, *sorted(stopped))

    def _frame(self, data: bytes) -> list[Samples]:
        frame = parse_frame(data)
        clock = self._clocks.get(frame.measurement)
        factor = self._factors.get(frame.measurement)
        if clock is None or (factor is None and frame.type & COMPRESSED):
            raise NotificationError(f"{frame.measurement.name}: a frame that was not asked for")
        values = channel_values(frame, 1.0 if factor is None else factor)
        return [Samples(STREAMS[frame.measurement].name, values, clock.spread(frame.time, values))]

    def _control(self, data: bytes) -> list[Samples]:
        if data[:1] == b"\x0f":
            self.features = polar_control.parse_features(data)
        elif data[:1] == b"\x01":
            self.stopped |= frozenset(polar_control.parse_stopped(data))
        else:
            self._answered(polar_control.parse_response(data))
        return []

    def _answered(self, response: Response) -> None:
        if response.operation is Operation.START and response.status is Status.SUCCESS:
            self._factors[response.measurement] = polar_control.factor(response)
            self.stopped -= {response.measurement}
        self.responses[response.operation, response.measurement] = response


def _words(name: Measurement | Status) -> str:
    return name.name.lower().replace("_", " ")


class _SampleClock:
    """Spreads a frame's samples evenly between the frame before and its own time stamp.

    The first frame, those after a loss, and those after the clock was set back are spread with the
    nominal period, backwards from their time stamp, so that a loss remains a gap.
    """

    def __init__(self, rate: float) -> None:
        self._period = 1e9 / rate  # ns
        self._previous: int | None = None

    def spread(self, time: int, values: Mapping[str, Floats]) -> Integers:
        """Device time (n,) in ns of each sample."""
        count = len(next(iter(values.values())))
        step = self._period
        if self._previous is not None and time > self._previous:
            measured = (time - self._previous) / count
            step = measured if measured <= MAX_STRETCH * self._period else step
        self._previous = time
        return time - np.rint(step * np.arange(count - 1, -1, -1)).astype(np.int64)


class _BeatClock:
    """Times beats by their intervals, backwards from a frame's time stamp.

    Older firmware sends the time stamp 0 with all beats: then the intervals alone are the clock.
    """

    def __init__(self) -> None:
        self._last = 0

    def spread(self, time: int, values: Mapping[str, Floats]) -> Integers:
        """Device time (n,) in ns of each beat."""
        intervals = np.rint(values["rr_interval"][:, 0] * 1e9).astype(np.int64)
        passed = np.cumsum(intervals)
        self._last = time or self._last + int(passed[-1])
        return self._last - (passed[-1] - passed)


def _clock(measurement: Measurement, settings: Settings) -> _BeatClock | _SampleClock:
    if measurement is Measurement.PPI:
        return _BeatClock()
    return _SampleClock(settings[Setting.SAMPLE_RATE])


def polar_device(
    model: str, names: tuple[str, ...], settings: Mapping[Measurement, Settings]
) -> DeviceDescription:
    """A Polar device that measures what ``settings`` names, each with its settings.

    ``names``: prefixes of its advertised name. The settings that a device offers are asked for with
    :func:`trackside.capture.devices.polar_control.get_settings`; PPI has none. Raises
    :class:`KeyError` for a measurement that is not one of :data:`STREAMS`.
    """
    streams = (
        replace(STREAMS[measurement], rate=chosen.get(Setting.SAMPLE_RATE))
        for measurement, chosen in settings.items()
    )
    starts = (polar_control.start(measurement, chosen) for measurement, chosen in settings.items())
    stops = (polar_control.stop(measurement) for measurement in settings)
    return DeviceDescription(
        model=model,
        transport=Transport.BLE,
        streams=(*streams, *heart_rate.STREAMS, battery.STREAM),
        decoder=partial(PolarDecoder, settings),
        names=names,
        notify=(CONTROL, DATA, heart_rate.MEASUREMENT, battery.LEVEL),
        read=(CONTROL, battery.LEVEL, *device_information.READ),
        start=tuple(Write(command, CONTROL) for command in starts),
        stop=tuple(Write(command, CONTROL) for command in stops),
    )


def in_sdk_mode(device: DeviceDescription) -> DeviceDescription:
    """The same device in SDK mode, which allows more rates and ranges."""
    enter = Write(polar_control.enter_sdk_mode(), CONTROL)
    leave = Write(polar_control.leave_sdk_mode(), CONTROL)
    return replace(device, start=(enter, *device.start), stop=(*device.stop, leave))


def _settings(rate: int, value_range: int) -> Settings:
    return {
        Setting.SAMPLE_RATE: rate,
        Setting.RESOLUTION: 16,
        Setting.RANGE: value_range,
        Setting.CHANNELS: 3,
    }


POLAR_H10 = polar_device(
    "Polar H10",
    ("Polar H10",),
    {
        Measurement.ECG: {Setting.SAMPLE_RATE: 130, Setting.RESOLUTION: 14},
        Measurement.ACCELEROMETER: {
            Setting.SAMPLE_RATE: 200,
            Setting.RESOLUTION: 16,
            Setting.RANGE: 8,
        },
    },
)
POLAR_VERITY_SENSE = polar_device(
    "Polar Verity Sense",
    ("Polar Sense",),
    {
        Measurement.ACCELEROMETER: _settings(rate=52, value_range=8),
        Measurement.GYROSCOPE: _settings(rate=52, value_range=2000),
        Measurement.MAGNETOMETER: _settings(rate=52, value_range=50),
    },
)
