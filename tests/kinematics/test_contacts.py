"""Contacts of the feet: flight from the load, rest from the foot, slip from the points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.kinematics.contacts import (
    GRAVITY,
    can_bear,
    flights,
    foot_contacts,
    foot_skate,
    still,
    stretches,
)

TIME = np.arange(300) / 100


def test_no_load_is_flight_but_not_for_long() -> None:
    """A quarter of a second without load is flight, 1.5 s without is a sensor that has failed."""
    load = np.full(300, GRAVITY)
    load[20:45] = 0.5
    load[100:250] = 0.0
    assert np.flatnonzero(flights(TIME, load)).tolist() == list(range(20, 45))


def test_unknown_load_is_no_flight() -> None:
    """Where nobody knows the load, the body stays on the ground."""
    assert not flights(TIME, np.full(300, np.nan)).any()


def test_foot_rests_unless_it_turns_or_is_pushed() -> None:
    """Turning and pushing end rest, and only around the time they last."""
    gyr, acc = np.zeros((300, 3)), np.tile([0.0, 0.0, GRAVITY], (300, 1))
    gyr[50:100, 1] = 5.0
    acc[200:220, 0] = 30.0
    rest = still(100.0, gyr, acc)
    assert not rest[50:100].any()
    assert not rest[200:220].any()
    assert rest[:45].all()
    assert rest[110:190].all()
    assert rest[230:].all()


@given(st.floats(0.0, 0.1), st.floats(-np.pi, np.pi))
def test_skate_is_how_far_a_planted_foot_slips(slip: float, direction: float) -> None:
    """A foot that slides straight on in its only stance skates as far as it slides."""
    points = np.zeros((1, 2, 300, 3))
    points[0, 1, :, 2] = 0.05  # the other point is in the air
    way = np.interp(TIME, [1.0, 2.0], [0.0, slip])
    points[0, :, :, :2] = np.outer(way, [np.cos(direction), np.sin(direction)])
    contacts = foot_contacts(TIME, points, np.zeros(300, bool))
    assert contacts.all()
    (skate,) = foot_skate(points, contacts)
    assert skate == pytest.approx([slip], abs=1e-12)


def test_foot_that_rolls_does_not_slip() -> None:
    """From heel to ball the support changes its place, and no point moves."""
    points = np.zeros((1, 2, 300, 3))
    points[0, 1, :, 0] = 0.15
    points[0, 0, 150:, 2] = points[0, 1, :150, 2] = 0.01
    (skate,) = foot_skate(points, np.ones((1, 300), bool))
    assert skate.tolist() == [0.0]


def test_swinging_and_flying_feet_have_no_contact() -> None:
    """High, fast or in flight: each alone keeps a foot off the ground."""
    points = np.zeros((3, 1, 300, 3))
    points[0, :, :, 2] = 0.1
    points[1, 0, :, 0] = 3.0 * TIME
    flying = TIME >= 1.0
    contacts = foot_contacts(TIME, points, flying)
    assert not contacts[:2].any()
    assert contacts[2].tolist() == (~flying).tolist()


def test_toes_bear_only_with_a_sensor() -> None:
    """The tip of toes that merely follow their foot is no support."""
    assert can_bear(("right_foot", "right_toe", "left_foot")).tolist() == [
        [True, True, True],
        [True, True, False],
    ]


@given(st.lists(st.booleans(), max_size=30))
def test_stretches_cover_a_mask_exactly(mask: list[bool]) -> None:
    """Put together, the stretches are the mask."""
    again = np.zeros(len(mask), bool)
    for start, end in zip(*stretches(np.array(mask, bool)), strict=True):
        assert end > start
        again[start:end] = True
    assert again.tolist() == mask
