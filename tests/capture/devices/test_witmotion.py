"""WitMotion over serial and BLE: published frames, assembly of output cycles, commands."""

import math
from datetime import datetime
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

from trackside.capture.devices import witmotion
from trackside.capture.devices.witmotion import Registers, WitMotionDecoder
from trackside.capture.devices.witmotion_ble import (
    NOTIFY,
    READ_MAGNETIC_FIELD,
    WITMOTION_BLE,
    WRITE,
    WitMotionBleDecoder,
)

G = 9.80665
ACCELERATION = bytes.fromhex("5551000000000008c4097b")  # 1 g along z, 25 °C
RATES = bytes.fromhex("5552660600000000c409e0")  # 100 °/s about x
ANGLES = bytes.fromhex("55530000000000400000e8")  # yaw 90°
FIELD_REPLY = bytes.fromhex("55713a00680169007a00") + bytes(10)


def frame(identifier: int, data: bytes) -> bytes:
    body = bytes([0x55, identifier]) + data
    return body + bytes([sum(body) & 0xFF])


def numbers(identifier: int, *values: int) -> bytes:
    return frame(identifier, pack("<4h", *values))


def time(milliseconds: int) -> bytes:
    """The time frame so long after 2026-11-20 10:00."""
    seconds, rest = divmod(milliseconds, 1000)
    return frame(0x50, pack("<6BH", 26, 11, 20, 10, seconds // 60, seconds % 60, rest))


START = int((datetime(2026, 11, 20, 10) - datetime(2000, 1, 1)).total_seconds()) * 1000


def cycle(number: int) -> bytes:
    """An output cycle with time, acceleration, rates, field and quaternion."""
    return (
        time(10 * number)
        + numbers(0x51, number, 0, 2048, 2500)
        + numbers(0x52, -number, 0, 0, 0)
        + numbers(0x54, 100, number, 0, 0)
        + numbers(0x59, 32767, number, 0, 0)
    )


def test_published_frames() -> None:
    """One g, 100 °/s, 90° of yaw and 25 °C, together the sample of one output cycle."""
    found = decode(WitMotionDecoder(), [ACCELERATION + RATES + ANGLES, ACCELERATION])
    imu = found["imu"]
    np.testing.assert_allclose(imu["accelerometer"], [[0, 0, G]])
    np.testing.assert_allclose(np.degrees(imu["gyroscope"]), [[100, 0, 0]], atol=0.05)
    assert np.isnan(imu["magnetometer"]).all()
    assert imu["ticks"].tolist() == [-1]
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found["orientation"]["orientation"], [[half, 0, 0, half]])
    assert found["environment"]["temperature"].tolist() == [[25]]


def test_a_cycle_is_one_sample_with_its_time() -> None:
    """All frames of a cycle share the time frame's ms; the quaternion is read as it is sent."""
    found = decode(WitMotionDecoder(), [b"".join(cycle(n) for n in range(50))])
    imu = found["imu"]
    assert imu["ticks"].tolist() == [START + 10 * n for n in range(50)]
    np.testing.assert_allclose(imu["accelerometer"][:, 0] * 32768 / 16 / G, range(50), atol=1e-9)
    assert imu["magnetometer"][:, 1].tolist() == list(range(50))
    quaternions = found["orientation"]["orientation"] * 32768
    np.testing.assert_array_equal(quaternions[:, :2], [[32767, n] for n in range(50)])
    assert found["orientation"]["ticks"].tolist() == imu["ticks"].tolist()


def test_a_known_cycle_ends_with_its_last_frame() -> None:
    """Once the cycle is known, its sample does not wait for the next one."""
    decoder = WitMotionDecoder()
    decoder.feed(cycle(0) + cycle(1)[:11])
    assert decoder.feed(cycle(1)[11:-1]) == []
    assert {samples.stream for samples in decoder.feed(cycle(1)[-1:])} == {
        "imu",
        "orientation",
        "environment",
    }


@pytest.mark.parametrize(
    ("lost", "missing"), [(1, "accelerometer"), (2, "gyroscope"), (3, "magnetometer"), (4, None)]
)
def test_a_lost_frame_is_missing_in_its_sample_only(lost: int, missing: str | None) -> None:
    """A corrupted frame leaves NaN in one sample; none is lost, doubled or mixed with another."""
    data = bytearray(b"".join(cycle(n) for n in range(8)))
    data[4 * 55 + 11 * lost + 5] ^= 0xFF
    decoder = WitMotionDecoder()
    found = decode(decoder, [bytes(data)])
    imu = found["imu"]
    assert imu["ticks"].tolist() == [START + 10 * n for n in range(8)]
    for channel in ("accelerometer", "gyroscope", "magnetometer"):
        gone = np.flatnonzero(np.isnan(imu[channel]).all(axis=1))
        assert gone.tolist() == ([4] if channel == missing else [])
    kept = [n for n in range(8) if missing or n != 4]
    assert found["orientation"]["ticks"].tolist() == [START + 10 * n for n in kept]
    assert decoder.rejected == 11


def test_a_lost_time_frame() -> None:
    """Without its time frame a sample has no device time, and the others keep theirs in order."""
    decoder = WitMotionDecoder()
    found = decode(decoder, [cycle(0), cycle(1)[11:], cycle(2), cycle(3)])
    assert found["imu"]["ticks"].tolist() == [START, -1, START + 20, START + 30]


def test_a_single_kind_of_frame() -> None:
    """Where only accelerations are sent, each frame is a cycle."""
    sent = [numbers(0x51, n, 0, 0, 0) for n in (1, 2, 3)]
    found = decode(WitMotionDecoder(), sent)["imu"]["accelerometer"]
    np.testing.assert_allclose(found[:, 0] * 2048 / G, [1, 2, 3])


def test_an_unset_calendar_is_no_clock() -> None:
    """Month zero, as before the clock was ever set, gives samples without device time."""
    unset = frame(0x50, bytes(8))
    found = decode(WitMotionDecoder(), [unset + ACCELERATION + RATES, unset])
    assert found["imu"]["ticks"].tolist() == [-1]


def test_pressure_and_height() -> None:
    """Pressure in Pa, height from cm, with the temperature of the acceleration frame."""
    pressure = frame(0x56, pack("<2i", 101325, -250))
    found = decode(WitMotionDecoder(), [ACCELERATION + pressure, ACCELERATION])["environment"]
    assert found["pressure"].tolist() == [[101325]]
    assert found["height"].tolist() == [[-2.5]]
    assert found["temperature"].tolist() == [[25]]


def test_register_answers_are_kept_apart() -> None:
    """An answer in the middle of a cycle does not end it."""
    decoder = WitMotionDecoder()
    answer = numbers(0x5F, 1, -2, 3, 4)
    found = decode(decoder, [cycle(0)[:22] + answer + cycle(0)[22:], cycle(1)])
    assert decoder.registers == [Registers(None, (1, -2, 3, 4))]
    assert len(found["imu"]["ticks"]) == 2
    assert not np.isnan(found["imu"]["gyroscope"]).any()


def test_commands() -> None:
    """The published bytes of commands; content is one bit per frame."""
    assert witmotion.UNLOCK.hex() == "ffaa6988b5"
    assert witmotion.SAVE.hex() == "ffaa000000"
    assert witmotion.set_rate(200).hex() == "ffaa030b00"
    assert witmotion.set_rate(10).hex() == "ffaa030600"
    assert witmotion.set_baud_rate(115200).hex() == "ffaa040600"
    assert witmotion.set_content(0x50, 0x51, 0x52, 0x59).hex() == "ffaa020702"
    assert witmotion.read_register(0x3A).hex() == "ffaa273a00"
    assert witmotion.WITMOTION.start[0].data == witmotion.UNLOCK
    with pytest.raises(ValueError, match="output rate 60: a WitMotion sensor has 10, 20, 50"):
        witmotion.set_rate(60)


@reproducible
@given(st.lists(st.integers(-32768, 32767), min_size=13, max_size=13))
def test_round_trip(values: list[int]) -> None:
    """Every number of every vector can be read back from the samples."""
    sent = [
        numbers(0x51, *values[0:3], 0),
        numbers(0x52, *values[3:6], 0),
        numbers(0x54, *values[6:9], 0),
        numbers(0x59, *values[9:13]),
        ACCELERATION,
    ]
    found = decode(WitMotionDecoder(), sent)
    imu = found["imu"]
    np.testing.assert_allclose(imu["accelerometer"][0] / G * 2048, values[0:3], atol=1e-9)
    np.testing.assert_allclose(
        np.degrees(imu["gyroscope"][0]) * 32768 / 2000, values[3:6], atol=1e-9
    )
    np.testing.assert_array_equal(imu["magnetometer"][0], values[6:9])
    np.testing.assert_array_equal(found["orientation"]["orientation"][0] * 32768, values[9:13])


@reproducible
@given(sizes=sizes)
def test_any_split_gives_the_same_samples(sizes: list[int]) -> None:
    """How the bytes were cut does not matter, garbage in between included."""
    data = b"\x55" + b"".join(cycle(n) + b"\x55\x51x" for n in range(12))
    whole, parts = WitMotionDecoder(), WitMotionDecoder()
    assert_same(decode(parts, split(data, sizes)), decode(whole, [data]))
    assert parts.rejected == whole.rejected


@reproducible
@given(
    before=garbage(b"\x55", b"\x55\x51", b"\x55\x59"),
    between=garbage(b"\x55", b"\x55\x51", b"\x55\x59"),
    sizes=sizes,
)
def test_garbage_never_hides_what_comes_later(
    before: bytes, between: bytes, sizes: list[int]
) -> None:
    """Beyond the reach of one false frame, every cycle is found."""
    undisturbed = split(b"".join(cycle(n) for n in range(20)), sizes)
    disturbed = [before, cycle(70), between, cycle(71)[:50]]
    assert_found_after(WitMotionDecoder, disturbed, undisturbed, "imu", count=18)


def test_random_garbage_between_cycles_costs_nothing() -> None:
    """Cycles between stretches of random bytes are all found, and the rest is counted."""
    decoder = WitMotionDecoder()
    stretches = noise(seed=4, count=100, longest=60)
    cycles = [cycle(n) for n in range(100)]
    chunks = [part for pair in zip(stretches, cycles, strict=True) for part in pair]
    found = decode(decoder, [*chunks, bytes(11)])
    assert found["imu"]["ticks"].tolist() == [START + 10 * n for n in range(100)]
    assert decoder.rejected == sum(map(len, stretches)) + 11


@pytest.mark.parametrize("position", range(11))
def test_a_corrupted_frame_is_rejected(position: int) -> None:
    """Whichever byte is wrong, the frame says nothing and is counted."""
    corrupted = bytearray(RATES)
    corrupted[position] ^= 0x08
    decoder = WitMotionDecoder()
    found = decode(decoder, [ACCELERATION, bytes(corrupted), ANGLES, ACCELERATION])
    assert np.isnan(found["imu"]["gyroscope"]).all()
    assert decoder.rejected == len(RATES)


# BLE


def motion(*values: int) -> bytes:
    return b"\x55\x61" + pack("<9h", *values)


def test_ble_motion_frame() -> None:
    """Acceleration, rates and angles have the scales of the serial frames."""
    found = decode(WitMotionBleDecoder(), [motion(0, 0, 2048, 1638, 0, 0, 0, 0, 16384)])
    np.testing.assert_allclose(found["imu"]["accelerometer"], [[0, 0, G]])
    np.testing.assert_allclose(np.degrees(found["imu"]["gyroscope"]), [[100, 0, 0]], atol=0.05)
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found["orientation"]["orientation"], [[half, 0, 0, half]])


def test_ble_field_of_the_datasheet() -> None:
    """The datasheet's answer (360, 105, 122) goes with the next motion frame, and only that."""
    decoder = WitMotionBleDecoder()
    level = motion(0, 0, 2048, 0, 0, 0, 0, 0, 0)
    found = decode(decoder, [FIELD_REPLY, level + level])["imu"]["magnetometer"]
    assert found[0].tolist() == [360, 105, 122]
    assert np.isnan(found[1]).all()
    assert decoder.registers == [Registers(0x3A, (360, 105, 122, 0, 0, 0, 0, 0))]


def test_ble_frames_in_one_notification() -> None:
    """Concatenated frames of both kinds are all read; what is no frame ends the notification."""
    decoder = WitMotionBleDecoder()
    found = decode(decoder, [motion(*range(9)) + FIELD_REPLY + motion(*range(9)) + b"\x55\x61half"])
    assert len(found["imu"]["ticks"]) == 2
    assert decoder.rejected == 6


@reproducible
@given(notifications=st.lists(garbage(b"\x55\x61", b"\x55\x71", motion(*range(9))), max_size=5))
def test_ble_garbage_spoils_its_own_notification_only(notifications: list[bytes]) -> None:
    """Whatever came before, the next notification is read from its first byte."""
    decoder = WitMotionBleDecoder()
    decode(decoder, notifications)
    found = decode(decoder, [motion(16384, 0, 0, 0, 0, 0, 0, 0, 0)])
    np.testing.assert_allclose(found["imu"]["accelerometer"], [[8 * G, 0, 0]])


def test_ble_description() -> None:
    """The UUIDs have the maker's base, which is not the standard one."""
    assert WITMOTION_BLE.notify == (NOTIFY,)
    assert NOTIFY == "0000ffe4-0000-1000-8000-00805f9a34fb"
    assert {write.characteristic for write in WITMOTION_BLE.start} == {WRITE}
    assert READ_MAGNETIC_FIELD.data.hex() == "ffaa273a00"
