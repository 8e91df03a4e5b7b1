"""The battery level is one byte in %."""

import pytest

from trackside.capture.devices import battery
from trackside.capture.devices.gatt import NotificationError


@pytest.mark.parametrize("level", [0, 42, 100])
def test_level(level: int) -> None:
    """The byte is the level in %."""
    (sample,) = battery.samples(bytes([level]))
    assert sample.stream == battery.STREAM.name
    assert sample.values["level"].tolist() == [[level]]


@pytest.mark.parametrize("data", ["", "65", "3200"])
def test_what_is_no_level_is_refused(data: str) -> None:
    """Nothing, 101 % and two bytes are no battery level."""
    with pytest.raises(NotificationError):
        battery.samples(bytes.fromhex(data))
