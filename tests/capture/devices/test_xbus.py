"""Xsens MTi: messages of published captures, and all formats of numbers by round trip."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
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

from trackside.capture.devices import xbus
from trackside.capture.devices import xbus_items as items
from trackside.capture.devices.xbus import XSENS_MTI, XbusDecoder

CAPTURED = bytes.fromhex(
    "faff3662102002a9861060040314ed5310100c07440be007e301140d2f1837e020040180000740200cbc8e5466c0"
    "e82f10bf9ad29e40100cb935269fbd949930bc46234680200cbb425c343b1068df3ae1c7e58030103f800001b778"
    "c7f03738d82737107feef7"
)
"""First message of the first capture of einride/xsens-go (MIT)."""


def item(identifier: int, data: bytes) -> bytes:
    return pack(">HB", identifier, len(data)) + data


def motion(number: int) -> bytes:
    """A message with counter, clock, acceleration and rates that tell its number."""
    content = (
        item(items.PACKET_COUNTER, pack(">H", number & 0xFFFF))
        + item(items.SAMPLE_TIME_FINE, pack(">I", 100 * number))
        + item(items.ACCELERATION, pack(">3f", number, 0.5, 9.75))
        + item(items.RATE_OF_TURN, pack(">3f", 0.25, -0.5, number))
    )
    return xbus.message(xbus.MTDATA2, content)


def fp1632(value: float) -> bytes:
    whole, fraction = divmod(math.floor(value * 2**32), 2**32)
    return pack(">Ih", fraction, whole)


ENCODERS: dict[int, Callable[[float], bytes]] = {
    0: lambda value: pack(">f", value),
    1: lambda value: pack(">i", round(value * 2**20)),
    2: fp1632,
    3: lambda value: pack(">d", value),
}
RESOLUTION = {0: 2**-13, 1: 2**-21, 2: 2**-32, 3: 0.0}
"""Largest error of each format for values below 2048."""


def test_captured_message() -> None:
    """A real message gives the values that another decoder published for it."""
    decoder = XbusDecoder()
    found = decode(decoder, [CAPTURED])
    imu, increments = found["imu"], found["increments"]
    assert imu["sequence"].tolist() == [43398]
    assert imu["ticks"].tolist() == [51703123]
    np.testing.assert_array_equal(
        imu["accelerometer"], [[-0.017374228686094284, -7.255744934082031, -1.209552526473999]]
    )
    np.testing.assert_array_equal(
        imu["gyroscope"], [[-0.002965700812637806, 0.0022035164292901754, 0.0017225710907950997]]
    )
    np.testing.assert_array_equal(
        increments["delta_velocity"],
        [[-0.0001727589260553941, -0.07255780696868896, -0.012093370780348778]],
    )
    np.testing.assert_array_equal(
        increments["delta_orientation"],
        [
            [
                1.0000001192092896,
                -1.482850348111242e-05,
                1.101758152799448e-05,
                8.612854799139313e-06,
            ]
        ],
    )
    assert imu["clipped"].tolist() == [[0, 0, 0]]
    assert np.isnan(imu["magnetometer"]).all()
    assert decoder.utc == datetime(2019, 1, 20, 13, 47, 24, 121900, UTC)
    assert decoder.rejected == 0


def test_fixed_point_vector() -> None:
    """The published example of a 12.20 number."""
    data = item(items.ACCELERATION | 1, bytes.fromhex("039adf03") * 3)
    assert items.parse_items(data) == {items.ACCELERATION: (57.67944622039795,) * 3}


@reproducible
@given(
    values=st.lists(st.floats(-2000, 2000), min_size=3, max_size=3), form=st.sampled_from(range(4))
)
def test_number_formats_round_trip(values: list[float], form: int) -> None:
    """Each of the four formats gives back what was encoded, within its resolution."""
    data = item(items.ACCELERATION | form, b"".join(map(ENCODERS[form], values)))
    found = items.parse_items(data)[items.ACCELERATION]
    np.testing.assert_allclose(found, values, rtol=0, atol=RESOLUTION[form])


@pytest.mark.parametrize(
    ("identifier", "quantity", "count"),
    [
        (0x2010, "orientation", 4),
        (0x4010, "delta_velocity", 3),
        (0x4020, "accelerometer", 3),
        (0x4030, "free_acceleration", 3),
        (0x8020, "gyroscope", 3),
        (0x8030, "delta_orientation", 4),
        (0xC020, "magnetometer", 3),
    ],
)
@pytest.mark.parametrize("form", range(4))
def test_every_quantity_in_every_format(
    identifier: int, quantity: str, count: int, form: int
) -> None:
    """Each identifier fills its channel, and its channel alone."""
    values = [0.5, -0.25, 0.125, 2.0][:count]
    content = item(identifier | form, b"".join(map(ENCODERS[form], values)))
    found = decode(XbusDecoder(), [xbus.message(xbus.MTDATA2, content)])
    (columns,) = found.values()
    np.testing.assert_array_equal(columns.pop(quantity), [values])
    assert columns.pop("ticks").tolist() == columns.pop("sequence").tolist() == [-1]
    assert all(np.isnan(others).all() for others in columns.values())


@pytest.mark.parametrize(("frame", "north", "up"), [(0, 1, 2), (4, 0, -3), (8, 0, 2)])
def test_earth_frames_become_enu(frame: int, north: int, up: int) -> None:
    """A level sensor whose x points north says so in every frame, and so do its accelerations."""
    half = math.sqrt(0.5)
    facing_north = {0: (half, 0, 0, half), 4: (1, 0, 0, 0), 8: (1, 0, 0, 0)}[frame]
    vector = [0.0, 0.0, 0.0]
    vector[north] = 1.0
    vector[up if up >= 0 else 2] = 3.0 if up >= 0 else -3.0
    found = items.parse_items(
        item(0x2013 | frame, pack(">4d", *facing_north))
        + item(0x4033 | frame, pack(">3d", *vector))
    )
    w, x, y, z = found[items.QUATERNION]
    x_axis = (w * w + x * x - y * y - z * z, 2 * (x * y + w * z), 2 * (x * z - w * y))
    np.testing.assert_allclose(x_axis, (0, 1, 0), atol=1e-12)
    assert found[items.FREE_ACCELERATION] == (0, 1, 3)


def test_euler_angles_become_a_quaternion() -> None:
    """Roll, pitch, yaw in degrees turn in the aerospace sequence; a quaternion has precedence."""
    angles = item(items.EULER_ANGLES, pack(">3f", 0, 0, 90))
    found = decode(XbusDecoder(), [xbus.message(xbus.MTDATA2, angles)])
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found["orientation"]["orientation"], [[half, 0, 0, half]])
    both = item(items.QUATERNION, pack(">4f", 1, 0, 0, 0)) + angles
    found = decode(XbusDecoder(), [xbus.message(xbus.MTDATA2, both)])
    assert found["orientation"]["orientation"].tolist() == [[1, 0, 0, 0]]


def test_angles_that_are_no_numbers() -> None:
    """Infinite angles, which a valid checksum does not rule out, are NaN."""
    angles = item(items.EULER_ANGLES, pack(">3f", math.inf, 0, 0))
    found = decode(XbusDecoder(), [xbus.message(xbus.MTDATA2, angles)])
    assert np.isnan(found["orientation"]["orientation"]).all()


def test_clipping_flags() -> None:
    """Status bits 8 to 16 tell which sensor was out of range."""
    acceleration = item(items.ACCELERATION, pack(">3f", 0, 0, 0))
    for bits, expected in (
        (1 << 9, [1, 0, 0]),
        (1 << 13, [0, 1, 0]),
        (1 << 14 | 1 << 8, [1, 0, 1]),
    ):
        status = item(items.STATUS_WORD, pack(">I", bits | 0x0180_0007))
        found = decode(XbusDecoder(), [xbus.message(xbus.MTDATA2, acceleration + status)])
        assert found["imu"]["clipped"].tolist() == [expected]


def test_extended_length() -> None:
    """A message beyond 254 bytes carries its length in 16 bits."""
    padding = item(0x7FF0, bytes(200))
    content = padding * 5 + item(items.ACCELERATION, pack(">3f", 1, 2, 3))
    long = xbus.message(xbus.MTDATA2, content)
    assert long[3] == 0xFF
    found = decode(XbusDecoder(), [long, motion(1)])
    assert found["imu"]["accelerometer"].tolist() == [[1, 2, 3], [1, 0.5, 9.75]]


def test_other_messages_say_nothing() -> None:
    """Acknowledgements and other valid messages are neither samples nor garbage."""
    decoder = XbusDecoder()
    assert decoder.feed(xbus.message(0x31) + xbus.message(0xC1, b"1234")) == []
    assert decoder.rejected == 0


def test_commands() -> None:
    """The published bytes of commands, and the grammar of output configurations."""
    assert xbus.message(xbus.GOTO_CONFIG).hex() == "faff3000d1"
    assert xbus.message(xbus.GOTO_MEASUREMENT).hex() == "faff1000f1"
    configured = xbus.set_output_configuration([(0x1020, 0xFFFF), (0x4020, 100)])
    assert configured[:-1].hex() == "faffc008" + "1020ffff" + "40200064"
    assert sum(configured[1:]) & 0xFF == 0
    assert [write.data[2] for write in XSENS_MTI.start] == [0x30, 0xC0, 0x10]


@pytest.mark.parametrize(
    "content",
    [
        item(items.ACCELERATION, bytes(11)),  # too short for three numbers
        pack(">HB", items.ACCELERATION, 200) + bytes(12),  # longer than the message
        b"\x40",  # half an item's head
    ],
)
def test_items_that_do_not_fit_are_rejected(content: bytes) -> None:
    """A message whose checksum is right but whose items are wrong is counted, not raised on."""
    decoder = XbusDecoder()
    wrong = xbus.message(xbus.MTDATA2, content)
    found = decode(decoder, [wrong, motion(7)])
    assert found["imu"]["sequence"].tolist() == [7]
    assert decoder.rejected == len(wrong)


@reproducible
@given(sizes=sizes)
def test_any_split_gives_the_same_samples(sizes: list[int]) -> None:
    """How the bytes were cut does not matter, garbage in between included."""
    data = b"\xfa\xff" + b"".join(CAPTURED + motion(n) + b"\xfa\x01garbage" for n in range(12))
    whole, parts = XbusDecoder(), XbusDecoder()
    assert_same(decode(parts, split(data, sizes)), decode(whole, [data]))
    assert parts.rejected == whole.rejected == 2 + 12 * len(b"\xfa\x01garbage")


@reproducible
@given(
    before=garbage(b"\xfa", b"\xff", b"\xfa\xff\x36", b"\xfa\xff\x36\xff\x07"),
    between=garbage(b"\xfa", b"\xff", b"\xfa\xff\x36", b"\xfa\xff\x36\xff\x07"),
    sizes=sizes,
)
def test_garbage_never_hides_what_comes_later(
    before: bytes, between: bytes, sizes: list[int]
) -> None:
    """Beyond the reach of the largest false message, everything is found."""
    undisturbed = split(b"".join(motion(n) for n in range(60)), sizes)
    disturbed = [before, motion(100), between, motion(101), CAPTURED[:50]]
    assert_found_after(XbusDecoder, disturbed, undisturbed, "imu", count=8)


def test_random_garbage_costs_no_message() -> None:
    """Messages between stretches of random bytes are all found, and the rest is counted."""
    decoder = XbusDecoder()
    stretches = noise(seed=4, count=100, longest=300)
    messages = [motion(n) for n in range(100)]
    chunks = [part for pair in zip(stretches, messages, strict=True) for part in pair]
    found = decode(decoder, [*chunks, bytes(3000)])
    assert found["imu"]["sequence"].tolist() == list(range(100))
    assert decoder.rejected == sum(map(len, stretches)) + 3000


@pytest.mark.parametrize("position", range(len(CAPTURED)))
def test_a_corrupted_message_is_rejected(position: int) -> None:
    """Whichever byte is wrong, the message gives no sample, is counted, and the next is found."""
    corrupted = bytearray(CAPTURED)
    corrupted[position] ^= 0x10
    decoder = XbusDecoder()
    found = decode(decoder, [bytes(corrupted), *(motion(n) for n in range(60))])
    assert found["imu"]["sequence"].tolist() == list(range(60))
    assert decoder.rejected == len(CAPTURED)
