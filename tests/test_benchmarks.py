"""Benchmarks are long and run by hand: here each is only imported, so that none is left behind."""

import importlib.util
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDER = TESTS.parent / "benchmarks"
PEERS = {"cma", "opensim", "pygmo", "pymoo"}
"""Compared with where they are installed."""
COMMON = [
    "h5py",
    "numba",
    "pandas",
    "scipy.signal",
    "scipy.stats",
    "trackside.app.demo",
    "trackside.app.live_session",
]
"""What most of them import; a process that has it already begins at once."""


@pytest.fixture(scope="module")
def fresh() -> Iterator[ProcessPoolExecutor]:
    """A new process for each benchmark."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(COMMON)
    with ProcessPoolExecutor(1, context, max_tasks_per_child=1) as pool:
        yield pool


def import_benchmark(path: Path) -> str | None:
    """Import a benchmark as if it were started, and say which module it lacks."""
    elsewhere = [one for one in sys.path if not Path(one).is_relative_to(TESTS)]
    sys.path[:] = [str(path.parent), *elsewhere]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        return (error.name or "").partition(".")[0]
    return None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_benchmark_can_be_imported(fresh: ProcessPoolExecutor, path: Path) -> None:
    """All that it names is where it says; a peer may be missing."""
    lacking = fresh.submit(import_benchmark, path).result()
    assert lacking is None or lacking in PEERS
