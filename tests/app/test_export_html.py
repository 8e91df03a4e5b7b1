"""``trackside export --html``: what goes into the page, and what is said of it."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from altered_gait import steady
from recorded_gait import record_pose, trackside
from trackside.app import export_command
from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics.bvh import write_bvh
from trackside.recordings.model import HEART_RATE, Block, Kind, Stream
from trackside.recordings.writer import RecordingWriter

POSE = steady(3.5).span(9.0, 14.0)
HEART = Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two laps, and a walk."""
    folder = tmp_path_factory.mktemp("html")
    record_pose(folder / "run.h5", POSE, laps=(11.0,))
    write_bvh(folder / "walk.bvh", steady(1.3).span(9.0, 13.0))
    return folder


def shown(page: Path) -> dict[str, Any]:
    """The JSON in a page."""
    text = page.read_text(encoding="utf-8")
    found = re.search(r'id="replay-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_a_recording_becomes_a_page(folder: Path) -> None:
    """Its pose and laps are in it; what it lacks is said here and there."""
    page = folder / "run.html"
    result = trackside("export", folder / "run.h5", "--html", page)
    assert result.exit_code == 0, result.output
    first, *remarks = result.output.splitlines()
    assert re.fullmatch(re.escape(str(page)) + r": 0\.\d MB", first)
    assert any(remark.startswith("No heart rate") for remark in remarks)
    data = shown(page)
    assert set(remarks) <= set(data["notes"])
    assert data["motion"]["frames"] == len(POSE.time)
    assert data["laps"] == [11.0]


def test_lap_span_and_rate(folder: Path) -> None:
    """Only that part, with so many frames; the ghost is the other lap."""
    page = folder / "lap.html"
    options = ("--lap", "2", "--ghost-lap", "1", "--rate", "50")
    assert trackside("export", folder / "run.h5", "--html", page, *options).exit_code == 0
    data = shown(page)
    assert data["span"][0] == pytest.approx(11.0, abs=0.02)
    assert data["motion"]["rate"] == pytest.approx(50.0)
    assert data["ghost"]["start"] == pytest.approx(9.0, abs=0.02)
    assert "run.h5, lap 1" in page.read_text(encoding="utf-8")
    assert trackside("export", folder / "run.h5", "--html", page, "--span", "10:12").exit_code == 0
    assert shown(page)["span"] == pytest.approx([10.0, 11.99])


def test_a_bvh_with_a_ghost(folder: Path) -> None:
    """Neither has sensors, laps or a heart; both are drawn whole."""
    page = folder / "walk.html"
    result = trackside("export", folder / "walk.bvh", "--html", page, "--ghost", folder / "run.h5")
    assert result.exit_code == 0, result.output
    data = shown(page)
    assert data["ghost"]["frames"] == len(POSE.time)
    assert not data["motion"]["has_bare"]
    assert data["motion"]["strides"]
    assert data["notes"] == []


def test_without_a_pose(tmp_path: Path) -> None:
    """A strap's recording becomes a page of its heart rate that says what to do."""
    with RecordingWriter(tmp_path / "strap.h5", (HEART,)) as writer:
        rate = np.full((60, 1), 130.0)
        writer.write(Block("heart_rate", np.arange(60.0), {"heart_rate": rate}))
    page = tmp_path / "strap.html"
    result = trackside("export", tmp_path / "strap.h5", "--html", page)
    assert result.exit_code == 0, result.output
    assert "No skeleton in this recording: it holds no motion sensor." in result.output
    data = shown(page)
    assert data["motion"] is None
    assert [series["name"] for series in data["series"]] == ["Heart rate"]


def test_an_empty_recording_is_an_error(tmp_path: Path) -> None:
    """There is nothing to show, and no page."""
    with RecordingWriter(tmp_path / "empty.h5", (HEART,)):
        pass
    result = trackside("export", tmp_path / "empty.h5", "--html", tmp_path / "empty.html")
    assert isinstance(result.exception, MissingDataError)
    assert "empty.h5: nothing to replay" in str(result.exception)
    assert not (tmp_path / "empty.html").exists()


def test_large_pages_are_said_to_be_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what makes them smaller."""
    monkeypatch.setattr(export_command, "LARGE", 100_000)
    result = trackside("export", folder / "run.h5", "--html", folder / "large.html")
    assert "More than 0.1 MB is slow to send" in result.output
    assert "--span START:END or --lap" in result.output


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--bvh", "x.bvh", "--ghost", "walk.bvh"), "name --html"),
        (("--fit", "x.fit", "--span", "1:2"), "leave out --span and --lap"),
        (("--html", "x.html", "--span", "9:10", "--lap", "1"), "name one of the two"),
        (("--html", "x.html", "--bvh", "x.html"), "a file of its own"),
    ],
)
def test_what_does_not_go_together(
    folder: Path, options: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before anything is written."""
    monkeypatch.chdir(folder)
    result = trackside("export", "run.h5", *options)
    assert result.exit_code == 2
    assert expected in result.output


def test_a_part_that_is_not_there(folder: Path) -> None:
    """The error tells what there is."""
    result = trackside("export", folder / "run.h5", "--html", folder / "x.html", "--lap", "9")
    assert isinstance(result.exception, ParameterError)
    assert "expected one of 1 to 2" in str(result.exception)
