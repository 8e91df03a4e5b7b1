"""The moving body: any stretch of a session as poses on a fine time grid."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from trackside.arrays import Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton, skeleton_for
from trackside.recordings.placements import SEGMENTS
from trackside.simulation import gait
from trackside.simulation.course import Course, Turned
from trackside.simulation.footfalls import SIDES, Stances, stances
from trackside.simulation.gait import Effort
from trackside.simulation.legs import BODY, leg_curves, solve_leg, stance_excess
from trackside.simulation.plan import SessionPlan
from trackside.simulation.posture import Posture, leg_shape, posture_for
from trackside.simulation.swings import solve_swings
from trackside.simulation.timeline import LEAD, Timeline, timeline
from trackside.simulation.trunk import pose_trunk

_SQUAT_DEPTH = 0.28  # m, of a body of reference height
_SQUAT_BACK = 0.10  # m
_SQUAT_STOOP = np.radians(38)
_SQUAT_TILT = np.radians(20)  # of the pelvis, forwards
_SEAT_DROP, _SEAT_BACK = 0.42, 0.38  # m, of a body of reference height
_SEAT_STOOP = np.radians(35)  # on the way down and up
_SEAT_PELVIS = np.radians(20)  # that the pelvis leans back on a seat
_BACK_HEIGHT = 0.12  # m, of a lying body's axis above the ground
_GUARD_STEP = 0.0025  # s, between the moments at which the legs' reach is checked
_KNOT_STEP = 0.02  # s
_GUARD_REACH = 0.45  # s
_CHUNK = 20_000
_THIGHS = (INDEX["right_thigh"], INDEX["left_thigh"])


@dataclass(frozen=True)
class Crouch:
    """What lowers the pelvis at M moments, (M,) each, beside the gait.

    ``squat``, ``sit`` and ``sit_pose`` from 0 to 1, ``jump`` and ``lowered`` in m: how high the
    pelvis is above standing, as the feet on the ground see it, and how much lower for the legs to
    reach it.
    """

    squat: Floats
    sit: Floats
    sit_pose: Floats
    jump: Floats
    lowered: Floats


@dataclass(frozen=True)
class Body:
    """The body above the hips: where the pelvis goes, and what trunk and arms do meanwhile.

    ``lowered`` (M,) m: by how much the pelvis is lowered for the legs to reach the ground.
    """

    skeleton: Skeleton
    timeline: Timeline
    course: Course
    posture: Posture
    lowered: Floats

    def at(self, index: slice | Integers) -> tuple[Floats, Floats]:
        """Body states (M, BODY), see legs, and orientations (23, M, 4), those of the legs unset.

        ``index``: points of the timeline's grid.
        """
        line = self.timeline
        phase, distance = line.phase[index], line.distance[index]
        squat, sit = line.squat[index], line.sit[index]
        effort = Effort(
            *(
                values[index]
                for values in (line.effort.speed, line.effort.running, line.effort.amount)
            )
        )
        heading = self.course.heading(distance)
        centripetal = line.speed[index] ** 2 * self.course.curvature(distance)
        lean = np.arctan2(centripetal, gait.GRAVITY)
        sways = np.array([*gait.sway(phase, effort), line.pronation[index]])
        sways[5] -= _SQUAT_STOOP * squat + 4.0 * _SEAT_STOOP * sit * (1.0 - sit)
        sways[2] += _SEAT_PELVIS * sit - _SQUAT_TILT * squat
        sways[6:8] += line.arm_swing[index] + _SQUAT_STOOP * squat  # so that arms hang
        sways[8:10] += line.elbow_bend[index]
        sways[10] += np.pi / 2 * line.spread[index]
        orientations = np.empty((len(SEGMENTS), len(phase), 4))
        pose_trunk(heading, lean, sways, orientations)

        body = np.empty((len(phase), BODY))
        body[:, 0], body[:, 1] = line.time[index], phase
        body[:, 2], body[:, 3] = effort.speed, effort.running
        body[:, 4], body[:, 5] = heading, lean
        body[:, 6] = self.posture.scale * gait.step_width(effort)
        jump = line.jump[index] - line.lift[index]
        crouch = Crouch(squat, sit, line.sit_pose[index], jump, self.lowered[index])
        body[:, 7:10] = self._pelvis(phase, effort, distance, heading, lean, crouch)
        body[:, 10:] = orientations[0]
        return body, orientations

    def _pelvis(
        self,
        phase: Floats,
        effort: Effort,
        distance: Floats,
        heading: Floats,
        lean: Floats,
        crouch: "Crouch",
    ) -> Floats:
        posture, thigh = self.posture, self.skeleton.length("right_thigh")
        squat, sit = crouch.squat, crouch.sit
        height = posture.hip_height + crouch.jump
        height -= posture.scale * (_SQUAT_DEPTH * squat**2 + _SEAT_DROP * sit**2)
        # for the sitting pose about the knees, over feet that stay: so the shanks stay upright
        height -= thigh * (1.0 - np.cos(np.pi / 2 * crouch.sit_pose))
        bounce = posture.scale * gait.bounce(phase, effort)
        height += effort.amount * (bounce - posture.drop(effort) - crouch.lowered)
        along = effort.amount * posture.scale * gait.surge(phase, effort)
        along -= posture.scale * (_SQUAT_BACK * squat**2 + _SEAT_BACK * sit**2)
        along -= thigh * np.sin(np.pi / 2 * crouch.sit_pose)
        aside = effort.amount * posture.scale * gait.aside(phase, effort)
        aside -= height * np.sin(lean)
        pelvis = np.empty((len(phase), 3))
        pelvis[:, :2] = self.course.position(distance)
        pelvis[:, 0] += along * np.cos(heading) + aside * np.sin(heading)
        pelvis[:, 1] += along * np.sin(heading) - aside * np.cos(heading)
        pelvis[:, 2] = height * np.cos(lean)
        return pelvis


@dataclass(frozen=True)
class Motion:
    """A session's motion on a fine grid; ``stances`` and ``swings``: right and left foot."""

    body: Body
    stances: tuple[Stances, Stances]
    swings: tuple[Floats, Floats]
    curves: Floats

    @property
    def step(self) -> float:
        """Spacing of the grid in s."""
        return self.body.timeline.step

    @property
    def lead(self) -> int:
        """How many grid points lie before the session's start."""
        return round(LEAD / self.step)

    def poses(self, first: int, count: int) -> tuple[Floats, Floats]:
        """Orientations (23, count, 4) and the pelvis' path (count, 3) m.

        ``first``: grid index, 0 at the session's start.
        """
        body, orientations = self.body.at(slice(first + self.lead, first + self.lead + count))
        shape = np.array(leg_shape(self.body.skeleton))
        half_hips = self.body.posture.hip_width / 2
        for i, thigh in enumerate(_THIGHS):
            out = orientations[thigh : thigh + 4]
            solve_leg(
                body,
                SIDES[i],
                half_hips,
                self.stances[i].table,
                self.swings[i],
                shape,
                self.curves,
                out,
            )
        return self._off_the_ground(first, body, orientations)

    def _off_the_ground(
        self, first: int, body: Floats, orientations: Floats
    ) -> tuple[Floats, Floats]:
        """The body lifted as one where it jumps, and tilted onto its back where it lies."""
        line = self.body.timeline
        index = slice(first + self.lead, first + self.lead + len(body))
        root, lie = body[:, 7:10].copy(), line.lie[index]
        root[:, 2] += line.lift[index]
        if lie.any():
            heading = body[:, 4]
            axis = np.stack([np.sin(heading), -np.cos(heading), np.zeros_like(heading)], axis=-1)
            turn = qt.from_rotation_vector(np.pi / 2 * lie[:, None] * axis)
            foot = np.zeros_like(root)
            foot[:, :2] = self.body.course.position(line.distance[index])
            root = foot + qt.rotate(turn, root - foot)
            root[:, 2] += _BACK_HEIGHT * lie
            orientations = qt.multiply(turn[None], orientations)
        return orientations, root


def _lowered(body: Body, feet: list[Stances]) -> Floats:
    """How far (M,) m the pelvis must be lowered, smoothly, for the planted feet to stay planted.

    In steady gait the posture leaves the legs long enough; where the speed changes fast, or in a
    tight bend, it does not.
    """
    time, every = body.timeline.time, max(round(_GUARD_STEP / body.timeline.step), 1)
    shape, half_hips = np.array(leg_shape(body.skeleton)), body.posture.hip_width / 2
    coarse = np.arange(0, len(time), every)
    excess = np.zeros(len(coarse))
    for start in range(0, len(coarse), _CHUNK):
        body_states, _ = body.at(
            slice(coarse[start], coarse[min(start + _CHUNK, len(coarse)) - 1] + 1, every)
        )
        part = excess[start : start + _CHUNK]
        for side, foot in zip(SIDES, feet, strict=True):
            needed = stance_excess(body_states, side, half_hips, foot.table, shape)
            np.maximum(part, needed, out=part)
    if not excess.any():
        return np.zeros_like(time)
    reach = round(_GUARD_REACH / (every * body.timeline.step))
    envelope = maximum_filter1d(excess, 2 * reach + 1)
    for _ in range(3):  # three running means reach as far as the maximum did
        envelope = uniform_filter1d(envelope, 2 * (reach // 3) + 1)
    knots = slice(None, None, round(_KNOT_STEP / (every * body.timeline.step)))
    smooth: Floats = make_interp_spline(time[coarse][knots], envelope[knots], k=5)(time)
    return smooth


def motion_of(plan: SessionPlan, height: float, step: float) -> Motion:
    """The motion of an athlete of that height (m) who follows the plan, on a grid of ``step`` s."""
    skeleton, curves = skeleton_for(height), leg_curves()
    shape = leg_shape(skeleton)
    posture = posture_for(skeleton)
    line = timeline(plan, step, posture.scale)
    body = Body(
        skeleton, line, Turned(plan.course, plan.heading), posture, np.zeros_like(line.time)
    )
    feet = [stances(line, side, posture, body.course) for side in SIDES]
    body = replace(body, lowered=_lowered(body, feet))
    swings = [
        solve_swings(
            foot,
            line.time,
            line.phase,
            lambda index: body.at(index)[0],
            side,
            posture.hip_width / 2,
            np.array(shape),
            curves,
        )
        for foot, side in zip(feet, SIDES, strict=True)
    ]
    return Motion(body, (feet[0], feet[1]), (swings[0], swings[1]), curves)
