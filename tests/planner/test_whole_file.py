"""Files that appear whole or not at all."""

import os
from pathlib import Path

import pytest

from trackside.planner.whole_file import write_whole


def test_text_and_bytes_are_written(tmp_path: Path) -> None:
    """Text arrives as UTF-8 with its line ends as they are, bytes unchanged; nothing else stays."""
    write_whole(tmp_path / "a.txt", "4 × 400 m\r\n")
    write_whole(str(tmp_path / "b.bin"), b"\x00\xff")
    assert (tmp_path / "a.txt").read_bytes() == "4 × 400 m\r\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\x00\xff"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.bin"]


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """When the disk fails while writing or replacing, the old content stays, alone."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "plan.ics"
    path.write_text("old")
    monkeypatch.setattr(os if name == "fsync" else Path, name, fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """No folder is made up."""
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "plan.ics", "new")
