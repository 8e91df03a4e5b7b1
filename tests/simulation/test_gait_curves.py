"""The published joint-angle curves."""

import numpy as np
import pytest

from trackside.simulation.gait_curves import (
    RUNNING,
    SPRINTING,
    TOE_OFF,
    WALKING,
    LegCurves,
    evaluate,
    fourier_coefficients,
    warped,
)


@pytest.mark.parametrize("curves", [WALKING, RUNNING, SPRINTING])
def test_series_keeps_the_table(curves: LegCurves) -> None:
    """The Fourier series stays within 3° of every value of the tables, 1° on average."""
    table = np.radians([curves.hip_deg, curves.knee_deg, curves.ankle_deg])
    stride = np.linspace(0, 1, 2001)
    series = evaluate(fourier_coefficients(curves), stride)
    at = [np.abs(warped(stride, curves.toe_off) - f).argmin() for f in np.arange(20) / 20]
    off = np.degrees(np.abs(series[:, at] - table))
    assert off.max() < 3.0
    assert off.mean() < 1.0


def test_warp_moves_toe_off() -> None:
    """The warped stride has its toe-off where the gait has it, and keeps its ends."""
    assert warped(np.array([0.0, TOE_OFF]), 0.62) == pytest.approx([0.0, 0.62])
    assert warped(np.array([1.0 - 1e-12]), 0.62)[0] == pytest.approx(1.0)
