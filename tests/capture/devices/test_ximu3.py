"""x-IMU3: the manual's messages in ASCII and binary, mixed, stuffed, split and disturbed."""

import json
import math
from collections.abc import Callable
from struct import pack

import numpy as np
import pytest
from decoder_checks import (
    assert_found_after,
    assert_same,
    decode,
    garbage,
    noise,
    reproducible,
    sizes,
    split,
)
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices.ximu3 import (
    STANDARD_GRAVITY,
    XIMU3_UDP,
    Note,
    XImu3Decoder,
    command,
    parse_announcement,
)
from trackside.recordings.model import Device

LEVEL_BINARY = bytes.fromhex("c940420f0000000000" + "00" * 20 + "0000803f0a")
LEVEL_ASCII = b"I,1000000,0.0000,0.0000,0.0000,0.0000,0.0000,1.0000\r\n"
ANNOUNCEMENT = {
    "sync": 0,
    "name": "x-IMU3",
    "sn": "01234567",
    "ip": "192.168.1.1",
    "port": 7000,
    "send": 8000,
    "receive": 9000,
    "rssi": 100,
    "battery": 95,
    "status": 2,
}


def binary(letter: str, ticks: int, *values: float) -> bytes:
    content = pack(f"<Q{len(values)}f", ticks, *values)
    stuffed = content.replace(b"\xdb", b"\xdb\xdd").replace(b"\n", b"\xdb\xdc")
    return bytes([0x80 + ord(letter)]) + stuffed + b"\n"


def ascii_message(letter: str, ticks: int, *values: float) -> bytes:
    return ",".join([letter, str(ticks), *map(repr, values)]).encode() + b"\r\n"


def inertial(number: int) -> bytes:
    """ASCII and binary in turn; all kinds of bytes that need stuffing occur."""
    write = binary if number % 2 else ascii_message
    return write("I", 2560 * number + 10, 1.0 * number, -2.0, 0.5, 0.25, -0.5, 1.0)


@pytest.mark.parametrize("message", [LEVEL_BINARY, LEVEL_ASCII])
def test_inertial_message_of_the_manual(message: bytes) -> None:
    """One g along z at 1 s, in both notations, without a magnetometer."""
    decoder = XImu3Decoder()
    imu = decode(decoder, [message])["imu"]
    assert imu["ticks"].tolist() == [1_000_000]
    np.testing.assert_array_equal(imu["accelerometer"], [[0, 0, STANDARD_GRAVITY]])
    np.testing.assert_array_equal(imu["gyroscope"], [[0, 0, 0]])
    assert np.isnan(imu["magnetometer"]).all()
    assert decoder.rejected == 0


@pytest.mark.parametrize(
    ("messages", "stream", "expected"),
    [
        (
            [
                b"W,1000000,100.000,-50.0000\r\n",
                bytes.fromhex("d740420f00000000000000c842000048c20a"),
            ],
            "signal",
            {"quality": 100, "rssi": -50},
        ),
        (
            [b"T,1000000,25.5000\r\n", binary("T", 1_000_000, 25.5)],
            "temperature",
            {"temperature": 25.5},
        ),
        (
            [b"B,1000000,75.0000,4.0000,1.0000\r\n", binary("B", 1_000_000, 75, 4, 1)],
            "battery",
            {"level": 75, "voltage": 4, "charging_status": 1},
        ),
        ([b"Y,1000000,1.0000\n", binary("Y", 1_000_000, 1)], "sync", {"edge": 1}),
    ],
)
def test_messages_of_single_values(
    messages: list[bytes], stream: str, expected: dict[str, float]
) -> None:
    """Signal, temperature, battery and sync edges are the same in both notations."""
    found = decode(XImu3Decoder(), messages)[stream]
    assert found["ticks"].tolist() == [1_000_000] * 2
    for channel, value in expected.items():
        assert found[channel].tolist() == [[value]] * 2


def test_units_are_si() -> None:
    """Degrees per second become rad/s, g becomes m/s², of the high-g accelerometer too."""
    found = decode(XImu3Decoder(), [ascii_message("I", 1, 180.0, 0.0, 0.0, 2.0, 0.0, 0.0)])["imu"]
    np.testing.assert_allclose(found["gyroscope"], [[math.pi, 0, 0]])
    np.testing.assert_allclose(found["accelerometer"], [[2 * STANDARD_GRAVITY, 0, 0]])
    high = decode(XImu3Decoder(), [binary("H", 1, 0, 0, -100)])["high_g"]
    np.testing.assert_allclose(high["high_g_accelerometer"], [[0, 0, -100 * STANDARD_GRAVITY]])


def test_magnetometer_goes_with_the_next_inertial_sample() -> None:
    """Each magnetometer value is used once, by the sample after it."""
    sent = [inertial(1), binary("M", 5, 1, 2, 3), inertial(2), inertial(3)]
    found = decode(XImu3Decoder(), sent)["imu"]["magnetometer"]
    assert np.isnan(found[[0, 2]]).all()
    assert found[1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("letter", ["Q", "L", "E"])
def test_orientation_becomes_enu(letter: str) -> None:
    """The maker's x is north: a sensor at its zero has its x along our y, its y along our -x."""
    rest = {"Q": (), "L": (0.5, 0.5, 0.5), "E": (0.5, 0.5, 0.5)}[letter]
    found = decode(XImu3Decoder(), [binary(letter, 9, 1, 0, 0, 0, *rest)])["orientation"]
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found["orientation"], [[half, 0, 0, half]])
    assert found["ticks"].tolist() == [9]


def test_texts_of_the_manual() -> None:
    """Notifications, errors and serial data are kept as notes with their time."""
    decoder = XImu3Decoder()
    sent = [
        b"N,1000000,This is a notification message.\r\n",
        bytes([0x80 + ord("F")]) + pack("<Q", 1_000_000) + b"This is an error message.\n",
        b"S,1000000,abc,123???\r\n",
    ]
    assert decode(decoder, sent) == {}
    assert decoder.notes == [
        Note(1_000_000, "N", "This is a notification message."),
        Note(1_000_000, "F", "This is an error message."),
        Note(1_000_000, "S", "abc,123???"),
    ]
    assert decoder.rejected == 0


@pytest.mark.parametrize(("name", "serial"), [("name", "sn"), ("deviceName", "serialNumber")])
def test_ping_tells_the_device(name: str, serial: str) -> None:
    """A ping is answered with who it is, under the keys of old or new firmware."""
    assert command("ping") == b'{"ping":null}\n'
    assert XIMU3_UDP.start[0].data == command("ping")
    assert XIMU3_UDP.start[1].data == b'{"inertialMessageRateDivisor":2}\n'
    decoder = XImu3Decoder()
    answer = {"ping": {"interface": "USB", name: "shank", serial: "01234567"}}
    decoder.feed(json.dumps(answer).encode() + b"\r\n")
    assert decoder.device == Device("x-IMU3", "01234567")
    assert decoder.answers == [answer]


def test_understood_messages_that_are_not_kept() -> None:
    """Euler angles, matrices and filter states are valid, and no samples."""
    decoder = XImu3Decoder()
    sent = [binary("A", 1, 1, 2, 3), ascii_message("R", 1, *[0.5] * 9), binary("U", 1, 0, 0, 0, 0)]
    assert decode(decoder, sent) == {}
    assert decoder.rejected == 0


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"I\r\n",
        b"I,1\r\n",
        b"I,1,2,3\r\n",
        b"I,x,0,0,0,0,0,1\r\n",
        b"I,1,0,0,0,0,0,nan\r\n",
        b"I,-1,0,0,0,0,0,1\r\n",
        b"I,99999999999999999999,0,0,0,0,0,1\r\n",
        b"II,1,0,0,0,0,0,1\r\n",
        b",1,0\r\n",
        b"NF,1,text\r\n",
        b"N,-5,text\r\n",
        b"\xff,1,0\r\n",
        b"{\n",
        b"{not json}\n",
        b"[1]\n",
        b"\xc9\n",
        b"\xce\x00\n",
        LEVEL_BINARY[:20] + b"\n",
        LEVEL_BINARY[:20] + b"\xdb" + LEVEL_BINARY[20:],
        binary("I", 1, 0, 0, 0, 0, 0, math.inf),
        binary("I", 2**63, 0, 0, 0, 0, 0, 1),
    ],
)
def test_nonsense_is_rejected(line: bytes) -> None:
    """A line that is no message is counted, never raised on, and spoils nothing after it."""
    decoder = XImu3Decoder()
    found = decode(decoder, [line, LEVEL_ASCII])
    assert len(found["imu"]["ticks"]) == 1
    assert decoder.rejected == len(line)
    assert decoder.notes == []


@reproducible
@given(
    ticks=st.integers(0, 2**63 - 1),
    values=st.lists(st.floats(-2000, 2000, width=32), min_size=6, max_size=6),
    write=st.sampled_from([binary, ascii_message]),
)
def test_round_trip(ticks: int, values: list[float], write: Callable[..., bytes]) -> None:
    """All clock values and numbers survive both notations, those that need stuffing included."""
    imu = decode(XImu3Decoder(), [write("I", ticks, *values)])["imu"]
    assert imu["ticks"].tolist() == [ticks]
    np.testing.assert_allclose(np.degrees(imu["gyroscope"][0]), values[:3], rtol=1e-12)
    np.testing.assert_allclose(imu["accelerometer"][0] / STANDARD_GRAVITY, values[3:], rtol=1e-12)


@pytest.mark.parametrize(
    "tail", [b"", b"\x0a", b"\xdb", b"\xdb\xdc", b"\xdb\xdd\xdc", b"\xdb\xdb\n\n"]
)
def test_stuffing(tail: bytes) -> None:
    """Every combination of the bytes of the stuffing itself comes through."""
    ticks = int.from_bytes(tail.ljust(7, b"\x01") + b"\0", "little")
    sent = binary("T", ticks, 20.0)
    assert sent.count(b"\n") == 1
    assert decode(XImu3Decoder(), [sent])["temperature"]["ticks"].tolist() == [ticks]


@reproducible
@given(sizes=sizes)
def test_any_split_gives_the_same_samples(sizes: list[int]) -> None:
    """How the bytes were cut does not matter: notations mixed, garbage in between."""
    data = b"".join(
        inertial(n) + binary("M", n, n, 0, 1) + b"\xffgarbage\n" + b'{"ping":null}\n'
        for n in range(12)
    )
    whole, parts = XImu3Decoder(), XImu3Decoder()
    assert_same(decode(parts, split(data, sizes)), decode(whole, [data]))
    assert parts.rejected == whole.rejected == 12 * len(b"\xffgarbage\n")
    assert len(parts.answers) == 12


@reproducible
@given(
    before=garbage(b"I,", b"\n", b"\xc9", b"{", b"\xdb", b"["),
    between=garbage(b"I,1,", b"\n", b"\xc9", b"{", b"\xdb", b","),
    sizes=sizes,
)
def test_garbage_costs_one_message_at_most(before: bytes, between: bytes, sizes: list[int]) -> None:
    """The message that garbage runs into may be lost with it; all later ones are found."""
    undisturbed = split(b"".join(inertial(n) for n in range(20)), sizes)
    disturbed = [before, LEVEL_BINARY, between, LEVEL_ASCII[:20]]
    assert_found_after(XImu3Decoder, disturbed, undisturbed, "imu", count=19)


def test_endless_garbage_is_not_kept() -> None:
    """Without any line feed, old bytes are given up, and a message after it all is found."""
    endless = b"".join(noise(seed=4, count=100, longest=4000)).replace(b"\n", b"")
    decoder = XImu3Decoder()
    found = decode(decoder, [*split(endless, [4000] * 40), b"\n", LEVEL_BINARY])
    assert len(found["imu"]["ticks"]) == 1
    assert decoder.rejected == len(endless) + 1


def test_announcement_of_the_manual() -> None:
    """The broadcast tells where to listen and where to send."""
    announcement = parse_announcement(json.dumps(ANNOUNCEMENT).encode())
    assert announcement is not None
    assert (announcement.name, announcement.serial) == ("x-IMU3", "01234567")
    assert announcement.address == "192.168.1.1"
    assert (announcement.data_port, announcement.command_port) == (8000, 9000)
    assert announcement.battery == 95


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\xff\xfe", b"[]", b'{"name":"x"}', b'{"ip":1,"send":null,"receive":9000}', b"[" * 5000],
)
def test_other_broadcasts_are_ignored(datagram: bytes) -> None:
    """What is no announcement is None, never an error."""
    assert parse_announcement(datagram) is None
