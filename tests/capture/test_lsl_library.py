"""The library of LSL is kept from writing into the live table, unless somebody configured it."""

from pathlib import Path

import pytest

from trackside.capture import lsl_library
from trackside.capture.lsl_library import keep_quiet


class Library:
    """Stands for pylsl; keeps the configuration that it is given."""

    def __init__(self) -> None:
        self.configurations: list[str] = []

    def set_config_content(self, content: str) -> None:
        """Keep it."""
        self.configurations.append(content)


def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: Path | None) -> list[str]:
    """What the library is told where nothing but the named file may be there."""
    monkeypatch.setattr(lsl_library, "_PLACES", (str(tmp_path / "none.cfg"),))
    monkeypatch.delenv("LSLAPICFG", raising=False)
    if named:
        monkeypatch.setenv("LSLAPICFG", str(named))
    library = Library()
    keep_quiet(library)
    return library.configurations


def test_without_a_configuration_it_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a file is named that is not there; libraries that cannot be told are let be."""
    quiet = ["[log]\nlevel = -3\n"]
    assert told(tmp_path, monkeypatch, named=None) == quiet
    assert told(tmp_path, monkeypatch, named=tmp_path / "missing.cfg") == quiet
    keep_quiet(object())


def test_a_configuration_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has set ports, peers or a log keeps them."""
    (tmp_path / "lsl_api.cfg").write_text("[lab]\n", encoding="ascii")
    assert told(tmp_path, monkeypatch, named=tmp_path / "lsl_api.cfg") == []
