"""Strides gathered part by part are those of the whole; ghosts keep step with them."""

import numpy as np
import pytest
from runners_on_screen import run

from trackside.kinematics.pose import Pose
from trackside.kinematics.stride_curves import stride_curves
from trackside.viewer import stride_table
from trackside.viewer.actors import PoseInMemory, SkeletonActor
from trackside.viewer.ghosts import Ghost
from trackside.viewer.stride_table import StrideTable, stride_parts


def table_of(pose: Pose) -> StrideTable:
    """All strides of a pose."""
    found = list(stride_parts(PoseInMemory(pose)))
    return StrideTable([part for parts, _, _ in found for part in parts], found[0][1])


def test_parts_give_every_stride_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into parts of some seconds, a run has the strides that it has in one piece."""
    whole = stride_curves(run())
    monkeypatch.setattr(stride_table, "PART", 3.0)
    table = table_of(run())
    for side, strides in whole.strides.items():
        found = table.steps[side].start
        assert np.all(np.diff(found) > 0.4)
        inside = found[(found >= strides.start[0] - 0.02) & (found <= strides.start[-1] + 0.02)]
        assert len(inside) == len(strides.start)
        np.testing.assert_allclose(inside, strides.start, atol=0.02)
    name = "right_knee_flexion"
    found_mean = table.angle(name)
    assert found_mean is not None
    np.testing.assert_allclose(
        found_mean.mean().mean, whole.angles[name].mean(axis=0), atol=np.deg2rad(1.0)
    )


def test_where_a_moment_is() -> None:
    """The stride that goes on at a moment holds it, and its share tells where."""
    table = table_of(run())
    steps = table.steps["right"]
    middle = 0.5 * (steps.start[2] + steps.end[2])
    found = steps.at(middle)
    assert found is not None
    assert found[0] == 2
    assert found[1] == pytest.approx(50.0)
    assert table.stride(middle) == (steps.start[2], steps.end[2])
    assert steps.at(steps.start[0] - 0.1) is None


def test_cadence() -> None:
    """Cadence counts the steps of both feet."""
    table = table_of(run())
    _, cadence = table.cadence()
    length = np.mean(table.steps["right"].end - table.steps["right"].start)
    assert np.mean(cadence) == pytest.approx(120.0 / length, rel=0.02)


def test_gaps_split_but_do_not_spoil() -> None:
    """A stretch without a pose costs its strides, not those before and after."""
    pose = run()
    root = pose.root.copy()
    root[400:450] = np.nan
    table = table_of(Pose(pose.skeleton, pose.time, pose.orientations, root, pose.measured))
    lost = (table.steps["right"].start < 4.5) & (table.steps["right"].end > 4.0)
    assert not lost.any()
    assert len(table.steps["right"].start) >= 4


def test_no_strides_say_why() -> None:
    """Somebody who stands has no strides, and the table tells the reason."""
    pose = run()
    still = np.repeat(pose.orientations[:, :1], len(pose.time), axis=1)
    table = table_of(Pose(pose.skeleton, pose.time, still, pose.root, pose.measured))
    assert not table.names
    assert "stride" in table.reason


def test_ghost_keeps_step() -> None:
    """In step, a faster ghost's stride begins and is half over whenever the athlete's is."""
    own, other = table_of(run()), table_of(run(5.0))
    ghost = Ghost("faster", SkeletonActor(PoseInMemory(run(5.0))), 0.0, 10.0)
    ghost = ghost.among(other, own)
    mine, theirs = own.steps["right"], other.steps["right"]
    for row in range(1, 4):
        middle = 0.5 * (mine.start[row] + mine.end[row])
        moment = ghost.moment(middle)
        found = theirs.at(moment)
        assert found is not None
        assert found[1] == pytest.approx(50.0, abs=0.5)
    by_time = ghost.stepping(False).beginning(2.0)
    assert by_time.moment(5.0) == pytest.approx(3.0)


def test_part_of_a_table() -> None:
    """A ghost that is one lap has the strides of that lap only."""
    table = table_of(run())
    part = table.within(3.0, 6.0)
    assert part.steps["right"].start.min() >= 3.0
    assert part.steps["right"].end.max() <= 6.0
    assert 0 < len(part.steps["right"].start) < len(table.steps["right"].start)
