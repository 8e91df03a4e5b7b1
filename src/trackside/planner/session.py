"""A session's speeds and durations, so that its load is met while heart rate stays within bounds.

The programme is a row of segments, each with a speed and a duration; heart rate follows them by the
athlete's model, and Banister's TRIMP of it is the load. The colony of
:mod:`~trackside.planner.ant_colony` looks for the programme: speeds are real, durations are chosen
from a few. The problem is that of Chen et al. (2025), reconstructed: target load, bounds of heart
rate by phase (Karvonen), total time; what breaks bounds is ranked behind what keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kernels import kernel
from trackside.planner.ant_colony import Colony, Continuous, Ordinal, Variable, optimise
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.training_load import TRIMP_WEIGHTS

STEP = 5.0
"""s between the moments at which heart rate is looked at."""
SETTLING = 60.0
"""At the start of a segment heart rate may be out of bounds for so many s."""
SMOOTHNESS = 0.02
"""What a change of speed costs between segments, per m/s, beside the relative miss of the load."""
KEPT = 1e-9
"""A violation up to this is none."""
BROKEN = 10.0
"""The objective of a programme that breaks a bound, before how much is added."""
EVALUATIONS = 10_000
RESTING, MAXIMUM, INTERCEPT, SLOPE, RISE, FALL, WEIGHT, EXPONENT = range(8)
"""Of the athlete, as the kernel takes them: bpm, bpm, bpm, bpm/(m/s), s, s, TRIMP's a and b."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a session.

    ``speed``: range in m/s; ``durations``: s, those to choose from; ``reserve``: range of heart
    rate as a share of the reserve.
    """

    speed: tuple[float, float]
    durations: tuple[float, ...]
    reserve: tuple[float, float]


@dataclass(frozen=True)
class SessionProblem:
    """Segments, total time (s) and TRIMP to be met, and the athlete (8,) as listed above."""

    segments: Sequence[Segment]
    duration: float
    load: float
    athlete: Floats

    def fitness(self, candidates: Floats) -> Floats:
        """Objective (n,) of candidates (n, 2S): speeds (m/s), then durations (s)."""
        bounds = np.array([segment.reserve for segment in self.segments])
        result = np.empty(len(candidates))
        assess(candidates, bounds, self.duration, self.load, self.athlete, result)
        return result

    @property
    def variables(self) -> list[Variable]:
        """Speeds, then durations."""
        speeds = [Continuous(*segment.speed) for segment in self.segments]
        return [*speeds, *(Ordinal(segment.durations) for segment in self.segments)]


@dataclass(frozen=True)
class SessionProgramme:
    """Speeds (S,) m/s and durations (S,) s, and what they come to.

    ``heart_rate``: bpm every STEP s. ``violation``: share of time times share of the reserve out of
    bounds, plus the share by which the time is missed; 0 when every bound is kept.
    """

    speeds: Floats
    durations: Floats
    heart_rate: Floats
    load: float
    violation: float
    statement: str


def problem_for(
    athlete: Athlete,
    model: HeartRateModel,
    segments: Sequence[Segment],
    duration: float,
    load: float,
    guard_sds: float = 1.0,
) -> SessionProblem:
    """The problem of an athlete, with the bounds drawn in by the model's guard band.

    A band that would vanish shrinks to its middle. Raises :class:`ParameterError` without segments,
    time or load.
    """
    if not segments or duration <= 0.0 or load <= 0.0:
        raise ParameterError("a session needs segments, a duration and a load above 0")
    reserve = athlete.maximum_heart_rate - athlete.resting_heart_rate
    drawn_in = []
    for segment in segments:
        band = model.guard_band(sum(segment.speed) / 2, duration / 2, guard_sds) / reserve
        low, high = segment.reserve
        middle = min(max(low, high - band), high)
        lowest = low if low <= 0.0 else min(low + band, middle)
        drawn_in.append(
            Segment(segment.speed, segment.durations, (lowest, max(high - band, lowest)))
        )
    intercept, slope, drift, rise, fall = model.parameters
    known = [athlete.resting_heart_rate, athlete.maximum_heart_rate]
    known += [intercept + drift * duration / 2, slope, rise, fall, *TRIMP_WEIGHTS[athlete.sex]]
    return SessionProblem(tuple(drawn_in), duration, load, np.array(known))


def optimise_session(
    problem: SessionProblem, evaluations: int = EVALUATIONS, seed: int = 0
) -> SessionProgramme:
    """The best programme that so many evaluations find; the same for the same seed."""
    rng = np.random.default_rng(seed)
    found = optimise(problem.fitness, problem.variables, evaluations, rng, SESSION_COLONY)
    count = len(problem.segments)
    speeds, durations = found.best[:count], found.best[count:]
    beats = heart_rate(speeds, durations, problem.athlete)
    load = trimp(beats, problem.athlete)
    violation = found.objective - BROKEN if found.objective >= BROKEN else 0.0
    return SessionProgramme(
        speeds, durations, beats, load, violation, _statement(problem, durations, load, violation)
    )


SESSION_COLONY = Colony()


def _statement(problem: SessionProblem, durations: Floats, load: float, violation: float) -> str:
    """In words, which demand gave way, if one did."""
    if abs(durations.sum() - problem.duration) > 1.0:
        minutes = problem.duration / 60
        return f"no choice of durations comes to {minutes:.0f} min; {durations.sum() / 60:.0f} min"
    if violation > KEPT:
        return "heart rate cannot stay within its bounds at these speeds; it is as near as can be"
    if abs(load / problem.load - 1.0) > 0.05:
        more = "more" if load < problem.load else "less"
        return (
            f"the load comes to {load:.0f} instead of {problem.load:.0f}: "
            f"{more} is not to be had in this time within the bounds of heart rate"
        )
    return "load, time and heart rate are met"


@kernel
def heart_rate(speeds: Floats, durations: Floats, athlete: Floats) -> Floats:
    """Heart rate in bpm at every STEP of a programme, from rest."""
    count = 0
    for duration in durations:
        count += round(duration / STEP)
    beats = np.empty(count)
    value, at = athlete[RESTING], 0
    for s in range(len(speeds)):
        wanted = min(athlete[INTERCEPT] + athlete[SLOPE] * speeds[s], athlete[MAXIMUM])
        keep = np.exp(-STEP / (athlete[RISE] if wanted > value else athlete[FALL]))
        for _ in range(round(durations[s] / STEP)):
            value = wanted + (value - wanted) * keep
            beats[at] = value
            at += 1
    return beats


@kernel
def trimp(beats: Floats, athlete: Floats) -> float:
    """Banister's TRIMP of heart rate (bpm) at every STEP."""
    total = 0.0
    for value in beats:
        x = (value - athlete[RESTING]) / (athlete[MAXIMUM] - athlete[RESTING])
        total += x * athlete[WEIGHT] * np.exp(athlete[EXPONENT] * x) * STEP / 60.0
    return total


@kernel
def assess(
    candidates: Floats,
    bounds: Floats,
    duration: float,
    load: float,
    athlete: Floats,
    result: Floats,
) -> None:
    """Write the objective of each candidate (n, 2S) into ``result`` (n,).

    The relative miss of the load plus the changes of speed; or, where bounds (S, 2) of the reserve
    or the total time are missed, BROKEN plus the violation.
    """
    count = len(bounds)
    reserve = athlete[MAXIMUM] - athlete[RESTING]
    settling = round(SETTLING / STEP)
    for n in range(len(candidates)):
        value, total, out, time, change = athlete[RESTING], 0.0, 0.0, 0.0, 0.0
        for s in range(count):
            speed, seconds = candidates[n, s], candidates[n, count + s]
            wanted = min(athlete[INTERCEPT] + athlete[SLOPE] * speed, athlete[MAXIMUM])
            keep = np.exp(-STEP / (athlete[RISE] if wanted > value else athlete[FALL]))
            for k in range(round(seconds / STEP)):
                value = wanted + (value - wanted) * keep
                x = (value - athlete[RESTING]) / reserve
                total += x * athlete[WEIGHT] * np.exp(athlete[EXPONENT] * x) * STEP / 60.0
                if k >= settling:
                    out += max(x - bounds[s, 1], 0.0) + max(bounds[s, 0] - x, 0.0)
            time += seconds
            if s > 0:
                change += abs(speed - candidates[n, s - 1])
        violation = out * STEP / 60.0 + abs(time - duration) / duration
        if violation > KEPT:
            result[n] = BROKEN + violation
        else:
            result[n] = abs(total - load) / load + SMOOTHNESS * change
