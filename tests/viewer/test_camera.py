"""Where the camera stands, and where it shows a point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.viewer.camera import FARTHEST, NEAREST, STEEPEST, VIEWS, Camera, camera_for

ANGLE = st.floats(-np.pi, np.pi)
EAST = 0.0


@given(azimuth=ANGLE, elevation=st.floats(-0.2, STEEPEST), distance=st.floats(1.0, 20.0))
def test_target_is_in_the_middle(azimuth: float, elevation: float, distance: float) -> None:
    """The point that the camera looks at is in the middle of the picture, from everywhere."""
    camera = Camera((1.0, -2.0, 0.9), distance, azimuth, elevation)
    place = camera.project(np.array(camera.target), 800, 600)
    np.testing.assert_allclose(place, [400, 300], atol=1e-6)
    assert np.linalg.norm(camera.eye - np.array(camera.target)) == pytest.approx(distance)


@given(azimuth=ANGLE, elevation=st.floats(-0.2, STEEPEST))
def test_pixel_size_at_the_target(azimuth: float, elevation: float) -> None:
    """A metre across the line of sight is as many pixels as pixel_size tells."""
    camera = Camera((0.0, 0.0, 0.9), 4.0, azimuth, elevation)
    across = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    ends = camera.project(np.array(camera.target) + np.array([[0.0], [0.1]]) * across, 800, 600)
    assert ends[1, 0] - ends[0, 0] == pytest.approx(0.1 / camera.pixel_size(600), rel=1e-6)


def test_view_from_the_side() -> None:
    """From the side the right leg is nearer, forward is to the right, and up is up."""
    camera = camera_for(VIEWS["side"], np.array([0.0, 0.0, 0.9]), EAST)
    here, ahead, above = camera.project(
        np.array([[0.0, 0.0, 0.9], [0.5, 0.0, 0.9], [0.0, 0.0, 1.4]]), 800, 600
    )
    assert ahead[0] > here[0] + 50
    assert above[1] < here[1] - 50
    right_leg, left_leg = np.array([0.0, -0.1, 0.9]), np.array([0.0, 0.1, 0.9])
    assert np.linalg.norm(right_leg - camera.eye) < np.linalg.norm(left_leg - camera.eye)


def test_views_follow_the_heading() -> None:
    """An athlete who turns is seen from the same side."""
    for view in VIEWS.values():
        for heading in (0.3, 2.0):
            ahead = np.array([np.cos(heading), np.sin(heading), 0.0])
            first = camera_for(view, np.zeros(3), EAST).project(np.array([0.5, 0, 0]), 800, 600)
            turned = camera_for(view, np.zeros(3), heading).project(0.5 * ahead, 800, 600)
            np.testing.assert_allclose(first, turned, atol=1e-6)


def test_from_the_front_and_the_back() -> None:
    """Seen from the front the athlete's right is on the left, seen from the back on the right."""
    right = np.array([0.0, -0.3, 0.0])
    for name, sign in (("front", -1), ("back", 1)):
        place = camera_for(VIEWS[name], np.zeros(3), EAST).project(right, 800, 600)
        assert sign * (place[0] - 400) > 20, name


def test_behind_the_camera_is_nowhere() -> None:
    """What the camera cannot see has no place in the picture."""
    camera = Camera((0.0, 0.0, 0.0), 3.0, 0.0, 0.0)
    assert np.isnan(camera.project(np.array([10.0, 0.0, 0.0]), 800, 600)).all()


def test_moves_stay_in_bounds() -> None:
    """Nobody turns the view beyond straight above, or zooms through the athlete."""
    camera = Camera()
    assert camera.orbited(0.0, 10.0).elevation == STEEPEST
    assert camera.zoomed(1e-6).distance == NEAREST
    assert camera.zoomed(1e6).distance == FARTHEST
