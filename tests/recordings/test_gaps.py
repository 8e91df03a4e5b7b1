"""Gaps are found where samples are missing, with their length, in one piece or block by block."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from synthetic_recordings import SHANK, samples, split

from trackside.recordings.gaps import Gap, find_gaps
from trackside.recordings.model import Block
from trackside.recordings.tally import Tally


def test_sequence_numbers_tell_gaps_exactly() -> None:
    """A jump in the running number is a gap, whatever the time stamps say."""
    time = np.array([0.0, 0.01, 0.05, 0.06])
    assert find_gaps(time, np.array([7, 8, 12, 13]), 100.0) == [Gap(0.01, 0.05, 3)]


def test_time_steps_tell_gaps_where_numbers_are_missing() -> None:
    """Steps of more than one and a half periods are gaps; jitter below it is not."""
    time = np.array([0.0, 0.0149, 0.02, 0.05, 0.06])
    assert find_gaps(time, None, 100.0) == [Gap(0.02, 0.05, 2)]


def test_streams_without_rate_have_no_gaps() -> None:
    """Beats and events come when they come."""
    assert find_gaps(np.array([0.0, 5.0, 60.0]), None, None) == []


@given(
    dropped=st.sets(st.integers(1, 98), max_size=30),
    cuts=st.lists(st.integers(0, 99), max_size=6),
    numbered=st.booleans(),
)
def test_a_tally_of_blocks_is_that_of_the_whole(
    dropped: set[int], cuts: list[int], numbered: bool
) -> None:
    """Cut into any blocks, a stream with dropped samples gives the same counts."""
    block = samples(SHANK, 100)
    kept = np.setdiff1d(np.arange(100), sorted(dropped))
    assert block.sequence is not None
    received = Block(
        SHANK.name,
        block.time[kept],
        {name: values[kept] for name, values in block.values.items()},
        sequence=block.sequence[kept] if numbered else None,
    )
    tally = Tally(SHANK)
    for part in split(received, cuts):
        tally.add(part)
    assert (tally.samples, tally.missing) == (len(kept), len(dropped))
    assert tally.gaps == np.count_nonzero(np.diff(kept) > 1)
