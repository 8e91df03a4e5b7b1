"""The table that a coach watches while recording: one line a sensor, and what to do about it.

It is drawn by a thread of its own from snapshots, so that a slow or stopped terminal makes nothing
wait.
"""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from trackside.capture.connection import LinkState
from trackside.capture.status import SILENCE, SensorStatus
from trackside.recordings.model import Kind
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.sensor_state import Health

MESSAGES: Final = 3
"""How many of the last messages are shown."""

LATEST_END: Final = 2.0
"""s that the terminal may take to draw the last table; the recording does not wait longer."""

WIDE: Final = 110
"""Columns from which on the table says what each sensor is."""

_DOUBTFUL = "yellow"
_STYLES = {Health.GOOD: "", Health.DOUBTFUL: _DOUBTFUL, Health.BAD: "bold red"}


@dataclass(frozen=True)
class Snapshot:
    """What is shown: the file, s since the start, laps and marks so far, sensors and messages.

    ``strides``: the last ones; None where no sensor tells any.
    """

    title: str
    elapsed: float
    laps: int
    marks: int
    sensors: Sequence[SensorStatus]
    messages: Sequence[str]
    strides: LastStrides | None = None


def drawn(snapshot: Snapshot, width: int = 80) -> Group:
    """A snapshot for a terminal of ``width`` columns, 80 or more."""
    minutes, seconds = divmod(int(snapshot.elapsed), 60)
    head = (
        f"{snapshot.title}  {minutes}:{seconds:02d}  "
        f"lap {snapshot.laps + 1}, {snapshot.marks} marks   [l] lap  [m] mark  [q] stop"
    )
    texts = [*_refusals(snapshot.sensors), *snapshot.messages]
    lines = (Text(text, _DOUBTFUL, no_wrap=True, overflow="ellipsis") for text in texts)
    table = sensor_table(snapshot.sensors, width)
    strides = () if snapshot.strides is None else (Text(strides_text(snapshot.strides)),)
    return Group(Text(head, "bold"), table, *strides, *lines)


def sensor_table(sensors: Sequence[SensorStatus], width: int = 80) -> Table:
    """One row a sensor; where there is room, with what it is."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Sensor", no_wrap=True)
    table.add_column("Link", no_wrap=True)
    for name in ("Hz", "Missing", "%", "dBm", "Offset s", "ppm", "± ms"):
        table.add_column(name, justify="right", no_wrap=True)
    with_identity = width >= WIDE
    if with_identity:
        table.add_column("Device", no_wrap=True)
    for sensor in sensors:
        identity = (sensor.identity,) if with_identity else ()
        table.add_row(*_row(sensor), *identity, style=_STYLES[health_of(sensor)])
    return table


def _refusals(sensors: Sequence[SensorStatus]) -> Iterator[str]:
    """A line for each sensor that does not measure all that it was asked to."""
    for sensor in sensors:
        if sensor.refused:
            yield f"{sensor.label}: {sensor.identity} refuses {', '.join(sensor.refused)}"


def _row(sensor: SensorStatus) -> tuple[str, ...]:
    clock = sensor.main.clock
    return (
        sensor.label,
        link_text(sensor),
        rate_text(sensor),
        missing_text(sensor),
        _number(sensor.battery, "{:.0f}"),
        _number(sensor.signal, "{:d}"),
        _number(sensor.main.offset, "{:.3f}" if abs(sensor.main.offset or 0) < 1e5 else "{:.1e}"),
        _number(clock.skew_ppm if clock else None, "{:+.0f}"),
        _number(clock.sd * 1e3 if clock else None, "{:.1f}"),
    )


def link_text(sensor: SensorStatus) -> str:
    """What the link is doing, and for how long nothing has come."""
    if sensor.problem:
        return "given up"
    if sensor.refused and sensor.silence is None:
        return "refused"
    if sensor.silence is None or sensor.link is LinkState.CLOSED:
        return str(sensor.link)
    if sensor.link is LinkState.STREAMING and sensor.silence < _patience(sensor):
        return "streaming"
    return f"lost {sensor.silence:.0f} s"


def missing_text(sensor: SensorStatus) -> str:
    """Samples that never came, and in how many gaps; or packets, if only those are counted."""
    if sensor.worst.gaps:
        return f"{sensor.worst.missing} in {sensor.worst.gaps}"
    return f"{sensor.lost} packets" if sensor.lost else "0"


def rate_text(sensor: SensorStatus) -> str:
    """Samples per s that come; a wrong rate beside the one that it should be."""
    wrong = sensor.wrong_rate
    if wrong is not None and wrong.rate is not None and wrong.nominal is not None:
        return f"{wrong.rate:.1f}≠{wrong.nominal:g}"
    return f"{sensor.main.received:.1f}" if sensor.silence is not None else "–"


def strides_text(strides: LastStrides) -> str:
    """The last strides in less than 80 columns; what is not known is a dash."""
    difference = _number(strides.difference, "{:+.1f}").replace("-", "−")
    return (
        f"Strides: {_number(strides.cadence, '{:.0f}')} steps/min, "
        f"{_number(strides.stride_length, '{:.2f}')} m, "
        f"contact {_number(1e3 * strides.contact_time, '{:.0f}')} ms, right − left {difference} %"
    )


def _patience(sensor: SensorStatus) -> float:
    """s of silence that mean nothing: straps and pods send once a second."""
    return SILENCE if sensor.main.nominal else 3.0


def health_of(sensor: SensorStatus) -> Health:
    """Whether it is well, to be looked after, or lost."""
    if sensor.problem or link_text(sensor).startswith("lost"):
        return Health.BAD
    if sensor.wrong_rate or sensor.refused:
        return Health.DOUBTFUL
    quiet = sensor.silence is None and not _only_events(sensor)
    there = sensor.link in (LinkState.STREAMING, LinkState.CLOSED)
    return Health.GOOD if there and not quiet else Health.DOUBTFUL


def _only_events(sensor: SensorStatus) -> bool:
    """Whether it may well have nothing to say."""
    return all(stream.kind is Kind.EVENT for stream in sensor.streams)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None or value != value else form.format(value)


class RecentMessages(logging.Handler):
    """Keeps the last log messages for the table; a terminal must not be written to twice."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._messages: deque[str] = deque(maxlen=MESSAGES)

    @property
    def texts(self) -> list[str]:
        """The last messages, oldest first."""
        return list(self._messages)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self._messages.append(record.getMessage())


class LiveTable:
    """A context manager whose thread draws the newest snapshot."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._newest: Snapshot | None = None
        self._news = Event()
        self._ended = False
        self._thread = Thread(target=self._draw, name="live table", daemon=True)

    def show(self, snapshot: Snapshot) -> None:
        """Have this drawn, instead of what has not been drawn yet; returns at once."""
        self._newest = snapshot
        self._news.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended = True
        self._news.set()
        self._thread.join(LATEST_END)

    def _draw(self) -> None:
        with suppress(OSError):  # the terminal's window was closed
            self._draw_all()

    def _draw_all(self) -> None:
        with Live(console=self._console, auto_refresh=False) as live:
            while not self._ended:
                self._news.wait()
                self._news.clear()
                if self._newest is not None:
                    live.update(drawn(self._newest, self._console.width), refresh=True)
