"""Tiny recordings made of numpy alone, for the tests of this folder."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    HEART_RATE,
    MAGNETOMETER,
    ORIENTATION,
    RR_INTERVAL,
    Annotation,
    Athlete,
    Block,
    Device,
    Kind,
    Stream,
)
from trackside.recordings.writer import RecordingWriter

SHANK = Stream(
    "left_shank",
    Kind.IMU,
    (ACCELEROMETER, GYROSCOPE, MAGNETOMETER),
    rate=100.0,
    device=Device("Model T", "0042", "1.2.3"),
    placement="left_shank",
    tick=1e-6,
    tick_bits=32,
    sequence_bits=16,
)
REFERENCE = Stream(
    "left_shank_reference", Kind.ORIENTATION, (ORIENTATION,), rate=50.0, placement="left_shank"
)
HEART = Stream("strap", Kind.HEART_RATE, (HEART_RATE, RR_INTERVAL))
STREAMS = (SHANK, REFERENCE, HEART)
ATHLETE = Athlete("Ada", 1.72, 61.5)
MARK = Annotation(0.25, "lap", "200 m – gegen den Wind")


def samples(stream: Stream, rows: int, seed: int = 0) -> Block:
    """Random samples of a stream, float32 as files hold them; counters where it has a clock."""
    random = np.random.default_rng([seed, *stream.name.encode()])
    time = np.arange(rows) / (stream.rate or 1.5)
    values = {
        channel.name: random.normal(size=(rows, len(channel.columns))).astype(np.float32)
        for channel in stream.channels
    }
    if stream.tick is None:
        return Block(stream.name, time, values)
    return Block(
        stream.name,
        time,
        values,
        host_time=time + random.uniform(0.01, 0.03, rows).round(9),
        device_time=(np.arange(rows) * 10_000 + 7) % 2**32,
        sequence=np.arange(rows) + 65_530,
    )


def split(block: Block, cuts: list[int]) -> list[Block]:
    """The block cut before the given rows."""
    edges = [0, *sorted(cut for cut in cuts if cut < len(block)), len(block)]
    return [rows(block, a, b) for a, b in pairwise(edges)]


def rows(block: Block, start: int, stop: int) -> Block:
    """A part of a block."""
    part = slice(start, stop)
    stamps = (block.host_time, block.device_time, block.sequence)
    return Block(
        block.stream,
        block.time[part],
        {name: values[part] for name, values in block.values.items()},
        *(None if stamp is None else stamp[part] for stamp in stamps),  # type: ignore[arg-type]
    )


def write_tiny(path: Path, rows: int = 300) -> dict[str, Block]:
    """Write a recording of three streams and a mark; returns what was written."""
    blocks = {stream.name: samples(stream, rows) for stream in STREAMS}
    with RecordingWriter(path, STREAMS, athlete=ATHLETE) as writer:
        for block in blocks.values():
            writer.write(block)
        writer.annotate(MARK)
    return blocks


def assert_equal(one: Block, other: Block) -> None:
    """Fail unless two blocks hold the same: values bit for bit, times to the file's resolution."""
    assert one.stream == other.stream
    assert one.values.keys() == other.values.keys()
    for name, values in one.values.items():
        np.testing.assert_array_equal(values, other.values[name])
    np.testing.assert_allclose(one.time, other.time, rtol=0, atol=5.1e-7)
    for mine, theirs in (
        (one.host_time, other.host_time),
        (one.device_time, other.device_time),
        (one.sequence, other.sequence),
    ):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=5.1e-10)
