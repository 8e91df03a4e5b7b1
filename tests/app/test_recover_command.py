"""``trackside recover`` as people and scripts use it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from trackside.recordings.model import GYROSCOPE, Block, Kind, Stream
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter

FOOT = Stream("left_foot", Kind.IMU, (GYROSCOPE,), rate=100.0, placement="left_foot")


def trackside(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trackside.app.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_a_killed_recording_becomes_a_clean_one(tmp_path: Path) -> None:
    """The command says what it kept and lost, as a table or as JSON, and writes the clean file."""
    broken, clean = tmp_path / "broken.h5", tmp_path / "clean.h5"
    with RecordingWriter(tmp_path / "a.h5", [FOOT]) as writer:
        writer.write(Block(FOOT.name, np.arange(300) / 100, {"gyroscope": np.ones((300, 3))}))
        writer.flush()
        broken.write_bytes((tmp_path / "a.h5").read_bytes())
    table = trackside("recover", broken, "-o", clean)
    assert table.returncode == 0, table.stderr
    assert ["left_foot", "300", "0"] in [line.split() for line in table.stdout.splitlines()]
    report = json.loads(trackside("recover", broken, "-o", clean, "--json").stdout)
    assert report["streams"] == {"left_foot": {"kept": 300, "lost": 0}}
    assert not report["was_whole"]
    with open_recording(clean) as recording:
        assert recording.complete
        assert recording.rows("left_foot") == 300


def test_mistakes_end_in_one_line_and_exit_code_2(tmp_path: Path) -> None:
    """No such file, no recording, the same file twice: one line each, and nothing is written."""
    notes = tmp_path / "notes.h5"
    notes.write_text("my notes")
    for broken, output in ((tmp_path / "absent.h5", "b.h5"), (notes, "b.h5"), (notes, "notes.h5")):
        result = trackside("recover", broken, "-o", tmp_path / output)
        assert result.returncode == 2
        assert result.stderr.startswith("trackside: ")
        assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [notes]


def test_help_shows_an_example() -> None:
    """--help shows how the command is typed."""
    assert "trackside recover broken.h5 -o clean.h5" in trackside("recover", "--help").stdout
