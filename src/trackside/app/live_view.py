"""The live window's process: what a recorder tells it, or a file that is being written, is shown.

The window's own thread only draws. Another one takes blocks, filters them, and makes a picture of
all that has come at once: a recorder tells what every sensor measured since a moment ago together,
as often as a picture is wanted. Samples wait for nothing here.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import chain
from math import inf
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Protocol

from trackside.app.live_greeting import options_told, states_told, strides_told
from trackside.app.live_options import LiveOptions
from trackside.app.live_session import LiveSession
from trackside.app.live_warming import warm_up
from trackside.app.sensor_states import FollowedSensors
from trackside.app.stride_watch import StrideWatch, stride_streams
from trackside.app.worker_process import WorkerProcess
from trackside.errors import TracksideError
from trackside.recordings.block_messages import Head, MessageReader, item_of, stream_told
from trackside.recordings.following import Follower
from trackside.recordings.model import Annotation, Athlete, Block
from trackside.viewer.live_picture import LivePicture

LOOK: Final = 0.1  # s between two looks at a file that is written
FRAME: Final = 1.0 / 30.0  # s between two pictures
BEHIND: Final = 0.4
"""s that they lie behind: what came is in the file by then, so that motion is smooth."""
END_LOOK: Final = 2.0  # s without anything new, after which a file may have been closed
CLOSING_TIME: Final = 1.0  # s that the other thread may take to end
NICENESS: Final = 5
"""Of the window's process; the recorder's goes first."""
HANDOVER: Final = 5e-4
"""s after which a thread that computes lets another one go on, instead of Python's 5 ms: a picture
that is ready does not wait for a look at the calibration."""
STILL: Final = 0.1
"""s after the last picture, from which on one is made of news without samples, such as states."""

GETTING_READY = "Getting ready: after an installation this takes a minute, then a moment"
LOST_RECORDER = "The recorder has ended without a word: see its terminal. What came is in the file"
ENDED = "The recording has ended"
CRASHED = "The window's own fault: {}. The recording goes on; see the terminal"

Produce = Callable[["Stage", Event], None]
Message = tuple[Head, bytes]


class Stage(Protocol):
    """The window, as far as other threads see it."""

    def offer(self, picture: LivePicture) -> None:
        """Show a picture."""

    def end(self, why: str) -> None:
        """Say that nothing more comes."""


class Keys:
    """Keys pressed in the window, until the thread that has the session asks for them."""

    def __init__(self) -> None:
        self._pressed: deque[str] = deque()

    def press(self, key: str) -> None:
        """Take note of a key; from any thread."""
        self._pressed.append(key)

    def handle(self, session: LiveSession) -> None:
        """Do what the keys want of the session."""
        while self._pressed:
            key = self._pressed.popleft()
            if key == "c":
                session.calibrate_anew()
            elif key == "a":
                session.next_angle()


def watch(opened: Callable[[Any], None] | None = None) -> None:
    """Show what comes at the standard input until it ends: the recorder starts this.

    ``opened`` is called with the window when it is there, for those who measure it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the recorder
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)
    told = _told()
    first = next(told, None)
    if first is None:
        return
    (hello, _), *rest = first
    options = options_told(hello)
    streams = [stream_told(each) for each in hello["streams"]]
    keys = Keys()
    with WorkerProcess() as executor:
        athlete = Athlete(**hello["athlete"])
        session = LiveSession(hello["name"], streams, athlete, options, executor)

        def pressed(key: str) -> None:
            if key in "lm":
                _say({"key": key})
            else:
                keys.press(key)

        def produce(stage: Stage, _closed: Event) -> None:
            if opened is not None:
                opened(stage)
            stage.offer(replace(session.picture(), todo=GETTING_READY))
            warm_up(streams, options, executor)
            ended = _show_messages(chain([rest], told), session, keys, stage)
            stage.end("" if ended else LOST_RECORDER)

        run(session, pressed, produce, hello["scheme"])


def follow(path: Path, options: LiveOptions, scheme: str) -> None:
    """Show a recording while it is written by somebody else; raises FileFormatError.

    The picture is BEHIND s and what the writer needs to flush behind the athlete.
    """
    keys = Keys()
    with Follower(path) as follower, WorkerProcess() as executor, ExitStack() as stack:
        session = LiveSession(path.name, follower.streams, follower.athlete, options, executor)
        delay = f"about {BEHIND:.1f} s behind"
        session.title = replace(session.title, can_mark=False, delay=delay)
        legs, strides = stride_streams(follower.streams), None
        if legs:
            strides = StrideWatch(legs, follower.athlete.height)
            stack.callback(strides.close)

        def produce(stage: Stage, closed: Event) -> None:
            stage.offer(replace(session.picture(), todo=GETTING_READY))
            warm_up(follower.streams, options, executor)
            _show_file(follower, session, strides, keys, stage, closed)

        run(session, keys.press, produce, scheme)


def run(
    session: LiveSession, pressed: Callable[[str], None], produce: Produce, scheme: str
) -> None:
    """Open the window and have ``produce`` make its pictures in a thread until it is closed.

    A stage that ends without a reason closes the window. Raises TracksideError where there is no
    screen, or no OpenGL.
    """
    from trackside.viewer.live_application import show_live

    sys.setswitchinterval(HANDOVER)
    closed, threads = Event(), list[Thread]()

    def start(stage: Stage) -> None:
        threads.append(_thread(stage, lambda: produce(stage, closed)))

    show_live(session.title, pressed, start, scheme)
    closed.set()
    for thread in threads:
        thread.join(CLOSING_TIME)


def _thread(stage: Stage, work: Callable[[], None]) -> Thread:
    """Begin work in another thread; if it fails, the window says so."""

    def guarded() -> None:
        try:
            work()
        except Exception as error:  # whatever it is
            traceback.print_exc()
            stage.end(CRASHED.format(f"{type(error).__name__}: {error}"))

    thread = Thread(target=guarded, name="pictures", daemon=True)
    thread.start()
    return thread


def _told() -> Iterator[list[Message]]:
    """What was said at once at the standard input, again and again: one message or more."""
    reader, waiting = MessageReader(), list[Message]()
    while data := os.read(sys.stdin.fileno(), 1 << 20):
        waiting += reader.feed(data)
        if waiting and not reader.is_amid_message:
            yield waiting
            waiting = []


def _show_messages(
    told: Iterable[Sequence[Message]], session: LiveSession, keys: Keys, stage: Stage
) -> bool:
    """Show what comes; whether its end was announced."""
    shown = -inf
    for messages in told:
        measured = False
        for head, body in messages:
            if "end" in head:
                return True
            measured |= _take(head, body, session)
        now = time.monotonic()
        if measured or now - shown > STILL:
            shown = now
            keys.handle(session)
            stage.offer(session.picture())
    return False


def _take(head: Head, body: bytes, session: LiveSession) -> bool:
    """Tell the session what a message says; whether it has samples."""
    if "sensors" in head:
        session.show_states(states_told(head), head["messages"], strides_told(head))
    elif "left_out" in head:
        session.leave_out(head["left_out"])
    else:
        item = item_of(head, body)
        if item is not None:
            session.take(item)
            return isinstance(item, Block)
    return False


def _show_file(
    follower: Follower,
    session: LiveSession,
    strides: StrideWatch | None,
    keys: Keys,
    stage: Stage,
    closed: Event,
) -> None:
    """Show what comes to a file, evenly, until the window or the file is closed."""
    sensors = FollowedSensors(follower.streams)
    looked = heard = -END_LOOK
    while not closed.wait(FRAME):
        now = time.monotonic()
        if now - looked >= LOOK:
            looked = now
            for item in follower.take():
                heard = now
                session.take(item)
                if strides is not None:
                    strides.put(item)
                if not isinstance(item, Annotation):
                    sensors.add(item)
            elapsed = time.time() - follower.start
            last = None if strides is None else strides.last(elapsed)
            session.show_states(sensors.states(elapsed), strides=last)
            if now - heard > END_LOOK:
                heard = now
                if follower.has_ended():
                    stage.end(ENDED)
                    return
        keys.handle(session)
        stage.offer(session.picture(time.time() - follower.start - BEHIND))


def _say(head: Mapping[str, Any]) -> None:
    """Tell the recorder; one that is gone hears nothing."""
    with suppress(OSError, ValueError):
        print(json.dumps(head), flush=True)


if __name__ == "__main__":
    try:
        watch()
    except TracksideError as error:
        sys.exit(str(error))
