"""What a thread hands over arrives complete, in order, and ends once."""

import asyncio
import threading

from trackside.capture.connection import Message
from trackside.capture.transports.thread_inbox import ThreadInbox


def message(number: int) -> Message:
    return Message(0.0, number.to_bytes(4, "big"))


def test_everything_arrives_in_order() -> None:
    """A thread that puts as fast as it can loses nothing, and its last message is not the end."""
    count = 20_000

    async def receive() -> tuple[list[Message], Exception | None]:
        inbox = ThreadInbox()

        def fill() -> None:
            for number in range(count):
                inbox.put(message(number))
            inbox.error = OSError("the end")
            inbox.end()

        thread = threading.Thread(target=fill)
        thread.start()
        received = []
        while messages := await inbox.take():
            received += messages
        thread.join()
        return received, inbox.error

    received, error = asyncio.run(receive())
    assert received == [message(number) for number in range(count)]
    assert str(error) == "the end"


def test_a_late_wake_up_is_not_the_end() -> None:
    """Waking for a message that was already taken along with an earlier one gives nothing."""

    async def scene() -> None:
        inbox = ThreadInbox()
        inbox.put(message(0))
        await asyncio.sleep(0)  # woken for the first
        inbox.put(message(1))
        assert await inbox.take() == [message(0), message(1)]
        taking = asyncio.create_task(inbox.take())
        for _ in range(5):  # woken for the second, which is gone
            await asyncio.sleep(0)
        assert not taking.done()
        inbox.put(message(2))
        assert await taking == [message(2)]

    asyncio.run(scene())


def test_the_end_loses_nothing() -> None:
    """What came before the end is handed out to a task that was busy meanwhile; then the end."""

    async def scene() -> None:
        inbox = ThreadInbox()
        inbox.put(message(0))
        inbox.end()
        await inbox.ended.wait()
        assert await inbox.take() == [message(0)]
        assert await inbox.take() == []
        assert await inbox.take() == []

    asyncio.run(scene())


def test_a_thread_may_outlive_its_loop() -> None:
    """Putting and ending after the event loop was closed does nothing, and raises nothing."""

    async def make() -> ThreadInbox:
        return ThreadInbox()

    inbox = asyncio.run(make())
    inbox.put(message(0))
    inbox.end()
    assert not inbox.ended.is_set()
