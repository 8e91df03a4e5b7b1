"""``trackside features --strides`` as people and scripts use it."""

import json
from pathlib import Path

import pandas as pd
import pytest

from recorded_gait import trackside
from trackside.app.simulating import plan_for, record_session
from trackside.errors import MissingDataError, ParameterError
from trackside.simulation.athlete import simulate


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short simulated run with sensors on the feet."""
    path = tmp_path_factory.mktemp("run") / "run.h5"
    record_session(simulate(plan_for(20.0, 3.5), ("right_foot", "left_foot"), seed=1), path)
    return path


def test_strides_on_the_screen(run: Path) -> None:
    """Every stride has a line with what is wrong with it, and both feet are compared."""
    shown = trackside("features", run, "--strides")
    assert shown.exit_code == 0
    assert "strides; s and m" in shown.output
    assert "Stride length [m]" in shown.output
    assert max(len(line) for line in shown.output.splitlines()) <= 120


def test_strides_for_scripts(run: Path, tmp_path: Path) -> None:
    """JSON and CSV hold the same strides; JSON has null where a value is unknown."""
    table = tmp_path / "strides.csv"
    report = json.loads(trackside("features", run, "--strides", "--json", "-o", table).output)
    written = pd.read_csv(table)
    assert len(report["strides"]) == len(written)
    assert len(written) > 20
    assert written["stride_length_m"].median() == pytest.approx(2.54, abs=0.05)
    assert report["summary"]["contact_time_s"]["mean"] == pytest.approx(0.22, abs=0.04)


def test_what_cannot_be_is_said(run: Path, tmp_path: Path) -> None:
    """A table without --strides, or strides of a head, end with what to do."""
    assert isinstance(
        trackside("features", run, "-o", tmp_path / "a.csv").exception, ParameterError
    )
    assert isinstance(trackside("features", run, "--strides", "--laps").exception, ParameterError)
    head = tmp_path / "head.h5"
    record_session(simulate(plan_for(11.0, 3.5), ("head",), seed=1), head)
    assert isinstance(trackside("features", head, "--strides").exception, MissingDataError)
