"""What an accelerometer hid beyond its range, of motions that are known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Booleans, Floats
from trackside.filters.clipped_peaks import restored_peaks
from trackside.filters.inertial_steps import restored
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand
from trackside.simulation.sensor_errors import REALISTIC

STEP = 0.01  # s


def swinging(lever: tuple[float, float, float], seconds: float = 8.0) -> tuple[Floats, Floats]:
    """Rates and forces of a sensor whose leg swings about a joint, and turns a little beside."""
    time = np.arange(0.0, seconds, STEP)
    rate = 12.0 * np.sin(9.0 * time) + 4.0 * np.sin(18.0 * time + 1.0)
    gyr = np.stack([0.1 * rate, 0.5 * np.cos(5.0 * time), rate], axis=-1)
    change = np.gradient(gyr, STEP, axis=0)
    return gyr, np.cross(change, lever) + np.cross(gyr, np.cross(gyr, lever))


def at_most(acc: Floats, limit: float) -> tuple[Floats, Booleans]:
    """What a sensor of that range shows, and where it is clipped."""
    return np.clip(acc, -limit, limit), np.abs(acc) > limit


@settings(max_examples=8, deadline=None)
@given(
    st.tuples(*[st.floats(-0.3, 0.3)] * 3).filter(lambda lever: np.hypot(*lever[:2]) > 0.1),
    st.floats(0.5, 0.9),
)
def test_a_lever_tells_what_turning_made(lever: tuple[float, float, float], part: float) -> None:
    """The force on a sensor that only turns about a joint follows from its rates: nearly all."""
    gyr, acc = swinging(lever)
    shown, ends = at_most(acc, part * np.abs(acc).max())
    whole, variance = restored_peaks(gyr, shown, ends, STEP)
    hidden = np.abs(acc - shown).sum()
    assert np.abs(whole - acc).sum() < 0.2 * hidden
    np.testing.assert_array_equal(whole[~ends], shown[~ends])
    assert (np.abs(whole[ends]) >= np.abs(shown[ends]) - 1e-9).all()
    assert (variance[ends] > 0.0).all()
    assert not variance[~ends].any()


def test_without_a_clipped_sample_nothing_changes() -> None:
    """What was not clipped is returned as it is, and surely."""
    gyr, acc = swinging((0.1, 0.0, 0.0))
    whole, variance = restored_peaks(gyr, acc, np.zeros(acc.shape, np.bool_), STEP)
    assert whole is acc
    assert not variance.any()


@pytest.mark.parametrize("what", ["still", "few", "one axis", "long"])
def test_little_to_learn_from(what: str) -> None:
    """Without turning, with hardly a sample, two dead axes or a long stretch it stays finite."""
    gyr, acc = swinging((0.2, 0.1, 0.0))
    if what == "still":
        gyr = np.zeros_like(gyr)
    elif what == "few":
        gyr, acc = gyr[:12], acc[:12]
    elif what == "one axis":
        acc = acc * np.array([1.0, 0.0, 0.0])
    else:
        acc[300:600, 0] = 1e3
    shown, ends = at_most(acc, 0.6 * np.abs(acc[:250]).max())
    whole, variance = restored_peaks(gyr, shown, ends, STEP)
    assert np.isfinite(whole).all()
    assert (variance[ends] > 0.0).all()
    assert (np.abs(whole[ends]) >= np.abs(shown[ends]) - 1e-9).all()


@cache
def sprinter() -> tuple[Floats, Floats]:
    """Rates and forces of a sprinting foot, the accelerometer without an end of its range."""
    free = replace(REALISTIC, accelerometer=replace(REALISTIC.accelerometer, limit=1e4), loss=0.0)
    session = simulate(SessionPlan((stand(2.0), run(10.0, 9.0))), ("right_foot",), free)
    imu = session.imu("right_foot")
    assert imu.gyr is not None
    return imu.gyr, imu.acc


@pytest.mark.parametrize("ranged", [12.0, 16.0])
def test_a_sprinters_foot_against_the_slopes_of_its_flanks(ranged: float) -> None:
    """The impulses that are hidden are told better than by cubics, about as surely as is said."""
    gyr, acc = sprinter()
    shown, ends = at_most(acc, ranged * 9.81)
    whole, variance = restored_peaks(gyr, shown, ends, STEP)
    errors, cubics, sds = [], [], []
    by_slopes = restored(shown)
    for axis in range(3):
        edges = np.flatnonzero(np.diff(ends[:, axis], prepend=False, append=False))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            part = slice(first, end), axis
            errors.append(np.sum(whole[part] - acc[part]))
            cubics.append(np.sum(by_slopes[part] - acc[part]))
            sds.append(np.sqrt(np.sum(variance[part])))
    assert np.sqrt(np.mean(np.square(errors))) < 0.7 * np.sqrt(np.mean(np.square(cubics)))
    assert 0.3 < np.sqrt(np.mean(np.square(errors)) / np.mean(np.square(sds))) < 2.0
