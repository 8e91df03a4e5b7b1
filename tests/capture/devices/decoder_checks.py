"""What every streaming decoder has to hold, and the means to say so."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trackside.capture.devices.contract import Decoder, Samples

reproducible = settings(derandomize=True, deadline=None, max_examples=60)

Columns = dict[str, NDArray[Any]]


def decode(decoder: Decoder, chunks: Iterable[bytes]) -> dict[str, Columns]:
    """All that a decoder makes of the chunks, joined: arrays by stream and channel.

    Device times and sequence numbers are there under ``"ticks"`` and ``"sequence"``, -1 where the
    device sent none.
    """
    parts: dict[str, list[Columns]] = {}
    for chunk in chunks:
        for samples in decoder.feed(chunk):
            parts.setdefault(samples.stream, []).append(_columns(samples))
    return {
        stream: {name: np.concatenate([part[name] for part in entries]) for name in entries[0]}
        for stream, entries in parts.items()
    }


def _columns(samples: Samples) -> Columns:
    count = len(next(iter(samples.values.values())))
    none = np.full(count, -1)
    ticks = none if samples.device_time is None else samples.device_time
    sequence = none if samples.sequence is None else samples.sequence
    columns = {**samples.values, "ticks": ticks, "sequence": sequence}
    assert all(len(values) == count for values in columns.values())
    return columns


def assert_same(found: dict[str, Columns], expected: dict[str, Columns]) -> None:
    """Bit by bit, NaN equal to NaN."""
    assert found.keys() == expected.keys()
    for stream, columns in expected.items():
        assert found[stream].keys() == columns.keys()
        for name, values in columns.items():
            np.testing.assert_array_equal(found[stream][name], values, err_msg=f"{stream} {name}")


def split(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut data into chunks of these sizes, and the rest."""
    ends = np.minimum(np.cumsum([0, *sizes]), len(data)).tolist()
    chunks = [data[start:end] for start, end in pairwise(ends)]
    return [*chunks, data[ends[-1] :]]


sizes = st.lists(st.integers(0, 40), max_size=60)
"""Sizes of chunks, for :func:`split`."""


def noise(seed: int, count: int, longest: int) -> list[bytes]:
    """So many stretches of random bytes, each shorter than ``longest``, the same for every run."""
    rng = np.random.default_rng(seed)
    return [rng.bytes(int(length)) for length in rng.integers(longest, size=count)]


def garbage(*telling: bytes) -> st.SearchStrategy[bytes]:
    """Random bytes, rich in those bytes and sequences that a protocol takes for a beginning."""
    piece = st.one_of(st.sampled_from(telling), st.binary(min_size=1, max_size=8))
    return st.lists(piece, max_size=20).map(b"".join)


def assert_found_after(
    make: Callable[[], Decoder],
    disturbed: Sequence[bytes],
    undisturbed: Sequence[bytes],
    stream: str,
    count: int,
) -> None:
    """After whatever disturbance, the last ``count`` samples are those of the undisturbed bytes."""
    alone = decode(make(), undisturbed)[stream]
    after = decode(make(), [*disturbed, *undisturbed])[stream]
    for name, values in alone.items():
        np.testing.assert_array_equal(after[name][-count:], values[-count:], err_msg=name)
