"""The pytest plugin as analysts use it: open, replay through a stage, compare the results."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic_recordings import SHANK, write_tiny

from trackside.recordings.model import Block
from trackside.recordings.pytest_plugin import Compare, Replay

pytest_plugins = ("pytester",)

TEST_FILE = """
    import numpy as np

    def test_speed(replay, compare):
        def stage(block):
            if block.stream == "left_shank":
                return {"speed": np.linalg.norm(block.values["gyroscope"], axis=1)}

        compare(replay("a.h5", stage), "stored/speed.npz", rtol=1e-6)

    def test_rows(open_recording):
        assert open_recording("a.h5").rows("left_shank") == 300
"""


@pytest.mark.parametrize("block_duration", [0.03, 1.0])
def test_a_stage_gets_the_blocks_and_gives_arrays(
    tmp_path: Path, replay: Replay, block_duration: float
) -> None:
    """However long the blocks are, a stage's arrays are joined to those of the whole stream."""
    written = write_tiny(tmp_path / "a.h5")

    def stage(block: Block) -> dict[str, np.ndarray] | None:
        return {"gyr": block.values["gyroscope"]} if block.stream == SHANK.name else None

    results = replay(tmp_path / "a.h5", stage, block_duration=block_duration)
    assert results.keys() == {"gyr"}
    np.testing.assert_array_equal(results["gyr"], written[SHANK.name].values["gyroscope"])


def test_results_are_stored_then_compared(pytester: pytest.Pytester) -> None:
    """A test fails without stored results, stores them when asked, and passes from then on."""
    write_tiny(pytester.path / "a.h5")
    pytester.makepyfile(TEST_FILE)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*speed.npz: no stored results; *--store-results*"])
    pytester.runpytest_inprocess("--store-results").assert_outcomes(passed=2)
    assert (pytester.path / "stored" / "speed.npz").exists()
    pytester.runpytest_inprocess().assert_outcomes(passed=2)


def test_the_first_offending_value_is_named(tmp_path: Path, compare: Compare) -> None:
    """Within tolerance all is well; beyond it array, index and both values are told."""
    stored = tmp_path / "stored.npz"
    np.savez(stored, a=np.zeros((2, 2)), b=np.array([1.0, np.nan]))
    good = {"a": np.zeros((2, 2)), "b": np.array([1.05, np.nan])}
    compare(good, stored, atol=0.1)
    with pytest.raises(pytest.fail.Exception, match=r"b\[0\] is 1.05, stored 1.0 .*1 of 2 values"):
        compare(good, stored, rtol=0.01)
    with pytest.raises(pytest.fail.Exception, match=r"'a' has shape \(2,\), stored \(2, 2\)"):
        compare({**good, "a": np.zeros(2)}, stored)
    with pytest.raises(pytest.fail.Exception, match=r"arrays \['a'\], stored \['a', 'b'\]"):
        compare({"a": good["a"]}, stored)


def test_the_plugin_costs_little_where_it_is_not_used() -> None:
    """Loading the plugin, as every pytest run does, loads neither numpy nor h5py nor numba."""
    program = (
        "import sys, trackside.recordings.pytest_plugin; "
        "print({'numpy', 'h5py', 'numba', 'scipy'} & set(sys.modules))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert output.stdout.strip() == b"set()"
