"""Rows of numbers to lines of text and back, compiled: the bulk of every BVH and CSV file."""

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.kernels import kernel

Bytes = NDArray[np.uint8]

_EXACT = 2.0**52  # below it a product and its nearest integer are told apart without error
_ZERO, _NINE, _DOT, _PLUS, _MINUS, _NEWLINE = (ord(character) for character in "09.+-\n")
_TEN, _ZERO_CHARACTER = np.uint64(10), np.uint64(ord("0"))
_MANTISSA_LIMIT = 10**17  # one more digit still fits int64
_POWERS_OF_TEN = 10.0 ** np.arange(23)  # all of them exact in float64


def fixed_point_text(values: Floats, decimals: int, separator: str = " ") -> bytes:
    """The rows of ``values`` (N, M) as lines of N · M numbers, each line ended by a line feed.

    Each number is what Python's ``f"{value:.{decimals}f}"`` gives, ``-0.000000`` included.
    ``separator`` is one ASCII character. Raises SignalError where a value is not finite.
    """
    values = np.ascontiguousarray(values, float)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise SignalError(
            f"row {row}, column {column} is {values[row, column]}: expected a finite number"
        )
    largest = float(np.abs(values).max(initial=0.0))
    if largest * 10.0**decimals >= _EXACT:
        lines = (separator.join(f"{value:.{decimals}f}" for value in row) for row in values)
        return "".join(line + "\n" for line in lines).encode("ascii")
    width = len(f"{-largest:.{decimals}f}") + 1
    text = np.empty(values.size * width + len(values), np.uint8)
    end = _write_rows(values, decimals, ord(separator), text)
    return text[:end].tobytes()


def numbers_from_text(text: Bytes, start: int, rows: int, columns: int) -> tuple[Floats, int]:
    """Read up to ``rows`` lines of exactly ``columns`` finite decimal numbers from ``start`` on.

    ``text`` is ASCII; blank lines are skipped. Returns the rows read, (≤ rows, columns), and the
    offset of the first line that could not be read, or of the end of the last row. Numbers of up to
    15 digits are rounded exactly, longer ones and high powers of ten to 1e-15 of their size.
    """
    values = np.empty((rows, columns))
    read, stop = _read_rows(text, start, values)
    return values[:read], stop


@kernel
def _product_error(a: float, b: float, product: float) -> float:
    """a · b − product exactly, for product = the rounded a · b (Dekker 1971)."""
    a_shifted, b_shifted = 134217729.0 * a, 134217729.0 * b  # 2²⁷ + 1
    a_high = a_shifted - (a_shifted - a)
    b_high = b_shifted - (b_shifted - b)
    a_low, b_low = a - a_high, b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@kernel
def _nearest_integer(value: float, scale: float) -> int:
    """value · scale ≥ 0 rounded as Python formats it: to nearest, an exact tie to even."""
    product = value * scale
    whole = int(product)
    part = product - whole
    if part != 0.5:
        return whole + 1 if part > 0.5 else whole
    error = _product_error(value, scale, product)
    if error == 0.0:
        return whole + (whole & 1)
    return whole + 1 if error > 0.0 else whole


@kernel
def _write_digits(number: int, count: int, text: Bytes, end: int) -> int:
    """Write the last ``count`` digits of number so that they end before ``end``; the rest of it."""
    rest = np.uint64(number)  # unsigned: three times as fast, as the compiler need not floor
    for position in range(end - 1, end - 1 - count, -1):
        quotient = rest // _TEN
        text[position] = _ZERO_CHARACTER + (rest - _TEN * quotient)
        rest = quotient
    return int(rest)


@kernel
def _write_number(value: float, decimals: int, scale: float, text: Bytes, start: int) -> int:
    """Write one number from ``start`` on; the offset behind it."""
    if np.signbit(value):
        text[start] = _MINUS
        start += 1
    number = _nearest_integer(abs(value), scale)
    whole_digits, bound = 1, 10.0 * scale
    while number >= bound:
        whole_digits += 1
        bound *= 10.0
    end = start + whole_digits
    if decimals > 0:
        text[end] = _DOT
        number = _write_digits(number, decimals, text, end + 1 + decimals)
        _write_digits(number, whole_digits, text, end)
        return end + 1 + decimals
    _write_digits(number, whole_digits, text, end)
    return end


@kernel
def _write_rows(values: Floats, decimals: int, separator: int, text: Bytes) -> int:
    """Write all rows into ``text``; the number of bytes written."""
    scale = 10.0**decimals
    end = 0
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            if column > 0:
                text[end] = separator
                end += 1
            end = _write_number(values[row, column], decimals, scale, text, end)
        text[end] = _NEWLINE
        end += 1
    return end


@kernel
def _skip_blanks(text: Bytes, position: int) -> int:
    """The offset of the next byte that is not white space, line feeds apart."""
    while position < len(text) and text[position] != _NEWLINE:
        if text[position] != ord(" ") and not 9 <= text[position] <= 13:
            break
        position += 1
    return position


@kernel
def _skip_blank_lines(text: Bytes, position: int) -> int:
    """The offset of the next byte that is not white space."""
    position = _skip_blanks(text, position)
    while position < len(text) and text[position] == _NEWLINE:
        position = _skip_blanks(text, position + 1)
    return position


@kernel
def _is_digit(text: Bytes, position: int) -> bool:
    return position < len(text) and _ZERO <= text[position] <= _NINE


@kernel
def _read_sign(text: Bytes, position: int) -> tuple[int, int]:
    """The sign (−1 or 1) and the offset behind it."""
    if position < len(text) and (text[position] == _MINUS or text[position] == _PLUS):
        return (-1 if text[position] == _MINUS else 1), position + 1
    return 1, position


@kernel
def _read_mantissa(text: Bytes, position: int) -> tuple[int, int, int, int]:
    """Digits with at most one dot: value without it, its exponent, digit count, offset behind."""
    mantissa = exponent = digits = fraction = 0
    while position < len(text):
        if _is_digit(text, position):
            if mantissa < _MANTISSA_LIMIT:
                mantissa = 10 * mantissa + int(text[position]) - _ZERO
                exponent -= fraction
            else:
                exponent += 1 - fraction
            digits += 1
        elif text[position] == _DOT and not fraction:
            fraction = 1
        else:
            break
        position += 1
    return mantissa, exponent, digits, position


@kernel
def _read_exponent(text: Bytes, position: int) -> tuple[int, int]:
    """The power of ten behind an ``e``, 0 where there is none, and the offset behind it."""
    if position >= len(text) or (text[position] != ord("e") and text[position] != ord("E")):
        return 0, position
    sign, digit = _read_sign(text, position + 1)
    if not _is_digit(text, digit):
        return 0, position
    exponent = 0
    while _is_digit(text, digit):
        exponent = min(10 * exponent + int(text[digit]) - _ZERO, 9999)
        digit += 1
    return sign * exponent, digit


@kernel
def _scaled(mantissa: int, exponent: int) -> float:
    """mantissa · 10^exponent."""
    if mantissa == 0:
        return 0.0
    if 0 <= exponent <= 22:
        return mantissa * _POWERS_OF_TEN[exponent]
    if -22 <= exponent < 0:
        return mantissa / _POWERS_OF_TEN[-exponent]
    return mantissa * 10.0**exponent


@kernel
def _read_number(text: Bytes, position: int) -> tuple[float, int]:
    """One number up to white space or the end, NaN where there is none, and the offset behind."""
    sign, position = _read_sign(text, position)
    mantissa, shift, digits, position = _read_mantissa(text, position)
    exponent, position = _read_exponent(text, position)
    ends = position >= len(text) or text[position] == ord(" ") or 9 <= text[position] <= 13
    if digits == 0 or not ends:
        return np.nan, position
    return sign * _scaled(mantissa, shift + exponent), position


@kernel
def _read_rows(text: Bytes, position: int, values: Floats) -> tuple[int, int]:
    """Fill ``values`` row by row; the rows read and the offset where reading stopped."""
    for row in range(values.shape[0]):
        position = line = _skip_blank_lines(text, position)
        for column in range(values.shape[1]):
            value, position = _read_number(text, _skip_blanks(text, position))
            if not np.isfinite(value):
                return row, line
            values[row, column] = value
        position = _skip_blanks(text, position)
        if position < len(text) and text[position] != _NEWLINE:
            return row, line
    return values.shape[0], position
