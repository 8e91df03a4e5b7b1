"""Recording a session: from a kit to a file, with a table to watch and keys to press."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

from rich.console import Console

from trackside.app.cue_sender import CueSender
from trackside.app.keyboard import pressed_keys
from trackside.app.live_cues import CueingSource, log_cue
from trackside.app.live_greeting import greeting, states_head
from trackside.app.live_options import LiveOptions
from trackside.app.live_table import LiveTable, RecentMessages, Snapshot
from trackside.app.sensor_states import sensor_state
from trackside.app.stride_watch import StrideWatch, stride_streams
from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit
from trackside.capture.live import BLOCK_DURATION, LiveSource
from trackside.capture.lsl_outlet import LslOutlets
from trackside.capture.offered_source import OfferedSource
from trackside.capture.onlooker import Onlooker, looking_on
from trackside.capture.recorder import RecordingSummary, Source, record
from trackside.planner.cues import LiveCues

REFRESH: Final = 0.5  # s between two pictures of the table
VIEWED_BLOCKS: Final = 1.0 / 30.0
"""s; blocks as long as a window's pictures, so that samples wait for no more than one."""

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

    def hear(self, said: Mapping[str, Any]) -> None:
        """Do what the window asks for: laps and marks, but it cannot stop the recording."""
        key = said.get("key")
        if key in ("l", "m"):
            self.press(key)


@dataclass(frozen=True)
class Window:
    """A window to open beside a recording: what it shows, and in which colours."""

    options: LiveOptions = field(default_factory=LiveOptions)
    scheme: str = "light"
    command: Sequence[str] = (sys.executable, "-m", "trackside.app.live_view")


@dataclass(frozen=True)
class Cueing:
    """Cues for the athlete while a recording runs; ``sender``: tells them to a service, too."""

    cues: LiveCues
    sender: CueSender | None = None

    def of(self, source: Source, strides: StrideWatch | None = None) -> Source:
        """The source, with cues among its blocks; ``strides``: its own, if they are watched."""
        tells = [log_cue] if self.sender is None else [log_cue, self.sender.tell]
        return CueingSource(source, self.cues, *tells, strides=strides)


async def record_kit(
    kit: Kit,
    output: Path,
    surroundings: Surroundings,
    *,
    duration: float | None = None,
    console: Console | None = None,
    offered_on_lsl: bool = False,
    window: Window | None = None,
    cueing: Cueing | None = None,
) -> RecordingSummary:
    """Record all sensors of a kit until q, Ctrl-C or the end of ``duration`` (s).

    ``console``: the terminal for the table; it is shown and keys are heard only if it is one.
    ``offered_on_lsl``: other programs can follow the streams on the Lab Streaming Layer.
    ``window``: a live window in a process of its own, for which nothing waits. ``cueing``: what is
    told while it runs, and kept as annotations. Raises like
    :func:`trackside.capture.recorder.record`, and, before the file is made, like
    :meth:`~trackside.capture.connecting.Surroundings.live_sensors`.
    """
    loop = asyncio.get_running_loop()
    shown = console if console is not None and console.is_terminal else None
    async with AsyncExitStack() as stack:
        messages = stack.enter_context(messages_told(elsewhere=shown is None))
        sensors = await surroundings.live_sensors(kit.sensors)
        start, start_time = loop.time(), datetime.now(UTC).astimezone()
        source = LiveSource(sensors, start, VIEWED_BLOCKS if window else BLOCK_DURATION)
        recorded: Source = source
        strides = None
        legs = stride_streams(source.streams)
        if legs and any(each is not None for each in (cueing, shown, window)):
            strides = StrideWatch(legs, kit.athlete.height)
            stack.callback(strides.close)
            recorded = OfferedSource(recorded, strides, "to who watches strides")
        if cueing is not None:
            recorded = cueing.of(recorded, strides)
        if offered_on_lsl:
            recorded = OfferedSource(recorded, LslOutlets(source.streams, start), "on LSL")
        session = Session(source)
        onlooker = None
        if window is not None:
            hello = greeting(
                output.name, source.streams, kit.athlete, start, window.options, window.scheme
            )
            onlooker = await stack.enter_async_context(
                looking_on(window.command, hello, session.hear)
            )
            recorded = OfferedSource(recorded, onlooker, "to the window")
        if duration is not None:
            loop.call_later(duration, source.stop)
        stack.enter_context(stopping_on_signals(source.stop))
        if shown is not None:
            stack.enter_context(pressed_keys(session.press))
        if shown is not None or onlooker is not None:
            watching = _watching(source, session, messages, output.name, shown, onlooker, strides)
            stack.enter_context(watching)
        if cueing is not None and cueing.sender is not None:
            stack.enter_context(cueing.sender)  # after what shows its messages
        return await record(recorded, output, athlete=kit.athlete, start_time=start_time)


@contextmanager
def messages_told(*, elsewhere: bool) -> Iterator[RecentMessages]:
    """Keep what the program has to say for a table and a window while the block runs.

    ``elsewhere``: each message is told on the standard error, too, as no table shows it. Where
    nobody has said beforehand what becomes of messages, that is all: what a library of a sensor
    thinks of doing with them meanwhile would tell them again, in the midst of the table.
    """
    messages = RecentMessages()
    log = logging.getLogger("trackside")
    handlers: list[logging.Handler] = [messages]
    propagates, ours = log.propagate, not log.hasHandlers()
    if ours:
        log.propagate = False
        if elsewhere and logging.lastResort is not None:
            handlers.append(logging.lastResort)
    for handler in handlers:
        log.addHandler(handler)
    try:
        yield messages
    finally:
        for handler in handlers:
            log.removeHandler(handler)
        log.propagate = propagates


@contextmanager
def _watching(
    source: LiveSource,
    session: Session,
    messages: RecentMessages,
    title: str,
    console: Console | None,
    onlooker: Onlooker | None,
    strides: StrideWatch | None,
) -> Iterator[None]:
    """Show the sensors' states, in a table on the console and in the window, while the block runs.

    Of either there may be none. Both tell the last strides, too.
    """
    with ExitStack() as stack:
        table = None if console is None else stack.enter_context(LiveTable(console))

        async def refresh() -> None:
            while True:
                sensors = source.status()
                last = None if strides is None else strides.last(source.time)
                if onlooker is not None:
                    states = [sensor_state(sensor) for sensor in sensors]
                    onlooker.tell(states_head(states, messages.texts, last))
                if table is not None:
                    counts = session.laps, session.marks
                    texts = messages.texts
                    table.show(Snapshot(title, source.time, *counts, sensors, texts, last))
                await asyncio.sleep(REFRESH)

        refreshing = asyncio.create_task(refresh(), name="live table")
        try:
            yield
        finally:
            refreshing.cancel()


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
