"""The stages import each other only as the design's table allows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackside

PACKAGE = Path(trackside.__file__).parent
ROOT = PACKAGE.parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "recordings": set(),
    "filters": set(),
    "capture": {"recordings", "filters"},
    "kinematics": {"recordings", "filters"},
    "simulation": {"recordings", "capture", "kinematics"},
    "viewer": {"recordings", "kinematics"},
    "planner": {"kinematics"},
    "app": {
        "recordings",
        "filters",
        "capture",
        "kinematics",
        "simulation",
        "viewer",
        "planner",
    },
}
SHARED = {"arrays", "errors", "kernels", "replacing"}
"""Modules beside the stages; they import no stage."""


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stages_imported(path: Path) -> set[str]:
    parts = (name.split(".") for name in imported_modules(path))
    return {part[1] for part in parts if part[0] == "trackside" and len(part) > 1} & {*MAY_IMPORT}


@pytest.mark.parametrize("stage", MAY_IMPORT)
def test_stage_imports_only_what_it_may(stage: str) -> None:
    """Every file of a stage stays within its column of the design's table."""
    for path in (PACKAGE / stage).rglob("*.py"):
        forbidden = stages_imported(path) - MAY_IMPORT[stage] - {stage}
        assert not forbidden, f"{path.relative_to(PACKAGE)} imports {sorted(forbidden)}"


def test_shared_modules_import_no_stage() -> None:
    """What every stage may use depends on none of them."""
    for name in SHARED:
        assert not stages_imported(PACKAGE / f"{name}.py")


def test_every_module_has_a_home() -> None:
    """Nothing lies beside the stages but the shared modules."""
    found = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert found == SHARED
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders == {*MAY_IMPORT}


def test_every_stage_says_what_it_owns() -> None:
    """Each stage's package has a docstring."""
    for stage in MAY_IMPORT:
        text = (PACKAGE / stage / "__init__.py").read_text(encoding="utf-8")
        assert "Owns" in (ast.get_docstring(ast.parse(text)) or ""), stage


@pytest.mark.parametrize("stage", ["capture", "filters", "kinematics", "recordings", "viewer"])
def test_root_links_lead_home(stage: str) -> None:
    """The five stages named in the commission are reachable at the repository's root."""
    link = ROOT / stage
    assert link.is_symlink()
    assert link.resolve() == (PACKAGE / stage).resolve()
