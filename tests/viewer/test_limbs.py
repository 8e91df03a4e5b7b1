"""Limbs as capsules: they join where the joints are, and tell what no sensor saw."""

import numpy as np

from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, joint_positions, skeleton_for
from trackside.recordings.placements import SEGMENTS
from trackside.viewer.limbs import THIN, body_for, ghost_for
from trackside.viewer.scheme import DARK, LIGHT, rgba

SKELETON = skeleton_for(1.8)
STANDING = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
ROOT = np.array([3.0, -1.0, 1.0])
BODY = body_for(SKELETON, LIGHT)


def limb(name: str) -> int:
    """The first capsule of a segment."""
    return int(np.flatnonzero(BODY.segments == INDEX[name])[0])


def test_limbs_go_from_joint_to_joint() -> None:
    """Thigh, shank, upper arm and forearm begin and end where the skeleton's joints are."""
    capsules = BODY.capsules(STANDING, ROOT)
    joints = joint_positions(SKELETON, STANDING[:, None], ROOT[None])[:, 0]
    for upper, lower in (
        ("right_thigh", "right_shank"),
        ("left_shank", "left_foot"),
        ("left_upper_arm", "left_forearm"),
        ("right_forearm", "right_hand"),
    ):
        row = capsules[limb(upper)]
        np.testing.assert_allclose(row[:3], joints[INDEX[upper]], atol=1e-6)
        np.testing.assert_allclose(row[3:6], joints[INDEX[lower]], atol=1e-6)


def test_axes_are_square() -> None:
    """The three axes of every capsule are square to each other, however it is turned."""
    turn = np.array([0.3, -0.5, 0.7, 0.4])
    turned = np.tile(turn / np.linalg.norm(turn), (len(SEGMENTS), 1))
    x, y, z = BODY.capsules(turned, ROOT)[:, 6:15].reshape(-1, 3, 3).swapaxes(0, 1)
    for first, second in ((x, y), (y, z), (z, x)):
        np.testing.assert_allclose(np.sum(first * second, axis=1), 0.0, atol=1e-6)


def test_soles_are_on_the_ground() -> None:
    """Standing upright, the lowest point of both feet is at the ground, within a centimetre."""
    hip = -joint_positions(SKELETON, STANDING[:, None], np.zeros((1, 3)))[:, 0, 2].min()
    capsules = BODY.capsules(STANDING, np.array([0.0, 0.0, hip]))
    lowest = np.minimum(capsules[:, 2], capsules[:, 5]) - np.linalg.norm(capsules[:, 6:9], axis=1)
    assert abs(lowest.min()) < 0.01


def test_unseen_segments_are_thin_and_grey() -> None:
    """A segment without a sensor differs in colour and in shape, the others do not."""
    measured = np.ones(len(SEGMENTS), bool)
    measured[INDEX["left_forearm"]] = False
    whole, marked = BODY.capsules(STANDING, ROOT), BODY.capsules(STANDING, ROOT, measured)
    row = limb("left_forearm")
    np.testing.assert_allclose(marked[row, 15:], rgba(LIGHT.unmeasured), atol=1e-6)
    np.testing.assert_allclose(marked[row, 6:15], THIN * whole[row, 6:15], atol=1e-6)
    others = np.arange(len(whole)) != row
    np.testing.assert_array_equal(marked[others], whole[others])


def test_what_is_not_known_is_left_out() -> None:
    """NaN never reaches the graphics card: unknown limbs are left out, an unknown body is none."""
    orientations = STANDING.copy()
    orientations[INDEX["right_hand"]] = np.nan
    part = BODY.capsules(orientations, ROOT)
    assert len(part) == len(BODY.segments) - 1
    assert np.isfinite(part).all()
    assert len(BODY.capsules(STANDING, np.full(3, np.nan))) == 0


def test_sides_and_ghosts_have_their_colours() -> None:
    """Right and left are as in all pictures; a ghost has one colour and lets light through."""
    capsules = BODY.capsules(STANDING, ROOT)
    np.testing.assert_allclose(capsules[limb("right_thigh"), 15:], rgba(LIGHT.right), atol=1e-6)
    np.testing.assert_allclose(capsules[limb("left_thigh"), 15:], rgba(LIGHT.left), atol=1e-6)
    ghost = ghost_for(SKELETON, DARK).capsules(STANDING, ROOT)
    assert len(np.unique(ghost[:, 15:], axis=0)) == 1
    assert 0.0 < ghost[0, 18] < 1.0


def test_a_head_without_a_sensor_has_no_nose() -> None:
    """It is thin then, so that a nose would hang in the air before it; the head itself is there."""
    head = INDEX["head"]
    seen = np.ones(len(SEGMENTS), bool)
    whole = BODY.capsules(STANDING, ROOT, seen)
    seen[head] = False
    assert len(BODY.capsules(STANDING, ROOT, seen)) == len(whole) - 1
    assert np.count_nonzero(BODY.segments == head) == 2
