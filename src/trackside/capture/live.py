"""Live sensors as a source of blocks: messages decoded, numbered and timed, from all connections.

Every sensor is listened to by a task of its own. What comes is timed at once and handed on in
blocks of about 50 ms, so that writing is cheap and nothing waits for long.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from trackside.capture.connection import Connection, Message
from trackside.capture.devices.contract import Remark, Samples, Write
from trackside.capture.live_stream import LiveStream
from trackside.capture.status import SensorStatus
from trackside.errors import TracksideError
from trackside.recordings import layout
from trackside.recordings.model import Annotation, Block, Device, Kind, Stream

logger = logging.getLogger(__name__)

BLOCK_DURATION: Final = 0.05  # s
_NOT_AWAITED: Final = (Kind.BATTERY, Kind.EVENT)
"""Kinds of streams whose silence means nothing."""
CLOSING_TIME: Final = 10.0
"""s that all connections together may take to close; operating systems may need minutes."""


class NoSensorError(TracksideError):
    """Every sensor has been given up, so there is nothing left to record."""


@dataclass(frozen=True)
class LiveSensor:
    """A sensor to listen to: its label, its connection, and how its device's streams are recorded.

    ``streams``: by their names within the device; what is not named is not recorded.
    """

    label: str
    connection: Connection
    streams: Mapping[str, Stream]


class LiveSource:
    """Live sensors as a :class:`~trackside.capture.recorder.Source`.

    ``start``: time 0 of the recording on the event loop's clock, s; ``block_duration``: how much
    of it a block holds, s. A sensor that fails ends
    neither the others nor the recording; :attr:`SensorStatus.problem` tells why it was given up.
    """

    def __init__(
        self,
        sensors: Sequence[LiveSensor],
        start: float,
        block_duration: float = BLOCK_DURATION,
    ) -> None:
        self._start = start
        self._block_duration = block_duration
        self._listeners = [_Listener(sensor, start) for sensor in sensors]
        self._annotations: list[Annotation] = []
        self._stopped = asyncio.Event()

    @property
    def streams(self) -> Sequence[Stream]:
        """The streams of all sensors."""
        return [stream.stream for listener in self._listeners for stream in listener.streams]

    @property
    def time(self) -> float:
        """Now, s since the recording's start."""
        return asyncio.get_running_loop().time() - self._start

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """What comes, until :meth:`stop`; then the connections are closed. To be called once.

        Raises :class:`NoSensorError` when the last sensor has been given up.
        """
        tasks = [task for listener in self._listeners for task in listener.start()]
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while not self._stopped.is_set() and not self._all_ended():
                due = max(due + self._block_duration, loop.time())  # what was missed is past
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._stopped.wait()
                for item in self._take():
                    yield item
        finally:
            await self._close(tasks)
        for item in self._take():
            yield item
        if not self._stopped.is_set():
            problems = "; ".join(f"{ear.label}: {ear.problem}" for ear in self._listeners)
            raise NoSensorError(f"there is no sensor left to record: {problems}")

    def stop(self) -> None:
        """End the blocks in order."""
        self._stopped.set()

    def annotate(self, kind: str, text: str) -> None:
        """Add a remark at this moment."""
        self._annotations.append(Annotation(self.time, kind, text))

    def status(self) -> list[SensorStatus]:
        """Every sensor as of now."""
        now = self.time
        return [listener.status(now) for listener in self._listeners]

    def _all_ended(self) -> bool:
        return all(listener.ended for listener in self._listeners)

    def _take(self) -> list[Block | Annotation]:
        """What has come since the last call."""
        annotations, self._annotations = self._annotations, []
        annotations += [remark for listener in self._listeners for remark in listener.take()]
        streams = (stream for listener in self._listeners for stream in listener.streams)
        return [*annotations, *(block for stream in streams for block in stream.take())]

    async def _close(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        closing = [
            asyncio.create_task(listener.close(), name=f"close {listener.label}")
            for listener in self._listeners
        ]
        _, late = await asyncio.wait(closing, timeout=CLOSING_TIME)
        for task in late:
            logger.warning("%s: given up after %g s", task.get_name(), CLOSING_TIME)
        for task in (*tasks, *late):
            task.cancel()
        await asyncio.gather(*tasks, *late, return_exceptions=True)


class _Listener:
    """One sensor: its messages go through the decoder to its streams."""

    def __init__(self, sensor: LiveSensor, start: float) -> None:
        self.label = sensor.label
        self.problem = ""
        self.ended = False
        self._connection = sensor.connection
        self._decoder = self._connection.description.decoder()
        self._rejected = 0  # by decoders before this one
        self._lost = 0  # likewise
        self._device: Device | None = None
        self._start = start
        self._remarks: list[Annotation] = []
        self._streams = {
            description.name: LiveStream(description, sensor.streams[description.name], start)
            for description in self._connection.description.streams
            if description.name in sensor.streams
        }

    @property
    def streams(self) -> Sequence[LiveStream]:
        return tuple(self._streams.values())

    def take(self) -> list[Annotation]:
        """What the device has said in words since the last call."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to listen, and to write what the device wants written again and again."""
        repeating = (
            asyncio.create_task(self._repeat(write, interval), name=f"repeat to {self.label}")
            for write, interval in self._connection.description.repeat
        )
        return [asyncio.create_task(self._listen(), name=f"listen to {self.label}"), *repeating]

    async def close(self) -> None:
        """Stop the device."""
        try:
            await self._connection.close()
        except Exception:  # it must not keep the others from being closed
            logger.exception("%s could not be closed", self.label)

    def status(self, now: float) -> SensorStatus:
        """The sensor as of ``now``, s since the recording's start."""
        measuring = (s for s in self.streams if s.stream.kind not in _NOT_AWAITED)
        last = (stream.monitor.last_arrival for stream in measuring)
        heard = [arrival for arrival in last if arrival is not None]
        return SensorStatus(
            label=self.label,
            model=self._connection.description.model,
            link=self._connection.state,
            silence=now - max(heard) if heard else None,
            battery=self._battery(),
            signal=self._connection.signal,
            reconnections=self._connection.reconnections,
            rejected=self._rejected + self._decoder.rejected,
            problem=self.problem,
            device=self._device,
            refused=self._refused(),
            lost=self._lost + getattr(self._decoder, "lost", 0),
            streams=[stream.status(now) for stream in self.streams],
        )

    def _refused(self) -> tuple[str, ...]:
        """What the device has refused, by its answers or by those of its link."""
        sources = (self._connection, self._decoder)
        return tuple(text for source in sources for text in getattr(source, "refused", ()))

    def _battery(self) -> float | None:
        """Level in %, if it was told."""
        for stream in self.streams:
            newest = stream.monitor.newest
            if stream.stream.kind is Kind.BATTERY and newest is not None:
                return float(newest.values["level"][-1, 0])
        return None

    async def _listen(self) -> None:
        try:
            async for message in self._connection.messages():
                self._take(message)
                await self._answer()
        except Exception as error:  # the other sensors go on
            self.problem = (str(error) or repr(error)).removeprefix(f"{self.label}: ")
            if isinstance(error, TracksideError):
                logger.error("%s: %s", self.label, self.problem)  # noqa: TRY400 - says what to do
            else:
                logger.exception("%s failed", self.label)
        finally:
            self.ended = True

    def _take(self, message: Message) -> None:
        if message.restarted:  # half a message may have been lost with the link
            self._rejected += self._decoder.rejected
            self._lost += getattr(self._decoder, "lost", 0)
            self._decoder = self._connection.description.decoder()
        for samples in self._decoded(message):
            stream = self._streams.get(samples.stream)
            if stream is not None:
                stream.put(samples, message.arrival)
        self._device = getattr(self._decoder, "device", None) or self._device
        said: list[Remark] = getattr(self._decoder, "remarks", [])
        self._remarks += [self._annotation(remark, message.arrival) for remark in said]
        said.clear()

    def _annotation(self, remark: Remark, arrival: float) -> Annotation:
        """A remark under the sensor's name, as long as a file can hold it."""
        time = arrival if remark.time is None else remark.time
        return Annotation(
            time - self._start,
            _cut(self.label, layout.KIND_BYTES),
            _cut(remark.text, layout.TEXT_BYTES),
        )

    def _decoded(self, message: Message) -> list[Samples]:
        try:
            return self._decoder.feed(message.data, message.channel)
        except Exception:  # decoders promise not to raise; a mistake must not cost the session
            logger.exception("%s: %s was not understood", self.label, message.data.hex())
            self._rejected += len(message.data)
            return []

    async def _answer(self) -> None:
        """Send what the decoder wants answered."""
        replies: list[Write] = getattr(self._decoder, "replies", [])
        while replies:
            await self._send(replies.pop(0))

    async def _repeat(self, write: Write, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(write)

    async def _send(self, write: Write) -> None:
        try:
            await self._connection.send(write)
        except Exception as error:  # systems raise errors of their own kinds; the link is watched
            logger.warning("%s: could not be written to: %s", self.label, str(error) or repr(error))


def _cut(text: str, size: int) -> str:
    """The beginning of a text that has at most ``size`` bytes."""
    return text.encode()[:size].decode(errors="ignore")
