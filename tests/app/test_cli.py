"""The command line as people and scripts use it, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trackside import __version__

COMMANDS = (
    "demo",
    "import",
    "info",
    "calibrate",
    "solve",
    "angles",
    "compare",
    "export",
    "features",
    "simulate",
    "scan",
    "record",
    "recover",
)


def trackside(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trackside.app.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short simulated walk, made by the command line itself."""
    path = tmp_path_factory.mktemp("walk") / "walk.h5"
    result = trackside(
        "simulate", "-o", path, "--speed", "1.3", "--duration", "15", "--kit", "lower-body-8"
    )
    assert result.returncode == 0, result.stderr
    return path


def test_the_way_from_recording_to_files(walk: Path, tmp_path: Path) -> None:
    """solve, export and features follow each other and leave what they promise."""
    assert trackside("solve", walk, "--height", "1.8").returncode == 0
    bvh, csv = tmp_path / "walk.bvh", tmp_path / "walk.csv"
    result = trackside("export", walk, "--bvh", bvh, "--csv", csv)
    assert result.returncode == 0, result.stderr
    assert bvh.read_text().startswith("HIERARCHY")
    header, first = csv.read_text().splitlines()[:2]
    assert "left_knee_flexion_deg" in header.split(",")
    assert len(first.split(",")) == len(header.split(","))
    features = json.loads(trackside("features", walk, "--json").stdout)
    walking = features["session"]["gait"]["walking"]
    assert 90 < walking["cadence_steps_per_min"]["mean"] < 130
    info = json.loads(trackside("info", walk, "--json").stdout)
    assert info["solved"]
    assert info["complete"]


def test_demo_leaves_all_its_files(tmp_path: Path) -> None:
    """The demo goes the whole way and prints truth beside what was measured."""
    result = trackside("demo", "-o", tmp_path / "demo", "--duration", "15")
    assert result.returncode == 0, result.stderr
    assert "Cadence" in result.stdout
    for name in ("session.h5", "session.bvh", "session.csv", "session.png"):
        assert (tmp_path / "demo" / name).stat().st_size > 1000


def test_the_version_is_told() -> None:
    """What people are asked for when they report a fault."""
    assert trackside("--version").stdout == f"trackside {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    """--help is written for people: each command shows how it is typed."""
    result = trackside(command, "--help")
    assert result.returncode == 0
    assert f"trackside {command}" in result.stdout


def test_mistakes_end_in_one_line_and_exit_code_2(walk: Path, tmp_path: Path) -> None:
    """What a user can mend is one line on the error stream, never a traceback."""
    not_a_recording = tmp_path / "notes.h5"
    not_a_recording.write_text("my notes")
    attempts = [
        ("info", tmp_path / "absent.h5"),
        ("info", not_a_recording),
        ("import", not_a_recording, "-o", tmp_path / "out.h5"),
        ("features", not_a_recording),
        ("solve", walk, "--calibrate", "900:901"),
        ("solve", walk, "--height", "17.5"),
        ("solve", walk, "--length", "tail=0.4"),
        ("simulate", "-o", tmp_path / "fast.h5", "--speed", "40"),
        ("simulate", "-o", tmp_path / "no" / "such" / "folder.h5"),
    ]
    for attempt in attempts:
        result = trackside(*attempt)
        assert result.returncode == 2, attempt
        assert result.stderr.startswith("trackside: "), (attempt, result.stderr)
        assert len(result.stderr.splitlines()) == 1, (attempt, result.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.h5"]


def test_wrong_options_are_explained(walk: Path) -> None:
    """A malformed option is refused with what was expected, exit code 2."""
    for attempt in (("--calibrate", "early"), ("--length", "thigh"), ("--heading", "south")):
        result = trackside("solve", walk, *attempt)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


def test_solve_says_how_far_and_how_the_feet_slip(walk: Path, tmp_path: Path) -> None:
    """Distance, skate, and on a treadmill the belt's speed are told in words and as JSON."""
    copy = tmp_path / "walk.h5"
    copy.write_bytes(walk.read_bytes())
    told = trackside("solve", copy, "--ground", "treadmill").stdout
    assert "of the treadmill's belt, mostly at 1." in told
    assert "a foot slips" in told
    way = json.loads(trackside("solve", copy, "--json").stdout)["way"]
    assert way["ground"] == "level"
    assert way["belt_speed_m_per_s"] is None
    assert 8.0 < way["distance_m"] < 20.0
    assert way["foot_skate_95_percent_cm"] < 3.0
