"""Heart rate measurements: the service's vectors, all its fields, and what does not fit them."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices import battery, device_information, heart_rate
from trackside.capture.devices.gatt import NotificationDecoder
from trackside.recordings.model import Device

NAN = float("nan")


def feed(decoder: NotificationDecoder, data: bytes) -> dict[str, dict[str, list[float]]]:
    """The values of each channel of each stream, as lists."""
    return {
        sample.stream: {name: values[:, 0].tolist() for name, values in sample.values.items()}
        for sample in decoder.feed(data, heart_rate.MEASUREMENT)
    }


@pytest.mark.parametrize(
    ("data", "rate", "contact", "energy", "rr"),
    [
        ("003c", 60, NAN, NAN, []),
        ("0648", 72, 1, NAN, []),
        ("0448", 72, 0, NAN, []),
        ("0248", 72, NAN, NAN, []),
        ("164b5a035603", 75, 1, NAN, [0.837890625, 0.833984375]),
        ("192c01e80380010004", 300, NAN, 1_000_000, [0.375, 1.0]),
    ],
)
def test_vectors(data: str, rate: float, contact: float, energy: float, rr: list[float]) -> None:
    """Published measurements give their values; a contact bit counts only where it is supported."""
    measured = feed(heart_rate.decoder(), bytes.fromhex(data))
    assert measured["heart_rate"]["heart_rate"] == [rate]
    np.testing.assert_equal(measured["heart_rate"]["contact"], [contact])
    np.testing.assert_equal(measured["heart_rate"]["energy_expended"], [energy])
    assert measured.get("rr_interval", {"rr_interval": []})["rr_interval"] == rr


@given(
    wide=st.booleans(),
    rate=st.integers(0, 255),
    energy=st.none() | st.integers(0, 65535),
    rr=st.lists(st.integers(0, 65535), max_size=9),
)
def test_round_trip(wide: bool, rate: int, energy: int | None, rr: list[int]) -> None:
    """Every combination of fields is read back, and is rejected with its last byte missing."""
    flags = wide | (energy is not None) << 3 | bool(rr) << 4
    data = struct.pack("<BH" if wide else "<BB", flags, rate)
    data += b"" if energy is None else struct.pack("<H", energy)
    data += struct.pack(f"<{len(rr)}H", *rr)
    decoder = heart_rate.decoder()
    measured = feed(decoder, data)
    assert measured["heart_rate"]["heart_rate"] == [rate]
    expected = NAN if energy is None else energy * 1000
    np.testing.assert_equal(measured["heart_rate"]["energy_expended"], [expected])
    if rr:
        assert measured["rr_interval"]["rr_interval"] == [interval / 1024 for interval in rr]
    assert feed(decoder, data[:-1]) == {}
    assert decoder.rejected == len(data) - 1


def test_intervals_that_the_flags_deny_are_rejected() -> None:
    """What does not fit its own flags is no measurement."""
    decoder = heart_rate.decoder()
    assert feed(decoder, bytes.fromhex("064b5a03")) == {}
    assert decoder.rejected == 4


def test_battery_comes_along() -> None:
    """A strap's battery level is a stream of the same device."""
    (level,) = heart_rate.decoder().feed(b"\x57", battery.LEVEL)
    assert (level.stream, level.values["level"].tolist()) == ("battery", [[87.0]])


def test_the_device_tells_what_it_is() -> None:
    """Model and firmware are read on connecting; makers end texts with zeros and blanks."""
    decoder = heart_rate.decoder()
    assert decoder.device is None
    assert decoder.feed(b"H10 \0", device_information.MODEL) == []
    assert decoder.feed("5.0.0ß".encode(), device_information.FIRMWARE) == []
    assert decoder.device == Device("H10", "", "5.0.0ß")
    decoder.feed(b"\xff", device_information.FIRMWARE)
    assert decoder.device == Device("H10", "", "\ufffd")
    assert {*device_information.READ} < {*heart_rate.HEART_RATE_MONITOR.read}
    assert decoder.rejected == 0
