"""What really happened in a simulated session."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.pose import Pose
from trackside.simulation.footfalls import contact_times
from trackside.simulation.kits import Mounting
from trackside.simulation.motion import Motion
from trackside.simulation.timeline import Bout, Timeline


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
    times. ``mountings``: by segment. ``beats`` (B,) s: the heart's beats.
    """

    pose: Pose
    steps: Mapping[str, Steps]
    speed: Floats
    cadence: Floats
    heart_rate: Floats
    beats: Floats
    mountings: Mapping[str, Mounting]

    def sensor_orientation(self, segment: str) -> Floats:
        """Orientation (N, 4) sensor → ENU of the sensor on a segment, at the pose's times."""
        return qt.multiply(self.pose.segment(segment), self.mountings[segment].orientation)


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
