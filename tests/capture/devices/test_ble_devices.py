"""What holds for every BLE device: garbage does no harm, and samples fit their descriptions."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices.contract import DeviceDescription, Samples, StreamDescription
from trackside.capture.devices.heart_rate import HEART_RATE_MONITOR
from trackside.capture.devices.movella_dot import MOVELLA_DOT, dot_device
from trackside.capture.devices.polar import (
    POLAR_H10,
    POLAR_VERITY_SENSE,
    in_sdk_mode,
    polar_device,
)
from trackside.capture.devices.polar_control import Measurement
from trackside.capture.devices.running_speed import FOOT_POD

DEVICES = {
    "heart rate monitor": HEART_RATE_MONITOR,
    "foot pod": FOOT_POD,
    "H10": POLAR_H10,
    "Verity Sense": in_sdk_mode(POLAR_VERITY_SENSE),
    "PPI": polar_device("Polar Verity Sense", ("Polar Sense",), {Measurement.PPI: {}}),
    "DOT": MOVELLA_DOT,
    "DOT mode 2": dot_device(mode=2),
    "DOT mode 26": dot_device(mode=26),
}


def messages(device: DeviceDescription) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Random bytes on random characteristics, some with the header of a Polar frame or answer."""
    header = st.builds(
        lambda kind, time, form: bytes([kind]) + time.to_bytes(8, "little") + bytes([form]),
        st.sampled_from(Measurement),
        st.integers(0, 2**64 - 1),
        st.sampled_from([0x00, 0x01, 0x02, 0x80, 0x81]),
    )
    answer = st.builds(lambda kind: bytes([0xF0, 2, kind, 0, 0]), st.sampled_from(Measurement))
    starts = st.just(b"") | header | answer
    data = st.builds(lambda start, rest: start + rest, starts, st.binary(max_size=80))
    return st.lists(st.tuples(st.sampled_from([*device.notify, *device.read, ""]), data))


def check_fits(sample: Samples, streams: Mapping[str, StreamDescription]) -> None:
    stream = streams[sample.stream]
    assert set(sample.values) == {channel.name for channel in stream.channels}
    lengths = {len(values) for values in sample.values.values()}
    assert len(lengths) == 1
    assert lengths != {0}
    for channel in stream.channels:
        values = sample.values[channel.name]
        assert values.shape[1:] == (len(channel.columns),)
        assert np.issubdtype(values.dtype, np.floating)
    if stream.tick is None:
        assert sample.device_time is None
    else:
        assert sample.device_time is not None
        assert sample.device_time.dtype == np.int64
        assert {len(sample.device_time)} == lengths


@pytest.mark.parametrize("name", DEVICES)
@given(data=st.data())
def test_garbage_does_no_harm(name: str, data: st.DataObject) -> None:
    """Nothing raises; each message is counted as rejected or understood, and its samples fit."""
    device = DEVICES[name]
    streams = {stream.name: stream for stream in device.streams}
    decoder = device.decoder()
    for channel, message in data.draw(messages(device)):
        before = decoder.rejected
        samples = decoder.feed(message, channel)
        assert decoder.rejected - before in (0, len(message))
        assert not samples or decoder.rejected == before
        for sample in samples:
            check_fits(sample, streams)


@pytest.mark.parametrize("name", DEVICES)
def test_unknown_characteristics_are_counted(name: str) -> None:
    """What comes from a characteristic that the device does not have belongs to no message."""
    decoder = DEVICES[name].decoder()
    assert decoder.feed(b"\1\2\3", "00002a00-0000-1000-8000-00805f9b34fb") == []
    assert decoder.rejected == 3


@pytest.mark.parametrize("name", DEVICES)
def test_descriptions_are_whole(name: str) -> None:
    """UUIDs are 128 bits in lower case, streams have their own names, something marks the model."""
    device = DEVICES[name]
    uuids = [*device.services, *device.notify, *device.read]
    uuids += [write.characteristic for write in (*device.start, *device.stop)]
    for uuid in uuids:
        assert uuid == uuid.lower()
        assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12]
    names = [stream.name for stream in device.streams]
    assert len(set(names)) == len(names)
    assert device.names or device.services
