"""Text tables with named columns: every cell a number and every row whole, or an error."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import FileFormatError

LARGEST = 2.0**53
"""From there on, floats leave out whole numbers."""


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, which must end with a line end: a cut-off number is a wrong number.

    Raises :class:`FileFormatError` for an empty file, no text, or a file cut short.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(path, f"byte {error.start}", "UTF-8 text") from error
    except OSError as error:
        raise FileFormatError(path, "file", f"a readable file ({error.strerror})") from error
    if not text.strip():
        raise FileFormatError(path, "line 1", "a table; the file is empty")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines.pop():
        raise FileFormatError(path, f"line {len(lines) + 1}", "a line end; the file is cut short")
    return lines


def column_names(header: str) -> list[str]:
    """The names in a table's header line, which tabs, semicolons or commas separate."""
    return [name.strip() for name in header.split(_separator(header))]


def read_columns(
    path: Path, lines: Sequence[str], columns: Sequence[str], header_line: int = 0
) -> Floats:
    """The named columns of a table, (N, columns); ``header_line`` counts from 0.

    Raises :class:`FileFormatError` naming the column that is missing, or the line and column that
    hold anything but a number.
    """
    names = column_names(lines[header_line])
    for column in columns:
        if column not in names:
            raise FileFormatError(path, f"line {header_line + 1}", f"a column '{column}'")
    rows = lines[header_line + 1 :]
    if not any(rows):
        raise FileFormatError(path, f"line {header_line + 2}", "a row of numbers; there is none")
    separator = _separator(lines[header_line])
    used = [names.index(column) for column in columns]
    try:
        return np.loadtxt(rows, delimiter=separator, comments=None, usecols=used, ndmin=2)
    except ValueError as error:
        numbered = enumerate((row.split(separator) for row in rows), start=header_line + 2)
        raise _first_fault(path, numbered, names, used) from error


def whole_numbers(path: Path, column: str, values: Floats) -> Integers:
    """A column (N,) as integers; :class:`FileFormatError` where it holds others than whole ones."""
    if not (np.abs(values) < LARGEST).all() or (values % 1.0).any():
        raise FileFormatError(path, f"column '{column}'", "whole numbers")
    return values.astype(np.int64)


def _separator(header: str) -> str:
    return next((mark for mark in "\t;" if mark in header), ",")


def _first_fault(
    path: Path, rows: Iterable[tuple[int, list[str]]], names: Sequence[str], used: Sequence[int]
) -> FileFormatError:
    """Where the first row lacks a column or a used cell is no number."""
    for line, cells in rows:
        if len(cells) <= max(used):
            return FileFormatError(
                path, f"line {line}", f"{len(names)} columns, found {len(cells)}"
            )
        for column in used:
            if not _is_number(cells[column]):
                place = f"line {line}, column '{names[column]}'"
                return FileFormatError(path, place, f"a number, found '{cells[column]}'")
    return FileFormatError(path, "table", "rows of numbers")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
