"""OpenSim's tables: what is written is read back, and errors name the line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics.opensim_table import (
    OpenSimTable,
    read_opensim_table,
    write_opensim_table,
)

PLAIN = """\
Coordinates
version=1
nRows=2
nColumns=3
inDegrees=yes

Units are S.I. units (second, meters, Newtons, ...)
endheader
time\tknee_angle_r\tpelvis_ty
0.00\t10.5\t0.95
0.01\t-1.1e1\t.96
"""
QUATERNIONS = """\
DataRate=100.000000
DataType=Quaternion
version=3
OpenSimVersion=4.5
endheader
time\tpelvis_imu\ttibia_r_imu
0.0\t1,0,0,0\t0.5,-0.5,0.5,-0.5
0.01\t0,1,0,0\t0,0,0,1
"""


def parse(folder: Path, text: str) -> OpenSimTable:
    path = folder / "table.mot"
    path.write_text(text, "utf-8")
    return read_opensim_table(path)


def test_a_motion_of_numbers(tmp_path: Path) -> None:
    """Header lines by key, remarks left out, columns by label."""
    table = parse(tmp_path, PLAIN)
    assert table.header["inDegrees"] == "yes"
    assert "Coordinates" not in table.header
    np.testing.assert_array_equal(table.time, [0, 0.01])
    assert list(table.columns) == ["knee_angle_r", "pelvis_ty"]
    np.testing.assert_array_equal(table.columns["knee_angle_r"], [10.5, -11])
    np.testing.assert_array_equal(table.columns["pelvis_ty"], [0.95, 0.96])


def test_a_table_of_quaternions(tmp_path: Path) -> None:
    """A cell of such a file holds four numbers, scalar first."""
    table = parse(tmp_path, QUATERNIONS)
    assert (table.header["DataRate"], table.header["DataType"]) == ("100.000000", "Quaternion")
    np.testing.assert_array_equal(table.columns["tibia_r_imu"][0], [0.5, -0.5, 0.5, -0.5])
    np.testing.assert_array_equal(table.columns["pelvis_imu"], np.eye(4)[:2])


DIALECTS = {
    "carriage returns": PLAIN.replace("\n", "\r\n"),
    "blanks between columns": PLAIN.replace("\t", "  "),
    "blank lines": PLAIN.replace("endheader\n", "endheader\n\n"),
    "no line feed at the end": PLAIN.rstrip("\n"),
    "endheader in capitals": PLAIN.replace("endheader", "ENDHEADER"),
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS)
def test_dialects_say_the_same(text: str, tmp_path: Path) -> None:
    """White space and case of the header's end change nothing."""
    table = parse(tmp_path, text)
    np.testing.assert_array_equal(table.columns["knee_angle_r"], [10.5, -11])
    assert table.header["nRows"] == "2"


BROKEN = {
    "no end of the header": (PLAIN.replace("endheader\n", ""), "line 11", "'endheader'"),
    "empty": ("", "line 1", "'endheader'"),
    "no labels": (PLAIN[: PLAIN.index("time")], "line 9", "'time' and labels that differ"),
    "no time": (PLAIN.replace("time", "frame"), "line 9", "'time' and labels that differ"),
    "time alone": (PLAIN.replace("\tknee_angle_r\tpelvis_ty", ""), "line 9", "labels"),
    "label twice": (PLAIN.replace("pelvis_ty", "knee_angle_r"), "line 9", "labels that differ"),
    "decimal commas": (PLAIN.replace("10.5\t0.95", "10,5"), "line 10", "found 2 cells"),
    "cell too few": (PLAIN.replace("\t.96", ""), "line 11", "3 cells of finite numbers, found 2"),
    "cell too many": (PLAIN.replace("0.95", "0.95\t1"), "line 10", "found 4 cells"),
    "a word": (PLAIN.replace("10.5", "up"), "line 10", "finite numbers"),
    "not finite": (PLAIN.replace("10.5", "nan"), "line 10", "finite numbers"),
    "time goes back": (PLAIN.replace("0.01", "-0.01"), "column 'time'", "times that increase"),
    "a quaternion of three": (
        QUATERNIONS.replace("1,0,0,0", "1,0,0"),
        "line 7",
        "3 cells of w,x,y,z of finite numbers",
    ),
    "no rows": (PLAIN[: PLAIN.index("0.00")], "line 10", "at least 1 row"),
}


@pytest.mark.parametrize(("text", "place", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken_tables_are_refused_with_their_line(
    text: str, place: str, expected: str, tmp_path: Path
) -> None:
    """The error names the file, the place, and what was expected there."""
    with pytest.raises(FileFormatError) as problem:
        parse(tmp_path, text)
    assert problem.value.place == place
    assert expected in problem.value.expected


numbers = st.floats(-1e5, 1e5)


@settings(max_examples=60)
@given(st.lists(st.tuples(*[numbers] * 8), min_size=1, max_size=6), st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, ...]], quaternions: bool
) -> None:
    """Header, labels, time and values survive, to 9 decimals."""
    path = tmp_path_factory.getbasetemp() / "again.sto"
    values = np.array(rows)
    time = np.arange(len(rows)) / 60
    columns = dict(zip("abcdefgh", values.T, strict=True))
    header = {"version": "1", "nRows": str(len(rows))}
    if quaternions:
        columns = {"pelvis_imu": values[:, :4], "torso_imu": values[:, 4:]}
        header |= {"DataType": "Quaternion"}
    write_opensim_table(path, "A title", OpenSimTable(header, time, columns))
    again = read_opensim_table(path)
    assert again.header == header
    assert list(again.columns) == list(columns)
    np.testing.assert_allclose(again.time, time, atol=1e-9, rtol=0)
    for label, column in columns.items():
        np.testing.assert_allclose(again.columns[label], column, atol=1e-9, rtol=1e-15)


@settings(max_examples=150)
@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=20), st.integers(0, 60))
def test_damaged_files_give_a_table_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, noise: bytes, lost: int
) -> None:
    """Bytes replaced by others never lead to anything but a table or a FileFormatError."""
    data = PLAIN.encode()
    path = tmp_path_factory.getbasetemp() / "damaged.mot"
    path.write_bytes(data[:start] + noise + data[start + lost :])
    try:
        table = read_opensim_table(path)
    except FileFormatError as problem:
        assert problem.path == path  # noqa: PT017 — either outcome is right
    else:
        assert len(table.time) > 0
        assert all(np.isfinite(column).all() for column in table.columns.values())


def test_a_gap_is_named(tmp_path: Path) -> None:
    """A value that is not finite is named with its column and time, and no file appears."""
    table = OpenSimTable({}, np.array([0.0, 0.1]), {"hip": np.array([1.0, np.nan])})
    with pytest.raises(MissingDataError, match=r"no hip at 0\.100 s"):
        write_opensim_table(tmp_path / "a.mot", "", table)
    assert list(tmp_path.iterdir()) == []
