"""Pytest fixtures for tests that replay recordings: open, replay through a stage, compare.

Registered as a pytest plugin when Trackside is installed, so it is imported by every pytest run in
that environment: numpy and h5py are imported inside the fixtures, where they are used.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackside.recordings.model import Block
    from trackside.recordings.reader import Recording

    Arrays = Mapping[str, NDArray[Any]]
    Stage = Callable[[Block], Arrays | None]


class Replay(Protocol):
    """What the fixture ``replay`` is."""

    def __call__(
        self,
        recording: "Recording | str | Path",
        stage: "Stage",
        *,
        speed: float = inf,
        block_duration: float = 0.05,
    ) -> "dict[str, NDArray[Any]]":
        """Pass the recording's blocks through ``stage``, as they would come live.

        ``stage`` takes a block and returns named arrays, or None. The arrays of one name are
        concatenated along their first axis, in the order in which they came.
        """


class Compare(Protocol):
    """What the fixture ``compare`` is."""

    def __call__(
        self, results: "Arrays", stored: str | Path, *, rtol: float = 0.0, atol: float = 0.0
    ) -> None:
        """Fail unless ``results`` has the arrays of the file ``stored`` (.npz), within tolerance.

        Equal means ``|result - stored| <= atol + rtol * |stored|``; NaN equals NaN. Under
        ``pytest --store-results`` the file is written instead.
        """


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--store-results``."""
    parser.getgroup("trackside").addoption(
        "--store-results",
        action="store_true",
        help="write the files that the fixture `compare` compares with, instead of comparing",
    )


@pytest.fixture
def open_recording() -> "Iterator[Callable[[str | Path], Recording]]":
    """Open a recording file; it is closed when the test ends."""
    from trackside.recordings.reader import open_recording

    with ExitStack() as files:
        yield lambda path: files.enter_context(open_recording(path))


@pytest.fixture
def replay(open_recording: "Callable[[str | Path], Recording]") -> Replay:
    """Replay a recording as live blocks through a stage; see :class:`Replay`."""
    import numpy as np

    async def run(
        recording: "Recording", stage: "Stage", speed: float, block_duration: float
    ) -> "dict[str, list[NDArray[Any]]]":
        parts: dict[str, list[NDArray[Any]]] = {}
        async for block in recording.blocks(speed=speed, block_duration=block_duration):
            for name, array in (stage(block) or {}).items():
                parts.setdefault(name, []).append(np.asarray(array))
        return parts

    def replay(
        recording: "Recording | str | Path",
        stage: "Stage",
        *,
        speed: float = inf,
        block_duration: float = 0.05,
    ) -> "dict[str, NDArray[Any]]":
        if isinstance(recording, (str, Path)):
            recording = open_recording(recording)
        parts = asyncio.run(run(recording, stage, speed, block_duration))
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}

    return replay


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compare arrays with those stored in a file; see :class:`Compare`."""
    import numpy as np

    storing = request.config.getoption("--store-results")

    def compare(
        results: "Arrays", stored: str | Path, *, rtol: float = 0.0, atol: float = 0.0
    ) -> None:
        __tracebackhide__ = True
        if storing:
            Path(stored).parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(stored, allow_pickle=False, **results)
            return
        if not Path(stored).exists():
            pytest.fail(f"{stored}: no stored results; write them with pytest --store-results")
        with np.load(stored) as expected:
            offence = _first_offence(results, dict(expected), rtol, atol)
        if offence:
            pytest.fail(f"{stored}: {offence}")

    return compare


def _first_offence(results: "Arrays", expected: "Arrays", rtol: float, atol: float) -> str | None:
    """Say what differs first, or None."""
    import numpy as np

    if set(results) != set(expected):
        return f"arrays {sorted(results)}, stored {sorted(expected)}"
    for name, stored in expected.items():
        result = np.asarray(results[name])
        if result.shape != stored.shape:
            return f"'{name}' has shape {result.shape}, stored {stored.shape}"
        same = np.isclose(result, stored, rtol=rtol, atol=atol, equal_nan=True)
        if not same.all():
            index = tuple(int(i) for i in np.argwhere(~same)[0])
            place = f"{name}{list(index)}" if index else name
            return (
                f"{place} is {result[index]!s}, stored {stored[index]!s} (rtol {rtol}, atol "
                f"{atol}); {np.count_nonzero(~same)} of {same.size} values differ"
            )
    return None
