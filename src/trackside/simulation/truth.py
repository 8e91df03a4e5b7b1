"""What really happened in a simulated session."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from scipy.ndimage import maximum_filter1d

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.activity import SPRINT_SPEED, Activity, Labels
from trackside.kinematics.activity_signs import TURN_RATE
from trackside.kinematics.pose import Pose
from trackside.simulation.footfalls import contact_times
from trackside.simulation.kits import Mounting
from trackside.simulation.motion import Motion
from trackside.simulation.timeline import Bout, Timeline

MOVING = 0.4  # m/s; slower is no walking yet
BETWEEN_JUMPS = 0.25  # s before and after a jump that belong to it


@dataclass(frozen=True)
class Steps:
    """One foot's contacts with the ground while walking and running.

    ``initial_contact`` (K,) s and ``toe_off`` (K,) s of the same K stances (NaN where the foot
    stays, or leaves only after the end); ``footprint`` (K, 2) m east and north, under the ankle.
    Strides, from one initial contact to the next of the same foot: ``stride_start``,
    ``stride_time`` (J,) s and ``stride_length`` (J,) m.
    """

    initial_contact: Floats
    toe_off: Floats
    footprint: Floats
    stride_start: Floats
    stride_time: Floats
    stride_length: Floats


@dataclass(frozen=True)
class Truth:
    """The exact pose, contacts, course of speed, cadence and heart rate of a session.

    ``pose``: at the sensors' nominal rate. ``steps``: by side, "right" and "left". ``speed`` (N,)
    m/s along the course, ``cadence`` (N,) steps/min and ``heart_rate`` (N,) bpm at the pose's
    times. ``mountings``: by segment. ``beats`` (B,) s: the heart's beats. ``activities`` (N,):
    what the athlete does, as values of :class:`~trackside.kinematics.activity.Activity`.
    """

    pose: Pose
    steps: Mapping[str, Steps]
    speed: Floats
    cadence: Floats
    heart_rate: Floats
    beats: Floats
    mountings: Mapping[str, Mounting]
    activities: Labels

    def sensor_orientation(self, segment: str) -> Floats:
        """Orientation (N, 4) sensor → ENU of the sensor on a segment, at the pose's times."""
        return qt.multiply(self.pose.segment(segment), self.mountings[segment].orientation)


def activities_of(motion: Motion, frames: slice) -> Labels:
    """What the athlete does at these points of the grid; a change counts half-way through."""
    body = motion.body
    line = body.timeline
    speed, running = line.speed[frames], line.effort.running[frames] > 0.5
    turn_rate = speed * np.abs(body.course.curvature(line.distance[frames]))
    rising = maximum_filter1d(np.abs(line.jump) > 0.0, 2 * round(BETWEEN_JUMPS / line.step) + 1)
    labels = np.full(len(speed), Activity.STANDING.value, dtype=object)
    for activity, where in (
        (Activity.WALKING, speed > MOVING),
        (Activity.RUNNING, (speed > MOVING) & running),
        (Activity.SPRINTING, (speed > SPRINT_SPEED) & running),
        (Activity.TURNING, (turn_rate > TURN_RATE) & ~running),
        (Activity.JUMPING, rising[frames]),
        (Activity.RESTING, np.maximum.reduce([line.sit, line.lie, line.sit_pose])[frames] > 0.5),
    ):
        labels[where] = activity.value
    return labels


def steps_of(motion: Motion, duration: float) -> dict[str, Steps]:
    """The contacts of both feet within the session."""
    return {
        side: _steps(motion.body.timeline, stances.table, duration)
        for side, stances in zip(("right", "left"), motion.stances, strict=True)
    }


def _steps(line: Timeline, table: Floats, duration: float) -> Steps:
    parts = [_bout_steps(line, bout, table, duration) for bout in line.bouts]
    parts.append(
        Steps(*(np.empty((0, 2)) if name == "footprint" else np.empty(0) for name in _STEPS))
    )
    return Steps(*(np.concatenate([getattr(part, name) for part in parts]) for name in _STEPS))


_STEPS = tuple(field.name for field in fields(Steps))


def _bout_steps(line: Timeline, bout: Bout, table: Floats, duration: float) -> Steps:
    first, last = line.phase[bout.first], line.phase[bout.last]
    rows = table[(table[:, 0] > first) & (table[:, 0] <= last)]
    contact = contact_times(line, bout, rows[:, 0])
    toe_off = contact_times(line, bout, rows[:, 1])
    toe_off[(rows[:, 1] > last) | (toe_off >= duration)] = np.nan
    inside = contact < duration
    contact, toe_off, footprint = contact[inside], toe_off[inside], rows[inside, 2:4]
    length = np.linalg.norm(np.diff(footprint, axis=0), axis=1)
    return Steps(contact, toe_off, footprint, contact[:-1], np.diff(contact), length)
