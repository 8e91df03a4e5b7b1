"""OpenSim's table files, ``.mot`` and ``.sto``: a header, column labels, and rows by time.

The header ends with the line ``endheader``; before it stand ``key=value`` lines and remarks. A cell
is a number, or in files with ``DataType=Quaternion`` four, ``w,x,y,z``. Format: OpenSim's user
guide, "Motion (.mot) Files" and "Storage (.sto) Files".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics.number_text import fixed_point_text, numbers_from_text
from trackside.replacing import replacing

_DECIMALS = 9
_QUATERNION = "Quaternion"


@dataclass(frozen=True)
class OpenSimTable:
    """What a file says: ``header`` by key, ``time`` (N,) s, ``columns`` by label.

    A column is (N,), or (N, 4) in a file of quaternions.
    """

    header: Mapping[str, str]
    time: Floats
    columns: Mapping[str, Floats]


def write_opensim_table(path: Path | str, title: str, table: OpenSimTable) -> None:
    """Write a table with 9 decimals, all of it or nothing. ``title`` may be empty.

    Raises MissingDataError where a value is not finite.
    """
    path = Path(path)
    for label, column in table.columns.items():
        if not np.isfinite(column).all():
            first = int(np.argmin(np.isfinite(column.reshape(len(column), -1)).all(axis=1)))
            raise MissingDataError(
                f"no {label} at {table.time[first]:.3f} s: choose a span with it"
            )
    header = [title] if title else []
    header += [f"{key}={value}" for key, value in table.header.items()]
    labels = "\t".join(["time", *table.columns])
    with replacing(path) as new, new.open("wb") as file:
        file.write("\n".join([*header, "endheader", labels, ""]).encode("ascii"))
        cells = [_cells(table.time), *(_cells(column) for column in table.columns.values())]
        file.writelines(b"\t".join(row) + b"\n" for row in zip(*cells, strict=True))


def _cells(column: Floats) -> list[bytes]:
    """The text of each row's cell, for a column (N,) or (N, 4)."""
    return fixed_point_text(column.reshape(len(column), -1), _DECIMALS, ",").splitlines()


def read_opensim_table(path: Path | str) -> OpenSimTable:
    """Read a table; FileFormatError names the line and what was expected there."""
    path = Path(path)
    lines = path.read_bytes().decode("utf-8", "backslashreplace").split("\n")
    ends = [n for n, line in enumerate(lines) if line.strip().lower() == "endheader"]
    if not ends:
        raise FileFormatError(path, f"line {len(lines)}", "a line 'endheader' before it")
    header = _header(lines[: ends[0]])
    body = enumerate(lines[ends[0] + 1 :], ends[0] + 2)
    (at, text), *rows = [(n, line) for n, line in body if line.strip()] or [(len(lines), "")]
    labels = text.split()
    if labels[:1] != ["time"] or not 1 < len(labels) == len(set(labels)):
        raise FileFormatError(path, f"line {at}", "'time' and labels that differ")
    if not rows:
        raise FileFormatError(path, f"line {len(lines)}", "at least 1 row before it")
    width = 4 if header.get("DataType") == _QUATERNION else 1
    values = _values(path, rows, labels, width)
    time, rest = values[:, 0], values[:, 1:].reshape(len(values), -1, width)
    if not (np.diff(time) > 0).all():
        raise FileFormatError(path, "column 'time'", "times that increase")
    columns = {
        label: rest[:, n] if width > 1 else rest[:, n, 0] for n, label in enumerate(labels[1:])
    }
    return OpenSimTable(header, time, columns)


def _header(lines: Iterable[str]) -> dict[str, str]:
    """The ``key=value`` lines; others are remarks."""
    pairs = (line.partition("=") for line in lines)
    return {key.strip(): value.strip() for key, mark, value in pairs if mark}


def _values(path: Path, rows: list[tuple[int, str]], labels: list[str], width: int) -> Floats:
    """The numbers (N, 1 + width · labels) of the numbered rows."""
    count = 1 + width * (len(labels) - 1)
    text = "\n".join(line for _, line in rows).encode("ascii", "replace")
    if width > 1:
        text = text.replace(b",", b" ")
    values, _ = numbers_from_text(np.frombuffer(text, np.uint8), 0, len(rows), count)
    if len(values) < len(rows):
        line, wrong = rows[len(values)]
        cells = f"{len(labels)} cells" + (" of w,x,y,z" if width > 1 else "")
        found = len(wrong.split())
        raise FileFormatError(
            path, f"line {line}", f"{cells} of finite numbers, found {found} cells"
        )
    return values
