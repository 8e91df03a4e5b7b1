"""Other makers' recordings become ours in units, frames, time and gaps; or a clear error."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importer_sources import (
    ACC,
    GYR,
    MAG,
    QUATERNIONS,
    ROTATION,
    ROWS,
    broad,
    full_body,
    ximu3,
    xsens,
)
from scipy.spatial.transform import Rotation

from trackside.errors import FileFormatError, MissingDataError
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording

MAPPING = """<OpenSimDocument><ExperimentalSensor name="_00B42268">
<name_in_model>torso_imu</name_in_model></ExperimentalSensor></OpenSimDocument>"""


def test_full_body(tmp_path: Path) -> None:
    """Sensors come by segment with time from 0, and the maker's orientation as a reference."""
    shares: list[float] = []
    source = full_body(tmp_path / "a.mat")
    summary = import_recording(source, tmp_path / "a.h5", progress=shares.append)
    assert list(summary.streams) == ["left_shank", "left_shank_reference", "pelvis"]
    assert (summary.streams["pelvis"].samples, summary.streams["pelvis"].gaps) == (ROWS, 0)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with open_recording(tmp_path / "a.h5") as recording:
        imu = recording.imu("left_shank")
        assert imu.rate == 100.0
        assert imu.mag is None
        assert imu.gyr is not None
        np.testing.assert_allclose(imu.time, np.arange(ROWS) / 100, atol=1e-9)
        np.testing.assert_array_equal(imu.acc, ACC.astype(np.float32))
        np.testing.assert_array_equal(imu.gyr, GYR.astype(np.float32))
        _, quaternions = recording.orientation("left_shank")
        np.testing.assert_array_equal(quaternions, QUATERNIONS.astype(np.float32))


def test_broad(tmp_path: Path) -> None:
    """A trial gives its IMU and the optical reference, NaN where the markers were lost."""
    import_recording(broad(tmp_path / "a.mat"), tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        imu = recording.imu("imu")
        assert imu.stream.placement is None
        assert imu.stream.device.model == "model X"
        assert imu.mag is not None
        np.testing.assert_array_equal(imu.mag, MAG.astype(np.float32))
        np.testing.assert_allclose(imu.time, np.arange(ROWS) * 7 / 2000, atol=1e-6)
        _, quaternions = recording.orientation("imu")
        assert np.flatnonzero(np.isnan(quaternions).any(axis=1)).tolist() == [5]
        movement = recording.read("imu_reference").values["movement"]
        assert movement[:, 0].tolist() == [0.0] * 4 + [1.0] * (ROWS - 4)


def test_xsens_counters_become_time(tmp_path: Path) -> None:
    """Sensors share the counter as clock: it wraps, jumps are gaps, lengths and starts differ."""
    folder = tmp_path / "trial"
    folder.mkdir()
    counters = np.arange(65_530, 65_570) % 65_536
    xsens(folder / "MT_1_00B42268.txt", np.delete(counters, [10, 11]))
    xsens(folder / "MT_1_00B42269.txt", counters[3:30])
    (folder / "SOURCE.txt").write_text("about the PacketCounter\n")
    (folder / "mapping.xml").write_text(MAPPING)
    summary = import_recording(folder, tmp_path / "a.h5", placements={"269": "left_foot"})
    assert summary.streams["t8"].missing == 2
    with open_recording(tmp_path / "a.h5") as recording:
        torso, foot = recording.imu("t8"), recording.imu("left_foot")
        assert recording.gaps("t8") == [(0.09, 0.12, 2)]
        assert torso.stream.device.serial == "00B42268"
        assert torso.stream.device.firmware == "4.0.2"
        assert torso.gyr is None
        np.testing.assert_allclose(torso.time, np.delete(np.arange(40), [10, 11]) / 100, atol=1e-9)
        np.testing.assert_allclose(foot.time, np.arange(3, 30) / 100, atol=1e-9)


def test_xsens_orientations_turn_into_our_earth_frame(tmp_path: Path) -> None:
    """Matrix and quaternion exports agree, and the maker's north (x) becomes our north (y)."""
    matrices = ROTATION.as_matrix()
    as_matrix = {f"Mat[{i}][{j}]": matrices[:, i - 1, j - 1] for j in (1, 2, 3) for i in (1, 2, 3)}
    as_quaternion = {f"Quat_q{i}": QUATERNIONS[:, i] for i in range(4)}
    acc = dict(zip(("Acc_X", "Acc_Y", "Acc_Z"), ACC.T, strict=True))
    for name, columns in (("matrix", as_matrix), ("quaternion", as_quaternion)):
        source = xsens(tmp_path / f"{name}.txt", np.arange(ROWS), {**acc, **columns})
        import_recording(source, tmp_path / "a.h5")
        with open_recording(tmp_path / "a.h5") as recording:
            _, quaternions = recording.orientation(name)
        ours = Rotation.from_quat(quaternions, scalar_first=True)
        north_in_sensor = ROTATION.inv().apply([1, 0, 0])
        np.testing.assert_allclose(ours.apply(north_in_sensor), [[0, 1, 0]] * ROWS, atol=1e-5)
        up_in_sensor = ROTATION.inv().apply([0, 0, 1])
        np.testing.assert_allclose(ours.apply(up_in_sensor), [[0, 0, 1]] * ROWS, atol=1e-5)


def test_ximu3(tmp_path: Path) -> None:
    """Units become SI, the magnetometer comes onto inertial time, sensors share their clock."""
    log = tmp_path / "log"
    ximu3(log / "Left Lower Leg 64F0 (UDP)")
    ximu3(log / "x", name="Pelvis", start=5_050_000)
    import_recording(log, tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        shank, pelvis = recording.imu("left_shank"), recording.imu("pelvis")
        np.testing.assert_allclose(shank.time, np.arange(ROWS) * 0.02, atol=1e-9)
        np.testing.assert_allclose(pelvis.time - shank.time, 0.05, atol=1e-9)
        np.testing.assert_allclose(shank.acc, ACC * 9.80665, rtol=1e-6)
        assert shank.gyr is not None
        assert shank.mag is not None
        np.testing.assert_allclose(shank.gyr, np.radians(GYR), rtol=1e-6)
        inside = slice(0, ROWS - 2)  # the last magnetometer sample is older than the last two
        ramp = (5.0 + shank.time)[inside, np.newaxis] * [1, 2, -1]
        np.testing.assert_allclose(shank.mag[inside], ramp, rtol=1e-6)
        assert (shank.stream.rate, shank.stream.device.serial) == (50.0, "64F0")
        assert recording.read("pelvis_battery").values["voltage"] == pytest.approx(4.01)
        assert recording.read("pelvis").device_time is not None
        assert recording.start_time.isoformat() == "2023-09-16T02:06:25+00:00"


def test_ximu3_messages_late_or_twice(tmp_path: Path) -> None:
    """Messages that UDP brought out of order or twice come once, in the order of their time."""
    folder = ximu3(tmp_path / "s")
    header, *lines = (folder / "Inertial.csv").read_text().splitlines()
    lines[3:6] = [lines[5], lines[3], lines[4], lines[3]]
    (folder / "Inertial.csv").write_text("\n".join([header, *lines]) + "\n")
    import_recording(folder, tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        np.testing.assert_allclose(recording.imu("left_shank").acc, ACC * 9.80665, rtol=1e-6)


def test_placements_override_labels(tmp_path: Path) -> None:
    """The user's word counts; a second sensor on a segment keeps its label as name."""
    source = full_body(tmp_path / "a.mat")
    import_recording(source, tmp_path / "a.h5", placements={"HIP": "left_shank"})
    with open_recording(tmp_path / "a.h5") as recording:
        assert list(recording.streams) == ["left_shank", "left_shank_reference", "hip"]
        assert recording.streams["hip"].placement == "left_shank"


@pytest.mark.parametrize(
    ("key", "segment", "message"),
    [
        ("hip", "tail", "no segment 'tail'; segments are: pelvis"),
        ("arm", "left_foot", "'arm' fits 0 sensors, not one; sensors are: lower_leg_left, hip"),
        ("leg", "left_foot", "'leg' fits 2 sensors"),
    ],
)
def test_placements_that_fit_nothing_are_refused(
    tmp_path: Path, key: str, segment: str, message: str
) -> None:
    """A placement must mean one sensor and a segment; the error lists what there is."""
    source = full_body(tmp_path / "a.mat", lower_leg_right={"acc": ACC, "gyr": GYR})
    with pytest.raises(MissingDataError, match=message):
        import_recording(source, tmp_path / "a.h5", placements={key: segment})
    assert not (tmp_path / "a.h5").exists()


def edit(path: Path, old: str, new: str) -> Path:
    """Replace text in a file, once."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def holding(folder: Path, name: str, content: bytes) -> Path:
    """The folder, with that content in a file of it."""
    (folder / name).write_bytes(content)
    return folder


def text_export(path: Path) -> Path:
    return xsens(path / "MT_00B42268.txt", np.arange(ROWS))


BAD_SOURCES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path / "nowhere", "nowhere: file: .*no such file"),
    "empty folder": (lambda path: path, "content: expected one of: x-IMU3 log folder, Xsens"),
    "other mat": (
        lambda path: broad(
            path / "a.mat", **dict.fromkeys(("imu_acc", "imu_gyr", "imu_mag", "opt_quat"))
        ),
        "a.mat: content: expected one of",
    ),
    "no time": (
        lambda path: full_body(path / "a.mat", t=None),
        "variable 't': .* in s; it is missing",
    ),
    "time stands": (
        lambda path: full_body(path / "a.mat", t=np.zeros(ROWS)),
        "'t': .*that increase",
    ),
    "no sensors": (
        lambda path: full_body(path / "a.mat", hip=None, lower_leg_left=None),
        "variables: expected a struct",
    ),
    "no gyr": (
        lambda path: full_body(path / "a.mat", hip={"acc": ACC}),
        r"variable 'hip.gyr': expected numbers of shape \(40, 3\) in rad/s; it is missing",
    ),
    "short acc": (
        lambda path: full_body(path / "a.mat", hip={"acc": ACC[1:], "gyr": GYR}),
        r"variable 'hip.acc': .*found shape \(39, 3\)",
    ),
    "text for numbers": (
        lambda path: full_body(path / "a.mat", hip={"acc": ACC, "gyr": "none"}),
        "variable 'hip.gyr': .*found <U4",
    ),
    "no rate": (lambda path: broad(path / "a.mat", sampling_rate=None), "'sampling_rate'.*missing"),
    "rate 0": (lambda path: broad(path / "a.mat", sampling_rate=0.0), "more than 0 Hz"),
    "wide quaternions": (
        lambda path: broad(path / "a.mat", opt_quat=ACC),
        r"'opt_quat'.*\(40, 3\)",
    ),
    "no column": (
        lambda path: edit(text_export(path), "Acc_Y", "Acc"),
        "MT_00B42268.txt: line 4: expected a column 'Acc_Y'",
    ),
    "no counter": (
        lambda path: edit(text_export(path), "PacketCounter", "Packet"),
        "line 4: expected a column 'PacketCounter'",
    ),
    "word": (
        lambda path: edit(text_export(path), f"\t{ACC[2, 1]:.6f}", "\tlost"),
        "line 7, column 'Acc_Y': expected a number, found 'lost'",
    ),
    "short row": (
        lambda path: edit(text_export(path), f"\t{ACC[3, 2]:.6f}", ""),
        "line 8: expected 5 columns, found 4",
    ),
    "no rate line": (
        lambda path: edit(text_export(path), "Update Rate", "Rate"),
        "comment lines: expected '// Update Rate",
    ),
    "cut number": (
        lambda path: edit(text_export(path), f"{ACC[-1, 2]:.6f}\n", f"{ACC[-1, 2]:.3f}"),
        "line 44: expected a line end; the file is cut short",
    ),
    "no rotation": (
        lambda path: xsens(
            path / "a.txt",
            np.arange(ROWS),
            {f"{name}": np.zeros(ROWS) for name in ("Acc_X", "Acc_Y", "Acc_Z")}
            | {f"Mat[{i}][{j}]": np.zeros(ROWS) for i in (1, 2, 3) for j in (1, 2, 3)},
        ),
        r"columns Mat\[i\]\[j\]: expected rotation matrices",
    ),
    "broken mapping": (
        lambda path: holding(text_export(path).parent, "m.xml", b"<a>\n<b>"),
        "m.xml: line 2: expected a whole XML file",
    ),
    "no inertial": (
        lambda path: holding(path, "Command.json", b"[]"),
        "Inertial.csv: file: expected a readable file",
    ),
    "no gyroscope": (
        lambda path: edit(ximu3(path / "s") / "Inertial.csv", "Gyroscope X", "Gyro X").parent,
        r"Inertial.csv: line 1: expected a column 'Gyroscope X \(deg/s\)'",
    ),
    "empty csv": (
        lambda path: holding(ximu3(path / "s"), "Inertial.csv", b""),
        "Inertial.csv: line 1: .*the file is empty",
    ),
    "header only": (
        lambda path: holding(ximu3(path / "s"), "Quaternion.csv", b"Timestamp (us),W,X,Y,Z\n"),
        "Quaternion.csv: line 2: expected a row of numbers",
    ),
    "nan time": (
        lambda path: edit(ximu3(path / "s") / "Battery.csv", "\n5000000", "\nnan").parent,
        r"Battery.csv: column 'Timestamp \(us\)'",
    ),
    "broken json": (
        lambda path: holding(ximu3(path / "s"), "Command.json", b"[{"),
        "Command.json: line 1: expected JSON",
    ),
    "no text": (
        lambda path: holding(ximu3(path / "s"), "Inertial.csv", b"Time\xff"),
        "Inertial.csv: byte 4: expected UTF-8 text",
    ),
}


@pytest.mark.parametrize(("make", "message"), BAD_SOURCES.values(), ids=BAD_SOURCES.keys())
def test_bad_sources_are_refused(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    """Each fault gets one line with file, place and what was expected, and leaves nothing."""
    folder = tmp_path / "source"
    folder.mkdir()
    source = make(folder)
    (tmp_path / "out").mkdir()
    with pytest.raises(FileFormatError, match=message) as caught:
        import_recording(source, tmp_path / "out" / "a.h5")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_refused_import_leaves_the_old_recording(tmp_path: Path) -> None:
    """What was at the target before a failed import is still there; a good one replaces it."""
    target = tmp_path / "a.h5"
    import_recording(full_body(tmp_path / "a.mat"), target)
    before = target.read_bytes()
    with pytest.raises(FileFormatError):
        import_recording(full_body(tmp_path / "b.mat", t=None), target)
    assert target.read_bytes() == before
    import_recording(broad(tmp_path / "c.mat"), target)
    with open_recording(target) as recording:
        assert list(recording.streams) == ["imu", "imu_reference"]


def test_a_missing_target_folder_is_named(tmp_path: Path) -> None:
    """The folder to write to must exist."""
    with pytest.raises(FileFormatError, match="folder: expected an existing folder"):
        import_recording(full_body(tmp_path / "a.mat"), tmp_path / "none" / "a.h5")


@pytest.fixture(scope="module")
def whole_sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One good file of each maker that comes in files, and one file of a log folder."""
    folder = tmp_path_factory.mktemp("sources")
    return [
        full_body(folder / "full_body.mat"),
        broad(folder / "broad.mat"),
        xsens(folder / "MT_00B42268.txt", np.arange(ROWS)),
        ximu3(folder / "Pelvis") / "Inertial.csv",
    ]


@settings(max_examples=80, deadline=None)
@given(which=st.integers(0, 3), share=st.floats(0, 1))
def test_a_file_cut_anywhere_is_imported_or_refused(
    whole_sources: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    which: int,
    share: float,
) -> None:
    """No cut leads to any other error, or to an output that is not a whole recording."""
    folder = tmp_path_factory.mktemp("cut")
    whole = whole_sources[which]
    content = whole.read_bytes()
    cut = folder / whole.name
    cut.write_bytes(content[: int(share * len(content))])
    target = folder / "out" / "a.h5"
    target.parent.mkdir()
    with suppress(FileFormatError):
        import_recording(folder if whole.suffix == ".csv" else cut, target)
        with open_recording(target) as recording:
            assert recording.complete
        return
    assert list(target.parent.iterdir()) == []


def test_a_type_that_matlab_has_not_is_refused(tmp_path: Path) -> None:
    """Before scipy reads it, which crashes the whole process; arrays in structs are looked at."""
    path = full_body(tmp_path / "a.mat")
    content = path.read_bytes()
    doubles = (9).to_bytes(4, "little")
    for at in (content.index(doubles), content.rindex(doubles)):
        path.write_bytes(content[:at] + b"\xa6" + content[at + 1 :])
        with pytest.raises(FileFormatError, match=f"byte {at}: .* found 166"):
            import_recording(path, tmp_path / "a.h5")


@settings(max_examples=80, deadline=None)
@given(data=st.data(), which=st.integers(2, 3))
def test_a_damaged_table_is_imported_or_refused(
    whole_sources: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    which: int,
) -> None:
    """Whatever stands in some of its bytes; damaged sizes in MATLAB files keep scipy busy."""
    folder = tmp_path_factory.mktemp("damaged")
    whole = whole_sources[which]
    content = bytearray(whole.read_bytes())
    wrong = st.sampled_from(b"0123456789eE-+.,;\t\n ") | st.integers(0, 255)
    for at, byte in data.draw(st.dictionaries(st.integers(0, len(content) - 1), wrong)).items():
        content[at] = byte
    damaged = folder / whole.name
    damaged.write_bytes(content)
    with suppress(FileFormatError):
        import_recording(folder if whole.suffix == ".csv" else damaged, folder / "a.h5")
