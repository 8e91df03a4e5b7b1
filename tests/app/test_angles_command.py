"""``trackside angles`` as people type it."""

import json
from pathlib import Path

import numpy as np
import pytest

from altered_gait import DURATION, legs_only, simulated
from recorded_gait import record_pose, trackside
from trackside.kinematics.bvh import write_bvh

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A solved run whose first lap ends after 14 s."""
    path = tmp_path_factory.mktemp("angles") / "session.h5"
    record_pose(path, legs_only(simulated(3.5).pose), laps=(14.0,))
    return path


def test_angles_are_shown_drawn_and_written(session: Path, tmp_path: Path) -> None:
    """A table on the screen, a picture, and a table of 101 rows with the unit in its names."""
    picture, csv = tmp_path / "angles.png", tmp_path / "angles.csv"
    result = trackside("angles", session, "--picture", picture, "--csv", csv)
    assert result.exit_code == 0, result.output
    assert "left knee flexion" in result.output
    assert "running" in result.output
    assert picture.read_bytes().startswith(PNG)
    table = np.genfromtxt(csv, delimiter=",", names=True)
    assert len(table) == 101
    assert 70.0 < table["right_knee_flexion_mean_deg"].max() < 110.0
    assert table["right_knee_flexion_sd_deg"].min() >= 0.0


def test_json_is_for_scripts(session: Path) -> None:
    """The same as numbers, nothing else on the output."""
    report = json.loads(trackside("angles", session, "--json").stdout)
    assert report["strides"]["right"]["gait"] == "running"
    knee = report["angles"]["left_knee_flexion"]
    assert knee["least_deg"] < knee["largest_deg"]
    assert 55 < knee["largest_at_percent"] < 80


def test_a_lap_is_a_part_of_the_session(session: Path) -> None:
    """Both laps together have all strides but the one in between."""
    counts = [
        json.loads(trackside("angles", session, *part, "--json").stdout)["strides"]["right"][
            "strides"
        ]
        for part in ((), ("--lap", "1"), ("--lap", "2"), ("--span", "14:21"))
    ]
    assert counts[0] - 2 <= counts[1] + counts[2] < counts[0]
    assert counts[2] == counts[3]


def test_time_courses_need_no_strides(session: Path, tmp_path: Path) -> None:
    """Standing is drawn over time, where over the stride there is nothing to draw."""
    picture = tmp_path / "standing.png"
    standing = ("angles", session, "--span", "0:5", "--picture", picture)
    assert "no leg took" in str(trackside(*standing).exception)
    assert not picture.exists()
    assert trackside(*standing, "--over", "time").exit_code == 0
    assert picture.read_bytes().startswith(PNG)


def test_a_bvh_has_angles_too(tmp_path: Path) -> None:
    """Another program's file is enough."""
    path = tmp_path / "run.bvh"
    write_bvh(path, simulated(3.5).pose.span(14.0, DURATION))
    report = json.loads(trackside("angles", path, "--json").stdout)
    assert report["strides"]["left"]["strides"] > 3
    assert "left_elbow_flexion" in report["angles"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--lap", "3"), "lap 3: expected one of 1 to 2"),
        (("--lap", "1", "--span", "2:4"), "name one of the two"),
        (("--span", "4:2"), "the start must lie before the end"),
        (("--span", "90:95"), "nothing from 90 to 95 s: the pose goes from 0.0 to 2"),
        (("--over", "time"), "name --picture"),
    ],
)
def test_mistakes_are_explained(session: Path, options: tuple[str, ...], expected: str) -> None:
    """Each names what was given and what was expected."""
    result = trackside("angles", session, *options)
    assert result.exit_code != 0
    assert expected in f"{result.output} {result.exception}"
