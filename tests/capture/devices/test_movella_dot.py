"""Movella DOT: every payload mode, the commands, and the messages with their checksums."""

import struct
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices import movella_dot_messages as messages
from trackside.capture.devices.contract import Samples
from trackside.capture.devices.gatt import NotificationError
from trackside.capture.devices.movella_dot import (
    BATTERY,
    DEVICE_CONTROL,
    INFORMATION,
    MEASUREMENT_CONTROL,
    MESSAGE_ACKNOWLEDGEMENT,
    MESSAGE_NOTIFICATION,
    MOVELLA_DOT,
    DotDecoder,
    FilterProfile,
    dot_device,
    dot_uuid,
    identify,
    reset_heading,
    revert_heading,
    set_filter_profile,
    set_rate,
    start_measurement,
    stop_measurement,
)
from trackside.capture.devices.movella_dot_messages import Message, SyncResult
from trackside.capture.devices.movella_dot_payloads import PAYLOADS
from trackside.recordings.model import Kind

Q, E, FA, DV = "orientation", "euler_angles", "free_acceleration", "velocity_increment"
DQ, A, G, M = "orientation_increment", "accelerometer", "gyroscope", "magnetometer"
FORMS = {Q: "4f", DQ: "4f", M: "3h", "status": "H", "clip_count": "BB"}
DEGREES = {E, G}
CASES = {
    2: (36, 0x2003, (Q, FA, "status", "clip_count")),
    3: (32, 0x2003, (Q, FA)),
    4: (16, 0x2004, (E,)),
    5: (20, 0x2004, (Q,)),
    6: (16, 0x2004, (FA,)),
    7: (32, 0x2003, (E, FA, "status", "clip_count")),
    16: (28, 0x2003, (E, FA)),
    18: (38, 0x2003, (DQ, DV, M)),
    19: (32, 0x2003, (DQ, DV)),
    20: (34, 0x2003, (A, G, M)),
    21: (28, 0x2003, (A, G)),
    22: (40, 0x2003, (E, FA, G)),
    23: (34, 0x2003, (E, FA, M)),
    24: (32, 0x2003, (Q, G)),
    26: (44, 0x2002, (Q, A, G)),
}
"""By mode: the payload's size, the characteristic, and the quantities after the time."""


def merged(samples: list[Samples]) -> dict[str, list[float]]:
    return {
        name: values[0].tolist() for sample in samples for name, values in sample.values.items()
    }


def expected(name: str, sent: tuple[float, ...]) -> list[float]:
    if name in DEGREES:
        return [value * np.pi / 180 for value in sent]
    if name == M:
        return [value / 4096 for value in sent]
    if name == "status":
        return [float(int(sent[0]) >> bit & 1) for bit in range(10)]
    return [float(value) for value in sent]


def test_all_modes_of_the_specification_are_there() -> None:
    """Every mode that can be read without the maker's library is known."""
    assert set(PAYLOADS) == set(CASES)


@pytest.mark.parametrize("mode", CASES)
@given(data=st.data())
def test_payloads(mode: int, data: st.DataObject) -> None:
    """Each mode's quantities come in SI units; a cut-off payload is rejected, padding ignored."""
    size, characteristic, names = CASES[mode]
    time = data.draw(st.integers(0, 2**32 - 1))
    form, wanted = "<I", {}
    flat: list[float] = []
    number = st.floats(-2000, 2000, width=32)
    for name in names:
        shape = FORMS.get(name, "3f")
        count = struct.calcsize(shape.replace("f", "B").replace("h", "B").replace("H", "B"))
        element = number if shape[-1] == "f" else st.integers(0, 255)
        sent = data.draw(st.tuples(*[element] * count))
        form += shape
        flat += sent
        wanted[name] = expected(name, sent)
    payload = struct.pack(form, time, *flat)
    assert len(payload) == size
    decoder, channel = DotDecoder(mode), dot_uuid(characteristic)
    samples = decoder.feed(payload + bytes(3), channel)
    for name, values in merged(samples).items():
        np.testing.assert_allclose(values, wanted.pop(name), rtol=1e-12)
    assert not wanted
    for sample in samples:
        assert sample.device_time is not None
        assert sample.device_time.tolist() == [time]
    assert decoder.feed(payload[:-1], channel) == []
    assert decoder.rejected == size - 1


def test_frames_of_reference_are_kept_apart() -> None:
    """What the sensor measured and what its filter made of it are streams of different kinds."""
    kinds = {stream.name: stream.kind for stream in dot_device(26).streams}
    assert kinds == {"orientation": Kind.ORIENTATION, "imu": Kind.IMU, "battery": Kind.BATTERY}
    imu, battery = MOVELLA_DOT.streams
    assert [channel.name for channel in imu.channels] == [A, G, M]
    assert (imu.rate, imu.tick, imu.tick_bits, battery.tick) == (60, 1e-6, 32, None)


def test_status_flags() -> None:
    """Bits 0 to 8 tell which axis was clipped, bit 9 that the magnetic field is new."""
    payload = struct.pack("<I4f3fHBB", 0, 1, 0, 0, 0, 0, 0, 0, 0b10_100_010_001, 7, 8)
    (sample,) = DotDecoder(2).feed(payload, dot_uuid(0x2003))
    assert sample.values["status"].tolist() == [[1, 0, 0, 0, 1, 0, 0, 0, 1, 0]]
    assert sample.values["clip_count"].tolist() == [[7, 8]]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_rejected(value: float) -> None:
    """A sensor sends numbers; anything else is garbage."""
    decoder = DotDecoder(6)
    assert decoder.feed(struct.pack("<I3f", 1, 0, value, 0), dot_uuid(0x2004)) == []
    assert decoder.rejected == 16


def test_payloads_are_known_by_their_characteristic() -> None:
    """A payload on another characteristic than its mode's is not taken for it."""
    decoder = DotDecoder(4)
    assert decoder.feed(bytes(40), dot_uuid(0x2003)) == []
    assert decoder.rejected == 40


# Commands


def test_measuring() -> None:
    """Start and stop name the payload mode."""
    assert start_measurement(20).hex() == "010114"
    assert stop_measurement(20).hex() == "010014"


def test_configuration_writes_one_field_at_a_time() -> None:
    """The first byte marks the field that is meant; the others are not looked at."""
    assert set_rate(60).hex() == "10" + 23 * "00" + "3c00" + 6 * "00"
    assert set_rate(120)[24:26] == b"\x78\0"
    assert set_filter_profile(FilterProfile.DYNAMIC).hex() == "20" + 25 * "00" + "01" + 5 * "00"
    assert identify().hex() == "0101" + 30 * "00"
    with pytest.raises(ValueError, match="no rate of 100 Hz"):
        set_rate(100)


def test_heading_reset() -> None:
    """Headings are reset and reverted by number."""
    assert (reset_heading().hex(), revert_heading().hex()) == ("0100", "0700")


def test_the_payload_is_subscribed_to_and_configured_before_it_starts() -> None:
    """Notifications come first, then rate and filter, and measuring starts last."""
    device = dot_device(mode=26, rate=30, profile=FilterProfile.GENERAL)
    assert dot_uuid(0x2002) in device.notify
    assert [write.characteristic for write in device.start] == [
        DEVICE_CONTROL,
        DEVICE_CONTROL,
        MEASUREMENT_CONTROL,
    ]
    assert device.start[0].data == set_rate(30)
    assert device.start[-1].data == start_measurement(26)
    assert [write.data for write in device.stop] == [stop_measurement(26)]


# Messages


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (messages.start_sync("D4:22:CD:AA:BB:CC"), "020701ccbbaacd22d402"),
        (messages.stop_sync(), "020102fb"),
        (messages.request_sync_status(), "020108f5"),
        (messages.request_recording_state(), "010102fc"),
        (messages.stop_recording(), "010141bd"),
        (bytes(Message(3, b"\x04")), "030104f8"),
        (messages.start_recording(0x5F000000, 600), "0107400000005f5802ff"),
        (messages.start_recording(0), "01074000000000ffffba"),
        (messages.request_flash_info(), "010150ae"),
        (messages.request_file_info(1), "010260019c"),
        (messages.request_file_data(2), "010270028b"),
        (messages.select_export([messages.ExportedData.TIME, messages.ExportedData.GYROSCOPE]),
         "010374000880"),
    ],
)  # fmt: skip
def test_commands(command: bytes, data: str) -> None:
    """Commands are as published, or sum up to 0 where no example checks out."""
    assert command.hex() == data
    assert sum(command) & 0xFF == 0
    assert bytes(Message.from_bytes(command)) == command


@given(st.integers(0, 255), st.binary(min_size=1, max_size=60))
def test_messages_round_trip(service: int, data: bytes) -> None:
    """Any message is read back, with zeros behind it, too; one wrong bit is noticed."""
    message = Message(service, data)
    assert Message.from_bytes(bytes(message)) == message
    assert Message.from_bytes(bytes(message) + bytes(5)) == message
    damaged = bytearray(bytes(message))
    damaged[-1] ^= 0x10
    with pytest.raises(NotificationError):
        Message.from_bytes(bytes(damaged))
    for wrong in (bytes(message)[:-1], bytes(message) + b"\x01"):
        with pytest.raises(NotificationError):
            Message.from_bytes(wrong)


def test_synchronisation_answers() -> None:
    """The result of a synchronisation and its later state are told by messages."""
    decoder = DotDecoder(20)
    assert decoder.feed(bytes.fromhex("02020300f9"), MESSAGE_ACKNOWLEDGEMENT) == []
    assert decoder.message is not None
    assert messages.sync_result(decoder.message) is SyncResult.SUCCESS
    assert messages.sync_result(Message(2, b"\x03\x07")) is SyncResult.SKEW_TOO_LARGE
    decoder.feed(bytes.fromhex("02025104a7"), MESSAGE_NOTIFICATION)
    assert messages.is_synchronised(decoder.message)
    decoder.feed(bytes.fromhex("02025109a2"), MESSAGE_ACKNOWLEDGEMENT)
    assert not messages.is_synchronised(decoder.message)
    assert decoder.rejected == 0


@pytest.mark.parametrize("message", [Message(1, b"\x03\x00"), Message(2, b"\x03\x63")])
def test_other_answers_are_not_taken_for_synchronisation(message: Message) -> None:
    """Other services' messages and unknown results are refused."""
    with pytest.raises(NotificationError):
        messages.sync_result(message)
    with pytest.raises(NotificationError):
        messages.is_synchronised(message)


# Battery and information


@pytest.mark.parametrize(("data", "level", "charging"), [("5500", 85, 0), ("6401", 100, 1)])
def test_battery(data: str, level: float, charging: float) -> None:
    """The battery tells its level and whether it is charged."""
    samples = DotDecoder(20).feed(bytes.fromhex(data), BATTERY)
    assert merged(samples) == {"level": [level], "charging": [charging]}


@pytest.mark.parametrize("data", ["", "55", "6500", "5502"])
def test_battery_garbage(data: str) -> None:
    """What is no battery state is rejected."""
    decoder = DotDecoder(20)
    assert decoder.feed(bytes.fromhex(data), BATTERY) == []
    assert decoder.rejected == len(data) // 2


def information(month: int = 7, product: bytes = b"XS-T01") -> bytes:
    address = bytes.fromhex("ccbbaacd22d4")
    built = struct.pack("<H5B", 2023, month, 6, 12, 30, 59)
    return address + bytes([3, 0, 1]) + built + struct.pack("<IQ", 9, 0xD422CD0012AB) + product


def test_information() -> None:
    """A sensor tells who it is, once, on connecting."""
    decoder = DotDecoder(20)
    assert INFORMATION in MOVELLA_DOT.read
    assert decoder.feed(information(), INFORMATION) == []
    assert decoder.information is not None
    assert decoder.information.address == "D4:22:CD:AA:BB:CC"
    assert decoder.information.firmware == "3.0.1"
    assert decoder.information.built == datetime(2023, 7, 6, 12, 30, 59)
    assert decoder.information.serial == "D422CD0012AB"
    assert decoder.information.product == "XS-T01"


@pytest.mark.parametrize(
    "data", [information()[:-1], information(month=13), information(product=b"\xff" * 6)]
)
def test_information_garbage(data: bytes) -> None:
    """Cut-off information, impossible dates and names that are no text are rejected."""
    decoder = DotDecoder(20)
    decoder.feed(data, INFORMATION)
    assert decoder.information is None
    assert decoder.rejected == len(data)
