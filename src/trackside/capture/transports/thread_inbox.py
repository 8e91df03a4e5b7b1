"""From a thread that reads a device to the task that wants what it read."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from trackside.capture.connection import Message


class ThreadInbox:
    """Messages from one thread to one task; made in the task's event loop.

    However many messages come while the loop is busy, it is woken once.
    """

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.error: Exception | None = None
        """What the thread failed with; to be set by it before :meth:`end`."""
        self._loop = asyncio.get_running_loop()
        self._messages: deque[Message] = deque()
        self._filled = asyncio.Event()
        self._waking = False

    def put(self, message: Message) -> None:
        """Add a message; for the thread."""
        self._messages.append(message)
        if not self._waking:
            self._waking = True
            self._call(self._wake)

    def end(self) -> None:
        """Say that no message will come any more; for the thread."""
        self._call(self._finish)

    async def take(self) -> list[Message]:
        """All that has come, as soon as there is something; nothing at the end."""
        messages: list[Message] = []
        while not messages:  # a wake-up may be for what was taken before it
            await self._filled.wait()
            messages = [self._messages.popleft() for _ in range(len(self._messages))]
            if self.ended.is_set():
                break
            self._filled.clear()
        return messages

    def _call(self, function: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is nobody left to tell
            self._loop.call_soon_threadsafe(function)

    def _wake(self) -> None:
        self._waking = False
        self._filled.set()

    def _finish(self) -> None:
        self.ended.set()
        self._filled.set()
