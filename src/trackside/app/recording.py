"""Recording a session: from a kit to a file, with a table to watch and keys to press."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from rich.console import Console

from trackside.app.keyboard import pressed_keys
from trackside.app.live_cues import CueingSource
from trackside.app.live_table import LiveTable, RecentMessages, Snapshot
from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit
from trackside.capture.live import LiveSource
from trackside.capture.lsl_outlet import OfferedSource
from trackside.capture.recorder import RecordingSummary, Source, record
from trackside.planner.cues import LiveCues

REFRESH: Final = 0.5  # s between two pictures of the table

_ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Session:
    """A recording that people steer: laps, marks, and its end."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self.laps = 0
        self.marks = 0

    def press(self, key: str) -> None:
        """What a key does: l ends a lap, m marks the moment, q stops. Others do nothing."""
        if key in "lL":
            self.laps += 1
            self._source.annotate("lap", f"lap {self.laps}")
        elif key in "mM":
            self.marks += 1
            self._source.annotate("mark", f"mark {self.marks}")
        elif key in "qQ":
            self._source.stop()


async def record_kit(
    kit: Kit,
    output: Path,
    surroundings: Surroundings,
    *,
    duration: float | None = None,
    console: Console | None = None,
    offered_on_lsl: bool = False,
    cues: LiveCues | None = None,
) -> RecordingSummary:
    """Record all sensors of a kit until q, Ctrl-C or the end of ``duration`` (s).

    ``console``: the terminal for the table; it is shown and keys are heard only if it is one.
    ``offered_on_lsl``: other programs can follow the streams on the Lab Streaming Layer. ``cues``:
    told while it runs, and kept as annotations. Raises
    like :func:`trackside.capture.recorder.record`, and, before the file is made, like
    :meth:`~trackside.capture.connecting.Surroundings.live_sensors`.
    """
    loop = asyncio.get_running_loop()
    sensors = await surroundings.live_sensors(kit.sensors)
    start, start_time = loop.time(), datetime.now(UTC).astimezone()
    source = LiveSource(sensors, start)
    recorded: Source = source if cues is None else CueingSource(source, cues)
    recorded = OfferedSource(recorded, start) if offered_on_lsl else recorded
    session = Session(source)
    if duration is not None:
        loop.call_later(duration, source.stop)
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(source.stop))
        if console is not None and console.is_terminal:
            stack.enter_context(pressed_keys(session.press))
            stack.enter_context(_watching(source, session, output.name, console))
        return await record(recorded, output, athlete=kit.athlete, start_time=start_time)


@contextmanager
def _watching(source: LiveSource, session: Session, title: str, console: Console) -> Iterator[None]:
    """Show the table while the block runs."""
    messages = RecentMessages()
    log = logging.getLogger("trackside")
    log.addHandler(messages)
    with LiveTable(console) as table:

        async def refresh() -> None:
            while True:
                table.show(
                    Snapshot(
                        title,
                        source.time,
                        session.laps,
                        session.marks,
                        source.status(),
                        messages.texts,
                    )
                )
                await asyncio.sleep(REFRESH)

        refreshing = asyncio.create_task(refresh(), name="live table")
        try:
            yield
        finally:
            refreshing.cancel()
            log.removeHandler(messages)


@contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` in the event loop on Ctrl-C, or when the system ends the program.

    Only the first time: the second Ctrl-C is as impatient as ever.
    """
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]

    def end(_number: int, _frame: FrameType | None) -> None:
        restore()
        loop.call_soon_threadsafe(stop)

    previous = {number: signal.signal(number, end) for number in numbers}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    try:
        yield
    finally:
        restore()
