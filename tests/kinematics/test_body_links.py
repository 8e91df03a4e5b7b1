"""Which sensors are neighbours, and how those are joined that are not."""

from hypothesis import given
from hypothesis import strategies as st

from trackside.kinematics.body_links import Link, far_links, links_between
from trackside.recordings.placements import SEGMENTS


def test_the_trunk_bends_but_limbs_do_not() -> None:
    """Sensors far apart on the trunk are neighbours; foot and thigh without the shank are not."""
    kit = ("pelvis", "head", "right_thigh", "right_foot")
    assert set(links_between(kit)) == {Link("pelvis", "head"), Link("pelvis", "right_thigh")}
    assert far_links(kit) == [Link("right_thigh", "right_foot")]


def test_joints_between_two_sensors_are_those_on_the_way() -> None:
    """Down one limb, or up one and down another."""
    assert Link("right_thigh", "right_foot").joints == ("right_shank", "right_foot")
    assert Link("right_thigh", "left_shank").joints == ("right_thigh", "left_thigh", "left_shank")


@given(st.lists(st.sampled_from(SEGMENTS), min_size=1, unique=True))
def test_near_and_far_links_join_any_kit_into_one_tree(kit: list[str]) -> None:
    """Whatever is worn, there is one link fewer than sensors, and all hang together."""
    links = links_between(kit) + far_links(kit)
    assert len(links) == len(kit) - 1
    joined = {kit[0]}
    for _ in kit:
        for link in links:
            if joined & {link.parent, link.child}:
                joined |= {link.parent, link.child}
    assert joined == set(kit)
