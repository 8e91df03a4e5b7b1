"""How high the pelvis rides over the planted foot, and where under it the foot lands.

The pelvis is as high as the straightest knee of stance allows, and the foot is planted so far ahead
that the planted leg departs least from the published curves, where swing hands over to stance and
back. Both follow from the leg's geometry, so that no stance ever asks for a longer leg.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline

from trackside.arrays import Floats
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.simulation import gait
from trackside.simulation.gait import Effort
from trackside.simulation.gait_curves import TOE_OFF, evaluate
from trackside.simulation.legs import FOOT_ROLL, LegShape, ankle_over_footprint, blended_curves

_SPEEDS = np.linspace(0.0, 10.5, 22)
_STANCE = np.linspace(0.0, 1.0, 101)


class Landing(NamedTuple):
    """How feet meet and leave the ground, (N,) each.

    Pitch (rad, toes up positive) of the foot at initial contact and, ``push``, at toe-off; pitch
    of the toes at toe-off; fraction of stance at which the heel rises.
    """

    pitch: Floats
    push: Floats
    roll: Floats
    heel_rise: Floats


def landing(effort: Effort) -> Landing:
    """From heel first in walking and easy running to forefoot first in sprinting."""
    fast, running = effort.speed - 3.2, effort.running
    pitch = (1 - running) * 18 + running * (12 - 3.2 * fast)
    push = -(1 - running) * 56 - running * (54 + 1.5 * fast)
    roll = -(1 - running) * 20 - running * 16
    return Landing(
        np.radians(pitch), np.radians(push), np.radians(roll), 0.50 - 0.08 * running
    )


def leg_shape(skeleton: Skeleton) -> LegShape:
    """Lengths of the right leg; both legs are alike."""
    foot = skeleton.offsets[INDEX["right_toe"]]
    return LegShape(
        skeleton.length("right_thigh"),
        skeleton.length("right_shank"),
        -float(foot[1]),
        float(skeleton.heels[0, 0]),
        float(foot[0]),
        skeleton.length("right_toe"),
    )


@dataclass(frozen=True)
class Posture:
    """Height of the pelvis and place of the feet by speed, for one skeleton, in m."""

    scale: float
    hip_width: float
    hip_height: float
    _drop: tuple[CubicSpline, CubicSpline]
    _ahead: tuple[CubicSpline, CubicSpline]

    def drop(self, effort: Effort) -> Floats:
        """How far (N,) m the middle of the pelvis' motion is below its height in standing."""
        walk, run = (spline(effort.speed) for spline in self._drop)
        return np.asarray((1 - effort.running) * walk + effort.running * run)

    def ahead(self, effort: Effort) -> Floats:
        """Distance (N,) m of a footprint ahead of the pelvis at mid-stance."""
        walk, run = (spline(effort.speed) for spline in self._ahead)
        return np.asarray((1 - effort.running) * walk + effort.running * run)

    def step_width(self, effort: Effort) -> Floats:
        """Distance (N,) m between the lines on which the left and the right foot are set."""
        return self.scale * ((1 - effort.running) * 0.11 + effort.running * 0.05)

    def bounce(self, phase: Floats, effort: Effort) -> Floats:
        """Height (N,) m of the pelvis about where :meth:`drop` puts it."""
        walk = gait.walk_bounce(phase, effort.speed)
        run = gait.run_bounce(phase, effort.speed)
        return self.scale * ((1 - effort.running) * walk + effort.running * run)

    def surge(self, phase: Floats, effort: Effort) -> Floats:
        """Distance (N,) m of the pelvis ahead of even progress: slowest at mid-stance.

        The speed varies by 0.15 m/s to either side, about what braking and propulsion change it
        (K. R. Williams & P. R. Cavanagh, J. Appl. Physiol. 63, 1987).
        """
        duty = gait.duty_factor(effort.speed, effort.running)
        frequency = gait.stride_frequency(effort.speed, effort.running)
        amplitude = 0.15 / (4 * np.pi * frequency)
        return np.asarray(-self.scale * amplitude * np.sin(4 * np.pi * (phase - duty / 2)))

    def sway(self, phase: Floats, effort: Effort) -> Floats:
        """Displacement (N,) m of the pelvis to the right: over the foot that stands."""
        amplitude = (1 - effort.running) * 0.020 + effort.running * 0.006
        return np.asarray(self.scale * amplitude * np.sin(2 * np.pi * phase - 0.2))


def posture_for(skeleton: Skeleton, curves: Floats) -> Posture:
    """Solve the posture for walking and for running over a range of speeds."""
    shape, scale = leg_shape(skeleton), skeleton.height / gait.REFERENCE_HEIGHT
    hip_width = 2 * float(skeleton.offsets[INDEX["right_thigh"], 2])
    drops, aheads = [], []
    for running in (0.0, 1.0):
        solved = [_solve(speed, running, shape, scale, hip_width, curves) for speed in _SPEEDS]
        drops.append(CubicSpline(_SPEEDS, [drop for drop, _ in solved]))
        aheads.append(CubicSpline(_SPEEDS, [ahead for _, ahead in solved]))
    return Posture(
        scale,
        hip_width,
        shape.thigh + shape.shank + shape.ankle,
        (drops[0], drops[1]),
        (aheads[0], aheads[1]),
    )


def _straightest_knee(speed: float, running: float) -> float:
    """Least knee flexion in rad during stance."""
    return float(np.radians(5.0 if running == 0 else 14 + 1.0 * max(speed - 3.2, 0.0)))


def _solve(
    speed: float, running: float, shape: LegShape, scale: float, hip_width: float, curves: Floats
) -> tuple[float, float]:
    """Drop of the pelvis and distance ahead of the footprint (m) at one speed."""
    effort = Effort(*(np.full_like(_STANCE, value) for value in (speed, running, 1.0)))
    duty = gait.duty_factor(effort.speed, effort.running)
    phase = _STANCE * duty
    sway = gait.sway(phase, effort)
    touch = landing(effort)
    foot = np.array(
        [
            ankle_over_footprint(u, touch.pitch[0], touch.push[0], touch.roll[0], touch.heel_rise[0], *shape)[:2]
            for u in _STANCE
        ]
    )
    stride = scale * speed / gait.stride_frequency(effort.speed, effort.running)
    half_hips = hip_width / 2
    ankle = foot[:, 0] + stride * duty * (0.5 - _STANCE) - half_hips * np.sin(sway.pelvis_yaw)
    weights = blended_curves(speed, running, curves)
    hip, knee, _ = evaluate(weights, np.array([0.0, TOE_OFF]))
    swing = shape.thigh * np.sin(hip) + shape.shank * np.sin(hip - knee)
    ahead = float(np.mean(swing - ankle[[0, -1]]))
    straight = shape.thigh + shape.shank
    bend = _straightest_knee(speed, running)
    reach = np.sqrt(
        shape.thigh**2 + shape.shank**2 + 2 * shape.thigh * shape.shank * np.cos(bend)
    )
    aside = half_hips - scale * (0.025 if running else 0.055)
    across = (ankle + ahead) ** 2 + aside**2
    bounce = gait.run_bounce(phase, effort.speed) if running else gait.walk_bounce(phase, effort.speed)
    lift = scale * bounce - half_hips * np.sin(sway.pelvis_roll)
    height = foot[:, 1] + np.sqrt(reach**2 - across) - lift
    return float(straight + shape.ankle - height.min()), ahead
