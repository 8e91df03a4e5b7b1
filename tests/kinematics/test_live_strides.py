"""Strides while the athlete moves against those found afterwards."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.foot_strides import strides_of_foot
from trackside.kinematics.live_strides import LiveLeg, LiveStrides
from trackside.kinematics.stride_rows import Strides
from trackside.kinematics.strides import stride_table
from trackside.recordings.model import ACCELEROMETER, Block, Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk

FEET = ("right_foot", "left_foot")
DURATION = 14.0


@cache
def feet(speed: float) -> dict[str, Imu]:
    move = walk if speed < 2.2 else run
    plan = SessionPlan((stand(3.0), move(DURATION - 3.0, speed)))
    session = simulate(plan, FEET, rate=100.0, seed=1)
    return {foot: session.imu(foot) for foot in FEET}


def blocks(imus: Mapping[str, Imu], ends: Floats) -> Iterator[Block]:
    """The samples of all sensors, in the order of time, cut at ``ends`` s."""
    edges = np.concatenate([[-np.inf], np.sort(ends), [np.inf]])
    for first, last in pairwise(edges):
        for imu in imus.values():
            part = (imu.time >= first) & (imu.time < last)
            assert imu.gyr is not None
            values = {"gyroscope": imu.gyr[part], "accelerometer": imu.acc[part]}
            yield Block(imu.stream.name, imu.time[part], values)


def live(imus: Mapping[str, Imu], pace: float = 0.1) -> pd.DataFrame:
    """The rows, with the time ``known_s`` of the last sample that was needed."""
    strides = LiveStrides(imu.stream for imu in imus.values())
    rows = []
    for block in blocks(imus, np.arange(0, DURATION, pace)):
        rows += [row | {"known_s": block.time[-1]} for row in strides.feed(block)]
    return pd.DataFrame(rows)


@cache
def rows_in_short_blocks() -> pd.DataFrame:
    return live(feet(3.5), 0.03).drop(columns="known_s")


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0])
def test_live_rows_are_those_of_afterwards(speed: float) -> None:
    """Every stride comes, once, before another one is over, and says what the table says."""
    imus = feet(speed)
    after, now = (rows.dropna(subset="start_s") for rows in (stride_table(imus), live(imus)))
    late = (now["known_s"] - now["end_s"]) - now["stride_time_s"]
    assert late.max() < 0.1  # the length of a block
    assert not now.duplicated(["foot", "start_s"]).any()
    found = pd.merge_asof(
        after, now.sort_values("start_s"), on="start_s", by="foot", direction="nearest",
        tolerance=0.1, suffixes=("", "_live"),
    ).dropna(subset="end_s_live")  # fmt: skip
    assert len(found) == len(now) >= len(after) - 4  # the last strides may be incomplete live

    def difference(column: str) -> Floats:
        return np.asarray(found[f"{column}_live"] - found[column])

    for column in ("stride_time_s", "contact_time_s", "flight_time_s"):
        assert np.nanmax(np.abs(difference(column))) < 0.01
        assert np.nanmedian(np.abs(difference(column))) < 0.001
    length = difference("stride_length_m")
    assert abs(length.mean()) < 0.01
    assert np.abs(length).max() < 0.06
    assert (np.abs(length) < 3 * found["stride_length_sd_m_live"]).all()


@settings(max_examples=5, deadline=None)
@given(st.lists(st.floats(0.0, DURATION), min_size=14, max_size=60), st.integers(1, 9))
def test_any_blocks_give_the_same_rows(cuts: list[float], pace: int) -> None:
    """However samples are cut into blocks of a second or less, the rows are the same."""
    imus = feet(3.5)
    ends = np.concatenate([cuts, np.arange(0.0, DURATION, pace / 10)])
    strides = LiveStrides(imu.stream for imu in imus.values())
    rows = [row for block in blocks(imus, ends) for row in strides.feed(block)]
    pd.testing.assert_frame_equal(_sorted(pd.DataFrame(rows)), _sorted(rows_in_short_blocks()))


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["start_s", "foot"], ignore_index=True)


def test_one_foot_that_falls_silent() -> None:
    """When a foot's samples stop, the other one's rows go on, without its contacts."""
    imus = feet(3.5)
    left = imus["left_foot"]
    early = left.time < 9.0
    assert left.gyr is not None
    cut = replace(left, time=left.time[early], gyr=left.gyr[early], acc=left.acc[early])
    rows = live({**imus, "left_foot": cut})
    late = rows[rows["start_s"] > 9.5]
    assert len(late) >= 4
    assert (late["foot"] == "right").all()
    assert late["step_time_s"].isna().all()
    assert (late["known_s"] - late["end_s"] < late["stride_time_s"] + 1.2).all()


def test_a_gap_is_no_stride() -> None:
    """Half a second without samples loses the stride under way; later ones come again."""
    imus = feet(3.5)
    gappy = {}
    for foot, imu in imus.items():
        kept = (imu.time < 9.0) | (imu.time > 9.5)
        assert imu.gyr is not None
        gappy[foot] = replace(imu, time=imu.time[kept], gyr=imu.gyr[kept], acc=imu.acc[kept])
    rows = live(gappy)
    assert not ((rows["start_s"] < 9.0) & (rows["end_s"] > 9.5)).any()
    assert (rows["start_s"] > 10.0).sum() > 4


def test_samples_that_come_twice() -> None:
    """A block that is repeated changes nothing."""
    imus = {"right_foot": feet(3.5)["right_foot"]}
    strides = LiveStrides(imu.stream for imu in imus.values())
    twice = [block for block in blocks(imus, np.arange(0, DURATION, 0.5)) for _ in range(2)]
    rows = [row for block in twice for row in strides.feed(block)]
    assert [row["start_s"] for row in rows] == live(imus)["start_s"].to_list()


def test_a_stance_that_tells_no_stride_yet_is_looked_at_again() -> None:
    """Where the first look at a stance finds nothing, the next one comes at once."""
    imu = feet(3.5)["right_foot"]
    assert imu.gyr is not None
    looks = []

    def every_other_time(window: Imu) -> Strides:
        looks.append(window.time[-1])
        strides = strides_of_foot(window)
        return strides if len(looks) % 2 == 0 else strides[np.zeros(len(strides), np.bool_)]

    for way in (strides_of_foot, every_other_time):
        found = LiveLeg(imu.stream, way).feed(imu.time, imu.gyr, imu.acc)
        late = np.array([now - strides.next_rest[-1] for now, strides in found])
        assert len(late) > 8
        assert late.max() < 0.65  # s; a stride takes 0.72
    assert len(looks) > 16


def test_what_cannot_be_is_said() -> None:
    """Nothing that tells strides, or a foot without a gyroscope: the error says so."""
    stream = feet(3.5)["right_foot"].stream
    with pytest.raises(MissingDataError, match="there is head"):
        LiveStrides([replace(stream, placement="head")])
    with pytest.raises(MissingDataError, match="gyroscope"):
        LiveStrides([replace(stream, channels=(ACCELEROMETER,))])


def test_other_streams_are_no_matter() -> None:
    """Blocks of a strap pass by."""
    strides = LiveStrides([feet(3.5)["right_foot"].stream])
    assert strides.feed(Block("strap", np.zeros(1), {"heart_rate": np.full((1, 1), 60.0)})) == []
