"""Sensors that slip on their segment in the middle of a session."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics import quaternions as qt

_TRIADS = 3  # gyroscope, accelerometer, magnetometer, three columns each


@dataclass(frozen=True)
class Slip:
    """A sensor turns on its segment once and stays so.

    ``segment``: on which it sits. ``time`` (s): when it begins to slip, ``duration`` (s): for how
    long it does. ``turn`` (3,) rad: rotation vector by which it turns, in its own frame.

    Raises ParameterError for a duration ≤ 0.
    """

    segment: str
    time: float
    turn: Floats
    duration: float = 0.4

    def __post_init__(self) -> None:
        if not self.duration > 0:
            raise ParameterError(f"a slip that takes {self.duration} s: expected more than 0 s")


def slip_away(values: Floats, time: Floats, segment: str, slips: Sequence[Slip]) -> None:
    """Let a sensor slip: change what it senses (N, 9) at ``time`` (N,) s, in place.

    Columns as in :func:`trackside.simulation.sensors.sense`. The sensor turns about its own
    centre, so its accelerometer feels nothing of the slip but the new direction of everything.
    """
    for slip in slips:
        if slip.segment == segment:
            _turn(values, time, slip)


def _turn(values: Floats, time: Floats, slip: Slip) -> None:
    u = np.clip((time - slip.time) / slip.duration, 0.0, 1.0)
    share = u**3 * (10.0 - 15.0 * u + 6.0 * u * u)
    share_rate = 30.0 * (u * (1.0 - u)) ** 2 / slip.duration
    turned = qt.from_rotation_vector(-share[:, None] * slip.turn)
    for triad in range(_TRIADS):
        columns = slice(3 * triad, 3 * triad + 3)
        values[:, columns] = qt.rotate(turned, values[:, columns])
    values[:, :3] += share_rate[:, None] * slip.turn
