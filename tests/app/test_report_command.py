"""``trackside report``: the numbers of the other commands on one page, and what is missing."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from playwright.sync_api import sync_playwright

from altered_gait import legs_only, steady, with_stiff_knee
from chromium import launched
from recorded_gait import record_pose, trackside
from trackside.app import report_page
from trackside.app.report_content import Content, report_content
from trackside.app.report_panels import ROWS, rows_of
from trackside.app.simulating import plan_for, record_session
from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.pose_file import pose_to_arrays
from trackside.kinematics.session_features import SessionFeatures
from trackside.planner.example_profile import example_profile
from trackside.recordings.model import HEART_RATE, Athlete, Block, Kind, Stream
from trackside.recordings.processed import write_processed
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate

STIFF = r"Left knee 1\d° less flexed than right in swing, from \d\d to \d\d % of the stride\."
PAGE = re.compile(rb"/Type /Page\b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with sensors on the feet, a heart rate, and a stiff left knee; and a profile."""
    folder = tmp_path_factory.mktemp("report")
    session = simulate(plan_for(20.0, 3.5), ("right_foot", "left_foot"), seed=1)
    record_session(session, folder / "run.h5")
    pose = with_stiff_knee(legs_only(session.truth.pose), "left", np.radians(70.0))
    write_processed(folder / "run.h5", {"Pose": pose_to_arrays(pose)})
    (folder / "me.toml").write_text(example_profile(date(2026, 4, 1)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def content(folder: Path) -> Content:
    return report_content(folder / "run.h5")


def heart_only(path: Path) -> Path:
    """What a strap alone records."""
    time = np.arange(300.0)
    stream = Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,))
    with RecordingWriter(path, (stream,), athlete=Athlete("Ada & <b>Bo</b>")) as writer:
        rate = 140.0 + 10.0 * np.sin(time / 60.0)
        writer.write(Block("heart_rate", time, {"heart_rate": rate[:, None]}))
    return path


def test_the_numbers_are_those_of_the_other_commands(folder: Path, content: Content) -> None:
    """features and angles say the same, to the last digit."""
    path = folder / "run.h5"
    assert content.features is not None
    told = SessionFeatures.model_validate_json(trackside("features", path, "--json").output)
    assert content.features == told
    angles = json.loads(trackside("angles", path, "--json").output)
    assert content.form.curves is not None
    for name, row in angles["angles"].items():
        mean = np.rad2deg(content.form.curves.curves()[name].mean)
        assert round(float(mean.max()), 1) == row["largest_deg"]


def test_the_session_in_plain_words(content: Content) -> None:
    """Pace, contacts, heart, and the stiff knee; the norm is the one of that speed."""
    pace, contacts, heart, *form = content.headlines
    assert re.fullmatch(
        r"Running for 1\d s, \d\d m in all; 16\d steps/min, strides of 2\.\d\d m, 3\.\d\d m/s\.",
        pace,
    )
    assert re.match(r"A foot is on the ground for 2\d\d ms, and 1\d\d ms pass in flight", contacts)
    assert re.match(r"Heart rate \d+ bpm on average, from \d+ to \d+ bpm", heart)
    assert any(re.fullmatch(STIFF, text) for text in form), form
    assert content.form.norm is not None
    assert content.form.norm.name == "run-3.5"
    assert any("(--thresholds)" in text for text in content.missing)


def size_of_the_page(report: Path) -> tuple[int, ...]:
    """Width and height in points of a PDF's only page."""
    pdf = report.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(PAGE.findall(pdf)) == 1
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box is not None
    return tuple(round(float(number)) for number in box.groups())


def test_every_panel_is_drawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a profile nothing is missing: one page of A4, and no panel holds words only."""
    drawn = []
    page = report_page._page

    def kept(content: Content, paper: str) -> Figure:
        drawn.append(page(content, paper))
        return drawn[-1]

    monkeypatch.setattr(report_page, "_page", kept)
    profile, report = folder / "me.toml", folder / "report.pdf"
    result = trackside("report", folder / "run.h5", "-o", report, "--profile", profile)
    assert result.exit_code == 0, result.output
    assert result.output.startswith(str(report))
    assert size_of_the_page(report) == (595, 842)
    axes = {axis.get_title(loc="left"): axis for axis in drawn[0].axes}
    assert [*axes] == [panel.title for row in ROWS for panel in row]
    for title, axis in axes.items():
        if title != "Sensors":
            assert axis.has_data(), title
            assert "[" in axis.get_xlabel() + axis.get_ylabel(), f"{title}: no unit"
    labels = axes["Knee flexion"].get_legend_handles_labels()[1]
    assert labels == ["norm ± 2 SD", "right, ± 1 SD", "left, ± 1 SD"]


def test_a_strap_alone(tmp_path: Path) -> None:
    """The heart rate is reported; what else there could be is told, not drawn empty."""
    path = heart_only(tmp_path / "strap.h5")
    result = trackside("report", path, "-o", tmp_path / "strap.html")
    assert result.exit_code == 0, result.output
    assert "Missing: Joint angles: " in result.output
    page = (tmp_path / "strap.html").read_text(encoding="utf-8")
    assert re.search(r"Heart rate 1[34]\d bpm on average, from 13\d to 15\d bpm", page)
    assert "Ada &amp; &lt;b&gt;Bo" in page
    titles = [panel.title for row in rows_of(report_content(path)) for panel in row]
    assert titles[:2] == ["Heart rate", "Time in heart-rate zones"]
    assert "Hip flexion" not in page


def test_a_bvh_shows_its_angles(tmp_path: Path) -> None:
    """A pose alone has curves and their symmetry."""
    write_bvh(tmp_path / "walk.bvh", steady(1.3))
    report = tmp_path / "walk.pdf"
    options = ("--norm", "walk-1.2", "--paper", "letter")
    result = trackside("report", tmp_path / "walk.bvh", "-o", report, *options)
    assert result.exit_code == 0, result.output
    assert "a pose only" in result.output
    assert size_of_the_page(report) == (612, 792)


def test_a_pose_without_steps(tmp_path: Path) -> None:
    """A sensor that tells no steps is said to be missing; the angles are there."""
    record_pose(tmp_path / "run.h5", steady(3.5))
    content = report_content(tmp_path / "run.h5")
    assert content.form.curves is not None
    assert content.gait is None
    assert any("No norm is near" in text for text in content.missing)


def test_nothing_to_report_is_an_error(tmp_path: Path) -> None:
    """And so is a file of another kind; neither leaves a file behind."""
    empty = tmp_path / "empty.h5"
    with RecordingWriter(empty, (Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,)),)):
        pass
    result = trackside("report", empty, "-o", tmp_path / "empty.pdf")
    assert isinstance(result.exception, MissingDataError)
    assert "nothing to report" in str(result.exception)
    result = trackside("report", empty, "-o", tmp_path / "empty.docx")
    assert isinstance(result.exception, ParameterError)
    assert "ends in .pdf or .html" in str(result.exception)
    assert [*tmp_path.iterdir()] == [empty]


@pytest.fixture(scope="module")
def pages(folder: Path) -> Path:
    report = folder / "report.html"
    assert trackside("report", folder / "run.h5", "-o", report).exit_code == 0
    return report


def test_the_html_prints_as_one_page(pages: Path) -> None:
    """On A4 and Letter, and on a phone it is as wide as the phone; nothing is asked for."""
    said = []
    with sync_playwright() as playwright:
        browser = launched(playwright)
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url))
        page.goto(pages.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.get_by_role("img").count() == sum(len(row) for row in ROWS)
        for paper in ("A4", "Letter"):
            assert len(PAGE.findall(page.pdf(format=paper))) == 1
        browser.close()
    assert said == [pages.as_uri()]


def test_what_is_alike_is_said_so(content: Content) -> None:
    """No asymmetry is good news, and is told."""
    alike = replace(content, form=replace(content.form, asymmetric=()))
    assert any("move alike" in text for text in alike.headlines)
    assert not any("move alike" in text for text in content.headlines)
