"""What the planner takes from the features of a session, and how sure it is of it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runners import runner
from trackside.errors import FileFormatError
from trackside.planner.session_summary import read_summary, recording_of, summary_of_features

NONE = {"value": None, "sd": None, "reason": "no beats"}


def features(**changes: Any) -> dict[str, Any]:
    """A run of 50 min as trackside features --json tells it; ``changes`` of its heart rate."""
    heart = {
        "known_share": 1.0,
        "banister_trimp": {"value": 90.0, "sd": 2.0, "reason": None},
        "decoupling_percent": {"value": 4.0, "sd": None, "reason": None},
        "rmssd_ms": NONE,
        "recoveries": [
            recovery(150.0, 20.0),
            recovery(176.0, 32.0),
            {"time_s": 1.0, "peak_bpm": known(190.0), "fall_60_s_bpm": NONE},
        ],
        "zone_minutes": [1.0, 2.0, 20.0, 20.0, 5.0, 2.0],
        "beats": 7000,
        **changes,
    }
    feature = {"mean": 172.0, "mean_sd": 0.3, "symmetry_percent": None, "strides": 4000}
    contact = {"mean": 0.25, "mean_sd": 0.001, "symmetry_percent": 3.0, "right": 0.254}
    drift = {"per_hour": -4.0, "low": -6.0, "high": -2.0, "percent_per_hour": -2.5, "minutes": 40.0}
    return {
        "format": "trackside-session-features",
        "version": 1,
        "recorded_at": "2030-02-01T18:00:00+01:00",
        "athlete": "Ada",
        "remarks": ["the left foot's sensor fell off"],
        "session": {
            "duration_s": 3000.0,
            "distance_m": {"value": 7000.0, "sd": 40.0, "reason": None},
            "gait": {
                "walking": {"duration_s": 1500.0, "cadence_steps_per_min": {"mean": 110.0}},
                "running": {
                    "duration_s": 1400.0,
                    "cadence_steps_per_min": feature,
                    "stride_length_m": {"mean": None, "reason": "no sensor on a foot"},
                    "contact_time_s": contact,
                    "drift_per_hour": {"cadence_steps_per_min": drift},
                },
            },
            "heart_rate": heart,
            "heart_rate_reason": None,
        },
        "laps": [],
    }


def known(value: float) -> dict[str, Any]:
    return {"value": value, "sd": 1.5, "reason": None}


def recovery(peak: float, fall: float) -> dict[str, Any]:
    return {"time_s": 100.0, "peak_bpm": known(peak), "fall_60_s_bpm": known(fall)}


def test_all_figures_of_a_good_recording() -> None:
    """Running counts, not walking; the hardest effort's recovery; trends with their SD."""
    found = summary_of_features(features(), runner())
    assert found.started_at.date() == date(2030, 2, 1)
    assert (found.trimp.value, found.trimp.sd) == (90.0, 2.0)
    assert found.distance_m.value == 7000.0
    assert found.cadence_steps_per_min.value == 172.0
    assert found.cadence_percent_per_hour.value == -2.5
    assert found.cadence_percent_per_hour.sd == pytest.approx(2.5 * 2.0 / 1.96 / 4.0)
    assert found.asymmetry_percent.sd == pytest.approx(200.0 * 0.001 / 0.25)
    assert found.recovery_bpm.value == 32.0
    assert found.zone_minutes == (1.0, 2.0, 20.0, 20.0, 5.0, 2.0)
    assert found.remarks == ("the left foot's sensor fell off",)


def test_what_is_unknown_says_why() -> None:
    found = summary_of_features(features(), runner())
    assert found.stride_length_m.value is None
    assert found.stride_length_m.reason == "no sensor on a foot"
    assert found.rmssd_ms.reason == "no beats"


def test_the_less_of_the_heart_rate_is_known_the_less_sure_is_the_load() -> None:
    """Unknown time counts as the rest, with a standard deviation that grows; then speed tells."""
    sds = []
    for share in (1.0, 0.9, 0.6):
        trimp = {"value": 90.0 * share, "sd": 2.0 * share, "reason": None}
        found = summary_of_features(features(known_share=share, banister_trimp=trimp), runner())
        assert found.trimp.value == pytest.approx(90.0)
        sds.append(found.trimp.sd or 0.0)
    assert sds[0] < sds[1] < sds[2]
    poor = summary_of_features(features(known_share=0.2), runner()).trimp
    assert poor.reason is not None
    assert "by speed" in poor.reason
    assert 20.0 < (poor.value or 0.0) < 120.0
    assert (poor.sd or 0.0) / (poor.value or 1.0) == pytest.approx(0.25)


def test_without_heart_rate_and_way_there_is_no_load() -> None:
    document = features()
    document["session"]["heart_rate"] = None
    document["session"]["heart_rate_reason"] = "no strap"
    document["session"]["distance_m"] = {"value": None, "reason": "no sensor"}
    found = summary_of_features(document, runner())
    assert found.trimp.value is None
    assert found.trimp.reason == "no strap; and neither distance nor speed"
    assert found.recovery_bpm.reason == "no strap"


def test_a_file_gives_the_same_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(features()), encoding="utf-8")
    assert read_summary(path, runner()) == summary_of_features(features(), runner())
    path.write_text(json.dumps({**features(), "version": 2}), encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"run\.json: format: expected .* version 1, not"):
        read_summary(path, runner())
    document = features()
    del document["session"]["duration_s"]
    with pytest.raises(FileFormatError, match=r"session\.duration_s"):
        summary_of_features(document, runner())


def test_what_a_store_keeps() -> None:
    """Known figures with their SD, and a remark for each that is not."""
    kept = recording_of(summary_of_features(features(), runner()), "r1", "ada")
    assert kept.features["trimp"].value == 90.0
    assert kept.features["zone_2_minutes"].value == 20.0
    assert "rmssd_ms" not in kept.features
    assert "rmssd ms: no beats" in kept.remarks
    assert kept.distance_m == 7000.0
