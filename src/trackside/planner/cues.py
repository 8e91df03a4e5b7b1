"""Cues while an athlete runs: what to mind now, and why.

Samples go in as they come, cues come out of the very call whose sample decides them. Each kind has
a switch with hysteresis, so that a value about its limit says one thing once. Form is compared with
that of the session's own beginning, at the same purpose and a like speed; nobody's norm is wanted.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.heart_rate_zones import heart_rate
from trackside.planner.hysteresis import Hysteresis, Smooth
from trackside.planner.race_performance import training_speeds
from trackside.planner.step_clock import StepClock
from trackside.planner.workout_text import step_text
from trackside.planner.workouts import Intensity, Step, Workout

CEILING = {
    Intensity.WARM_UP: 0.80,
    Intensity.ACTIVE: 0.97,
    Intensity.RECOVERY: 0.85,
    Intensity.COOL_DOWN: 0.80,
}
"""Of the heart-rate reserve, where a step names none."""
EASY_CEILING = 0.80
"""The same, for the whole of an easy or long run."""
EASY_SPEED = 1.02
"""A step whose speeds are below so many times the easy ones is easy."""
SETTLED, LEARNT = 180.0, 480.0
"""s from the beginning of the running after which heart rate and form are taken as the athlete's
own, and until which."""
WARM = 60.0
"""s of running, after which form is looked at; its reference is learnt over as long a time as that
of heart rate, anew for each purpose of steps."""
SLOWEST_RUN = 130.0
"""Steps/min: whoever takes fewer has stopped or walks, which is nobody's fault."""
LIKE_SPEED = 0.08
"""Relative to that of the reference, what a speed may be off for form to be compared."""
LATEST = 2.0
"""s that a sample of one sensor may be later than those of others."""
PAUSE = 60.0
"""s between two cues of a kind, at least."""


class CueKind(StrEnum):
    """What a cue is about."""

    STEP_DONE = "step done"
    HEART_RATE = "heart rate"
    DRIFT = "drift"
    CADENCE = "cadence"
    STRIDE_LENGTH = "stride length"
    ASYMMETRY = "asymmetry"


@dataclass(frozen=True, slots=True)
class Cue:
    """What the athlete is told at ``time`` s, in a few words, and the reason."""

    time: float
    kind: CueKind
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class CueSample:
    """What was measured at ``time`` s; NaN where nothing was.

    ``heart_rate`` bpm, ``cadence`` steps/min, ``speed`` m/s, ``stride_length`` m, ``contact_time``
    s of the ``foot`` (``right`` or ``left``).
    """

    time: float
    heart_rate: float = math.nan
    cadence: float = math.nan
    speed: float = math.nan
    stride_length: float = math.nan
    contact_time: float = math.nan
    foot: str = ""


@dataclass(frozen=True, slots=True)
class CueLimits:
    """From when on a cue is given.

    ``above_ceiling`` bpm; ``guard`` bpm of drift beyond what pace and the usual drift explain;
    ``cadence_loss`` and ``stride_loss`` relative to the beginning; ``asymmetry`` points more.
    """

    above_ceiling: float = 2.0
    guard: float = 10.0
    cadence_loss: float = 0.05
    stride_loss: float = 0.08
    asymmetry: float = 4.0


@dataclass
class _Reference:
    """The median of what was measured while the athlete was fresh."""

    values: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    median: float = math.nan
    speed: float = math.nan
    began: float | None = None

    def learn(self, value: float, speed: float) -> None:
        if math.isfinite(value):
            self.values.append(value)
            self.speeds.append(speed)
            self.median = float(np.median(self.values))
            known = [one for one in self.speeds if math.isfinite(one)]
            self.speed = float(np.median(known)) if known else math.nan

    def is_like(self, speed: float) -> bool:
        """Whether a speed is near that of the reference; unknown ones are."""
        if not (math.isfinite(speed) and math.isfinite(self.speed)):
            return True
        return abs(speed - self.speed) <= LIKE_SPEED * self.speed


class LiveCues:
    """The cues of one session, sample by sample.

    Parameters
    ----------
    athlete
        Whose heart rates these are.
    workout
        What is to be done; None: a free run, without steps and ceilings.
    model
        How the heart answers; the usual one by default.
    """

    def __init__(
        self,
        athlete: Athlete,
        workout: Workout | None = None,
        model: HeartRateModel | None = None,
        limits: CueLimits | None = None,
    ) -> None:
        self._athlete = athlete
        self._easy_speed = training_speeds(athlete.vdot).easy[1]
        self._model = model or HeartRateModel.usual(athlete)
        self._clock = StepClock(workout) if workout is not None else None
        limits = limits or CueLimits()
        self._limits = limits
        self._said: dict[CueKind, float] = {}
        self._speed, self._cadence, self._stride = Smooth(8.0), Smooth(8.0), Smooth(15.0)
        self._heart, self._feet = Smooth(4.0), {"right": Smooth(30.0), "left": Smooth(30.0)}
        self._started: float | None = None
        self._now: float | None = None
        self._expected = math.nan
        self._offset = _Reference()
        self._form: dict[tuple[CueKind, Intensity], _Reference] = {}
        self._asymmetry = _Reference()
        self._switches = {
            CueKind.HEART_RATE: Hysteresis(limits.above_ceiling, -2.0, 5.0),
            CueKind.DRIFT: Hysteresis(limits.guard, 0.5 * limits.guard, 20.0),
            CueKind.CADENCE: Hysteresis(limits.cadence_loss, 0.5 * limits.cadence_loss, 10.0),
            CueKind.STRIDE_LENGTH: Hysteresis(limits.stride_loss, 0.5 * limits.stride_loss, 15.0),
            CueKind.ASYMMETRY: Hysteresis(limits.asymmetry, 0.5 * limits.asymmetry, 20.0),
        }

    @property
    def athlete(self) -> Athlete:
        """Who is told."""
        return self._athlete

    @property
    def step(self) -> Step | None:
        """The step that is going on."""
        return self._clock.step if self._clock else None

    def feed(self, sample: CueSample) -> list[Cue]:
        """Take a sample in, and say what it means; nothing if it comes too late."""
        if self._now is not None and sample.time < self._now - LATEST:
            return []
        step_of_time = 0.0 if self._now is None else max(sample.time - self._now, 0.0)
        self._now = max(sample.time, self._now or sample.time)
        speed = self._speed.update(sample.time, sample.speed)
        cadence = self._cadence.update(sample.time, sample.cadence)
        if self._started is None and self._runs(speed, cadence):
            self._started = sample.time
        cues = self._steps(sample)
        cues += self._heart_rate(sample, speed, step_of_time)
        if self._runs(speed, cadence):
            cues += self._gait(sample, speed, cadence)
        return cues

    def _runs(self, speed: float, cadence: float) -> bool:
        if math.isfinite(cadence):
            return cadence >= SLOWEST_RUN
        return not math.isfinite(speed) or speed > 1.8

    def _steps(self, sample: CueSample) -> list[Cue]:
        if self._clock is None or not self._clock.update(sample.time, sample.speed):
            return []
        for kind in (CueKind.HEART_RATE, CueKind.CADENCE, CueKind.STRIDE_LENGTH):
            self._switches[kind].reset()
        following = self._clock.step
        text = f"Next: {step_text(following)}" if following else "Done: that was the last step"
        return [Cue(sample.time, CueKind.STEP_DONE, text, "the step is finished")]

    def _heart_rate(self, sample: CueSample, speed: float, seconds: float) -> list[Cue]:
        cues = []
        bpm = self._heart.update(sample.time, sample.heart_rate)
        ceiling = self._ceiling()
        if math.isfinite(sample.heart_rate) and ceiling is not None:
            reason = f"heart rate {bpm:.0f} bpm, this step's ceiling is {ceiling:.0f}"
            above = bpm - ceiling
            cues += self._say(CueKind.HEART_RATE, sample.time, above, "Ease off", reason)
        if math.isfinite(speed) and math.isfinite(bpm):
            cues += self._drift(sample, speed, bpm, seconds)
        return cues

    def _drift(self, sample: CueSample, speed: float, bpm: float, seconds: float) -> list[Cue]:
        """What the heart rate is above the model's, beyond what it was when it had settled."""
        run = 0.0 if self._started is None else sample.time - self._started
        steady = self._model.steady(speed, run)
        rise, fall = self._model.parameters[3:]
        tau = rise if steady > self._expected else fall
        if math.isnan(self._expected):
            self._expected = bpm
        else:
            self._expected += (steady - self._expected) * (1.0 - math.exp(-seconds / tau))
        if not math.isfinite(sample.heart_rate) or run < SETTLED:
            return []
        off = bpm - self._expected
        if run < LEARNT:
            self._offset.learn(off, speed)
            return []
        more = off - self._offset.median
        reason = (
            f"heart rate {more:.0f} bpm above what this pace took at first, beyond the guard band "
            f"of {self._limits.guard:.0f} bpm"
        )
        return self._say(CueKind.DRIFT, sample.time, more, "Slow down a little and drink", reason)

    def _gait(self, sample: CueSample, speed: float, cadence: float) -> list[Cue]:
        run = 0.0 if self._started is None else sample.time - self._started
        cues = []
        if math.isfinite(sample.cadence):
            words = "Quicker, shorter steps", "cadence", "steps/min"
            cues += self._loss(CueKind.CADENCE, sample.time, run, cadence, speed, words, 0)
        if math.isfinite(sample.stride_length):
            length = self._stride.update(sample.time, sample.stride_length)
            words = "Run tall and push off", "stride length", "m"
            cues += self._loss(CueKind.STRIDE_LENGTH, sample.time, run, length, speed, words, 2)
        if math.isfinite(sample.contact_time) and sample.foot in self._feet:
            self._feet[sample.foot].update(sample.time, sample.contact_time)
            cues += self._sides(sample.time, run)
        return cues

    def _loss(
        self,
        kind: CueKind,
        time: float,
        run: float,
        value: float,
        speed: float,
        words: tuple[str, str, str],
        digits: int,
    ) -> list[Cue]:
        purpose = self.step.intensity if self.step else Intensity.ACTIVE
        reference = self._form.setdefault((kind, purpose), _Reference())
        if run < WARM:
            return []
        if reference.began is None:
            reference.began = time
        if time - reference.began < LEARNT - SETTLED:
            reference.learn(value, speed)
            return []
        if not reference.is_like(speed):
            return []
        text, name, unit = words
        lost = 1.0 - value / reference.median
        reason = (
            f"{name} {value:.{digits}f} {unit}, {100.0 * lost:.0f} % less than at the beginning "
            f"({reference.median:.{digits}f})"
        )
        return self._say(kind, time, lost, text, reason)

    def _sides(self, time: float, run: float) -> list[Cue]:
        right, left = self._feet["right"].value, self._feet["left"].value
        if not (math.isfinite(right) and math.isfinite(left)):
            return []
        index = 200.0 * (right - left) / (right + left)
        if run < LEARNT:
            if run >= WARM:
                self._asymmetry.learn(index, math.nan)
            return []
        more = abs(index - self._asymmetry.median)
        side = "right" if index > self._asymmetry.median else "left"
        reason = f"the {side} foot stays {more:.1f} % longer on the ground than at the beginning"
        text = "Check your stride: one side works differently; stop if it hurts"
        return self._say(CueKind.ASYMMETRY, time, more, text, reason)

    def _say(self, kind: CueKind, time: float, value: float, text: str, reason: str) -> list[Cue]:
        goes_on = self._switches[kind].update(time, value)
        if not goes_on or time - self._said.get(kind, -math.inf) < PAUSE:
            return []
        self._said[kind] = time
        return [Cue(time, kind, text, reason)]

    def _ceiling(self) -> float | None:
        step = self.step
        if step is None:
            return None
        if step.heart_rate is not None:
            return step.heart_rate[1]
        easy = step.speed is not None and step.speed[1] <= EASY_SPEED * self._easy_speed
        share = min(CEILING[step.intensity], EASY_CEILING) if easy else CEILING[step.intensity]
        return heart_rate(self._athlete, share)
