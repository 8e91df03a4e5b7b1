"""What the athlete is to do: a list of phases along a course."""

from dataclasses import dataclass, field
from enum import StrEnum

from trackside.errors import ParameterError
from trackside.simulation.course import Course, StraightLine

WALKING_SPEEDS = (0.8, 2.2)
RUNNING_SPEEDS = (2.0, 9.5)
"""Slowest and fastest, m/s."""

_WALK_ACCELERATION, _RUN_ACCELERATION = 1.5, 2.5  # m/s², the hardest of a change of speed
_PEAK_SLOPE = 1.875  # of the quintic smooth step
SETTLE = 2.0
"""Time in s that getting into motion, or coming to rest, takes beyond the change of speed."""


JUMP_PERIOD = 2.5  # s
SITTING_DOWN = 1.5  # s, for the sitting pose, and as long for getting up
SHORTEST_SIT_POSE = 4.0  # s


class Activity(StrEnum):
    """What a phase is spent with."""

    STAND = "stand"  # N-pose: upright, arms hanging, palms in
    T_POSE = "t_pose"
    SIT_POSE = "sit_pose"  # trunk and shanks upright, thighs level, arms hanging; ends upright
    SQUAT = "squat"  # once every 2.5 s, arms hanging
    ARM_SWING = "arm_swing"  # both arms, straight, to and fro once every 1.5 s
    ELBOW_BEND = "elbow_bend"  # both elbows by 120° once every 2 s, upper arms hanging
    PRONATION = "pronation"  # elbows bent by 90°, palms down and up once every 1.5 s
    JUMP = "jump"  # from both feet and onto both, 0.3 m high, once every JUMP_PERIOD
    SIT = "sit"  # upright, thighs level, feet on the ground
    LIE = "lie"  # on the back
    WALK = "walk"
    RUN = "run"


@dataclass(frozen=True)
class Phase:
    """One activity for a while: ``duration`` s, ``speed`` m/s (0 unless walking or running).

    The change from the phase before takes place at the beginning of a phase, within its duration.
    Sitting down for the pose, and getting up from it, take place within its duration, of 4 s at
    least. Raises ParameterError for a duration too short, or a speed that the activity does not
    have.
    """

    activity: Activity
    duration: float
    speed: float = 0.0

    def __post_init__(self) -> None:
        ranges = {Activity.WALK: WALKING_SPEEDS, Activity.RUN: RUNNING_SPEEDS}
        slowest, fastest = ranges.get(self.activity, (0.0, 0.0))
        if not self.duration > 0:
            raise ParameterError(f"{self.activity} for {self.duration} s: expected more than 0 s")
        if self.activity is Activity.SIT_POSE and self.duration < SHORTEST_SIT_POSE:
            raise ParameterError(
                f"{self.activity} for {self.duration} s: expected at least "
                f"{SHORTEST_SIT_POSE:g} s, for sitting down and getting up"
            )
        if not slowest <= self.speed <= fastest:
            raise ParameterError(
                f"{self.activity} at {self.speed} m/s: expected {slowest} to {fastest} m/s"
            )

    @property
    def moves(self) -> bool:
        """Whether the athlete gets anywhere."""
        return self.activity in (Activity.WALK, Activity.RUN)


def stand(duration: float = 6.0) -> Phase:
    """Stand in N-pose."""
    return Phase(Activity.STAND, duration)


def walk(duration: float, speed: float = 1.4) -> Phase:
    """Walk at that speed in m/s."""
    return Phase(Activity.WALK, duration, speed)


def run(duration: float, speed: float = 3.5) -> Phase:
    """Run at that speed in m/s."""
    return Phase(Activity.RUN, duration, speed)


def jump(duration: float = 10.0) -> Phase:
    """Jump on the spot, with both feet."""
    return Phase(Activity.JUMP, duration)


def functional_movements(duration: float = 10.0) -> tuple[Phase, ...]:
    """What is done for a calibration beside walking, ``duration`` s each: squats, then the arms."""
    shown = Activity.SQUAT, Activity.ARM_SWING, Activity.ELBOW_BEND, Activity.PRONATION
    return tuple(Phase(activity, duration) for activity in shown)


def sit(duration: float) -> Phase:
    """Sit still."""
    return Phase(Activity.SIT, duration)


def lie(duration: float) -> Phase:
    """Lie still."""
    return Phase(Activity.LIE, duration)


def change_time(before: float, after: float) -> float:
    """Time in s that a change between two speeds in m/s takes."""
    runs = max(before, after) > WALKING_SPEEDS[1]
    hardest = _RUN_ACCELERATION if runs else _WALK_ACCELERATION
    return max(1.0, abs(after - before) * _PEAK_SLOPE / hardest)


@dataclass(frozen=True)
class SessionPlan:
    """Phases along a course, which begins at the origin in direction ``heading``.

    ``heading``: rad counter-clockwise from east. Raises ParameterError if there is no phase, if the
    first one is in motion already, if one is too short for the change at its beginning, or if the
    athlete is to walk or run off from a seat or the ground.
    """

    phases: tuple[Phase, ...]
    course: Course = field(default_factory=StraightLine)
    heading: float = 0.6

    def __post_init__(self) -> None:
        if not self.phases:
            raise ParameterError("the session has no phase: expected at least one")
        if self.phases[0].moves:
            raise ParameterError("the session begins in motion: expected a phase of standing first")
        for before, after in zip(self.phases, self.phases[1:], strict=False):
            if before.activity in (Activity.SIT, Activity.LIE) and after.activity != Activity.STAND:
                raise ParameterError(
                    f"{after.activity} after {before.activity}: expected standing between them"
                )
            needed = 1.0 if before == after else change_time(before.speed, after.speed)
            if before.moves != after.moves:
                needed += SETTLE
            if after.duration < needed:
                raise ParameterError(
                    f"{after.activity} for {after.duration} s after {before.activity}: "
                    f"expected at least {needed:.1f} s, for the change takes as long"
                )

    @property
    def duration(self) -> float:
        """Length of the session in s."""
        return sum(phase.duration for phase in self.phases)


def running_session(duration: float = 60.0, speed: float = 3.5) -> SessionPlan:
    """Six seconds of standing in N-pose, then running; ``duration`` s in all, ``speed`` m/s."""
    return SessionPlan((stand(6.0), run(duration - 6.0, speed)))


def walking_session(duration: float = 60.0, speed: float = 1.4) -> SessionPlan:
    """Six seconds of standing in N-pose, then walking; ``duration`` s in all, ``speed`` m/s."""
    return SessionPlan((stand(6.0), walk(duration - 6.0, speed)))
