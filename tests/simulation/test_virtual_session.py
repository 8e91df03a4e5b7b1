"""The virtual athlete of `record --virtual`, who goes by one plan again and again."""

import numpy as np
import pytest

pytest.importorskip("bumble")

from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.virtual_session import DOT_RATE, DOTS, repeatable


def test_the_body_does_not_jump_between_two_times() -> None:
    """What every sensor measures last is what it measures first, and it is still meanwhile."""
    session = simulate(repeatable(running_session(20.0, 3.5)), DOTS, IDEAL, rate=DOT_RATE)
    still = -2 * DOT_RATE
    for segment in DOTS:
        for name, values in session.arrays()[segment].values.items():
            assert np.abs(values[0] - values[-1]).max() < 1e-3, (segment, name)
            assert np.abs(np.diff(values[still:], axis=0)).max() < 1e-3, (segment, name)
