"""Which step of a workout is going on, by the time and the way since it began."""

from collections.abc import Sequence

from trackside.planner.workout_size import steps_in_order
from trackside.planner.workouts import Step, Workout

LONGEST_GAP = 5.0
"""s between two speeds, over which the way is carried on."""


class StepClock:
    """Counts a workout's steps down while it is run; time and way go on only when they are told."""

    def __init__(self, workout: Workout) -> None:
        self._steps: Sequence[Step] = tuple(steps_in_order(workout.steps))
        self._at = 0
        self._began: float | None = None
        self._covered = 0.0
        self._last: float | None = None
        self._measured = 0.0  # s: until when the way is covered

    @property
    def step(self) -> Step | None:
        """The step that is going on; None after the last."""
        return self._steps[self._at] if self._at < len(self._steps) else None

    @property
    def next(self) -> Step | None:
        """The step after it; None if there is none."""
        return self._steps[self._at + 1] if self._at + 1 < len(self._steps) else None

    @property
    def elapsed(self) -> float:
        """s since the step began."""
        return 0.0 if self._began is None or self._last is None else self._last - self._began

    def update(self, time: float, speed: float) -> bool:
        """Go on to ``time`` s at ``speed`` m/s (NaN: unknown); whether a step ends just now.

        A speed counts since the last one, even if others have told a later time meanwhile.
        """
        if self._began is None or self._last is None:
            self._began = self._last = self._measured = time
            return False
        if speed == speed and time > self._measured:  # not NaN
            self._covered += speed * min(time - self._measured, LONGEST_GAP)
            self._measured = time
        self._last = max(self._last, time)
        step = self.step
        if step is None or not self._is_over(step):
            return False
        self._at += 1
        self._began = self._last
        self._covered = 0.0
        return True

    def _is_over(self, step: Step) -> bool:
        if step.distance is not None:
            return self._covered >= step.distance
        return step.duration is not None and self.elapsed >= step.duration
