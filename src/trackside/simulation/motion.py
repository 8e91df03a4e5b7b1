"""The moving body: any stretch of a session as poses on a fine time grid."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.skeleton import INDEX, Skeleton, skeleton_for
from trackside.recordings.placements import SEGMENTS
from trackside.simulation import gait
from trackside.simulation.course import Course, Turned
from trackside.simulation.footfalls import SIDES, Stances, stances
from trackside.simulation.gait import Effort
from trackside.simulation.legs import leg_curves, solve_leg
from trackside.simulation.plan import SessionPlan
from trackside.simulation.posture import Posture, leg_shape, posture_for
from trackside.simulation.timeline import LEAD, Timeline, timeline
from trackside.simulation.trunk import pose_trunk

_SQUAT_DEPTH = 0.28  # m, of a body of reference height
_SQUAT_BACK = 0.10  # m
_SQUAT_STOOP = np.radians(38)
_THIGHS = (INDEX["right_thigh"], INDEX["left_thigh"])


@dataclass(frozen=True)
class Motion:
    """A session's motion; grid index 0 is the session's start, ``step`` s lie between indices."""

    skeleton: Skeleton
    timeline: Timeline
    course: Course
    posture: Posture
    stances: tuple[Stances, Stances]
    curves: Floats

    @property
    def step(self) -> float:
        """Spacing of the grid in s."""
        return self.timeline.step

    @property
    def lead(self) -> int:
        """How many grid points lie before the session's start."""
        return round(LEAD / self.step)

    def poses(self, first: int, count: int) -> tuple[Floats, Floats]:
        """Orientations (23, count, 4) and the pelvis' path (count, 3) m from grid index first."""
        line = self.timeline
        inside = slice(first + self.lead, first + self.lead + count)
        phase, distance = line.phase[inside], line.distance[inside]
        effort = Effort(
            line.effort.speed[inside], line.effort.running[inside], line.effort.amount[inside]
        )
        squat = line.squat[inside]
        heading = self.course.heading(distance)
        centripetal = line.speed[inside] ** 2 * self.course.curvature(distance)
        lean = np.arctan2(centripetal, gait.GRAVITY)
        root = self._pelvis(phase, effort, distance, heading, lean, squat)
        sways = np.array(gait.sway(phase, effort))
        sways[5] -= _SQUAT_STOOP * squat
        sways[6:8] += line.arm_swing[inside]
        sways[10] += np.pi / 2 * line.spread[inside]
        orientations = np.empty((len(SEGMENTS), len(phase), 4))
        pose_trunk(heading, lean, sways, orientations)
        self._legs(phase, effort, heading, lean, root, orientations)
        return orientations, root

    def _pelvis(
        self,
        phase: Floats,
        effort: Effort,
        distance: Floats,
        heading: Floats,
        lean: Floats,
        squat: Floats,
    ) -> Floats:
        posture = self.posture
        height = posture.hip_height - _SQUAT_DEPTH * posture.scale * squat**2
        height += effort.amount * (posture.bounce(phase, effort) - posture.drop(effort))
        along = effort.amount * posture.surge(phase, effort)
        along -= _SQUAT_BACK * posture.scale * squat**2
        aside = effort.amount * posture.sway(phase, effort) - height * np.sin(lean)
        root = np.empty((len(phase), 3))
        root[:, :2] = self.course.position(distance)
        root[:, 0] += along * np.cos(heading) + aside * np.sin(heading)
        root[:, 1] += along * np.sin(heading) - aside * np.cos(heading)
        root[:, 2] = height * np.cos(lean)
        return root

    def _legs(
        self,
        phase: Floats,
        effort: Effort,
        heading: Floats,
        lean: Floats,
        root: Floats,
        orientations: Floats,
    ) -> None:
        shape = np.array(leg_shape(self.skeleton))
        width = self.posture.step_width(effort)
        for side, thigh, feet in zip(SIDES, _THIGHS, self.stances, strict=True):
            solve_leg(
                phase,
                effort.speed,
                effort.running,
                heading,
                lean,
                root,
                orientations[0],
                width,
                side,
                self.posture.hip_width / 2,
                feet.table,
                shape,
                self.curves,
                orientations[thigh : thigh + 4],
            )


def motion_of(plan: SessionPlan, height: float, step: float) -> Motion:
    """The motion of an athlete of that height (m) who follows the plan, on a grid of ``step`` s."""
    skeleton, curves = skeleton_for(height), leg_curves()
    posture = posture_for(skeleton, curves)
    course = Turned(plan.course, plan.heading)
    line = timeline(plan, step, posture.scale)
    feet = tuple(stances(line, side, posture, course) for side in SIDES)
    return Motion(skeleton, line, course, posture, (feet[0], feet[1]), curves)
