"""trackside features and export --fit on the heart rate of whole recordings."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fitdecode
import numpy as np
import pytest
from typer.testing import CliRunner

from trackside.app.cli import app
from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.planner.example_profile import example_profile
from trackside.recordings.model import (
    HEART_RATE,
    RR_INTERVAL,
    Annotation,
    Block,
    Channel,
    Kind,
    Stream,
)
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.heart_rate import Heart

START = datetime(2026, 4, 18, 9, 30, tzinfo=UTC)
DURATION = 2400


def run_of(
    path: Path,
    shown: Floats | None = None,
    *,
    duration: int = DURATION,
    with_beats: bool = True,
    fault: str = "",
) -> Path:
    """A recording of a strap and a watch: a run with a rest after it, and two laps marked."""
    time = np.arange(float(duration))
    speed = np.where(time < 0.875 * duration, 3.2 + 0.2 * np.sin(time / 100.0), 0.0)
    heart = Heart(resting=60.0)
    rate = heart.rate(speed, 1.0)
    beats = heart.beats(time, rate, np.random.default_rng(0))
    if shown is not None:
        rate = shown
    running = {
        "speed": speed,
        "cadence": np.where(speed > 0, 169.0 + 0.5 * np.sin(time / 9.0), 0.0),
        "ground_contact_time": np.where(speed > 0, 0.24, np.nan),
    }
    streams = (
        (Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,)), time, {"heart_rate": rate}),
        (
            Stream("rr_interval", Kind.HEART_RATE, (RR_INTERVAL,)),
            beats[1:],
            {"rr_interval": np.diff(beats)},
        ),
        (
            Stream("watch", Kind.RUNNING_SPEED, tuple(Channel(name, "1") for name in running)),
            time,
            running,
        ),
    )
    with RecordingWriter(path, [stream for stream, _, _ in streams], start_time=START) as writer:
        for stream, moments, values in streams:
            if stream.name == "rr_interval" and not with_beats:
                continue
            columns = {name: column[:, np.newaxis] for name, column in values.items()}
            writer.write(Block(stream.name, moments, columns))
        for lap in (0.25 * duration, 0.5 * duration):
            writer.annotate(Annotation(lap, "lap", ""))
        if fault:
            writer.annotate(Annotation(float(duration), "fault", fault))
    return path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_of(tmp_path_factory.mktemp("run") / "run.h5")


def invoked(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def reported(*arguments: str | Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(invoked("features", *arguments, "--json"))
    return report


def heart_rate_of(*arguments: str | Path) -> dict[str, Any]:
    heart: dict[str, Any] = reported(*arguments)["session"]["heart_rate"]
    return heart


def test_heart_rate_of_a_recording(recording: Path) -> None:
    """Rates, variability, recovery and drift of a run without any sensor on the body."""
    heart = heart_rate_of(recording)
    assert heart["mean_bpm"]["value"] == pytest.approx(126, abs=3)
    assert heart["known_share"] > 0.99
    assert heart["beats"] > 4500
    assert heart["faults"] == []
    assert heart["rmssd_ms"]["value"] > 0
    (recovery,) = heart["recoveries"]
    assert recovery["time_s"] == pytest.approx(2100, abs=5)
    assert recovery["fall_60_s_bpm"]["value"] > 40
    assert abs(heart["drift_bpm_per_hour"]["value"]) < 1.5
    assert heart["zone_minutes"] is None
    assert "--profile" in heart["banister_trimp"]["reason"]
    assert "--thresholds" in heart["lucia_load"]["reason"]


def test_loads_of_a_profile(recording: Path, tmp_path: Path) -> None:
    """With a profile and thresholds come zones and all three loads, each with its uncertainty."""
    profile = tmp_path / "me.toml"
    profile.write_text(example_profile(START.date()), encoding="utf-8")
    heart = heart_rate_of(recording, "--profile", profile, "--thresholds", "120:150")
    zones = heart["zone_minutes"]
    assert sum(zones) == pytest.approx(DURATION / 60, abs=0.5)
    assert heart["lucia_load"]["value"] == pytest.approx(35 * 2 + 5, abs=4)
    assert heart["edwards_load"]["value"] == pytest.approx(
        sum(zone * minutes for zone, minutes in enumerate(zones)), abs=0.5
    )
    assert 30 < heart["banister_trimp"]["value"] < 80
    assert 0.0 < heart["banister_trimp"]["sd"] < 1.0


def test_tables_for_people(recording: Path) -> None:
    """The same as tables, with what is missing and why."""
    text = invoked("features", recording)
    for word in ("Mean [bpm]", "RMSSD [ms]", "Drift", "--profile", "Remarks", "running"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 80


def test_faults_are_told(tmp_path: Path) -> None:
    """Ten minutes without contact: the rest is shown, and the fault with its reason."""
    rate = 140.0 + 3.0 * np.sin(np.arange(DURATION) / 30.0)
    rate[600:1200] = 0.0
    path = run_of(tmp_path / "run.h5", rate, with_beats=False)
    (fault,) = heart_rate_of(path)["faults"]
    assert (fault["start_s"], fault["end_s"]) == (600.0, 1199.0)
    assert "no contact" in fault["reason"]


def test_a_file_that_was_cut(tmp_path: Path) -> None:
    """What an importer remarked of a damaged file stands beside the features of the rest."""
    path = run_of(tmp_path / "run.h5", duration=240, fault="the file is cut short")
    assert reported(path)["remarks"] == ["the file is cut short"]
    assert "the file is cut short" in invoked("features", path)


def test_nothing_to_tell(tmp_path: Path) -> None:
    """Neither a sensor on the body nor a heart rate: one error that names both."""
    path = tmp_path / "battery.h5"
    stream = Stream("battery", Kind.BATTERY, (Channel("level", "%"),))
    with RecordingWriter(path, [stream], start_time=START) as writer:
        writer.write(Block("battery", np.arange(5.0), {"level": np.ones((5, 1))}))
    with pytest.raises(MissingDataError, match=r"no IMU.*no heart rate"):
        invoked("features", path)


def test_a_recording_becomes_an_activity(tmp_path: Path) -> None:
    """Heart rate, cadence, speed, contact and laps of a recording, read by another library."""
    recording, target = run_of(tmp_path / "run.h5", duration=240), tmp_path / "out.fit"
    assert "laps: 3" in invoked("export", recording, "--fit", target)
    with fitdecode.FitReader(target, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        found = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    records = [frame for frame in found if frame.name == "record"]
    assert len(records) == 240
    middle = records[150]
    assert middle.get_value("timestamp").timestamp() == START.timestamp() + 150
    assert middle.get_value("stance_time") == pytest.approx(240.0)
    assert middle.get_value("cadence") == 84
    assert middle.get_value("enhanced_speed") == pytest.approx(3.2, abs=0.21)
    laps = [frame.get_value("total_elapsed_time") for frame in found if frame.name == "lap"]
    assert laps == [60.0, 60.0, 119.0]


@pytest.mark.parametrize("thresholds", ["150", "170:150", "a:b"])
def test_thresholds_that_cannot_be(recording: Path, thresholds: str) -> None:
    """The error shows what was expected."""
    result = CliRunner().invoke(app, ["features", str(recording), "--thresholds", thresholds])
    assert result.exit_code == 2
    assert "152:171" in result.output
