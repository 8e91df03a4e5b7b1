"""SlimeVR trackers: packets, bundles, replies, and the counting of what was lost or late."""

from collections.abc import Callable
from struct import pack

import numpy as np
import pytest
from decoder_checks import decode, garbage, reproducible
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices.slimevr import HEARTBEAT, SLIMEVR, SlimeVrDecoder
from trackside.recordings.model import Device

HANDSHAKE = pack(">7iB", 1, 8, 2, 0, 0, 0, 22, 5) + b"0.6.1" + bytes.fromhex("a0b1c2d3e4f5") + b"\1"


def packet(kind: int, number: int, content: bytes = b"") -> bytes:
    return pack(">IQ", kind, number) + content


def rotation(x: float, y: float, z: float, w: float, sensor: int = 0, nature: int = 1) -> bytes:
    return pack(">2B4fB", sensor, nature, x, y, z, w, 0)


def acceleration(x: float, y: float, z: float, sensor: int = 0) -> bytes:
    return pack(">3fB", x, y, z, sensor)


def bundle(*inner: tuple[int, bytes]) -> bytes:
    return b"".join(pack(">HI", 4 + len(content), kind) + content for kind, content in inner)


def compact(*inner: tuple[int, bytes]) -> bytes:
    return b"".join(pack(">BB", 1 + len(content), kind) + content for kind, content in inner)


def test_handshake_is_answered() -> None:
    """The tracker learns the server, and we learn the tracker."""
    decoder = SlimeVrDecoder()
    assert decoder.feed(packet(3, 0, HANDSHAKE)) == []
    (reply,) = decoder.replies
    assert reply.data == b"\x03Hey OVR =D 5"
    assert decoder.device == Device("SlimeVR", "a0:b1:c2:d3:e4:f5", "0.6.1")


def test_sensor_info_is_acknowledged() -> None:
    """The acknowledgement is type, sensor and state, without a packet number."""
    decoder = SlimeVrDecoder()
    decoder.feed(packet(15, 1, bytes([1, 2, 8]) + bytes(6)))
    (reply,) = decoder.replies
    assert reply.data.hex() == "0000000f" + "0102"


def test_feature_flags_are_exchanged() -> None:
    """A tracker that asks is told that we understand both kinds of bundles."""
    decoder = SlimeVrDecoder()
    decoder.feed(packet(22, 1, b"\0"))
    (reply,) = decoder.replies
    assert reply.data.hex() == "00000016" + "00" * 8 + "03"


def test_heartbeat_and_ping_echo_want_no_reply() -> None:
    """Our heartbeat's answer and our ping's echo are understood; answering would never end."""
    assert HEARTBEAT.data.hex() == "00000001" + "00" * 8
    decoder = SlimeVrDecoder()
    assert decoder.feed(packet(0, 1)) == decoder.feed(packet(10, 2, bytes(4))) == []
    assert decoder.replies == []
    assert decoder.rejected == 0


def test_rotation_is_scalar_first() -> None:
    """Sent x, y, z, w; no clock, and no sample number, since packets of all kinds are counted."""
    found = decode(SlimeVrDecoder(), [packet(17, 1, rotation(0.1, 0.2, 0.3, 0.9))])
    columns = found["orientation_0"]
    np.testing.assert_allclose(columns["orientation"], [[0.9, 0.1, 0.2, 0.3]], rtol=1e-6)
    assert columns["ticks"].tolist() == columns["sequence"].tolist() == [-1]
    assert all(stream.tick is None for stream in SLIMEVR.streams)


def test_corrections_are_no_rotations() -> None:
    """Data of type 2 are not an orientation."""
    assert decode(SlimeVrDecoder(), [packet(17, 1, rotation(0, 0, 0, 1, nature=2))]) == {}


def test_second_sensor_has_its_own_streams() -> None:
    """An extension's samples are apart from the tracker's."""
    sent = [packet(17, 1, rotation(0, 0, 0, 1, sensor=1)), packet(4, 2, acceleration(1, 2, 3, 1))]
    found = decode(SlimeVrDecoder(), sent)
    assert found.keys() == {"orientation_1", "acceleration_1"}
    assert found["acceleration_1"]["linear_acceleration"].tolist() == [[1, 2, 3]]


def test_state_of_the_tracker() -> None:
    """Battery, signal and temperature."""
    sent = [
        packet(12, 1, pack(">2f", 3.75, 0.5)),
        packet(19, 2, pack(">Bb", 255, -60)),
        packet(20, 3, pack(">Bf", 0, 31.5)),
    ]
    found = decode(SlimeVrDecoder(), sent)
    assert found["battery"]["level"].tolist() == [[50]]
    assert found["battery"]["voltage"].tolist() == [[3.75]]
    assert found["signal"]["rssi"].tolist() == [[-60]]
    assert found["temperature"]["temperature"].tolist() == [[31.5]]


INNER = (
    (17, rotation(0, 0, 0, 1)),
    (4, acceleration(1, 2, 3)),
    (17, rotation(1, 0, 0, 0, sensor=1)),
)


@pytest.mark.parametrize(("kind", "content"), [(100, bundle(*INNER)), (101, compact(*INNER))])
def test_bundles(kind: int, content: bytes) -> None:
    """All packets of a bundle are read, and it has one number."""
    decoder = SlimeVrDecoder()
    found = decode(decoder, [packet(kind, 5, content), packet(0, 6)])
    assert found.keys() == {"orientation_0", "acceleration_0", "orientation_1"}
    assert found["orientation_1"]["orientation"].tolist() == [[0, 1, 0, 0]]
    assert (decoder.lost, decoder.late, decoder.rejected) == (0, 0, 0)


def test_packed_rotation_and_acceleration() -> None:
    """Type 23 has both in 16-bit numbers: 1/32768, and 1/128 m/s²."""
    content = pack(">B7h", 0, 0, 16384, 0, -32768, 128, -64, 1280)
    found = decode(SlimeVrDecoder(), [packet(101, 1, compact((23, content)))])
    assert found["orientation_0"]["orientation"].tolist() == [[-1, 0, 0.5, 0]]
    assert found["acceleration_0"]["linear_acceleration"].tolist() == [[1, -0.5, 10]]


def test_lost_and_late_packets_are_counted() -> None:
    """A jump is a loss; a late packet or a double is dropped, since nobody knows its time."""
    decoder = SlimeVrDecoder()
    numbers = [10, 11, 15, 13, 15, 16]
    found = decode(decoder, [packet(4, number, acceleration(number, 0, 0)) for number in numbers])
    kept = found["acceleration_0"]["linear_acceleration"][:, 0]
    assert kept.tolist() == [10, 11, 15, 16]
    assert (decoder.lost, decoder.late) == (3, 2)


def test_a_handshake_starts_the_numbers_anew() -> None:
    """A tracker that was reset is neither late nor has it lost anything."""
    decoder = SlimeVrDecoder()
    sent = [packet(0, 5000), packet(3, 0, HANDSHAKE), packet(4, 1, acceleration(1, 0, 0))]
    found = decode(decoder, sent)
    assert len(found["acceleration_0"]["ticks"]) == 1
    assert (decoder.lost, decoder.late) == (0, 0)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\0\0\0",
        packet(17, 1, rotation(0, 0, 0, 1)[:-1]),
        packet(17, 1, rotation(float("nan"), 0, 0, 1)),
        packet(17, 1, rotation(0, 0, 0, 1, sensor=7)),
        packet(4, 2**64 - 1, acceleration(0, 0, 0)),
        packet(3, 0, HANDSHAKE[:-4]),
        packet(100, 1, bundle(*INNER)[:-1]),
        packet(100, 1, b"\0\1" + bytes(8)),
        packet(101, 1, compact(*INNER)[:-1]),
        packet(101, 1, b"\0\0"),
        packet(101, 1, b"\0\1\0"),
    ],
)
def test_nonsense_is_rejected(datagram: bytes) -> None:
    """A datagram that is no packet is counted, never raised on, and gives no sample."""
    decoder = SlimeVrDecoder()
    assert decode(decoder, [datagram]) == {}
    assert decoder.rejected == len(datagram)
    assert decoder.replies == []


@reproducible
@given(datagrams=st.lists(garbage(*(packet(kind, 1) for kind in (3, 4, 17, 100, 101))), max_size=8))
def test_random_datagrams_never_raise(datagrams: list[bytes]) -> None:
    """After whatever datagrams, a handshake and a packet come through."""
    decoder = SlimeVrDecoder()
    decode(decoder, datagrams)
    found = decode(decoder, [packet(3, 0, HANDSHAKE), packet(4, 1, acceleration(7, 8, 9))])
    assert found["acceleration_0"]["linear_acceleration"].tolist() == [[7, 8, 9]]


@reproducible
@given(
    st.lists(st.floats(-100, 100, width=32), min_size=7, max_size=7),
    st.integers(0, 1),
    st.sampled_from([bundle, compact]),
)
def test_round_trip(values: list[float], sensor: int, write: Callable[..., bytes]) -> None:
    """Every number can be read back, from single packets and from both kinds of bundles."""
    x, y, z, w, ax, ay, az = values
    inner = ((17, rotation(x, y, z, w, sensor)), (4, acceleration(ax, ay, az, sensor)))
    kind = 100 if write is bundle else 101
    single = decode(SlimeVrDecoder(), [packet(k, n, c) for n, (k, c) in enumerate(inner)])
    bundled = decode(SlimeVrDecoder(), [packet(kind, 1, write(*inner))])
    for found in (single, bundled):
        assert found[f"orientation_{sensor}"]["orientation"].tolist() == [[w, x, y, z]]
        measured = found[f"acceleration_{sensor}"]["linear_acceleration"]
        assert measured.tolist() == [[ax, ay, az]]
