"""Cutting a stream of bytes into messages, whatever the splits and the garbage in between."""

from collections.abc import Callable
from typing import Final

NEED_MORE: Final = 0
"""A message may begin here, but its end has not come yet."""
NOT_A_MESSAGE: Final = -1
"""No message begins here."""

Measure = Callable[[bytes, int], int]
"""Given bytes and where in them a message may begin: the message's length in bytes, checksum
verified, or NEED_MORE or NOT_A_MESSAGE. Its NEED_MORE must be bounded: a length field beyond the
protocol's largest message is NOT_A_MESSAGE, or garbage could swallow what follows for ever.
"""


class FrameReader:
    """Finds the messages in a stream of bytes.

    ``first`` is the byte that every message begins with; empty if any byte may. What is kept from
    one call to the next is less than one message, so feeding n bytes in any splits takes O(n).
    """

    def __init__(self, measure: Measure, first: bytes = b"") -> None:
        self._measure = measure
        self._first = first
        self._rest = b""
        self.rejected = 0
        """Bytes skipped so far."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes, in order.

        After bytes that are no message the search goes on with the very next byte, so that a
        message in the shadow of a false beginning is found.
        """
        buffer = self._rest + data
        messages: list[bytes] = []
        position = 0
        while True:
            start = buffer.find(self._first, position)
            if start < 0:
                start = len(buffer)
            self.rejected += start - position
            position = start
            length = self._measure(buffer, start) if start < len(buffer) else NEED_MORE
            if length == NEED_MORE:
                break
            if length == NOT_A_MESSAGE:
                self.rejected += 1
                position += 1
                continue
            position += length
            messages.append(buffer[start:position])
        self._rest = buffer[position:]
        return messages
