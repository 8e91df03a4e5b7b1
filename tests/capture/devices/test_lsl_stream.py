"""LSL messages to samples: values, raw stamps, times, and numbers that know the gaps."""

import numpy as np
import pytest

from trackside.capture.devices.contract import Remark
from trackside.capture.devices.lsl_stream import (
    CLOCK,
    LSL_TEXT,
    SIGNALS,
    LslDecoder,
    LslTextDecoder,
    lsl_device,
    text_message,
)
from trackside.recordings.model import ACCELEROMETER, Channel

CHANNELS = (ACCELEROMETER, Channel("trigger", "a.u."))
START = 29557.0625  # s on the sender's clock


def message(stamps: list[float], offset: float = -29000.0, first: float = 0.0) -> bytes:
    """Samples whose four values count on from ``first``."""
    values = first + np.arange(4.0 * len(stamps)).reshape(-1, 4)
    return np.column_stack([stamps, np.full(len(stamps), offset), values]).tobytes()


def decoder(rate: float | None = 100.0, *, can_drop_samples: bool = False) -> LslDecoder:
    made = lsl_device(CHANNELS, rate=rate, can_drop_samples=can_drop_samples).decoder()
    assert isinstance(made, LslDecoder)
    return made


def test_a_message_says_values_stamps_and_times() -> None:
    """Time stamps are kept raw in ns; times are those on the host's clock."""
    (samples,) = decoder().feed(message([START, START + 0.01]), SIGNALS)
    assert samples.device_time is not None
    assert samples.device_time.tolist() == [29_557_062_500_000, 29_557_072_500_000]
    assert samples.time is not None
    assert samples.time.tolist() == pytest.approx([557.0625, 557.0725])
    assert samples.values["accelerometer"].tolist() == [[0, 1, 2], [4, 5, 6]]
    assert samples.values["trigger"].tolist() == [[3], [7]]


def test_without_a_comparison_of_clocks_arrivals_tell_the_time() -> None:
    """Then the samples have stamps and no time."""
    (samples,) = decoder().feed(message([START], offset=np.nan))
    assert samples.time is None
    assert samples.device_time is not None


def test_comparisons_of_clocks_are_a_stream() -> None:
    """The sender's clock is the device time, the host's the time, the change of both the value."""
    row = np.array([START, -29000.0, 2e-4])
    (samples,) = decoder().feed(row.tobytes(), CLOCK)
    assert samples.stream == CLOCK
    assert samples.time is not None
    assert samples.time.tolist() == [557.0625]
    assert samples.values["correction_change"].tolist() == [[2e-4]]
    assert samples.sequence is None


def numbers(stamps: list[float], made: LslDecoder, parts: int = 1) -> list[int]:
    """The samples' numbers, sent in so many messages."""
    fed = [
        made.feed(message(list(part)))[0].sequence
        for part in np.array_split(np.array(stamps), parts)
    ]
    return [int(n) for part in fed if part is not None for n in part]


@pytest.mark.parametrize("parts", [1, 3, 6])
def test_jitter_is_no_gap_and_an_outage_is(parts: int) -> None:
    """Stamps that scatter by 4 periods leave the numbers; 2 s without samples are 200."""
    stamps = [START + at for at in (0.0, 0.05, 0.02, 0.06, 2.06, 2.07)]
    assert numbers(stamps, decoder(), parts) == [0, 1, 2, 3, 203, 204]


def test_what_can_drop_samples_is_numbered_by_its_stamps() -> None:
    """Then no number is made of arrivals: the stamps go the way of a device's clock."""
    made = lsl_device(CHANNELS, rate=100.0, can_drop_samples=True)
    assert made.streams[0].sequence_bits is None
    assert numbers([START, START + 0.03], decoder(can_drop_samples=True)) == []


def test_without_a_rate_there_are_no_numbers() -> None:
    """Nobody knows how many samples an outage cost."""
    assert numbers([START, START + 5.0], decoder(rate=None)) == []


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x00" * 47, message([START])[:-1], message([float("nan")]), message([float("inf")])],
)
def test_garbage_is_counted_and_hides_nothing(garbage: bytes) -> None:
    """What is no whole row, or has no time stamp, is rejected; the next message is understood."""
    made = decoder()
    assert made.feed(garbage) == []
    assert made.feed(b"1234", "unknown") == []
    assert made.rejected == len(garbage) + 4
    assert len(made.feed(message([START]))) == 1


def test_text_becomes_remarks_with_times_where_they_are_known() -> None:
    """Several texts of one sample are one remark; what is no message is counted."""
    made = LSL_TEXT.decoder()
    assert isinstance(made, LslTextDecoder)
    assert made.feed(text_message([START, START + 1.0], -29000.0, [["go", "left"], ["stop"]])) == []
    assert made.feed(text_message([START], None, [["later"]])) == []
    assert made.remarks == [
        Remark("go; left", START - 29000.0),
        Remark("stop", START - 28999.0),
        Remark("later"),
    ]
    for garbage in (b"", b"\xff", b"[[1]]", b"[[1, 2, [3]]]", b"{}x"):
        made.feed(garbage)
    assert (made.rejected, len(made.remarks)) == (22, 3)
    assert len(made.feed(np.array([START, -29000.0, 0.0]).tobytes(), CLOCK)) == 1
