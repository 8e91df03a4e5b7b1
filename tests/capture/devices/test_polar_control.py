"""Polar's control point: commands, settings, and the answers to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polar_messages import answer_to_start

from trackside.capture.devices import polar_control
from trackside.capture.devices.gatt import NotificationError
from trackside.capture.devices.polar import (
    CONTROL,
    POLAR_H10,
    POLAR_VERITY_SENSE,
    PolarDecoder,
    in_sdk_mode,
)
from trackside.capture.devices.polar_control import (
    Measurement,
    Operation,
    Response,
    Setting,
    Status,
)


def test_start_commands() -> None:
    """The H10 starts ECG and acceleration, the Verity Sense its three inertial sensors."""
    assert [write.data.hex() for write in POLAR_H10.start] == [
        "02000001820001010e00",
        "02020001c8000101100002010800",
    ]
    assert [write.data.hex() for write in POLAR_VERITY_SENSE.start] == [
        "0202000134000101100002010800040103",
        "02050001340001011000" + "0201d007040103",
        "0206000134000101100002013200040103",
    ]
    assert {write.characteristic for write in POLAR_H10.start} == {CONTROL}


def test_stop_commands() -> None:
    """Whatever is started is stopped, so that the device does not drain."""
    assert [write.data.hex() for write in POLAR_H10.stop] == ["0300", "0302"]


def test_sdk_mode_encloses_the_measurements() -> None:
    """SDK mode can only be switched while nothing is measured."""
    device = in_sdk_mode(POLAR_H10)
    assert device.start[0].data.hex() == "0209"
    assert device.stop[-1].data.hex() == "0309"
    assert device.start[1:] == POLAR_H10.start


def test_settings_are_asked_for() -> None:
    """The two settings queries name the measurement."""
    assert polar_control.get_settings(Measurement.GYROSCOPE).hex() == "0105"
    assert polar_control.get_sdk_mode_settings(Measurement.GYROSCOPE).hex() == "0405"


def test_settings_of_all_widths() -> None:
    """Settings have 1, 2, 4 and 16 bytes a value, and one is a float."""
    settings = polar_control.parse_settings(
        bytes.fromhex("00013400" + "01011000" + "0204f500f401e803d007" + "040103")
    )
    assert settings == {
        Setting.SAMPLE_RATE: (52,),
        Setting.RESOLUTION: (16,),
        Setting.RANGE: (245, 500, 1000, 2000),
        Setting.CHANNELS: (3,),
    }
    settings = polar_control.parse_settings(
        bytes.fromhex("0302ffffffffff000000" + "05010000003f" + "0601" + "01" + 15 * "00")
    )
    assert settings == {
        Setting.RANGE_MILLI_UNIT: (0xFFFFFFFF, 0xFF),
        Setting.FACTOR: (0.5,),
        Setting.SECURITY: (1,),
    }


@pytest.mark.parametrize("parameters", ["00", "000134", "0501000000", "0701"])
def test_settings_that_are_cut_off_are_refused(parameters: str) -> None:
    """Cut-off and unknown settings are an error, not a guess."""
    with pytest.raises(NotificationError):
        polar_control.parse_settings(bytes.fromhex(parameters))


@given(
    st.dictionaries(st.sampled_from([*Setting][:5]), st.integers(0, 255)),
    st.sampled_from(Measurement),
)
def test_start_round_trip(settings: dict[Setting, int], measurement: Measurement) -> None:
    """The settings of a start command are read back as a device would."""
    command = polar_control.start(measurement, settings)
    assert command[:2] == bytes([Operation.START, measurement])
    assert polar_control.parse_settings(command[2:]) == {
        name: (value,) for name, value in settings.items()
    }


def test_answers_are_kept() -> None:
    """The last answer to each command can be looked up, also why it was refused."""
    decoder = POLAR_H10.decoder()
    assert isinstance(decoder, PolarDecoder)
    decoder.feed(bytes.fromhex("f00102000000013400"), CONTROL)
    decoder.feed(bytes.fromhex("f0020208"), CONTROL)
    settings, refused = decoder.responses.values()
    assert settings == Response(
        Operation.GET_SETTINGS,
        Measurement.ACCELEROMETER,
        Status.SUCCESS,
        parameters=bytes.fromhex("00013400"),
    )
    assert refused.status is Status.INVALID_SAMPLE_RATE
    assert polar_control.parse_response(bytes.fromhex("f0010600ff")).more
    assert decoder.rejected == 0


def test_what_is_not_measured_is_told_in_words() -> None:
    """A refused start, and what the device stopped by itself, until they are started after all."""
    decoder = POLAR_H10.decoder()
    assert isinstance(decoder, PolarDecoder)
    assert not decoder.refused
    decoder.feed(bytes.fromhex("f002000d"), CONTROL)
    decoder.feed(bytes.fromhex("f0020206"), CONTROL)  # already measured
    decoder.feed(bytes.fromhex("0102"), CONTROL)
    assert decoder.refused == ("ecg: in charger", "accelerometer: stopped by itself")
    for kind in (Measurement.ECG, Measurement.ACCELEROMETER):
        decoder.feed(answer_to_start(kind, 1.0), CONTROL)
    assert not decoder.refused


def test_the_device_tells_what_it_stopped_and_what_it_can_do() -> None:
    """A stopped measurement is known until it is started again; features are read once."""
    decoder = POLAR_H10.decoder()
    assert isinstance(decoder, PolarDecoder)
    decoder.feed(bytes.fromhex("010200"), CONTROL)
    assert decoder.stopped == {Measurement.ACCELEROMETER, Measurement.ECG}
    decoder.feed(answer_to_start(Measurement.ECG, 1.0), CONTROL)
    assert decoder.stopped == {Measurement.ACCELEROMETER}
    decoder.feed(bytes.fromhex("0f0502"), CONTROL)
    assert decoder.features == {
        Measurement.ECG,
        Measurement.ACCELEROMETER,
        Measurement.SDK_MODE,
    }


@pytest.mark.parametrize("data", ["", "f0", "f00202", "f0090200", "f0020463", "f002020000050100"])
def test_control_point_garbage(data: str) -> None:
    """Answers that are cut off or unknown are counted and change nothing."""
    decoder = POLAR_H10.decoder()
    assert isinstance(decoder, PolarDecoder)
    decoder.feed(bytes.fromhex(data), CONTROL)
    assert decoder.rejected == len(data) // 2
    assert decoder.responses == {}


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_factor_is_refused(factor: float) -> None:
    """A factor that would turn the samples into nonsense is not taken."""
    decoder = POLAR_VERITY_SENSE.decoder()
    decoder.feed(answer_to_start(Measurement.ACCELEROMETER, factor), CONTROL)
    assert decoder.rejected == 11
