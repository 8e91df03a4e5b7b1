"""Polar's measurement frames: units, scale, and the time of each sample."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polar_messages import frame, started

from trackside.arrays import Floats
from trackside.capture.devices import heart_rate
from trackside.capture.devices.contract import Samples
from trackside.capture.devices.polar import (
    CONTROL,
    DATA,
    POLAR_H10,
    POLAR_VERITY_SENSE,
    PolarDecoder,
    polar_device,
)
from trackside.capture.devices.polar_control import Measurement

GRAVITY = 9.80665


def one(decoder: PolarDecoder, data: bytes) -> Samples:
    (samples,) = decoder.feed(data, DATA)
    return samples


def values(samples: Samples) -> Floats:
    return np.asarray(next(iter(samples.values.values())))


def times(samples: Samples) -> list[int]:
    assert samples.device_time is not None
    return [int(time) for time in samples.device_time]


# Units


def test_raw_acceleration() -> None:
    """Raw acceleration is in mG."""
    decoder = started(POLAR_H10)
    content = bytes.fromhex("F7FFFFFFE703F8FFFEFFE503")
    samples = one(decoder, frame(2, 2_000_000_000, 0x01, content))
    assert samples.stream == "accelerometer"
    expected = np.array([[-9, -1, 999], [-8, -2, 997]]) * GRAVITY / 1000
    np.testing.assert_allclose(values(samples), expected, rtol=1e-12)


@pytest.mark.parametrize(("form", "size"), [(0, 1), (1, 2), (2, 3)])
def test_raw_acceleration_of_all_widths(form: int, size: int) -> None:
    """Raw acceleration comes with 8, 16 or 24 bits, signed."""
    numbers = [-128, 127, 0, 1, -1, 64]
    content = b"".join(number.to_bytes(size, "little", signed=True) for number in numbers)
    samples = one(started(POLAR_H10), frame(2, 10**9, form, content))
    expected = np.array(numbers).reshape(2, 3) * GRAVITY / 1000
    np.testing.assert_allclose(values(samples), expected, rtol=1e-12)


def test_compressed_acceleration() -> None:
    """Published frames: one difference from the reference sample, in mG."""
    decoder = started(POLAR_VERITY_SENSE)
    data = bytes.fromhex("0265000000000000 0081F1FF1400F00306017B0F08")
    samples = one(decoder, data)
    expected = np.array([[-15, 20, 1008], [-20, 17, 1008]]) * GRAVITY / 1000
    np.testing.assert_allclose(values(samples), expected, rtol=1e-12)
    assert times(samples)[-1] == 101
    samples = one(decoder, frame(2, 202, 0x81, bytes.fromhex("EAFF08000D000301DF00")))
    expected = np.array([[-22, 8, 13], [-23, 11, 16]]) * GRAVITY / 1000
    np.testing.assert_allclose(values(samples), expected, rtol=1e-12)


ACCELERATION_57_SAMPLES = bytes.fromhex(
    "7107F06A9E8D0A38BE5CBEBA2F96B3EE4BE5ADFB42B9EBBE4CFEBA2F92BFEE4BE4B1FB12B9ECBD3C3EBB2F8FD3DE4BE3"
    "B5F7D2B8EDBD307E7B2F8BE3CE8BE2BAF7A2B8EEBC20BE7B2F88F3CECBE1BDEF52F8EFBC18FE3B2F8403BFCBE0C2EF32"
    "B8F0BB044EBC2E8113AF0BE0C6EFF2F7F1B9FC7DBC2E7D279F4BDFCAEBC2F7F2B8ECCD7C2E7B378F4BDECEE392F7F3B8"
    "E00DFD2D774B7FCBDDD2DF6237F5B7D44DBD2D745B6FCBDCD7D73237F6B5C88D7D2D716B4F4BDCDCD3F236F7B4BCDDFD"
    "2C6F7B3F4BDBE0CFD236F8B2B02DBE2C6C8F1FCBDAE3C7A276F9"
)


def test_compressed_acceleration_of_57_samples() -> None:
    """A published frame in G, scaled by the factor of the start's answer, stays within its 8 g."""
    factor = np.float64(np.float32(2.44e-4))
    decoder = started(POLAR_VERITY_SENSE, float(factor))
    samples = one(decoder, frame(2, 2_000_000_000, 0x80, ACCELERATION_57_SAMPLES))
    acceleration = values(samples) / GRAVITY
    assert acceleration.shape == (57, 3)
    first = np.array([[1905, 27376, -29282], [1905 + 190, 27376 - 105, -29282 - 85]])
    np.testing.assert_allclose(acceleration[:2], first * factor, rtol=1e-12)
    assert np.abs(acceleration).max() <= 8


def test_compressed_magnetic_field() -> None:
    """Published frames, in Gauss and in milligauss with the state of calibration; here in µT."""
    decoder = started(POLAR_VERITY_SENSE)
    samples = one(decoder, frame(6, 10**9, 0x80, bytes.fromhex("E2E6FA15490A06017F20FC")))
    expected = np.array([[-6430, 5626, 2633], [-6431, 5627, 2635]]) * 100
    np.testing.assert_allclose(samples.values["magnetometer"], expected, rtol=1e-12)
    assert np.isnan(samples.values["calibration"]).all()
    samples = one(decoder, frame(6, 2 * 10**9, 0x81, bytes.fromhex("37FF51FD6CF600000301F802")))
    expected = np.array([[-201, -687, -2452], [-201, -688, -2449]]) / 10
    np.testing.assert_allclose(samples.values["magnetometer"], expected, rtol=1e-12)
    assert samples.values["calibration"].tolist() == [[0], [1]]


def test_compressed_angular_rate_in_floats() -> None:
    """A published frame whose differences are those of the floats' bit patterns, in deg/s."""
    content = bytes.fromhex("0000803F000020410000A0411C010000A001000008CDCCEC0D")
    samples = one(started(POLAR_VERITY_SENSE), frame(5, 10**9, 0x81, content))
    expected = np.radians([[1.0, 10.0, 20.0], [10.0, 20.0, float(np.float32(1.1))]])
    np.testing.assert_allclose(values(samples), expected, rtol=1e-12)


def test_angular_rate_in_integers() -> None:
    """Integer angular rates become rad/s with the factor of the start's answer."""
    decoder = started(POLAR_VERITY_SENSE, 0.0625)
    samples = one(decoder, frame(5, 10**9, 0x80, struct.pack("<3h", 16, -32, 1600)))
    np.testing.assert_allclose(values(samples), np.radians([[1, -2, 100]]), rtol=1e-12)


def test_ecg() -> None:
    """ECG comes as 24-bit µV and leaves in V."""
    samples = one(started(POLAR_H10), frame(0, 10**9, 0, bytes.fromhex("FFFFFF 0A0000 000080")))
    np.testing.assert_allclose(values(samples)[:, 0], [-1e-6, 10e-6, -8388608e-6], rtol=1e-12)


@given(
    st.lists(
        st.lists(st.floats(-2000, 2000, width=32), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    )
)
def test_float_differences_round_trip(rows: list[list[float]]) -> None:
    """Floats of both signs are read back from the differences of their bit patterns."""
    patterns = np.array(rows, np.float32).view(np.int32).astype(np.int64)
    steps = np.diff(patterns, axis=0).astype(np.int32)  # modulo 2³²
    content = patterns[:1].astype("<i4").tobytes()
    content += bytes([32, len(steps)]) + steps.astype("<i4").tobytes()
    samples = one(started(POLAR_VERITY_SENSE), frame(5, 10**9, 0x81, content))
    np.testing.assert_allclose(values(samples), np.radians(rows), rtol=1e-12)


# Time


def acceleration(time: int, count: int) -> bytes:
    return frame(2, time, 0x01, bytes(6 * count))


def test_the_first_frame_is_spread_by_the_nominal_rate() -> None:
    """The time stamp is that of the last sample; the others lie nominal periods before it."""
    samples = one(started(POLAR_H10), acceleration(10**9, 4))
    assert times(samples) == [985_000_000, 990_000_000, 995_000_000, 1_000_000_000]


def test_later_frames_are_spread_between_the_time_stamps() -> None:
    """A device whose clock runs 1 % slow keeps even spacing, and no nanosecond gets lost."""
    decoder = started(POLAR_H10)
    start = 694_224_000_000_000_000
    seen: list[int] = []
    for n in range(1, 6):
        seen += times(one(decoder, acceleration(start + n * 20_200_000, 4)))
    steps = np.diff(seen)
    assert seen[-1] == start + 5 * 20_200_000
    assert set(steps[3:]) == {5_050_000}


def test_a_lost_frame_remains_a_gap() -> None:
    """Samples after a loss are not stretched over it."""
    decoder = started(POLAR_H10)
    one(decoder, acceleration(1_000_000_000, 4))
    samples = one(decoder, acceleration(1_040_000_000, 4))  # one of 4 samples was lost before
    assert times(samples) == [1_025_000_000, 1_030_000_000, 1_035_000_000, 1_040_000_000]


def test_a_clock_set_back_starts_anew() -> None:
    """After the H10 was off the strap its clock is years back, and samples still do not overlap."""
    decoder = started(POLAR_H10)
    one(decoder, acceleration(700_000_000_000_000_000, 4))
    samples = one(decoder, acceleration(600_000_000_000_000_000, 2))
    assert times(samples) == [600_000_000_000_000_000 - 5_000_000, 600_000_000_000_000_000]


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_garbage_between_frames_leaves_the_clock_alone(garbage: list[bytes]) -> None:
    """Cut-off frames and nonsense between two frames do not change the times of the second."""
    decoder = started(POLAR_H10)
    one(decoder, acceleration(1_000_000_000, 4))
    junk = [acceleration(5_000_000_000, 4)[:-1], frame(2, 7, 0x7F, bytes(12))]
    junk += [bytes([0x3F]) + noise for noise in garbage]
    for data in junk:
        assert decoder.feed(data, DATA) == []
    assert decoder.rejected == sum(len(data) for data in junk)
    samples = one(decoder, acceleration(1_020_200_000, 4))
    assert times(samples) == [1_005_050_000, 1_010_100_000, 1_015_150_000, 1_020_200_000]


def test_measurements_have_their_own_clocks() -> None:
    """A frame of ECG does not disturb the spacing of acceleration."""
    decoder = started(POLAR_H10)
    one(decoder, acceleration(1_000_000_000, 4))
    one(decoder, frame(0, 1_010_000_000, 0, bytes(3)))
    assert times(one(decoder, acceleration(1_020_200_000, 4)))[0] == 1_005_050_000


def test_a_time_stamp_beyond_reason_is_refused() -> None:
    """Device times are signed 64-bit numbers."""
    decoder = started(POLAR_H10)
    assert decoder.feed(acceleration(2**63, 4), DATA) == []
    assert decoder.rejected == 34


# Scale


def test_compressed_frames_wait_for_their_factor() -> None:
    """A scale is never guessed: without the answer to the start, compressed frames are rejected."""
    decoder = POLAR_VERITY_SENSE.decoder()
    content = struct.pack("<3h", 100, 0, 0)
    data = frame(5, 10**9, 0x80, content)
    assert decoder.feed(data, DATA) == []
    assert decoder.rejected == len(data)
    decoder.feed(bytes.fromhex("f0020500"), CONTROL)  # without a factor it is 1
    (samples,) = decoder.feed(data, DATA)
    np.testing.assert_allclose(values(samples), np.radians([[100, 0, 0]]), rtol=1e-12)


def test_raw_frames_need_no_factor() -> None:
    """The factor belongs to compressed frames; raw ones have their units."""
    (raw,) = POLAR_H10.decoder().feed(acceleration(10**9, 1)[:-2] + b"\x10\0", DATA)
    scaled = one(started(POLAR_H10, 2.0), acceleration(10**9, 1)[:-2] + b"\x10\0")
    np.testing.assert_allclose(values(raw), [[0, 0, 16 * GRAVITY / 1000]], rtol=1e-12)
    np.testing.assert_array_equal(values(scaled), values(raw))


def test_measurements_that_were_not_asked_for_are_rejected() -> None:
    """Samples without a stream have no place to go."""
    decoder = started(POLAR_H10)
    assert decoder.feed(frame(5, 10**9, 0x80, bytes(6)), DATA) == []


# Beats

PPI = polar_device("Polar Verity Sense", ("Polar Sense",), {Measurement.PPI: {}})


def beats(time: int, *intervals: int) -> bytes:
    packed = b"".join(struct.pack("<BHHB", 60, interval, 5, 6) for interval in intervals)
    return frame(3, time, 0, packed)


def test_ppi_fields() -> None:
    """Published beats; contact counts only where it is supported."""
    content = bytes.fromhex("8080808080FF000100010000")
    samples = one(started(PPI), frame(3, 10**12, 0, content))
    assert samples.values["heart_rate"][:, 0].tolist() == [128, 0]
    np.testing.assert_allclose(samples.values["rr_interval"][:, 0], [32.896, 0.001])
    np.testing.assert_allclose(samples.values["error"][:, 0], [32.896, 0.001])
    assert samples.values["blocked"][:, 0].tolist() == [1, 0]
    np.testing.assert_equal(samples.values["contact"][:, 0], [1, np.nan])


@pytest.mark.parametrize(
    ("flags", "blocked", "contact"),
    [(0, 0, np.nan), (1, 1, np.nan), (2, 0, np.nan), (4, 0, 0), (6, 0, 1), (7, 1, 1)],
)
def test_ppi_flags(flags: int, blocked: float, contact: float) -> None:
    """Contact is known only where the device can tell."""
    samples = one(started(PPI), frame(3, 10**12, 0, struct.pack("<BHHB", 60, 1000, 5, flags)))
    assert samples.values["blocked"].item() == blocked
    np.testing.assert_equal(samples.values["contact"].item(), contact)


def test_beats_lie_their_intervals_apart() -> None:
    """The time stamp is that of the last beat."""
    samples = one(started(PPI), beats(10**12, 800, 900, 1000))
    assert times(samples) == [998_100_000_000, 999_000_000_000, 10**12]


def test_beats_without_time_stamps_are_their_own_clock() -> None:
    """Firmware that always sends 0 leaves the intervals to count time."""
    decoder = started(PPI)
    assert times(one(decoder, beats(0, 800, 900))) == [800_000_000, 1_700_000_000]
    assert times(one(decoder, beats(0, 1000))) == [2_700_000_000]


def test_heart_rate_comes_along() -> None:
    """Polar's devices have the heart rate service, too."""
    samples = POLAR_H10.decoder().feed(bytes.fromhex("003c"), heart_rate.MEASUREMENT)
    assert [sample.stream for sample in samples] == ["heart_rate"]
    assert {"heart_rate", "rr_interval"} <= {stream.name for stream in POLAR_H10.streams}
