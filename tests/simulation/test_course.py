"""The courses: straight on, and round the track."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.simulation.course import Course, StraightLine, Track, Turned

COURSES = (StraightLine(), Track(), Turned(Track(), 0.6))


def test_lap_is_400_metres_and_closes() -> None:
    """After a lap of 400.00 m the athlete is back where the lap began, one turn to the left."""
    track = Track()
    assert track.lap == pytest.approx(400.0, abs=0.01)
    ends = np.array([track.lap, track.lap - 1e-9, 0.0])
    assert np.allclose(track.position(ends), track.position(np.zeros(1)), atol=1e-6)
    assert track.heading(np.array([track.lap]))[0] == pytest.approx(2 * np.pi, abs=1e-9)


def test_a_short_track_closes() -> None:
    """Two straights of 15 m and bends of 0.8 m: a lap of 35 m that leads back."""
    track = Track(15.0, 0.8, 0.8)
    assert track.lap == pytest.approx(30.0 + 1.6 * np.pi)
    assert np.allclose(track.position(np.array([track.lap - 1e-9])), 0.0, atol=1e-6)
    assert track.curvature(np.array([7.5 + 0.4 * np.pi]))[0] == pytest.approx(1 / 0.8)


@pytest.mark.parametrize("course", COURSES)
@given(distance=st.floats(0, 2000))
def test_heading_and_curvature_are_those_of_the_path(course: Course, distance: float) -> None:
    """The path runs at one metre per metre in the heading's direction, which turns by curvature."""
    near = distance + np.array([-1e-3, 0.0, 1e-3])
    path, heading = course.position(near), course.heading(near)
    direction = np.array([np.cos(heading[1]), np.sin(heading[1])])
    assert np.allclose((path[2] - path[0]) / 2e-3, direction, atol=1e-6)
    assert (heading[2] - heading[0]) / 2e-3 == pytest.approx(course.curvature(near)[1], abs=2e-5)


def test_curvature_has_no_jump() -> None:
    """Where a bend joins a straight the curvature changes over metres, not at once."""
    curvature = Track().curvature(np.arange(0.0, 800.0, 0.05))
    assert np.abs(np.diff(curvature)).max() < 3e-4
    assert curvature.max() == pytest.approx(1 / 36.8)
