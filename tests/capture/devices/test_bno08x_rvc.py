"""BNO08x UART-RVC: the datasheet's message, its axes, and losses by index."""

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

from trackside.capture.devices.bno08x_rvc import BNO08X_RVC, MILLI_G, RvcDecoder

DATASHEET = bytes.fromhex("aaaade010092ff25088dfeecffd103000000e7")


def frame(index: int, *numbers: int) -> bytes:
    body = pack("<B6h3x", index & 0xFF, *numbers)
    return b"\xaa\xaa" + body + bytes([sum(body) & 0xFF])


def numbered(index: int) -> bytes:
    return frame(index, 100 * index, -index, index, index, -index, 1000)


def up_in_sensor(quaternion: np.ndarray) -> np.ndarray:
    """The earth's z axis as the sensor sees it: the matrix's third row."""
    w, x, y, z = quaternion
    return np.array([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])


def test_datasheet_message() -> None:
    """Index and acceleration are those that the datasheet reads from its example."""
    found = decode(RvcDecoder(), [DATASHEET])
    assert found["imu"]["sequence"].tolist() == found["orientation"]["sequence"].tolist() == [222]
    acceleration = found["imu"]["accelerometer"]
    np.testing.assert_allclose(acceleration, np.array([[-371, -20, 977]]) * MILLI_G)
    np.testing.assert_allclose(acceleration, [[-3.638, -0.196, 9.581]], atol=5e-4)


def test_angles_agree_with_gravity() -> None:
    """The example was at rest: its acceleration is gravity, seen at its angles."""
    found = decode(RvcDecoder(), [DATASHEET])
    (acceleration,) = found["imu"]["accelerometer"]
    (orientation,) = found["orientation"]["orientation"]
    expected = up_in_sensor(orientation) * np.linalg.norm(acceleration)
    np.testing.assert_allclose(acceleration, expected, atol=1.0 * MILLI_G)


@pytest.mark.parametrize(
    ("angles", "expected"),
    [
        ((9000, 0, 0), [np.sqrt(0.5), 0, 0, np.sqrt(0.5)]),
        ((0, 9000, 0), [np.sqrt(0.5), np.sqrt(0.5), 0, 0]),
        ((0, 0, 9000), [np.sqrt(0.5), 0, np.sqrt(0.5), 0]),
        ((9000, 9000, 0), [0.5, 0.5, 0.5, 0.5]),
    ],
)
def test_each_angle_has_its_axis(angles: tuple[int, int, int], expected: list[float]) -> None:
    """Yaw turns about z, then pitch about x, then roll about y."""
    found = decode(RvcDecoder(), [frame(0, *angles, 0, 0, 0)])
    np.testing.assert_allclose(found["orientation"]["orientation"], [expected], atol=1e-15)


@reproducible
@given(st.integers(0, 255), st.lists(st.integers(-32768, 32767), min_size=6, max_size=6))
def test_round_trip(index: int, numbers: list[int]) -> None:
    """Every index and number can be read back; orientations are unit quaternions."""
    found = decode(RvcDecoder(), [frame(index, *numbers)])
    assert found["imu"]["sequence"].tolist() == [index]
    np.testing.assert_allclose(found["imu"]["accelerometer"][0] / MILLI_G, numbers[3:])
    np.testing.assert_allclose(np.linalg.norm(found["orientation"]["orientation"]), 1)


def test_index_wraps_at_eight_bits() -> None:
    """The description says where the index wraps, so that losses can be counted from it."""
    found = decode(RvcDecoder(), [numbered(n) for n in (254, 255, 256, 259)])
    sequence = found["imu"]["sequence"]
    assert {stream.sequence_bits for stream in BNO08X_RVC.streams} == {8}
    assert (np.diff(sequence) % 256).tolist() == [1, 1, 3]


@reproducible
@given(sizes=sizes)
def test_any_split_gives_the_same_samples(sizes: list[int]) -> None:
    """How the bytes were cut does not matter, garbage in between included."""
    data = b"\xaa" + b"".join(numbered(n) + b"\xaa\xaax" for n in range(30))
    whole, parts = RvcDecoder(), RvcDecoder()
    assert_same(decode(parts, split(data, sizes)), decode(whole, [data]))
    assert len(decode(RvcDecoder(), [data])["imu"]["ticks"]) == 30


@reproducible
@given(before=garbage(b"\xaa", b"\xaa\xaa"), between=garbage(b"\xaa", b"\xaa\xaa"), sizes=sizes)
def test_garbage_never_hides_what_comes_later(
    before: bytes, between: bytes, sizes: list[int]
) -> None:
    """Beyond the reach of one false message, everything is found."""
    undisturbed = split(b"".join(numbered(n) for n in range(20)), sizes)
    disturbed = [before, DATASHEET, between, DATASHEET[:11]]
    assert_found_after(RvcDecoder, disturbed, undisturbed, "imu", count=18)


def test_random_garbage_costs_no_message() -> None:
    """Messages between stretches of random bytes are all found, and the rest is counted."""
    decoder = RvcDecoder()
    stretches = noise(seed=4, count=200, longest=60)
    messages = [numbered(n) for n in range(200)]
    chunks = [part for pair in zip(stretches, messages, strict=True) for part in pair]
    found = decode(decoder, [*chunks, bytes(20)])
    assert found["imu"]["sequence"].tolist() == list(range(200))
    assert decoder.rejected == sum(map(len, stretches)) + 20


@pytest.mark.parametrize("position", range(len(DATASHEET)))
def test_a_corrupted_message_is_rejected(position: int) -> None:
    """Whichever byte is wrong, the message gives no sample, is counted, and the next is found."""
    corrupted = bytearray(DATASHEET)
    corrupted[position] ^= 0x10
    decoder = RvcDecoder()
    found = decode(decoder, [bytes(corrupted), *(numbered(n) for n in range(5))])
    assert found["imu"]["sequence"].tolist() == list(range(5))
    assert decoder.rejected == len(DATASHEET)
