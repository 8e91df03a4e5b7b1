"""Polar's two ways to pack samples: whatever was packed is read back, what is cut off is not."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.devices.gatt import NotificationError
from trackside.capture.devices.polar_samples import delta_samples, raw_samples


def delta_encoded(rows: Sequence[Sequence[int]], bits: int, sizes: Sequence[int]) -> bytes:
    """The reference sample and blocks of at most ``sizes`` differences, as narrow as possible."""
    data = b"".join(value.to_bytes(bits // 8, "little", signed=True) for value in rows[0])
    position = 1
    for size in [*sizes, *(255 for _ in range(len(rows)))]:
        block = range(position, min(position + size, len(rows)))
        steps = [b - a for row in block for a, b in zip(rows[row - 1], rows[row], strict=True)]
        if not steps:
            break
        width = max(1 + (step if step >= 0 else ~step).bit_length() for step in steps)
        stream = sum((step & ((1 << width) - 1)) << width * i for i, step in enumerate(steps))
        data += bytes([width, len(block)])
        data += stream.to_bytes((width * len(steps) + 7) // 8, "little")
        position += len(block)
    return data


@given(
    st.integers(1, 4).flatmap(
        lambda columns: st.tuples(
            st.just(columns),
            st.lists(
                st.lists(st.integers(-32768, 32767), min_size=columns, max_size=columns),
                min_size=1,
                max_size=80,
            ),
        )
    ),
    st.lists(st.integers(1, 60), max_size=4),
)
def test_delta_coding_round_trip(case: tuple[int, list[list[int]]], sizes: list[int]) -> None:
    """Any numbers, in blocks of any sizes and widths, are read back."""
    columns, rows = case
    data = delta_encoded(rows, 16, sizes)
    assert delta_samples(data, columns, 16).tolist() == rows
    with pytest.raises(NotificationError):
        delta_samples(data[:-1], columns, 16)


def test_a_signal_that_stands_still_needs_no_bits() -> None:
    """Differences of width 0 repeat the reference sample."""
    assert delta_samples(bytes.fromhex("01000200 0003"), 2, 16).tolist() == [[1, 2]] * 4


def test_differences_may_not_be_wider_than_floats() -> None:
    """A width that no device has is garbage."""
    with pytest.raises(NotificationError):
        delta_samples(bytes([0, 0, 33, 1]) + bytes(5), 1, 16)


def test_raw_samples_are_whole() -> None:
    """A cut-off sample is an error."""
    assert raw_samples(bytes.fromhex("ffff0100"), 2, 16).tolist() == [[-1, 1]]
    with pytest.raises(NotificationError):
        raw_samples(bytes.fromhex("ffff01"), 2, 16)
