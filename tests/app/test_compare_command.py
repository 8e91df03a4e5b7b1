"""``trackside compare`` as people type it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from altered_gait import DURATION, simulated, with_late_arm, with_stiff_knee
from recorded_gait import record_pose, trackside
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.pose import Pose

PNG = b"\x89PNG"
LAP = 14.0
SENTENCE = r"left knee 1[0-9]° less flexed in swing, from \d\d to \d\d % of the stride"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run; the same with a stiff left knee; and one whose knee is stiff in the second lap."""
    folder = tmp_path_factory.mktemp("compare")
    good = simulated(3.5).pose
    stiff = with_stiff_knee(good, "left", np.radians(70.0))
    late = np.where(good.time[:, None] < LAP, good.orientations, stiff.orientations)
    record_pose(folder / "good.h5", good)
    record_pose(folder / "stiff.h5", stiff)
    record_pose(folder / "tired.h5", replace(good, orientations=late), laps=(LAP,))
    write_bvh(folder / "good.bvh", _steady(good))
    return folder


def _steady(pose: Pose) -> Pose:
    return pose.span(10.0, DURATION)


@pytest.mark.parametrize(
    "arguments",
    [
        ("stiff.h5", "--with", "good.h5"),
        ("stiff.h5", "--with", "good.bvh"),
        ("tired.h5", "--lap", "2", "--with-lap", "1"),
        ("tired.h5", "--lap", "2", "--with", "tired.h5", "--with-lap", "1"),
        ("stiff.h5", "--span", "10:20", "--with", "good.h5"),
    ],
)
def test_a_stiff_knee_is_told_in_plain_words(
    folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against another session, a BVH and another lap: that sentence and no other."""
    monkeypatch.chdir(folder)
    result = trackside("compare", *arguments, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    (item,) = report["irregularities"]
    assert re.fullmatch(SENTENCE, item["text"]), item["text"]
    assert item["difference_deg"] == pytest.approx(-16.0, abs=4.0)
    (asymmetry,) = report["asymmetries"]
    assert asymmetry["text"].startswith("left knee 1")
    assert "less flexed than right in swing" in asymmetry["text"]
    worst = max(report["deviations"], key=lambda row: row["rms_deg"])
    assert worst["angle"] == "left_knee_flexion"


def test_the_report_on_the_screen(folder: Path, tmp_path: Path) -> None:
    """Text and picture: what was compared, the sentence, the table; the picture's name at last."""
    picture = tmp_path / "compare.png"
    result = trackside(
        "compare", folder / "stiff.h5", "--with", folder / "good.h5", "--picture", picture
    )
    assert result.exit_code == 0, result.output
    assert "compared with good.h5" in result.output
    assert "1. left knee" in result.output
    assert "right hip flexion" in result.output
    assert result.output.strip().endswith(str(picture))
    assert picture.read_bytes().startswith(PNG)


def test_a_late_arm_is_told_and_drawn(folder: Path, tmp_path: Path) -> None:
    """As later, not as wrong; the picture shows the shoulder beside the legs."""
    late, picture = tmp_path / "late.h5", tmp_path / "late.png"
    record_pose(late, with_late_arm(_steady(simulated(3.5).pose), "left", 5))
    result = trackside("compare", late, "--with", folder / "good.h5", "--picture", picture)
    assert "1. left shoulder flexion 7 % of the stride later" in result.output
    assert picture.read_bytes().startswith(PNG)


def test_a_session_is_like_itself(folder: Path) -> None:
    """Nothing to tell."""
    path = folder / "good.h5"
    report = json.loads(trackside("compare", path, "--with", path, "--json").stdout)
    assert report["irregularities"] == report["asymmetries"] == []


def test_a_norm_comes_with_its_source(folder: Path) -> None:
    """The published curves are named, and only what they hold is compared."""
    result = trackside("compare", folder / "good.h5", "--norm", "run-3.5", "--json")
    report = json.loads(result.stdout)
    assert "PeerJ 5:e3298" in report["source"]
    assert len(report["deviations"]) == 6
    assert report["notes"] == []


def test_running_compared_with_walking_is_remarked(folder: Path) -> None:
    """As is that the hip's zero is another one."""
    report = json.loads(
        trackside("compare", folder / "good.h5", "--norm", "walk-1.2", "--json").stdout
    )
    assert "the reference is walking" in report["notes"][0]
    assert "hip flexion" in report["notes"][1]
    hips = [row for row in report["deviations"] if "hip" in row["angle"]]
    assert all(row["shape_only"] and row["mean_deg"] == 0.0 for row in hips)


def test_the_least_angle_is_the_coachs_choice(folder: Path) -> None:
    """Who asks for 25° or more hears nothing of 16°."""
    stiff, good = folder / "stiff.h5", folder / "good.h5"
    result = trackside("compare", stiff, "--with", good, "--least", "25", "--json")
    assert json.loads(result.stdout)["irregularities"] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "compare with what?"),
        (("--norm", "run-3.5", "--with", "x.h5"), "--norm stands alone"),
        (("--norm", "sprint"), "walk-1.2, run-2.5, run-3.5, run-4.5"),
        (("--with-lap", "2"), "good.h5: no laps in it"),
        (("--with", "absent.h5"), "absent.h5"),
        (("--with", "good.bvh", "--with-lap", "1"), "only recordings have laps"),
    ],
)
def test_mistakes_are_explained(
    folder: Path, options: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be compared is said, with what could."""
    monkeypatch.chdir(folder)
    result = trackside("compare", "good.h5", *options)
    assert result.exit_code != 0
    assert expected in f"{result.output} {result.exception}"
