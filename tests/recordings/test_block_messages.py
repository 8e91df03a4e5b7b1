"""Blocks as bytes: what goes in comes out, however the bytes are cut on the way."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_recordings import HEART, MARK, SHANK, STREAMS, assert_equal, samples

from trackside.errors import SignalError
from trackside.recordings.block_messages import (
    MessageReader,
    item_message,
    item_of,
    packed,
    stream_told,
    told_stream,
)
from trackside.recordings.model import Annotation, Block

ITEMS: list[Block | Annotation] = [
    samples(SHANK, 7),
    MARK,
    samples(HEART, 1),
    samples(SHANK, 0),
    samples(SHANK, 3, seed=2),
]


@given(st.lists(st.integers(1, 400), max_size=30))
def test_items_come_out_as_they_went_in(cuts: list[int]) -> None:
    """Blocks and remarks survive any cutting of the stream of bytes, to the bit."""
    data = b"".join(map(item_message, ITEMS)) + packed({"end": True})
    reader, out, ended = MessageReader(), [], False
    for size in [*cuts, len(data)]:
        for head, body in reader.feed(data[:size]):
            item = item_of(head, body)
            ended |= "end" in head
            if item is not None:
                out.append(item)
        data = data[size:]
    assert ended
    assert not reader.is_amid_message
    for sent, received in zip(ITEMS, out, strict=True):
        if isinstance(sent, Annotation):
            assert received == sent
        else:
            assert isinstance(received, Block)
            assert_equal(received, sent)
            assert [v.dtype for v in received.values.values()] == [
                v.dtype for v in sent.values.values()
            ]


def test_streams_survive_json() -> None:
    """A stream's description is the same after it was text."""
    for stream in STREAMS:
        assert stream_told(json.loads(json.dumps(told_stream(stream)))) == stream


def test_other_bytes_are_refused() -> None:
    """What is no message is said to be none, instead of waiting for gigabytes."""
    with pytest.raises(SignalError, match="no message"):
        list(MessageReader().feed(b"Traceback (most recent call last):"))


def test_an_empty_reader_waits() -> None:
    """Half a message gives nothing, and the other half all of it."""
    data = item_message(MARK)
    reader = MessageReader()
    assert list(reader.feed(data[:9])) == []
    assert reader.is_amid_message
    assert [item_of(*message) for message in reader.feed(data[9:])] == [MARK]
    np.testing.assert_equal(reader.is_amid_message, desired=False)
