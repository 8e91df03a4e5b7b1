"""The sensor that is moved is found, and no other is taken for it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.movement import (
    DISTINCTION,
    LEAST_RATE,
    Movement,
    angular_rate_rms,
    most_moved,
)
from trackside.recordings.model import Block


@given(st.dictionaries(st.text("abc", min_size=1), st.floats(0, 100), max_size=5))
def test_who_moves_most_does_so_clearly(rates: dict[str, float]) -> None:
    """The answer turns fast enough and faster than all others by a factor; or there is none."""
    mover = most_moved(rates)
    others = [rate for name, rate in rates.items() if name != mover]
    if mover is not None:
        assert rates[mover] >= max([LEAST_RATE, *(DISTINCTION * rate for rate in others)])
    elif rates:
        best = max(rates.values())
        rest = sorted(rates.values())[:-1]
        assert best < LEAST_RATE or best < DISTINCTION * rest[-1]


def test_a_bias_is_no_movement() -> None:
    """A gyroscope at rest with a large offset does not move; NaN is left out."""
    gyr = np.full((100, 3), 3.0)
    gyr[7] = np.nan
    assert angular_rate_rms(gyr) < 1e-9
    assert angular_rate_rms(np.full((3, 3), np.nan)) == 0.0
    gyr[:, 0] += 2.0 * np.sqrt(2) * np.sin(np.arange(100) * 2 * np.pi / 20)
    gyr[7] = np.nan
    assert abs(angular_rate_rms(gyr) - 2.0) < 0.05


def test_only_the_last_second_counts() -> None:
    """Old movement is forgotten; known sensors and other streams are not asked."""
    movement = Movement({"a": "one", "b": "two"})
    assert movement.rates() == {}
    for second, rate in ((0.0, 9.0), (2.0, 0.0)):
        time = second + np.arange(11) / 11
        wave = rate * np.sin(np.arange(11.0))[:, np.newaxis] * np.ones(3)
        movement.add(Block("a", time, {"gyroscope": wave}))
        movement.add(Block("b", time, {"gyroscope": 0.1 * wave}))
        movement.add(Block("battery", time, {"level": time[:, np.newaxis]}))
        assert (movement.rates()["one"] > 1.0) == (rate > 0)
    assert movement.rates(known=["one"]) == {"two": 0.0}
    movement.forget()
    movement.add(Block("a", np.arange(3) / 11, {"gyroscope": np.eye(3)}))
    assert movement.rates() == {}, "a glance is not enough"
