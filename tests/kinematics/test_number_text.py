"""Numbers as text: equal to Python's own formatting and reading, only faster."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.kinematics.number_text import fixed_point_text, numbers_from_text

shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=4)
magnitudes = st.sampled_from([1e-12, 1e-6, 1.0, 1e3, 1e8])
ordinary = st.builds(lambda share, scale: share * scale, st.floats(-1, 1), magnitudes)
any_finite = st.floats(allow_nan=False, allow_infinity=False)
ties = st.integers(-(10**9), 10**9).map(lambda n: n / 128)  # exact halves of the last decimal


def as_python_writes(values: Floats, decimals: int, separator: str) -> bytes:
    rows = (separator.join(f"{value:.{decimals}f}" for value in row) for row in values)
    return "".join(row + "\n" for row in rows).encode()


def as_bytes(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)


@settings(deadline=None, derandomize=True)
@given(
    hnp.arrays(float, shapes, elements=st.one_of(ordinary, ties, any_finite)),
    st.integers(0, 9),
    st.sampled_from(" ,\t"),
)
@example(np.array([[-0.0, -1e-9, 0.9999995, 9.9999995, 999.9999996]]), 6, " ")
@example(np.array([[0.5, 1.5, 2.5, -0.5]]), 0, ",")
@example(np.array([[0.0078125, 0.0234375, 4503599627.370495]]), 6, " ")
@example(np.array([[0.0010045, 0.0010095, 0.0010065, 0.0010015]]), 6, " ")  # ties but for 1 bit
@example(np.array([[2.0**52, 1e300]]), 6, ",")
def test_text_is_what_python_formats(values: Floats, decimals: int, separator: str) -> None:
    """Every finite number, however large, tiny or tied, is written as Python's own format does."""
    expected = as_python_writes(values, decimals, separator)
    assert fixed_point_text(values, decimals, separator) == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(bad: float) -> None:
    """What is no number cannot be written, and the error says where it stands."""
    values = np.zeros((3, 4))
    values[2, 1] = bad
    with pytest.raises(SignalError, match="row 2, column 1"):
        fixed_point_text(values, 6)


@settings(deadline=None, derandomize=True)
@given(hnp.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=ordinary))
def test_text_reads_back_as_python_reads_it(values: Floats) -> None:
    """Numbers of ordinary length are read to the very bit that Python's float() gives."""
    text = fixed_point_text(values, 6)
    read, stop = numbers_from_text(np.frombuffer(text, np.uint8), 0, *values.shape)
    expected = [[float(word) for word in line.split()] for line in text.decode().splitlines()]
    np.testing.assert_array_equal(read, expected)
    assert text[stop:] == b"\n"


@settings(deadline=None, derandomize=True)
@given(st.floats(1e-200, 1e200), st.sampled_from(["r", ".25e", ".30f"]))
@example(0.1, ".30f")
def test_long_numbers_keep_their_precision(value: float, form: str) -> None:
    """More digits than a float holds, and exponents, cost no more than 1e-15 of the number."""
    text = repr(value) if form == "r" else format(value, form)
    read, _ = numbers_from_text(as_bytes(text), 0, 1, 1)
    np.testing.assert_allclose(read[0, 0], float(text), rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "value"),
    [("+1.5", 1.5), ("-.25", -0.25), ("7.", 7.0), ("1e3", 1e3), ("2.5E-2", 0.025), ("0e999", 0.0)],
)
def test_every_notation_of_a_decimal_is_read(text: str, value: float) -> None:
    """Signs, exponents, and a dot at either end are all decimal notation."""
    assert numbers_from_text(as_bytes(text), 0, 1, 1)[0] == value


@pytest.mark.parametrize(
    "line",
    [
        "1 x",
        "1 nan",
        "1 1e999",
        "1",
        "1 2 3",
        "1 -",
        "1 .",
        "1 2e",
        "1 1.2.3",
        "1 1,5",
        "1 0x2",
        "",
    ],
)
def test_reading_stops_before_a_line_that_is_wrong(line: str) -> None:
    """Rows before a faulty line are returned, and the offset is where that line begins."""
    text = f"1 2\n\n 3\t4 \r\n{line}\n5 6\n" if line else "1 2\n\n 3\t4 \r\n"
    read, stop = numbers_from_text(as_bytes(text), 0, 4, 2)
    np.testing.assert_array_equal(read, [[1, 2], [3, 4]])
    assert text[stop:] == (f"{line}\n5 6\n" if line else "")
