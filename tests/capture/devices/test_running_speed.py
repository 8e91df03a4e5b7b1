"""Running speed and cadence: the service's vectors, all its fields, and what does not fit them."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices import running_speed

NAN = float("nan")
CHANNELS = tuple(channel.name for channel in running_speed.STREAM.channels)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("070004b48500e8030000", (4.0, 180, 1.33, 100.0, 1)),
        ("059a05b99600", (1434 / 256, 185, 1.50, NAN, 1)),
        ("0000025a", (2.0, 90, NAN, NAN, 0)),
        ("0200025a0a000000", (2.0, 90, NAN, 1.0, 0)),
    ],
)
def test_vectors(data: str, expected: tuple[float, ...]) -> None:
    """Published measurements give their values; what was not sent is NaN."""
    (sample,) = running_speed.decoder().feed(bytes.fromhex(data), running_speed.MEASUREMENT)
    values = [sample.values[channel].item() for channel in CHANNELS]
    np.testing.assert_allclose(values, expected, rtol=1e-15)


@given(
    speed=st.integers(0, 65535),
    cadence=st.integers(0, 255),
    stride=st.none() | st.integers(0, 65535),
    distance=st.none() | st.integers(0, 2**32 - 1),
    running=st.booleans(),
)
def test_round_trip(
    speed: int, cadence: int, stride: int | None, distance: int | None, running: bool
) -> None:
    """Every combination of fields is read back, and is rejected when it is longer or shorter."""
    flags = (stride is not None) | (distance is not None) << 1 | running << 2
    data = struct.pack("<BHB", flags, speed, cadence)
    data += b"" if stride is None else struct.pack("<H", stride)
    data += b"" if distance is None else struct.pack("<I", distance)
    decoder = running_speed.decoder()
    (sample,) = decoder.feed(data, running_speed.MEASUREMENT)
    values = [sample.values[channel].item() for channel in CHANNELS]
    expected = (
        speed / 256,
        cadence,
        NAN if stride is None else stride / 100,
        NAN if distance is None else distance / 10,
        running,
    )
    np.testing.assert_array_equal(values, expected)
    assert decoder.feed(data[:-1], running_speed.MEASUREMENT) == []
    assert decoder.feed(data + b"\0", running_speed.MEASUREMENT) == []
    assert decoder.rejected == 2 * len(data)
