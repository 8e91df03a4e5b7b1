"""Simulated sessions as files: what a disk that has no room says."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to the size of files")
@pytest.mark.parametrize("limit", [1, 100])
def test_a_full_disk_names_the_file_that_was_asked_for(tmp_path: Path, limit: int) -> None:
    """Whether its description or its samples find no room: one line, and an old file stays."""
    path = tmp_path / "run.h5"
    path.write_bytes(b"an older recording")
    command = f'ulimit -f {limit}; exec "$@"'  # blocks of 512 or 1024 bytes
    simulate = (sys.executable, "-m", "trackside.app.cli", "simulate", "--duration", "20", "-o")
    ended = subprocess.run(
        ("sh", "-c", command, "sh", *simulate, str(path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ended.returncode == 2
    assert ended.stderr.endswith(f"trackside: {path}: cannot be written: File too large\n")
    assert ended.stderr.count("\n") == 1
    assert path.read_bytes() == b"an older recording"
    assert list(tmp_path.iterdir()) == [path]
