"""When a datagram came is known even if it is read late."""

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from trackside.capture.transports.arrival_socket import ArrivalSocket

HERE = "127.0.0.1"


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    """Somebody who sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


def received(listener: ArrivalSocket) -> bytes:
    """The next datagram, once it is there."""
    while True:
        try:
            return listener.recvfrom(1000)[0]
        except BlockingIOError:
            continue


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux notes when datagrams come")
def test_arrivals_are_those_of_the_system(sender: socket.socket) -> None:
    """Both datagrams came between their sending and the first reading, in their order."""
    with ArrivalSocket(HERE, 0) as listener:
        before = time.monotonic()
        for data in (b"one", b"two"):
            sender.sendto(data, listener.getsockname())
        between = time.monotonic()
        arrivals = []
        for data in (b"one", b"two"):
            assert received(listener) == data
            arrivals.append(listener.arrival)
    assert before - 1e-3 < arrivals[0] <= arrivals[1] < between + 1e-3


def test_without_such_notes_it_is_the_moment_of_reading(
    sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on other systems."""
    monkeypatch.setattr(sys, "platform", "another")
    with ArrivalSocket(HERE, 0) as listener:
        sender.sendto(b"one", listener.getsockname())
        sent = time.monotonic()
        assert received(listener) == b"one"
        assert sent <= listener.arrival <= time.monotonic()


def test_a_clock_that_is_set_does_no_harm(
    sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who would have waited for hours, or come from the future, has come now."""
    for jump in (7200.0, -7200.0):
        with ArrivalSocket(HERE, 0) as listener:
            sender.sendto(b"one", listener.getsockname())
            shifted = time.time_ns() + round(1e9 * jump)
            monkeypatch.setattr(time, "time_ns", lambda at=shifted: at)
            before = time.monotonic()
            assert received(listener) == b"one"
            assert before <= listener.arrival <= time.monotonic()
            monkeypatch.undo()


def test_a_port_that_is_taken_is_refused() -> None:
    """And nothing is left open."""
    with ArrivalSocket(HERE, 0) as listener, pytest.raises(OSError, match="in use"):
        ArrivalSocket(HERE, listener.getsockname()[1])
