"""A UDP socket that tells when each datagram came, however late it is read.

Linux notes the moment at which a datagram came (socket(7), SO_TIMESTAMPNS), so that arrivals are
right even if this process was busy or had to wait for the processor then. Elsewhere it is the
moment of reading.
"""

import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any, Final

_SO_TIMESTAMPNS: Final = 35  # asm-generic/socket.h; the same number marks the answer
_TIMESPEC: Final = struct.Struct("@ll")
_ROOM: Final = socket.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket, "CMSG_SPACE") else 0
_ONE_MOMENT: Final = 2e-5  # s
_TRIES: Final = 5
LONGEST_WAIT: Final = 60.0
"""s; a datagram that seems to have waited longer, or less than not at all: a clock was set."""


class ArrivalSocket(socket.socket):
    """Listens on a port of an interface, without blocking; OSError if that cannot be.

    ``arrival``: when the datagram that was read last had come, s on the host's monotonic clock.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.arrival = 0.0
        self._stamped = False
        try:
            self.setblocking(False)
            self.bind((host, port))
            if sys.platform == "linux":
                with suppress(OSError):  # a processor for which the option has another number
                    self.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
                    self._stamped = True
        except BaseException:
            self.close()
            raise

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, Any]:
        """Read a datagram, and note when it came."""
        if not self._stamped:
            data, address = super().recvfrom(bufsize, flags)
            self.arrival = time.monotonic()
            return data, address
        data, told, _, address = self.recvmsg(bufsize, _ROOM, flags)
        # The clocks are read with some ns between them, but no datagram comes before the last one.
        self.arrival = max(self.arrival, _arrival(told))
        return data, address


def _arrival(told: list[tuple[int, int, bytes]]) -> float:
    """When a datagram came by what the system tells of it, on the monotonic clock, s."""
    now, wall = _both_clocks()
    for level, kind, content in told:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(content) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(content)
            waited = 1e-9 * (wall - (1_000_000_000 * seconds + nanoseconds))
            return now - waited if 0.0 <= waited <= LONGEST_WAIT else now
    return now


def _both_clocks() -> tuple[float, int]:
    """The monotonic clock (s) and the one of the day (ns) at one moment.

    Should somebody else have had the processor between the two, they are read again.
    """
    for _ in range(_TRIES):
        before, wall = time.monotonic(), time.time_ns()
        if time.monotonic() - before < _ONE_MOMENT:
            break
    return before, wall
