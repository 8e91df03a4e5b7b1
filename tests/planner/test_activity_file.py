"""Sessions as FIT activities, decoded by another library: every field equal."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import fitdecode
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.activity_file import (
    CADENCE,
    RECORD_FIELDS,
    Activity,
    activity_bytes,
    lap_bounds,
)

START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
USUAL = {
    "heart_rate": (40.0, 210.0),
    "speed": (0.0, 9.5),
    "distance": (0.0, 42195.0),
    "power": (0.0, 600.0),
    "ground_contact_time": (0.08, 0.6),
    "ground_contact_share": (10.0, 70.0),
    "ground_contact_balance": (40.0, 60.0),
    "vertical_oscillation": (0.02, 0.15),
    "vertical_ratio": (2.0, 15.0),
    "step_length": (0.3, 2.5),
    CADENCE: (0.0, 300.0),
}


def decoded(content: bytes) -> list[tuple[str, dict[str, Any]]]:
    """All messages of a FIT file in the profile's units; checks the file's sums."""
    with fitdecode.FitReader(content, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        return [
            (frame.name, {field.name: field.value for field in frame.fields})
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage)
        ]


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """Seconds with holes, any of the channels with holes, RR intervals and laps."""
    count = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    time = np.sort(rng.choice(60, count, replace=False)).astype(float)
    names = draw(st.sets(st.sampled_from(sorted(USUAL)), min_size=1))
    channels = {name: rng.uniform(*USUAL[name], count) for name in sorted(names)}
    for values in channels.values():
        values[rng.random(count) < 0.2] = np.nan
    beats = np.cumsum(rng.uniform(0.3, 1.5, draw(st.integers(0, 40))))
    intervals = np.stack([beats, np.diff(beats, prepend=0.0)], axis=-1)
    laps = tuple(draw(st.lists(st.floats(-10.0, 80.0), max_size=4)))
    return Activity(START, time, channels, intervals, laps)


def expected_record(channels: Mapping[str, Floats], n: int) -> dict[str, float]:
    """What a record has to hold, to the profile's resolution."""
    fields: dict[str, float] = {}
    for name, values in channels.items():
        if not np.isfinite(values[n]):
            continue
        if name == CADENCE:
            ticks = round(values[n] / 2 * 128)
            fields |= {"cadence": ticks // 128, "fractional_cadence": ticks % 128 / 128}
        else:
            field, factor, step, _ = RECORD_FIELDS[name]
            fields[field] = round(factor * values[n] / step) * step
    return fields


@given(activities())
@settings(max_examples=40)
def test_every_field_is_read_back(activity: Activity) -> None:
    """Records, intervals and laps of any activity, as the other library reads them."""
    messages = decoded(activity_bytes(activity))
    records = [fields for name, fields in messages if name == "record"]
    assert len(records) == len(activity.time)
    for n, record in enumerate(records):
        moment = record.pop("timestamp")
        assert moment == START + timedelta(seconds=float(activity.time[n]))
        there = {name: value for name, value in record.items() if value is not None}
        assert there == pytest.approx(expected_record(activity.channels, n), abs=1e-9)
    found = [
        length
        for name, fields in messages
        if name == "hrv"
        for length in fields["time"]
        if length is not None
    ]
    assert found == pytest.approx(list(np.round(activity.intervals[:, 1], 3)), abs=1e-9)
    laps = [fields for name, fields in messages if name == "lap"]
    bounds = lap_bounds(activity)
    assert [lap["message_index"] for lap in laps] == list(range(len(bounds)))
    for lap, (start, end) in zip(laps, bounds, strict=True):
        assert lap["start_time"] == START + timedelta(seconds=start)
        assert lap["timestamp"] == START + timedelta(seconds=end)
        assert lap["total_elapsed_time"] == lap["total_timer_time"] == end - start


def run(**changes: Any) -> Activity:
    """Ten seconds of running; ``changes`` replace fields."""
    values: dict[str, Any] = {
        "start": START,
        "time": np.arange(11.0),
        "channels": {
            "heart_rate": np.linspace(140.0, 160.0, 11),
            "distance": np.linspace(0.0, 35.0, 11),
            "ground_contact_time": np.full(11, 0.2315),
            CADENCE: np.full(11, 171.0),
        },
        "laps": (4.0, 4.2, 4.0, 99.0),
    }
    return Activity(**{**values, **changes})


def test_the_shape_of_the_file() -> None:
    """An activity file of running: timer events around records, then laps, session, activity."""
    names = [name for name, _ in decoded(activity_bytes(run()))]
    assert names == [
        "file_id",
        "event",
        *["record"] * 11,
        "event",
        "lap",
        "lap",
        "session",
        "activity",
    ]


def test_means_of_laps_and_session() -> None:
    """Duplicate and late lap marks count once or not at all; each lap has its own means."""
    messages = decoded(activity_bytes(run()))
    first, second = (fields for name, fields in messages if name == "lap")
    assert (first["total_distance"], second["total_distance"]) == (14.0, 21.0)
    assert (first["avg_heart_rate"], first["max_heart_rate"]) == (144, 148)
    (session,) = (fields for name, fields in messages if name == "session")
    assert (session["num_laps"], session["total_distance"]) == (2, 35.0)
    assert (session["avg_heart_rate"], session["max_heart_rate"]) == (150, 160)
    assert session["avg_stance_time"] == pytest.approx(231.5)
    assert session["avg_running_cadence"] + session["avg_fractional_cadence"] == 85.5
    assert session["sport"] == "running"


def test_what_no_field_can_hold_is_left_out() -> None:
    """300 bpm, a contact of ten seconds, an interval of 70 s: the rest is written."""
    channels = {"heart_rate": np.full(11, 300.0), "ground_contact_time": np.full(11, 10.0)}
    intervals = np.array([[1.0, 70.0], [2.0, 0.8], [3.0, 0.0]])
    messages = decoded(activity_bytes(run(channels=channels, intervals=intervals)))
    assert not {"heart_rate", "stance_time"} & {key for name, f in messages for key in f}
    assert [f["time"][0] for name, f in messages if name == "hrv"] == [0.8]


@pytest.mark.parametrize(
    "changes",
    [
        {"time": np.empty(0), "channels": {}},
        {"time": np.arange(11.0) / 2},
        {"time": np.zeros(11)},
        {"start": datetime(2026, 5, 1)},
        {"channels": {"unheard_of": np.zeros(11)}},
        {"channels": {"speed": np.zeros(3)}},
    ],
)
def test_activities_that_cannot_be(changes: dict[str, Any]) -> None:
    """Each mistake is named."""
    with pytest.raises(ParameterError):
        activity_bytes(run(**changes))
