"""How high the pelvis rides over the planted foot, and where under it the foot lands.

The pelvis is as high as the straightest knee of stance allows, and the foot is planted where that
height is greatest. Both follow from the leg's geometry, so that no stance asks for a longer leg.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar

from trackside.arrays import Floats
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.simulation import gait
from trackside.simulation.gait import Effort
from trackside.simulation.legs import LegShape, ankle_over_footprint

_SPEEDS = np.linspace(0.0, 10.5, 43)
_READY = 0.02  # m, how much deeper the body is at the very first and last steps
_STANCE = np.linspace(0.0, 1.0, 101)
_SOFTER = np.radians(12.0)
"""By how much a runner's knee is bent more at landing than at toe-off, at least: it gives way, or
else thighs and shanks would feel several times the impacts that are measured on them."""


class Landing(NamedTuple):
    """How feet meet and leave the ground, (N,) each.

    Pitch (rad, toes up positive) of the foot at initial contact and, ``push``, at toe-off; pitch
    of the toes at toe-off; fractions of stance at which the heel rises, at which the foot is
    ``flat``, and at which, in swing, the push has run out.
    """

    pitch: Floats
    push: Floats
    roll: Floats
    heel_rise: Floats
    flat: Floats
    pushed: Floats


def landing(effort: Effort) -> Landing:
    """From heel first in walking and easy running to forefoot first in sprinting."""
    fast, running = effort.speed - 3.2, effort.running
    pitch = (1 - running) * 18 + running * (12 - 3.2 * fast)
    push = -(1 - running) * 56 - running * (54 + fast)
    roll = -(1 - running) * 20 - running * 16
    return Landing(
        np.radians(pitch),
        np.radians(push),
        np.radians(roll),
        heel_rise=0.50 - 0.08 * running,
        flat=0.18 + 0.17 * running,
        pushed=1.30 + 0.30 * running,
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
        ready = _READY * self.scale * (1 - gait.liveliness(effort))
        return np.asarray((1 - effort.running) * walk + effort.running * run + ready)

    def ahead(self, effort: Effort) -> Floats:
        """Distance (N,) m of a footprint ahead of the pelvis at mid-stance."""
        walk, run = (spline(effort.speed) for spline in self._ahead)
        return np.asarray((1 - effort.running) * walk + effort.running * run)


def posture_for(skeleton: Skeleton) -> Posture:
    """Solve the posture for walking and for running over a range of speeds."""
    shape, scale = leg_shape(skeleton), skeleton.height / gait.REFERENCE_HEIGHT
    hip_width = 2 * float(skeleton.offsets[INDEX["right_thigh"], 2])
    drops, aheads = [], []
    for running in (0.0, 1.0):
        solved = [_solve(speed, running, shape, scale, hip_width) for speed in _SPEEDS]
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
    return float(np.radians(20 + 1.8 * max(speed - 3.2, 0) if running else 10 + 3 * speed))


def _solve(
    speed: float, running: float, shape: LegShape, scale: float, hip_width: float
) -> tuple[float, float]:
    """Drop of the pelvis and distance ahead of the footprint (m) at one speed."""
    effort = Effort(*(np.full_like(_STANCE, value) for value in (speed, running, 1.0)))
    duty = gait.duty_factor(effort.speed, effort.running)
    phase = _STANCE * duty
    sway = gait.sway(phase, effort)
    manner = np.array([values[0] for values in landing(effort)])
    foot = np.array([ankle_over_footprint(u, manner, np.array(shape))[:2] for u in _STANCE])
    half_hips = hip_width / 2
    stride = scale * speed / gait.stride_frequency(effort.speed, effort.running)
    hip_ahead = half_hips * np.sin(sway.pelvis_yaw) + scale * gait.surge(phase, effort)
    ankle = foot[:, 0] + stride * duty * (0.5 - _STANCE) - hip_ahead
    aside = half_hips + scale * (gait.aside(phase, effort) - gait.step_width(effort) / 2)
    lift = scale * gait.bounce(phase, effort) - half_hips * np.sin(sway.pelvis_roll)
    landing_knee = running * _SOFTER * np.clip(1.0 - 2.0 * _STANCE, 0.0, 1.0)
    reach = _reach(shape, _straightest_knee(speed, running) + landing_knee)

    def drop(ahead: float) -> float:
        height = foot[:, 1] + np.sqrt(reach**2 - (ankle + ahead) ** 2 - aside**2) - lift
        return float(shape.thigh + shape.shank + shape.ankle - height.min())

    best = minimize_scalar(drop, bounds=(-0.25 * scale, 0.1 * scale), method="bounded")
    return float(best.fun), float(best.x)


def _reach(shape: LegShape, knee: Floats) -> Floats:
    """Distance (N,) m from hip to ankle at knee flexions (N,) rad."""
    cosine = 2 * shape.thigh * shape.shank * np.cos(knee)
    return np.asarray(np.sqrt(shape.thigh**2 + shape.shank**2 + cosine))
