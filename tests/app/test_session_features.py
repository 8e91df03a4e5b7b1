"""One object of features from whatever was worn, and from input that is bad in every way."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recorded_gait import trackside
from trackside.app.session_features import session_features, stride_rows
from trackside.arrays import Floats
from trackside.errors import ParameterError, SignalError
from trackside.kinematics.activity import Activity
from trackside.kinematics.session_features import SessionFeatures
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    HEART_RATE,
    RR_INTERVAL,
    Annotation,
    Athlete,
    Block,
    Channel,
    Imu,
    Kind,
    Stream,
)
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk
from trackside.simulation.session import SimulatedSession

KIT = ("right_foot", "left_foot", "right_shank", "right_thigh", "pelvis", "t8")
START = datetime(2026, 4, 18, 9, 30, tzinfo=UTC)


@cache
def simulated() -> SimulatedSession:
    plan = SessionPlan((stand(5), walk(20, 1.5), run(30, 3.2), stand(8)))
    return simulate(plan, KIT, seed=7)


def recorded(
    path: Path,
    imus: dict[str, Imu],
    heart: tuple[Floats, Floats] | None = None,
    laps: tuple[float, ...] = (),
    athlete: Athlete | None = None,
) -> Path:
    """A recording of these sensors by placement, of a strap's averages, and of marked laps."""
    blocks = []
    for placement, imu in imus.items():
        assert imu.gyr is not None
        stream = Stream(placement, Kind.IMU, (GYROSCOPE, ACCELEROMETER), 100.0, placement=placement)
        values = {"gyroscope": imu.gyr, "accelerometer": imu.acc}
        blocks.append((stream, Block(placement, imu.time, values)))
    if heart is not None:
        stream = Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,))
        blocks.append((stream, Block("heart_rate", heart[0], {"heart_rate": heart[1][:, None]})))
    streams = [stream for stream, _ in blocks]
    with RecordingWriter(path, streams, start_time=START, athlete=athlete or Athlete()) as writer:
        for _, block in blocks:
            writer.write(block)
        for lap in laps:
            writer.annotate(Annotation(lap, "lap", ""))
    return path


def worn(*placements: str) -> dict[str, Imu]:
    return {placement: simulated().imu(placement) for placement in placements}


def features_of(path: Path) -> SessionFeatures:
    with open_recording(path) as recording:
        return session_features(recording)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything the kit measures, with a lap in the middle that was pressed twice."""
    clock = np.arange(63.0)
    return recorded(
        tmp_path_factory.mktemp("session") / "run.h5",
        worn(*KIT),
        (clock, 120.0 + 0.5 * clock),
        (25.0, 25.2, 40.0),
        Athlete("Ada", 1.75, 62.0),
    )


def test_all_that_a_kit_tells(whole: Path) -> None:
    """Activities, both gaits, stiffness, heart rate and laps, near the truth."""
    found = features_of(whole)
    session = found.session
    truth = simulated().truth
    path = truth.pose.root[:, :2]
    assert session.distance_m.value == pytest.approx(np.linalg.norm(path[-1] - path[0]), rel=0.03)
    assert {Activity.STANDING, Activity.WALKING, Activity.RUNNING} <= set(session.activities)
    ran = session.gait[Activity.RUNNING]
    assert ran.vertical_oscillation_m.mean == pytest.approx(0.09, abs=0.03)
    assert ran.leg_stiffness_kn_per_m.mean == pytest.approx(9.0, abs=3.0)
    assert ran.vertical_stiffness_kn_per_m.mean == pytest.approx(23.0, abs=6.0)
    assert found.sources["vertical oscillation"] == "pelvis"
    assert session.heart_rate is not None
    assert session.heart_rate.mean_bpm.value == pytest.approx(135, abs=3)
    assert [(lap.start_s, round(lap.end_s)) for lap in found.laps] == [(0, 25), (25, 40), (40, 63)]
    assert sum(lap.distance_m.value or 0.0 for lap in found.laps) == pytest.approx(
        session.distance_m.value, rel=0.03
    )
    first, second = found.laps[0].heart_rate, found.laps[2].heart_rate
    assert first is not None
    assert second is not None
    assert (first.mean_bpm.value or 0) < (second.mean_bpm.value or 0)


def test_json_there_and_back(whole: Path, tmp_path: Path) -> None:
    """What the command writes the model reads, whole and unchanged; NaN never gets into it."""
    target = tmp_path / "features.json"
    printed = trackside("features", whole, "--json", "-o", target).output
    assert json.loads(printed) == json.loads(target.read_text())
    assert "NaN" not in printed
    read = SessionFeatures.model_validate_json(target.read_bytes())
    assert read == features_of(whole)
    assert (read.format, read.version) == ("trackside-session-features", 1)


@pytest.mark.parametrize("what", ["--strides", "--laps"])
def test_tables_as_csv_and_parquet(whole: Path, tmp_path: Path, what: str) -> None:
    """Both files hold the same table; any other ending is refused."""
    csv, parquet = tmp_path / "table.csv", tmp_path / "table.parquet"
    assert trackside("features", whole, what, "-o", csv).exit_code == 0
    assert trackside("features", whole, what, "-o", parquet).exit_code == 0
    left, right = pd.read_csv(csv), pd.read_parquet(parquet)
    assert list(left) == list(right)
    assert len(left) == len(right) > 3
    np.testing.assert_allclose(left["start_s"], right["start_s"], rtol=1e-4)
    other = trackside("features", whole, what, "-o", tmp_path / "table.xlsx")
    assert isinstance(other.exception, ParameterError)


def test_laps_on_the_screen(whole: Path) -> None:
    """One line a lap, with its gait."""
    shown = trackside("features", whole, "--laps").output
    assert "3 laps" in shown
    assert "0:25" in shown


@pytest.mark.parametrize(
    ("placement", "known", "unknown"),
    [
        ("right_foot", "stride_length_m", "vertical_oscillation_m_measured"),
        ("right_shank", "cadence_steps_per_min", "stride_length_m"),
        ("right_thigh", "contact_time_s", "stride_length_m"),
        ("pelvis", "stride_length_m", "strike_angle_deg"),
        ("t8", "vertical_oscillation_m", "strike_angle_deg"),
    ],
)
def test_one_sensor_alone(placement: str, known: str, unknown: str, tmp_path: Path) -> None:
    """What one sensor can tell is told; the rest is null with the reason."""
    found = features_of(recorded(tmp_path / "run.h5", worn(placement)))
    ran = found.session.gait[Activity.RUNNING]
    assert getattr(ran, known).mean is not None
    assert ran.cadence_steps_per_min.mean == pytest.approx(163, abs=4)
    if unknown in type(ran).model_fields:
        missing = getattr(ran, unknown)
        assert missing.mean is None
        assert "no sensor on" in missing.reason or "neither a sensor" in missing.reason
    assert found.session.heart_rate is None
    assert "nothing was recorded" in (found.session.heart_rate_reason or "")


def test_a_strap_alone(tmp_path: Path) -> None:
    """Heart rate without any gait."""
    clock = np.arange(300.0)
    path = recorded(tmp_path / "run.h5", {}, (clock, 130.0 + np.sin(clock / 20)))
    found = features_of(path)
    assert found.session.gait == {}
    assert "no IMU" in (found.session.gait_reason or "")
    assert found.session.distance_m.value is None
    assert found.session.heart_rate is not None
    assert found.session.heart_rate.mean_bpm.value == pytest.approx(130, abs=1)


def test_a_watch_fills_in_speed(tmp_path: Path) -> None:
    """A sensor on the shank and a watch's speed: stride lengths, and their source is said."""
    clock = np.arange(63.0)
    imu = simulated().imu("right_shank")
    assert imu.gyr is not None
    streams = (
        Stream("right_shank", Kind.IMU, (GYROSCOPE, ACCELEROMETER), 100.0, placement="right_shank"),
        Stream("watch", Kind.RUNNING_SPEED, (Channel("speed", "m/s"),)),
    )
    speed = np.interp(clock, simulated().truth.pose.time, simulated().truth.speed)
    path = tmp_path / "run.h5"
    with RecordingWriter(path, streams, start_time=START) as writer:
        values = {"gyroscope": imu.gyr, "accelerometer": imu.acc}
        writer.write(Block("right_shank", imu.time, values))
        writer.write(Block("watch", clock, {"speed": speed[:, None]}))
    found = features_of(path)
    assert found.sources["speed"] == "watch or pod"
    length = found.session.gait[Activity.RUNNING].stride_length_m
    assert length.mean == pytest.approx(3.2 * 120 / 163, abs=0.25)


# bad input: what can be computed is, the rest is marked with the reason


def constant(imu: Imu) -> Imu:
    assert imu.gyr is not None
    gyr = imu.gyr.copy()
    gyr[:, 1] = 0.25
    return replace(imu, gyr=gyr)


def dead(imu: Imu) -> Imu:
    return replace(imu, acc=np.zeros_like(imu.acc))


def unknown(imu: Imu) -> Imu:
    return replace(imu, acc=np.full_like(imu.acc, np.nan))


def bursts(imu: Imu) -> Imu:
    packet = np.arange(len(imu.time)) % 20
    return replace(imu, time=imu.time - packet * (0.01 - 1e-5))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (constant, "gyroscope on left_foot is constant in y"),
        (dead, "accelerometer on left_foot is constant in x"),
        (unknown, "accelerometer on left_foot has no samples"),
        (bursts, "left_foot: samples are stamped in bursts, 40 % of them at most 0.01 ms after"),
    ],
)
def test_sensors_that_are_broken(spoil: Callable[[Imu], Imu], words: str, tmp_path: Path) -> None:
    """A foot whose sensor is broken is left out and said; the other foot tells the strides."""
    imus = worn("right_foot", "left_foot", "pelvis")
    imus["left_foot"] = spoil(imus["left_foot"])
    found = features_of(recorded(tmp_path / "run.h5", imus))
    assert any(words in remark for remark in found.remarks)
    ran = found.session.gait[Activity.RUNNING]
    assert found.sources["strides"] == "right_foot"
    assert ran.stride_length_m.mean == pytest.approx(2.36, abs=0.15)
    assert ran.stride_length_m.symmetry_percent is None


def test_a_session_of_years_is_refused(tmp_path: Path) -> None:
    """One wrong time stamp would have every second of decades looked at."""
    imus = worn("pelvis")
    time = imus["pelvis"].time.copy()
    time[-1] = 1e9
    path = recorded(tmp_path / "run.h5", {"pelvis": replace(imus["pelvis"], time=time)})
    with pytest.raises(SignalError, match="a session of 11574 days"):
        features_of(path)


def test_nothing_but_stuck_sensors(tmp_path: Path) -> None:
    """The strap is shown all the same, with the reasons beside it."""
    imus = {name: dead(imu) for name, imu in worn("right_foot", "pelvis").items()}
    clock = np.arange(100.0)
    found = features_of(recorded(tmp_path / "run.h5", imus, (clock, 130.0 + clock % 7)))
    assert found.session.gait == {}
    assert found.session.heart_rate is not None
    assert len(found.remarks) >= 2


def test_a_gap_of_ten_minutes(tmp_path: Path) -> None:
    """Strides on both sides count as before; nothing is invented in between."""
    imus = {
        name: replace(imu, time=imu.time + np.where(imu.time > 38.0, 600.0, 0.0))
        for name, imu in worn("right_foot", "left_foot", "pelvis").items()
    }
    found = features_of(recorded(tmp_path / "run.h5", imus)).session
    plain = features_of(recorded(tmp_path / "plain.h5", worn("right_foot", "left_foot", "pelvis")))
    ran, without = found.gait[Activity.RUNNING], plain.session.gait[Activity.RUNNING]
    assert without.strides - 8 <= ran.strides <= without.strides
    assert ran.cadence_steps_per_min.mean == pytest.approx(
        without.cadence_steps_per_min.mean, rel=0.01
    )
    total = sum(time.duration_s for time in found.activities.values())
    assert total < 70.0
    assert found.distance_m.value == pytest.approx(plain.session.distance_m.value, rel=0.1)


def test_a_sensor_on_the_wrong_foot(tmp_path: Path) -> None:
    """Two sensors on one foot are noticed, and count as one; swapped feet swap the sides only."""
    imus = worn("right_foot", "left_foot")
    twice = recorded(tmp_path / "twice.h5", {**imus, "left_foot": imus["right_foot"]})
    found = features_of(twice)
    assert any("both are on one foot" in remark for remark in found.remarks)
    ran = found.session.gait[Activity.RUNNING]
    assert ran.cadence_steps_per_min.mean == pytest.approx(163, abs=4)
    assert ran.cadence_steps_per_min.right is None
    swapped = {"right_foot": imus["left_foot"], "left_foot": imus["right_foot"]}
    one = features_of(recorded(tmp_path / "a.h5", imus)).session.gait[Activity.RUNNING]
    other = features_of(recorded(tmp_path / "b.h5", swapped)).session.gait[Activity.RUNNING]
    assert other.stride_length_m.mean == pytest.approx(one.stride_length_m.mean, rel=0.01)
    assert other.stride_length_m.right == pytest.approx(one.stride_length_m.left, rel=0.02)


@pytest.mark.parametrize("other", ["right_shank", "right_thigh"])
def test_swapped_feet_are_noticed_by_another_sensor(other: str, tmp_path: Path) -> None:
    """A shank or thigh that lands with the other foot tells that sides are exchanged.

    The strides are marked, and count.
    """
    imus = worn("right_foot", "left_foot", other)
    assert features_of(recorded(tmp_path / "right.h5", imus)).remarks == ()
    swapped = {**imus, "right_foot": imus["left_foot"], "left_foot": imus["right_foot"]}
    path = recorded(tmp_path / "wrong.h5", swapped)
    found = features_of(path)
    assert len(found.remarks) == 1
    assert f"{other} lands with the other leg than right_foot" in found.remarks[0]
    with open_recording(path) as recording:
        table = stride_rows(recording).table
    assert table["quality"].str.endswith("side unsure").all()
    assert not table["good"].any()
    gait = found.session.gait[Activity.RUNNING]
    assert gait.cadence_steps_per_min.strides > 20


@pytest.mark.parametrize("value", [0.0, 255.0])
def test_a_heart_rate_without_contact(value: float, tmp_path: Path) -> None:
    """Heart rates of 0 and 255 are no contact: marked, and not in any mean."""
    clock = np.arange(600.0)
    rate = np.where((clock > 200) & (clock < 400), value, 140.0 + np.sin(clock / 15.0))
    found = features_of(recorded(tmp_path / "run.h5", {}, (clock, rate))).session.heart_rate
    assert found is not None
    assert found.mean_bpm.value == pytest.approx(140, abs=1)
    assert found.known_share == pytest.approx(2 / 3, abs=0.06)
    assert any("no contact" in fault.reason for fault in found.faults)
    only = features_of(
        recorded(tmp_path / "gait.h5", worn("right_foot"), (clock[:60], np.full(60, value)))
    )
    assert only.session.heart_rate is None
    assert "no contact" in (only.session.heart_rate_reason or "")


def test_intervals_of_a_dropped_strap(tmp_path: Path) -> None:
    """Intervals that freeze or are nonsense are cut out; what is left has its variability."""
    rng = np.random.default_rng(1)
    beats = np.cumsum(0.45 + 0.01 * rng.standard_normal(1200))
    intervals = np.diff(beats, prepend=beats[0] - 0.45)
    intervals[500:560] = 0.42
    intervals[560:580] = 9.0
    stream = Stream("rr_interval", Kind.HEART_RATE, (RR_INTERVAL,))
    path = tmp_path / "run.h5"
    with RecordingWriter(path, [stream], start_time=START) as writer:
        writer.write(Block("rr_interval", beats, {"rr_interval": intervals[:, None]}))
    heart = features_of(path).session.heart_rate
    assert heart is not None
    assert heart.rmssd_ms.value == pytest.approx(14.1, abs=2.0)
    assert heart.mean_bpm.value == pytest.approx(133.3, abs=1.5)
    assert heart.highest_bpm.value is not None
    assert heart.highest_bpm.value < 141.0  # frozen intervals would be 143 bpm


def test_laps_that_are_there_twice(tmp_path: Path) -> None:
    """Each counts once, also those at the very beginning and end."""
    laps = (0.0, 0.0, 25.0, 25.0, 25.4, 62.9)
    found = features_of(recorded(tmp_path / "run.h5", worn("right_foot"), laps=laps))
    assert [lap.start_s for lap in found.laps] == [0.0, 25.0]
