"""Which of a body's sensors are neighbours, and what lies between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from trackside.kinematics.skeleton import PARENTS

BENDING = ("pelvis", "l5", "l3", "t12", "t8", "neck", "right_shoulder", "left_shoulder")
"""Segments that may lie, without a sensor, between two that count as neighbours: they turn little
against each other, so that one joint stands for all of theirs."""
_BEND = 0.25  # of a joint; how much one between bending segments sets two sensors apart


@dataclass(frozen=True)
class Link:
    """Two segments with sensors and with none in between: ``parent`` is nearer to the pelvis."""

    parent: str
    child: str

    @property
    def joints(self) -> tuple[str, ...]:
        """The segments whose proximal joints lie between the two."""
        up, down = _line(self.parent), _line(self.child)
        rising = tuple(segment for segment in up if segment not in down)
        return rising + tuple(segment for segment in reversed(down) if segment not in up)


def links_between(segments: Sequence[str]) -> list[Link]:
    """The neighbours among segments: those with nothing but bending ones between them."""
    found = []
    for child in segments:
        parent = PARENTS[child]
        while parent is not None and parent not in segments and parent in BENDING:
            parent = PARENTS[parent]
        if parent is not None and parent in segments:
            found.append(Link(parent, child))
    return found


def far_links(segments: Sequence[str]) -> list[Link]:
    """Links that join all that neighbours leave apart, over the fewest joints (Kruskal 1956).

    One joint does not stand for all that lie between the two: what such links tell is vague.
    """
    group = {segment: segment for segment in segments}

    def join(link: Link) -> None:
        joined = group[link.child]
        group.update({s: group[link.parent] for s in segments if group[s] == joined})

    for link in links_between(segments):
        join(link)
    every = [Link(*sorted(pair, key=_depth)) for pair in combinations(segments, 2)]
    far = []
    for link in sorted(every, key=_joints_apart):
        if group[link.parent] != group[link.child]:
            far.append(link)
            join(link)
    return far


def _joints_apart(link: Link) -> float:
    return sum(_BEND if segment in BENDING else 1.0 for segment in link.joints)


def _depth(segment: str) -> int:
    return len(_line(segment))


def _line(segment: str) -> list[str]:
    """A segment and all that it hangs on, up to the pelvis."""
    line = [segment]
    while (parent := PARENTS[line[-1]]) is not None:
        line.append(parent)
    return line
