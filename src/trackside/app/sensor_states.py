"""Sensors as the live window's strip tells them, from the recorder or from a followed file."""

from collections.abc import Mapping, Sequence

from trackside.app.live_table import health_of, link_text, missing_text, rate_text
from trackside.capture.connection import LinkState
from trackside.capture.status import SensorStatus, StreamMonitor
from trackside.recordings.model import Block, Kind, Stream
from trackside.viewer.sensor_state import SensorState


def sensor_state(sensor: SensorStatus) -> SensorState:
    """A sensor's status in the words of the recorder's table."""
    clock = sensor.main.clock
    return SensorState(
        sensor.label,
        health_of(sensor),
        link_text(sensor),
        rate_text(sensor) if sensor.wrong_rate else f"{sensor.main.received:.0f}",
        missing_text(sensor),
        "–" if sensor.battery is None else f"{sensor.battery:.0f} %",
        "–" if clock is None else f"{clock.skew_ppm:+.0f} ppm ±{1e3 * clock.sd:.1f} ms",
    )


class FollowedSensors:
    """Sensors as far as their streams tell: what a file that is followed shows of them.

    ``streams``: all that the file has, by their names in it. A stream whose name begins with
    another one's, such as ``left_shank_battery``, belongs to that one's sensor.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._streams = {stream.name: stream for stream in streams}
        self._monitors = {stream.name: StreamMonitor(stream) for stream in streams}
        self._sensors = _by_sensor([stream.name for stream in streams])

    def add(self, block: Block) -> None:
        """Take note of a block."""
        if len(block):
            self._monitors[block.stream].add(block)

    def states(self, now: float) -> list[SensorState]:
        """Every sensor as of ``now``, s since the recording's start."""
        return [sensor_state(self._status(name, now)) for name in self._sensors]

    def _status(self, label: str, now: float) -> SensorStatus:
        names = self._sensors[label]
        heard = [self._monitors[name].last_arrival for name in names if self._awaited(name)]
        last = max((arrival for arrival in heard if arrival is not None), default=None)
        return SensorStatus(
            label=label,
            model=self._streams[names[0]].device.model,
            link=LinkState.STREAMING if last is not None else LinkState.SEARCHING,
            silence=None if last is None else max(0.0, now - last),
            battery=self._battery(names),
            signal=None,
            reconnections=0,
            rejected=0,
            problem="",
            streams=[self._monitors[name].status(now, None) for name in names],
        )

    def _awaited(self, name: str) -> bool:
        return self._streams[name].kind not in (Kind.BATTERY, Kind.EVENT)

    def _battery(self, names: Sequence[str]) -> float | None:
        for name in names:
            newest = self._monitors[name].newest
            if self._streams[name].kind is Kind.BATTERY and newest is not None:
                return float(newest.values["level"][-1, 0])
        return None


def _by_sensor(names: Sequence[str]) -> Mapping[str, list[str]]:
    """The streams of each sensor, by the name of the first."""
    sensors: dict[str, list[str]] = {}
    for name in sorted(names, key=len):
        owner = next((label for label in sensors if name.startswith(f"{label}_")), name)
        sensors.setdefault(owner, []).append(name)
    return {label: sensors[label] for label in names if label in sensors}
