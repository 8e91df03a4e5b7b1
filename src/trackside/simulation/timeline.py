"""The course of a session over time: speed, stride phase and posture on a fine, even grid."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from trackside.arrays import Floats
from trackside.simulation.gait import Effort, stride_frequency
from trackside.simulation.jump import countermovement_jump
from trackside.simulation.plan import (
    JUMP_PERIOD,
    SITTING_DOWN,
    Activity,
    SessionPlan,
    change_time,
)

LEAD = 0.1
"""Seconds of standing before the session's start that the grid holds."""

TAIL = 3.0
"""Seconds beyond the session's end that the grid holds: the step under way must come down."""

_LAST_PHASE = 0.15  # strides after the last initial contact of a bout
_WALK_START, _RUN_START = -0.1, -0.35  # shortly before the left foot's toe-off
_DELAY = 0.9  # s, in which the knees give and the left foot leaves, before the body moves off


@dataclass(frozen=True)
class Bout:
    """One stretch of walking and running between two stands.

    ``first``, ``last``: grid indices between which the stride phase runs. ``base``: whole number
    of strides added to this bout's phases. ``ends``: whether the athlete comes to rest again.
    The left foot is the first to leave the ground, before phase ``base`` + 0.5.
    """

    first: int
    last: int
    base: int
    ends: bool


@dataclass(frozen=True)
class Timeline:
    """What the body does at each of M moments, ``step`` s apart.

    ``time`` (M,) s; ``distance`` (M,) m along the course; ``speed`` (M,) m/s; ``phase`` (M,)
    strides of the right leg; ``stride_rate`` (M,) Hz; ``effort``: scaled to reference height;
    ``spread`` (M,) 0 arms hanging to 1 T-pose; ``squat`` (M,) 0 upright to 1 deep;
    ``arm_swing``, ``elbow_bend`` and ``pronation`` (M,) rad of both shoulders' and elbows' flexion
    and forearms' turn inwards; ``sit``, ``lie`` and ``sit_pose`` (M,) 0 upright to 1;
    ``jump`` (M,) m: how high the pelvis is above standing, ``lift`` (M,) m: the feet.
    """

    step: float
    time: Floats
    distance: Floats
    speed: Floats
    phase: Floats
    stride_rate: Floats
    effort: Effort
    spread: Floats
    squat: Floats
    arm_swing: Floats
    elbow_bend: Floats
    pronation: Floats
    sit: Floats
    lie: Floats
    sit_pose: Floats
    jump: Floats
    lift: Floats
    bouts: tuple[Bout, ...]


def smooth_step(time: Floats, start: float, length: float) -> Floats:
    """0 before ``start``, 1 after ``start + length``, a quintic between them (C²)."""
    u = np.clip((time - start) / length, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u * u))


def _window(time: Floats, start: float, rise: float, end: float, fall: float) -> Floats:
    return smooth_step(time, start, rise) - smooth_step(time, end, fall)


@dataclass(frozen=True)
class _Span:
    """A bout in the plan: its first and last moment, and the changes (time, speed, running)."""

    start: float
    end: float
    changes: tuple[tuple[float, float, float], ...]
    ends: bool

    @property
    def rest(self) -> float:
        """When the body stands still again."""
        return self.end + change_time(self.changes[-1][1], 0.0)


def _spans(plan: SessionPlan) -> Iterator[_Span]:
    start = 0.0
    for moves, group in groupby(plan.phases, key=lambda phase: phase.moves):
        changes, at = [], start
        for phase in group:
            changes.append((at, phase.speed, float(phase.activity is Activity.RUN)))
            at += phase.duration
        if moves:
            ends = at < plan.duration - 1e-9
            yield _Span(start, at if ends else at + 2 * TAIL, tuple(changes), ends)
        start = at


def _speed(time: Floats, spans: list[_Span]) -> Floats:
    speed = np.zeros_like(time)
    for span in spans:
        before, delay = 0.0, _DELAY
        for at, after, _ in (*span.changes, (span.end, 0.0, 0.0)):
            length = change_time(before, after)
            speed += (after - before) * smooth_step(time, at + delay, length)
            before, delay = after, 0.0
    return speed


def _running(time: Floats, spans: list[_Span]) -> Floats:
    running = np.zeros_like(time)
    for span in spans:
        running[time >= span.start] = span.changes[0][2]
        for (_, _, before), (at, _, after) in zip(span.changes, span.changes[1:], strict=False):
            running += (after - before) * smooth_step(time, at, 1.0)
    return running


def _amount(time: Floats, spans: list[_Span]) -> Floats:
    """Squared, so that the knees, which follow its square root, leave extension smoothly."""
    parts = [_window(time, span.start, 0.6, span.rest + 0.9, 1.0) for span in spans]
    return np.asarray(sum(parts, np.zeros_like(time)) ** 2)


def _pace(time: Floats, spans: list[_Span]) -> Floats:
    parts = [_window(time, span.start + 0.3, 0.8, span.rest, 0.9) for span in spans]
    return np.asarray(sum(parts, np.zeros_like(time)))


def _accumulated(rate: Floats, halfway: Floats, step: float) -> Floats:
    """Integral over time by Simpson's rule from values on the grid (M,) and between (M − 1,)."""
    inside = (rate[:-1] + 4 * halfway + rate[1:]) * (step / 6)
    return np.concatenate([[0.0], np.cumsum(inside)])


def _bouts(
    spans: list[_Span], time: Floats, phase: Floats
) -> tuple[tuple[Bout, ...], Floats, Floats]:
    """The bouts; the phase, brought to a double stance where a bout begins and ends; its stretch.

    The last is the factor (M,) by which that makes the strides faster.
    """
    shifted, scales = np.full_like(phase, -1.0), np.ones_like(phase)
    bouts, base = [], 0
    for span in spans:
        start = _RUN_START if span.changes[0][2] else _WALK_START
        first = int(np.searchsorted(time, span.start))
        last = min(int(np.searchsorted(time, span.rest + 0.9)), len(time) - 1)
        strides = phase[last] - phase[first]
        scale = 1.0
        if span.ends:
            steps = max(round(2 * (strides + start - _LAST_PHASE)), 1)
            scale = (steps / 2 + _LAST_PHASE - start) / strides
        local = (phase[first:] - phase[first]) * scale + start
        shifted[first:] = base + local
        scales[first:] = scale
        bouts.append(Bout(first, last, base, span.ends))
        base += int(np.ceil(local[last - first])) + 3
    return tuple(bouts), shifted, scales


def timeline(plan: SessionPlan, step: float, body_scale: float) -> Timeline:
    """Lay the plan out on a grid of ``step`` s, from LEAD before its start to TAIL after its end.

    ``body_scale``: body height over the gait's reference height.
    """
    count = round((plan.duration + TAIL) / step) + 1
    lead = round(LEAD / step)
    time = np.asarray(np.arange(-lead, count) * step, np.float64)
    spans = list(_spans(plan))
    slower = np.sqrt(body_scale)

    def motion(at: Floats) -> tuple[Floats, Floats, Floats]:
        speed, running = _speed(at, spans), _running(at, spans)
        strides = _pace(at, spans) * stride_frequency(speed / slower, running) / slower
        return speed, running, strides

    speed, running, strides = motion(time)
    speed_between, _, strides_between = motion(time[:-1] + step / 2)
    bouts, phase, scales = _bouts(spans, time, _accumulated(strides, strides_between, step))
    spread, squat, sit, lie, sit_pose = _exercises(plan, time)
    jump, lift = _jumps(plan, time)
    return Timeline(
        step,
        time,
        _accumulated(speed, speed_between, step),
        speed,
        phase,
        scales * strides,
        Effort(speed / slower, running, _amount(time, spans)),
        spread,
        squat,
        *_arm_movements(plan, time),
        sit,
        lie,
        sit_pose,
        jump,
        lift,
        bouts,
    )


def _exercises(plan: SessionPlan, time: Floats) -> tuple[Floats, ...]:
    spread, squat, sit, lie, sit_pose = (np.zeros_like(time) for _ in range(5))
    start = 0.0
    for number, phase in enumerate(plan.phases):
        end = start + phase.duration
        last = number == len(plan.phases) - 1
        begin = start - 2.0 if number == 0 else start  # a first phase is under way already
        share = _window(time, begin, 1.0, end + 2 * TAIL if last else end, 1.0)
        if phase.activity is Activity.T_POSE:
            spread += share
        elif phase.activity is Activity.SQUAT:
            squat += share * np.sin(np.pi * (time - start) / 2.5) ** 2
        elif phase.activity is Activity.SIT:
            sit += _window(time, begin, 1.5, end + 2 * TAIL if last else end, 1.5)
        elif phase.activity is Activity.LIE:
            lie += _window(time, begin, 2.5, end + 2 * TAIL if last else end, 2.5)
        elif phase.activity is Activity.SIT_POSE:
            up = end + 2 * TAIL if last else end
            sit_pose += _window(time, begin, SITTING_DOWN, up - SITTING_DOWN, SITTING_DOWN)
        start = end
    return spread, squat, sit, lie, sit_pose


def _arm_movements(plan: SessionPlan, time: Floats) -> tuple[Floats, Floats, Floats]:
    """Flexion of shoulders and of elbows, and pronation of forearms, (M,) rad each."""
    swing, bend, pronation = (np.zeros_like(time) for _ in range(3))
    start = 0.0
    for phase in plan.phases:
        share = _window(time, start, 1.0, start + phase.duration, 1.0)
        if phase.activity is Activity.ARM_SWING:
            swing += share * np.radians(45) * np.sin(2 * np.pi * (time - start) / 1.5)
        elif phase.activity is Activity.ELBOW_BEND:
            bend += share * np.radians(120) * np.sin(np.pi * (time - start) / 2.0) ** 2
        elif phase.activity is Activity.PRONATION:
            bend += share * np.radians(90)
            pronation += share * np.radians(60) * np.sin(2 * np.pi * (time - start) / 1.5)
        start += phase.duration
    return swing, bend, pronation


def _jumps(plan: SessionPlan, time: Floats) -> tuple[Floats, Floats]:
    """Height of the pelvis above standing, and of the feet above the ground, (M,) m each."""
    height, lift, start = np.zeros_like(time), np.zeros_like(time), 0.0
    for phase in plan.phases:
        count = int(phase.duration / JUMP_PERIOD) if phase.activity is Activity.JUMP else 0
        for number in range(count):
            begin = start + number * JUMP_PERIOD
            inside = slice(*np.searchsorted(time, [begin, begin + JUMP_PERIOD]))
            height[inside], lift[inside] = countermovement_jump(time[inside] - begin)
        start += phase.duration
    return height, lift
