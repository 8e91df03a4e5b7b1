"""FIT, TCX and GPX activities become recordings, whole or cut short."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import activity_sources as sources
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.errors import FileFormatError, MissingDataError
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import Recording, open_recording

Source = Callable[[Path], Path]
SOURCES = [sources.fit, sources.tcx, sources.gpx]
BYTES = st.integers(0, 255)


def imported(source: Path, tmp_path: Path) -> Recording:
    import_recording(source, tmp_path / "run.h5")
    return open_recording(tmp_path / "run.h5")


@pytest.fixture(scope="module")
def whole_sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One good file of each format."""
    folder = tmp_path_factory.mktemp("sources")
    return [source(folder / source.__name__) for source in SOURCES]


def channel(recording: Recording, stream: str, name: str) -> np.ndarray:
    return np.asarray(recording.read(stream).values[name], float)


@pytest.mark.parametrize("source", SOURCES)
def test_a_run_in_three_formats(source: Source, tmp_path: Path) -> None:
    """Heart rate, cadence in steps/min, speed, distance and position are the same from each."""
    with imported(source(tmp_path / "activity"), tmp_path) as recording:
        assert recording.start_time == sources.START
        heart_rate = recording.read("heart_rate")
        np.testing.assert_array_equal(heart_rate.time, np.arange(60.0))
        np.testing.assert_array_equal(heart_rate.values["heart_rate"][:, 0], sources.HEART_RATE)
        cadence = channel(recording, "running_speed", "cadence")
        np.testing.assert_allclose(cadence, 170.0, atol=1.01)
        speed = channel(recording, "running_speed", "speed")[:-1]
        np.testing.assert_allclose(speed, 3.0, rtol=0.01)
        distance = channel(recording, "running_speed", "distance")[:, 0]
        np.testing.assert_allclose(distance, 3.0 * np.arange(60.0), atol=0.1)
        position = channel(recording, "position", "position")
        np.testing.assert_allclose(position[:, 1], 3.0 * np.arange(60.0), atol=0.02)
        np.testing.assert_allclose(position[:, 0], 0.0, atol=0.02)
        assert not [note for note in recording.annotations if note.kind == "fault"]


def test_running_dynamics_intervals_and_developer_fields(tmp_path: Path) -> None:
    """What only FIT has: contact, oscillation, step length in SI units, RR, makers' fields."""
    with imported(sources.fit(tmp_path / "run.fit"), tmp_path) as recording:
        for name, value in (
            ("ground_contact_time", 0.2315),
            ("vertical_oscillation", 0.0842),
            ("step_length", 1.052),
            ("cadence", 171.0),
        ):
            found = channel(recording, "running_speed", name)
            np.testing.assert_allclose(found, value, rtol=1e-6)
        intervals = channel(recording, "rr_interval", "rr_interval")[:, 0]
        np.testing.assert_allclose(intervals, np.tile([0.5, 0.498], 60), rtol=1e-6)
        form_power = channel(recording, "developer_fields", "form_power")[:, 0]
        np.testing.assert_array_equal(form_power, 60.0 + np.arange(60))
        assert recording.streams["developer_fields"].channel("form_power").unit == "Watts"


def test_laps_once_each(tmp_path: Path) -> None:
    """Laps that are there twice are one; the first begins the recording and needs no mark."""
    with imported(sources.fit(tmp_path / "run.fit"), tmp_path) as recording:
        laps = [note.time for note in recording.annotations if note.kind == "lap"]
        assert laps == [20.0, 40.0]
    with imported(sources.tcx(tmp_path / "run.tcx"), tmp_path) as recording:
        assert [note.time for note in recording.annotations] == [30.0]


def test_cadence_in_steps_already(tmp_path: Path) -> None:
    """A GPX file that counts steps is not doubled."""
    with imported(sources.gpx(tmp_path / "run.gpx", cadence=172), tmp_path) as recording:
        np.testing.assert_array_equal(channel(recording, "running_speed", "cadence"), 172.0)


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_cut_in_half(source: Source, tmp_path: Path) -> None:
    """What stands before the cut is there, and a remark tells that the file is cut."""
    content = source(tmp_path / "whole").read_bytes()
    half = tmp_path / "half"
    half.write_bytes(content[: len(content) // 2])
    with imported(half, tmp_path) as recording:
        found = recording.read("heart_rate").values["heart_rate"][:, 0]
        assert 20 < len(found) < 40
        np.testing.assert_array_equal(found, sources.HEART_RATE[: len(found)])
        (fault,) = [note.text for note in recording.annotations if note.kind == "fault"]
        assert "cut short" in fault


def test_a_fit_file_with_a_wrong_byte(tmp_path: Path) -> None:
    """A checksum that does not fit is told; nothing else is lost."""
    path = sources.fit(tmp_path / "run.fit")
    content = bytearray(path.read_bytes())
    content[-1] ^= 0xFF
    path.write_bytes(content)
    with imported(path, tmp_path) as recording:
        assert recording.rows("heart_rate") == 60
        assert "damaged" in recording.annotations[-1].text


def test_a_fit_file_cut_anywhere(tmp_path: Path) -> None:
    """Wherever it is cut, a recording or a clear error comes of it."""
    content = sources.fit(tmp_path / "run.fit").read_bytes()
    path = tmp_path / "cut.fit"
    seen = set()
    for cut in range(14, 500, 31):
        path.write_bytes(content[:cut])
        try:
            with imported(path, tmp_path) as recording:
                seen.add(recording.annotations[-1].kind)
        except FileFormatError as error:
            seen.add(str(error).partition("cut short")[1])
    assert seen == {"fault", "cut short"}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), which=st.integers(0, 2))
def test_a_damaged_file_is_read_or_refused(
    whole_sources: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    which: int,
) -> None:
    """Whatever happened to some of its bytes: no other error, and no session of years."""
    content = bytearray(whole_sources[which].read_bytes())
    for at, byte in data.draw(st.dictionaries(st.integers(0, len(content) - 1), BYTES)).items():
        content[at] = byte
    path = tmp_path_factory.mktemp("damaged") / "run"
    path.write_bytes(content)
    with suppress(FileFormatError), imported(path, path.parent) as recording:
        assert recording.duration <= 14 * 86400.0


def test_a_sample_of_another_year_is_left_out(tmp_path: Path) -> None:
    """A flipped bit in one time does not make a run of decades; it is told."""
    path = sources.tcx(tmp_path / "run.tcx")
    text = path.read_text()
    path.write_text(text.replace("2026-04-18T09:30:20", "2062-04-18T09:30:20", 1))
    with imported(path, tmp_path) as recording:
        assert recording.duration < 60.0
        (fault,) = [note.text for note in recording.annotations if note.kind == "fault"]
        assert fault == "samples dated a week or more from the others, left out: 1"


def test_files_without_an_activity(tmp_path: Path) -> None:
    """A track without times, and XML with a document type, are refused."""
    untimed = tmp_path / "route.gpx"
    untimed.write_text('<gpx><trk><trkpt lat="1" lon="2"><ele>3</ele></trkpt></trk></gpx>')
    with pytest.raises(FileFormatError, match="samples of an activity"):
        imported(untimed, tmp_path)
    entities = tmp_path / "entities.gpx"
    entities.write_text('<!DOCTYPE x [<!ENTITY a "b">]><gpx></gpx>')
    with pytest.raises(FileFormatError, match="document type"):
        imported(entities, tmp_path)
    with (
        pytest.raises(MissingDataError),
        imported(sources.gpx(tmp_path / "a.gpx"), tmp_path) as run,
    ):
        run.read("rr_interval")
