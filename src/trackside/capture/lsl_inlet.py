"""A stream of the Lab Streaming Layer (LSL) as a sensor beside the others.

A thread reads it, and when it is lost looks for it until it is back. Raw LSL time stamps and
arrivals are kept; the sample's time comes from LSL's own comparison of the two computers' clocks,
which is two-way and therefore knows the delay that arrivals alone do not. Where there is none, or
the time stamps are of another clock, arrivals tell the time as of any device.

Source: the documentation of liblsl (``lsl_time_correction``, ``lsl_pull_chunk``).
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from math import inf, nan
from threading import Event, Thread
from typing import Any, Final

import numpy as np

from trackside.capture.connection import LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Write
from trackside.capture.devices.lsl_stream import CLOCK, SIGNALS, text_message
from trackside.capture.lsl_library import load, lsl_minus_host
from trackside.capture.lsl_streams import LOOK, Look, LslStream, is_same, streams_there
from trackside.capture.transports.thread_inbox import ThreadInbox

logger = logging.getLogger(__name__)

OPENING_TIME: Final = 5.0
"""s that a stream may take to compare clocks at first, and to open."""
COMPARISON_INTERVAL: Final = 5.0
"""s between two stored comparisons of the clocks; liblsl makes one about every 2 s by itself."""
PULL_TIME: Final = 0.1
"""The longest time in s after which the thread notices that it shall stop."""
LOST_AFTER: Final = 3.0
"""A silence that lasts so many times as long as one that is shown is a lost stream."""
CLOSING_TIME: Final = 5.0
EARLIEST, LATEST = -1.0, 60.0
"""s between a sample and its arrival that can be; beyond, its stamps are of no clock of LSL's."""


class LslConnection:
    """One LSL stream; see :class:`trackside.capture.connection.Connection`.

    When it is lost it is looked for by its source id, or if it has none by name, content and host,
    and goes on if it has as many channels as before. One with a rate that brings nothing for
    ``silence`` s is silent, and after :data:`LOST_AFTER` times that it is lost. ``look`` tells
    which streams are there.
    """

    def __init__(
        self,
        name: str,
        stream: LslStream,
        description: DeviceDescription,
        *,
        silence: float = 5.0,
        look: Look = streams_there,
    ) -> None:
        self.name = name
        self.description = description
        self.state = LinkState.SEARCHING
        self.signal: int | None = None
        self.reconnections = 0
        self._stream = stream
        self._silence = silence
        self._look = look
        self._links = 0
        self._first_correction: float | None = None
        self._stopping = Event()
        self._inbox: ThreadInbox | None = None

    async def messages(self) -> AsyncGenerator[Message, None]:
        """The stream's samples and comparisons of clocks, across losses, until :meth:`close`."""
        if self._stopping.is_set():
            return
        self._inbox = ThreadInbox()
        Thread(target=self._run, args=(self._inbox,), name=f"LSL {self.name}", daemon=True).start()
        try:
            while messages := await self._inbox.take():
                for message in messages:
                    yield message
            if self._inbox.error:
                raise self._inbox.error
        finally:
            await self.close()

    async def send(self, write: Write) -> None:
        """Nothing: LSL streams are not written to."""

    async def close(self) -> None:
        """Leave the stream; safe to call twice."""
        self._stopping.set()
        self.state = LinkState.CLOSED
        if self._inbox:
            try:
                async with asyncio.timeout(CLOSING_TIME):
                    await self._inbox.ended.wait()
            except TimeoutError:
                logger.warning("%s: the LSL library does not return", self.name)

    # What follows runs in the thread.

    def _run(self, inbox: ThreadInbox) -> None:
        """Stay with the stream until stopped."""
        try:
            while not self._stopping.is_set():
                self._enter(LinkState.CONNECTING)
                try:
                    self._read(inbox, _OpenInlet(self._stream))
                except RuntimeError as error:  # pylsl's errors are
                    logger.warning("%s: %s; looking for it", self.name, error)
                    self._enter(LinkState.SEARCHING)
                    self._search()
        except Exception as error:  # the event loop raises it
            inbox.error = error
        finally:
            inbox.end()

    def _read(self, inbox: ThreadInbox, inlet: "_OpenInlet") -> None:
        """Pass on what comes, until stopped. Raises :class:`RuntimeError` when it is lost."""
        self.reconnections, restarted = self._links, self._links > 0
        self._links += 1
        self._enter(LinkState.STREAMING)
        heard, compared = time.monotonic(), -inf
        while not self._stopping.is_set():
            pulled = inlet.pull()
            now = time.monotonic()
            if pulled is None:
                self._notice_silence(now - heard)
                continue
            heard = now
            self._enter(LinkState.STREAMING)
            if now - compared >= COMPARISON_INTERVAL:
                compared = now
                if comparison := inlet.compare():
                    inbox.put(self._compared(comparison, restarted))
                    restarted = False
            inbox.put(Message(pulled.arrival, inlet.message(pulled), SIGNALS, restarted))
            restarted = False

    def _compared(self, comparison: "_Comparison", restarted: bool) -> Message:
        """A comparison of clocks as a message."""
        if self._first_correction is None:
            self._first_correction = comparison.correction
        change = comparison.correction - self._first_correction
        row = np.array([comparison.sender, comparison.host - comparison.sender, change])
        return Message(comparison.host, row.tobytes(), CLOCK, restarted)

    def _notice_silence(self, silence: float) -> None:
        if self._stream.rate is None or silence < self._silence:
            return
        self._enter(LinkState.SILENT)
        if silence >= LOST_AFTER * self._silence:
            raise RuntimeError(f"nothing has come for {silence:.0f} s")

    def _search(self) -> None:
        while not self._stopping.is_set():
            for stream in self._look(LOOK):
                if is_same(stream, self._stream):
                    self._stream = stream
                    return
            self._stopping.wait(PULL_TIME)

    def _enter(self, state: LinkState) -> None:
        if not self._stopping.is_set():
            self.state = state


@dataclass(frozen=True)
class _Comparison:
    """The same moment in s on the sender's LSL clock and on the host's.

    ``correction``: what has to be added to the sender's LSL clock for that of this computer.
    """

    sender: float
    host: float
    correction: float


@dataclass(frozen=True)
class _Pulled:
    """Samples that came together at ``arrival``: n LSL time stamps, and n times the values."""

    arrival: float
    stamps: list[float]
    values: list[list[Any]]


class _OpenInlet:
    """An inlet that is open, and whose sender's clock was compared with ours.

    Raises :class:`RuntimeError` (pylsl's errors are) from any method when the stream is lost.
    """

    def __init__(self, stream: LslStream) -> None:
        self._pylsl = load()
        self._name = stream.name
        self._inlet = self._pylsl.StreamInlet(stream.info, recover=False)
        self._is_text = stream.is_text
        self._to_host: float | None = None
        self._doubted = False
        if self.compare(OPENING_TIME) is None:
            logger.warning("%s: its clock cannot be compared; arrivals tell time", self._name)
        self._inlet.open_stream(OPENING_TIME)

    def compare(self, patience: float = 0.0) -> _Comparison | None:
        """Compare the clocks; None if the sender has not answered within ``patience`` s."""
        try:
            correction = float(self._inlet.time_correction(patience))
        except self._pylsl.util.TimeoutError:
            return None
        to_host = self._to_host = correction - lsl_minus_host()
        host = time.monotonic()
        return _Comparison(host - to_host, host, correction)

    def pull(self) -> _Pulled | None:
        """What has come, as soon as something has; None if nothing has for PULL_TIME."""
        first, stamp = self._inlet.pull_sample(PULL_TIME)
        arrival = time.monotonic()
        if stamp is None:
            return None
        others, stamps = self._inlet.pull_chunk(0.0)
        return _Pulled(arrival, [stamp, *stamps], [first, *(others or ())])

    def message(self, pulled: _Pulled) -> bytes:
        """Samples as :mod:`trackside.capture.devices.lsl_stream` understands them."""
        to_host = self._believed(pulled.arrival, pulled.stamps[-1])
        if self._is_text:
            return text_message(pulled.stamps, to_host, pulled.values)
        offsets = [nan if to_host is None else to_host] * len(pulled.stamps)
        rows = np.column_stack([pulled.stamps, offsets, pulled.values])
        return rows.astype(np.float64).tobytes()

    def _believed(self, arrival: float, stamp: float) -> float | None:
        """What has to be added to time stamps; None if that is not known, or makes no sense."""
        if self._to_host is None or EARLIEST <= arrival - stamp - self._to_host <= LATEST:
            return self._to_host
        if not self._doubted:
            logger.warning("%s: its time stamps are not of LSL's clock", self._name)
        self._doubted = True
        return None
