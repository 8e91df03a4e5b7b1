"""Where and when the feet are on the ground."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trackside.arrays import Floats
from trackside.simulation.course import Course
from trackside.simulation.gait import Effort, duty_factor, step_width
from trackside.simulation.posture import Posture, landing
from trackside.simulation.timeline import Bout, Timeline

SIDES = (1.0, -1.0)
"""Right, left: the sign of their z in the pelvis."""

NEVER = 1e9
"""Phase of a contact without a beginning or an end."""

_ROLLED = 0.2  # fraction of stance, the foot flat, at which a foot is that begins to walk


@dataclass(frozen=True)
class Stances:
    """The stances of one foot, in time order, (K, 11) float64.

    Columns: phase of initial contact and of toe-off; east, north (m) and heading (rad) of the
    footprint, the point under the ankle of the flat foot; the foot's pitch (rad) at initial contact
    and at toe-off; the toes' pitch (rad) at toe-off; fractions of stance at which the heel rises,
    the foot is flat, and the push has run out.
    """

    table: Floats


def _at_phase(timeline: Timeline, bout: Bout, phase: Floats, values: Floats) -> Floats:
    inside = slice(bout.first, bout.last + 1)
    return np.interp(phase, timeline.phase[inside], values[inside])


def contact_times(timeline: Timeline, bout: Bout, phase: Floats) -> Floats:
    """Moments (K,) s at which the right leg's stride phase takes these values."""
    return _at_phase(timeline, bout, phase, timeline.time)


def _effort_at(timeline: Timeline, bout: Bout, phase: Floats) -> Effort:
    effort = timeline.effort
    return Effort(
        _at_phase(timeline, bout, phase, effort.speed),
        _at_phase(timeline, bout, phase, effort.running),
        _at_phase(timeline, bout, phase, effort.amount),
    )


def _bout_table(
    timeline: Timeline, bout: Bout, side: float, posture: Posture, course: Course
) -> Floats:
    """Stances of one foot in one bout: the one it starts from, then one a stride."""
    end = timeline.phase[bout.last] - bout.base
    start = 0.0 if side > 0 else -0.5
    contact = bout.base + np.arange(start, end, 1.0)
    effort = _effort_at(timeline, bout, contact)
    duty = duty_factor(effort.speed, effort.running)
    middle = contact + duty / 2
    if not bout.ends:  # keep what the grid can place
        keep = middle <= timeline.phase[bout.last]
        contact, duty, middle = contact[keep], duty[keep], middle[keep]
    effort = _effort_at(timeline, bout, middle)
    distance = _at_phase(timeline, bout, middle, timeline.distance) + posture.ahead(effort)
    aside = posture.scale * step_width(effort) / 2
    touch = landing(effort)
    toe_off = contact + duty

    distance[0] = timeline.distance[bout.first]
    aside[0] = posture.hip_width / 2
    # the roll of the foot that stands begins with the bout
    begin = timeline.phase[bout.first]
    contact[0] = begin - (toe_off[0] - begin) * _ROLLED / (1 - _ROLLED)
    first_pitch = touch.pitch.copy()
    first_pitch[0] = 0.0
    push = touch.push.copy()
    roll = touch.roll.copy()
    if bout.ends:
        distance[-1] = timeline.distance[bout.last]
        aside[-1] = posture.hip_width / 2
        toe_off[-1] = NEVER
        first_pitch[-1] = push[-1] = roll[-1] = 0.0
    heading = course.heading(distance)
    place = course.position(distance)
    right = np.stack([np.sin(heading), -np.cos(heading)], axis=-1)
    place = place + side * aside[:, None] * right
    return np.column_stack([contact, toe_off, place, heading, first_pitch, push, roll, *touch[3:]])


def stances(timeline: Timeline, side: float, posture: Posture, course: Course) -> Stances:
    """All stances of one foot (``side`` +1 right, −1 left) along the course."""
    if not timeline.bouts:
        place = 0.0, -side * posture.hip_width / 2
        return Stances(np.array([[-NEVER, NEVER, *place, 0, 0, 0, 0, 0.50, 0.18, 1.30]]))
    tables = [_bout_table(timeline, bout, side, posture, course) for bout in timeline.bouts]
    for table, following in pairwise(tables):
        table[-1, 1] = following[0, 0]
    return Stances(np.concatenate(tables))
