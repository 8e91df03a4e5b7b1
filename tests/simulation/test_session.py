"""A simulated session is a source of blocks like any other."""

import asyncio
from functools import cache

import numpy as np
import pytest

from trackside.recordings.model import Block, Kind
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session
from trackside.simulation.session import SimulatedSession

KIT = ("pelvis", "left_foot", "right_foot")


@cache
def session(seed: int = 1) -> SimulatedSession:
    return simulate(running_session(20.0, 3.5), KIT, seed=seed)


async def _collect(source: SimulatedSession) -> list[Block]:
    return [block async for block in source.blocks()]


@cache
def blocks() -> tuple[Block, ...]:
    return tuple(asyncio.run(_collect(session())))


def test_blocks_add_up_to_the_arrays() -> None:
    """All blocks of a stream, joined, are the whole session's samples, none lost, none twice."""
    for name, whole in session().arrays().items():
        parts = [block for block in blocks() if block.stream == name]
        assert np.array_equal(np.concatenate([part.time for part in parts]), whole.time)
        for channel, values in whole.values.items():
            joined = np.concatenate([part.values[channel] for part in parts])
            assert np.array_equal(joined, values)
        if whole.sequence is not None:
            sequences = [part.sequence for part in parts if part.sequence is not None]
            assert np.array_equal(np.concatenate(sequences), whole.sequence)


def test_blocks_are_short_and_interleaved() -> None:
    """Sensors deliver about 50 ms at a time, in the order of arrival."""
    arrivals = [b.host_time[-1] for b in blocks() if b.host_time is not None]
    assert (np.diff(arrivals) > -0.05).all()
    imus = [b for b in blocks() if b.stream in KIT]
    assert max(len(b) for b in imus) <= 12
    assert {b.stream for b in imus[:6]} == set(KIT)


def test_streams_describe_the_arrays() -> None:
    """Every stream's channels are there with their columns; one is a chest strap's beats."""
    made = session()
    assert {stream.name for stream in made.streams} == set(made.arrays())
    for stream in made.streams:
        block = made.arrays()[stream.name]
        for channel in stream.channels:
            assert block.values[channel.name].shape == (len(block), len(channel.columns))
    kinds = [stream.kind for stream in made.streams]
    assert kinds == [Kind.IMU] * 3 + [Kind.HEART_RATE]
    beats = made.arrays()["heart_rate"]
    assert np.diff(beats.time) == pytest.approx(beats.values["rr_interval"][1:, 0], abs=1e-3)


def test_same_seed_same_session() -> None:
    """A seed determines every sample; another seed gives other errors and mountings."""
    again = simulate(running_session(20.0, 3.5), KIT, seed=1)
    for name, block in session().arrays().items():
        for channel, values in block.values.items():
            assert np.array_equal(values, again.arrays()[name].values[channel])
    other = session(2)
    assert not np.allclose(session().imu("pelvis").acc[:10], other.imu("pelvis").acc[:10])


def test_missing_sensor_is_a_key_error() -> None:
    """Asking for a segment without a sensor fails by its name."""
    with pytest.raises(KeyError, match="head"):
        session().imu("head")


def test_rate_is_checked() -> None:
    """A rate that no such sensor has is refused."""
    with pytest.raises(ValueError, match="sensor rate 5 Hz"):
        simulate(running_session(20.0), KIT, rate=5)
