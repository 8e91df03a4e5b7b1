"""The shipped curves: there, sourced, and plausible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import ParameterError
from trackside.kinematics.normative_curves import Norm, norm_named, norms, periodic_monotone

SAGITTAL = {"hip_flexion", "knee_flexion", "ankle_dorsiflexion"}


@pytest.mark.parametrize("norm", norms().values(), ids=norms())
def test_every_norm_names_its_source(norm: Norm) -> None:
    """Each gait has hip, knee and ankle, a group of people and a source that can be looked up."""
    assert norm.curves.keys() == SAGITTAL
    assert norm.people > 10
    assert "doi:" in norm.source
    assert norm.shape_only <= SAGITTAL
    for curve in norm.curves.values():
        assert curve.mean[0] == pytest.approx(curve.mean[-1])
        assert np.rad2deg(curve.sd).min() > 1.0
        assert np.rad2deg(curve.sd).max() < 12.0


def test_the_faster_the_more_the_knee_flexes() -> None:
    """In swing, from walking to running at 4.5 m/s."""
    by_speed = sorted(norms().values(), key=lambda norm: norm.speed)
    peaks = [np.rad2deg(norm.curves["knee_flexion"].mean.max()) for norm in by_speed]
    assert peaks == sorted(peaks)
    assert peaks[0] == pytest.approx(62.3, abs=0.1)
    assert [norm.walking for norm in by_speed] == [True, False, False, False]


def test_an_unknown_norm_is_answered_with_those_there_are() -> None:
    """The error lists the names."""
    with pytest.raises(ParameterError, match=r"'run-9'.*walk-1\.2, run-2\.5"):
        norm_named("run-9")


@given(st.dictionaries(st.integers(0, 99), st.integers(-90, 90), min_size=2, max_size=20))
def test_a_curve_goes_through_its_points_and_not_beyond(points: dict[int, int]) -> None:
    """The interpolation meets every point, closes, and adds no extremes."""
    phase = np.array(sorted(points), float)
    values = np.array([points[int(at)] for at in phase], float)
    curve = periodic_monotone(phase, values)
    np.testing.assert_allclose(curve[phase.astype(int)], values, atol=1e-9)
    assert curve[0] == pytest.approx(curve[100], abs=1e-9)
    assert curve.max() <= values.max() + 1e-9
    assert curve.min() >= values.min() - 1e-9
