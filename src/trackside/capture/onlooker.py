"""A process that looks on while sensors are recorded, such as the one of a window.

What is recorded goes to its standard input, what it says comes back line by line. The recording
comes first: nothing waits for an onlooker. What it does not read in time is left out for it, and
said; when it hangs, crashes or is closed, nothing else happens.
"""

import asyncio
import json
import logging
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from trackside.recordings.block_messages import Head, item_message, packed
from trackside.recordings.model import Annotation, Block

logger = logging.getLogger(__name__)

BACKLOG: Final = 1 << 18
"""Bytes that may wait for an onlooker, beside what the system's pipe holds: some seconds."""
PATIENCE: Final = 2.0
"""s that an onlooker has to end once it was told; then it is ended."""
LINES_KEPT: Final = 20
"""Of what it complains of."""

Heard = Callable[[Head], None]


@asynccontextmanager
async def looking_on(
    command: Sequence[str], greeting: Head, heard: Heard
) -> "AsyncIterator[Onlooker]":
    """Start a process that looks on while the block runs, and end it afterwards.

    ``greeting``: what it is told first; ``heard`` is called in the event loop with everything that
    it says. Raises OSError if it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **_apart(),
    )
    onlooker = Onlooker(process, heard)
    onlooker.tell(greeting)
    try:
        yield onlooker
    finally:
        await onlooker.finish()


def _apart() -> dict[str, Any]:
    """Ctrl-C at the terminal is for the recorder alone."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class Onlooker:
    """An :class:`~trackside.capture.offered_source.Outlet` that ends in another process.

    ``left_out``: how many messages it did not get.
    """

    def __init__(self, process: asyncio.subprocess.Process, heard: Heard) -> None:
        said, complaints = process.stdout, process.stderr
        if process.stdin is None or said is None or complaints is None:
            raise ValueError("an onlooker needs pipes for all three: use looking_on")
        self.left_out = 0
        self._process = process
        self._pipe = process.stdin.transport
        self._heard = heard
        self._waiting: list[bytes] = []
        self._untold = 0
        self._closed = False
        self._complaints: deque[str] = deque(maxlen=LINES_KEPT)
        self._tasks = [
            asyncio.create_task(self._listen(said), name="hear onlooker"),
            asyncio.create_task(self._keep_complaints(complaints), name="onlooker's stderr"),
        ]

    @property
    def process_id(self) -> int:
        """The process, as the system calls it."""
        return self._process.pid

    def put(self, item: Block | Annotation) -> None:
        """Show samples, or a remark."""
        if self._has_room():
            self._send(item_message(item))

    def tell(self, head: Head) -> None:
        """Say anything that JSON can hold."""
        if self._has_room():
            self._send(packed(head))

    def close(self) -> None:
        """Say that the recording has ended."""
        if not self._closed:
            self._send(packed({"end": True}))
            self._flush()
            self._closed = True
            self._pipe.close()

    async def finish(self) -> None:
        """Wait a little for the process to end, and end it."""
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _has_room(self) -> bool:
        """Whether it reads what it gets."""
        if self._closed or self._pipe.is_closing():
            return False
        if self._pipe.get_write_buffer_size() <= BACKLOG:
            return True
        self.left_out += 1
        self._untold += 1
        return False

    def _send(self, message: bytes) -> None:
        """Send a message together with all others of this turn of the event loop."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        if self._untold:
            self._waiting.append(packed({"left_out": self._untold}))
            self._untold = 0
        self._waiting.append(message)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting and not self._closed and not self._pipe.is_closing():
            self._pipe.write(b"".join(waiting))

    async def _listen(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            try:
                said = json.loads(line)
            except ValueError:
                continue  # some library's chatter
            if isinstance(said, dict):
                self._heard(said)

    async def _keep_complaints(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            self._complaints.append(line.decode(errors="replace").strip())
        code = await self._process.wait()
        if not self._closed:
            why = f" ({self._complaints[-1]})" if code and self._complaints else ""
            logger.warning("the window has ended%s; the recording goes on", why)
