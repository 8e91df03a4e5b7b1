"""MVNX files: sensors in our units and frames, or an error that names the line."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mvnx_files import mvnx
from trackside.errors import FileFormatError
from trackside.recordings.importers.mvnx import read, recognise
from trackside.recordings.importers.mvnx_file import read_mvnx_file
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording

FRAMES = 12
SEGMENTS = ("Pelvis", "LeftLowerLeg")
SENSORS = ("Pelvis", "LeftLowerLeg", "Prop1")
RANDOM = np.random.default_rng(5)
TURNS = Rotation.random(3 * FRAMES, rng=RANDOM)
QUATERNIONS = TURNS.as_quat(scalar_first=True).reshape(3, FRAMES, 4)
FREE = RANDOM.normal(scale=3.0, size=(3, FRAMES, 3))
BODY = {
    "orientation": np.tile([1.0, 0, 0, 0], (2, FRAMES, 1)),
    "position": RANDOM.normal(size=(2, FRAMES, 3)),
}
ELEMENTS = BODY | {"sensorFreeAcceleration": FREE, "sensorOrientation": QUATERNIONS}
PLAIN = mvnx(ELEMENTS, segments=SEGMENTS, sensors=SENSORS)


def written(folder: Path, text: str, name: str = "walk.mvnx") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_file_becomes_a_recording(tmp_path: Path) -> None:
    """Sensors are placed by MVN's labels, a prop keeps its own; the start is the file's."""
    summary = import_recording(written(tmp_path, PLAIN), tmp_path / "walk.h5")
    assert summary.maker == "Xsens MVNX file"
    names = ("pelvis", "left_shank", "Prop1")
    assert set(summary.streams) == {*names, *(f"{name}_reference" for name in names)}
    with open_recording(tmp_path / "walk.h5") as recording:
        assert recording.start_time == datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)
        imu = recording.imu("left_shank")
        assert (imu.rate, imu.gyr, imu.mag) == (60.0, None, None)
        assert recording.streams["Prop1"].placement is None
        np.testing.assert_allclose(imu.time, np.arange(FRAMES) / 60, atol=1e-6)


def test_gravity_is_put_back_into_free_acceleration(tmp_path: Path) -> None:
    """Acceleration plus gravity, seen from the sensor: what an accelerometer measures."""
    session = read(written(tmp_path, PLAIN))
    for n, sensor in enumerate(session.sensors):
        (acceleration,) = sensor.measured[0].values.values()
        turns = Rotation.from_quat(QUATERNIONS[n], scalar_first=True)
        felt = FREE[n] + np.array([0.0, 0.0, 9.80665])
        np.testing.assert_allclose(turns.apply(acceleration), felt, atol=1e-6)


def test_a_sensor_at_rest_feels_one_g_upwards(tmp_path: Path) -> None:
    """Lying flat +g on z; rolled by 90° about x, with y upwards, +g on y."""
    rolled = [np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0]
    orientation = np.array([[[1.0, 0, 0, 0]], [rolled]]).repeat(2, axis=1)
    rest = {"sensorFreeAcceleration": np.zeros((2, 2, 3)), "sensorOrientation": orientation}
    body = {name: rows[:, :2] for name, rows in BODY.items()}
    text = mvnx(body | rest, segments=SEGMENTS, sensors=("Pelvis", "T8"))
    flat, upright = (
        next(iter(sensor.measured[0].values.values()))
        for sensor in read(written(tmp_path, text)).sensors
    )
    np.testing.assert_allclose(flat, [[0, 0, 9.80665]] * 2, atol=1e-6)
    np.testing.assert_allclose(upright, [[0, 9.80665, 0]] * 2, atol=1e-6)


def test_orientations_are_turned_from_north_west_to_east_north(tmp_path: Path) -> None:
    """MVN's x is north: what it calls x is our y, and what it calls y is our −x."""
    import_recording(written(tmp_path, PLAIN), tmp_path / "walk.h5")
    with open_recording(tmp_path / "walk.h5") as recording:
        _, quaternions = recording.orientation("pelvis")
    ours = Rotation.from_quat(quaternions, scalar_first=True).as_matrix()
    north, west, up = np.moveaxis(TURNS[:FRAMES].as_matrix(), 1, 0)
    np.testing.assert_allclose(ours, np.stack([-west, north, up], axis=1), atol=1e-6)


def test_version_3_has_the_raw_samples(tmp_path: Path) -> None:
    """Gyroscope, accelerometer and magnetometer are taken as they are where the file has them."""
    raw = {
        name: RANDOM.normal(size=(3, FRAMES, 3))
        for name in ("sensorAcceleration", "sensorAngularVelocity", "sensorMagneticField")
    }
    text = mvnx(BODY | raw | {"sensorOrientation": QUATERNIONS}, segments=SEGMENTS, sensors=SENSORS)
    import_recording(written(tmp_path, text), tmp_path / "walk.h5")
    with open_recording(tmp_path / "walk.h5") as recording:
        imu = recording.imu("left_shank")
    for samples, name in zip((imu.acc, imu.gyr, imu.mag), raw, strict=True):
        assert samples is not None
        np.testing.assert_allclose(samples, raw[name][1], atol=1e-6)


def test_missing_frames_are_gaps(tmp_path: Path) -> None:
    """Frame numbers that are skipped leave a gap of that length; time goes on by the number."""
    indices = [0, 1, 2, 6, *range(7, 15)]
    text = mvnx(ELEMENTS, segments=SEGMENTS, sensors=SENSORS, indices=indices)
    summary = import_recording(written(tmp_path, text), tmp_path / "walk.h5")
    assert (summary.streams["pelvis"].gaps, summary.streams["pelvis"].missing) == (1, 3)
    with open_recording(tmp_path / "walk.h5") as recording:
        np.testing.assert_allclose(recording.imu("pelvis").time, np.array(indices) / 60, atol=1e-6)


DIALECTS = {
    "name space": PLAIN.replace("<mvnx ", '<mvnx xmlns="http://www.xsens.com/mvn/mvnx" '),
    "points in the older spelling": PLAIN.replace("pos_b", "pos_s"),
    "other elements": PLAIN.replace("<frames>", '<joints><joint label="jL5S1"/></joints><frames>'),
    "numbers over several lines": PLAIN.replace(" 0.000000000", "\n0.000000000"),
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS)
def test_dialects_say_the_same(text: str, tmp_path: Path) -> None:
    """Name spaces, line ends and elements that are not asked for change nothing."""
    motion = read_mvnx_file(written(tmp_path, text))
    assert (motion.segments, motion.sensors) == (SEGMENTS, SENSORS)
    for name, rows in ELEMENTS.items():
        np.testing.assert_allclose(motion.elements[name], rows, atol=1e-8)


def test_it_is_recognised_by_its_content(tmp_path: Path) -> None:
    """Whatever it is called; other XML and folders are not taken for it."""
    assert recognise(written(tmp_path, PLAIN, "walk.xml"))
    assert not recognise(written(tmp_path, "<osim/>", "model.xml"))
    assert not recognise(tmp_path)


def edited(old: str, new: str) -> str:
    assert old in PLAIN
    return PLAIN.replace(old, new, 1)


def line_of(text: str) -> int:
    return PLAIN[: PLAIN.index(text)].count("\n") + 1


FIRST = '<frame time="0" index="0"'
SECOND = '<frame time="17" index="1"'
OPENING = line_of(FIRST)
BROKEN = {
    "not XML": (edited("<sensors>", "<sensors"), line_of("<sensors>") + 1, "well-formed XML"),
    "unclosed": (PLAIN[: PLAIN.index("</frames>")], line_of("</frames>"), "well-formed XML"),
    "unknown encoding": (edited('"UTF-8"', '"EBCDIC-1"'), 1, "an encoding among utf-8"),
    "no rate": (edited('frameRate="60"', ""), 3, "a frameRate above 0, found None"),
    "rate zero": (edited('"60"', '"0"'), 3, "a frameRate above 0, found '0'"),
    "rate in words": (edited('"60"', '"fast"'), 3, "a frameRate above 0, found 'fast'"),
    "no label": (edited('segment label="Pelvis"', "segment"), 5, "a label"),
    "point without a segment": (edited("<segments>", "<pos_b>0 0 0</pos_b>"), 4, "a segment"),
    "index in words": (edited('index="0"', 'index="one"'), OPENING, "found 'one'"),
    "index twice": (edited('index="1"', 'index="0"'), OPENING + 6, "an index above 0, found 0"),
}


@pytest.mark.parametrize(("text", "line", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_refused_with_their_line(
    text: str, line: int, expected: str, tmp_path: Path
) -> None:
    """The error names the file, the line, and what was expected in it."""
    with pytest.raises(FileFormatError) as problem:
        read_mvnx_file(written(tmp_path, text))
    assert problem.value.place == f"line {line}"
    assert expected in problem.value.expected


def frame_with(element: str, numbers: str) -> str:
    """The plain file with other numbers in an element of its first normal frame."""
    start = PLAIN.index(f"<{element}>", PLAIN.index(FIRST))
    end = PLAIN.index("</", start)
    return f"{PLAIN[:start]}<{element}>{numbers}{PLAIN[end:]}"


WRONG_NUMBERS = {
    "too few": ("position", "0 0 0 1 1", 2, "6 finite numbers in position, found 5 words"),
    "too many": ("orientation", "1 0 0 0 " * 3, 1, "8 finite numbers in orientation, found 12"),
    "a word": ("position", "0 0 0 1 1 up", 2, "6 finite numbers in position"),
    "not finite": ("sensorFreeAcceleration", "0 0 nan " * 3, 3, "9 finite numbers"),
}


@pytest.mark.parametrize(
    ("element", "numbers", "line", "expected"), WRONG_NUMBERS.values(), ids=WRONG_NUMBERS
)
def test_wrong_numbers_are_refused_with_their_line(
    element: str, numbers: str, line: int, expected: str, tmp_path: Path
) -> None:
    """An element holds finite numbers for each segment or sensor, no more and no fewer."""
    with pytest.raises(FileFormatError) as problem:
        read_mvnx_file(written(tmp_path, frame_with(element, numbers)))
    assert problem.value.place == f"line {OPENING + line}"
    assert expected in problem.value.expected


def test_an_element_stands_in_each_frame(tmp_path: Path) -> None:
    """A frame that lacks what others have is refused where it ends."""
    start = PLAIN.index("<sensorOrientation>", PLAIN.index(SECOND))
    end = PLAIN.index("\n", start)
    with pytest.raises(FileFormatError, match="one element sensorOrientation in each frame") as it:
        read_mvnx_file(written(tmp_path, PLAIN[:start] + PLAIN[end:]))
    assert it.value.place == f"line {line_of(SECOND) + 5}"


def test_quaternions_have_length_one(tmp_path: Path) -> None:
    """Four numbers that turn nothing are named with their frame."""
    text = frame_with("orientation", "1 0 0 0 0.5 0 0 0")
    with pytest.raises(FileFormatError, match="frame 0, orientation: expected quaternions of"):
        read_mvnx_file(written(tmp_path, text))


def test_poses_of_calibration_are_no_motion(tmp_path: Path) -> None:
    """A file that holds nothing else has no frame to show."""
    with pytest.raises(FileFormatError, match="a frame of type 'normal'"):
        read_mvnx_file(written(tmp_path, PLAIN.replace('type="normal"', 'type="npose"')))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ((), "export from MVN with sensor data"),
        (("sensorFreeAcceleration",), "sensorOrientation and an acceleration"),
        (("sensorOrientation",), "sensorFreeAcceleration or sensorAcceleration"),
    ],
)
def test_without_sensor_data_there_is_nothing_to_import(
    left: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    """A file without orientations or accelerations of sensors says what it lacks."""
    elements = BODY | {name: ELEMENTS[name] for name in left}
    text = mvnx(elements, segments=SEGMENTS, sensors=SENSORS)
    with pytest.raises(FileFormatError, match=expected):
        read(written(tmp_path, text))


@settings(max_examples=150)
@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=20), st.integers(0, 200))
def test_damaged_files_give_a_session_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, noise: bytes, lost: int
) -> None:
    """Bytes replaced by others never lead to anything but a session or a FileFormatError."""
    data = PLAIN.encode()
    path = tmp_path_factory.getbasetemp() / "damaged.mvnx"
    path.write_bytes(data[:start] + noise + data[start + lost :])
    try:
        session = read(path)
    except FileFormatError as problem:
        assert problem.path == path  # noqa: PT017 — either outcome is right
    else:
        assert session.sensors
