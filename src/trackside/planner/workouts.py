"""Workouts: what is done in a session, as structured steps with targets."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

Amount = Annotated[float, Field(ge=0.0, le=1e6)]
"""Of s, m or TRIMP in a session; a file may hold anything."""
Speed = Annotated[float, Field(gt=0.0, le=15.0)]
Beats = Annotated[float, Field(gt=0.0, le=300.0)]


class SessionType(StrEnum):
    """Kinds of session."""

    REST = "rest"
    EASY = "easy"
    LONG = "long"
    TEMPO = "tempo"
    INTERVALS = "intervals"
    HILLS = "hills"
    RACE_PACE = "race_pace"
    STRIDES = "strides"
    RACE = "race"
    TRIAL = "trial"
    STRENGTH = "strength"
    CROSS_TRAINING = "cross_training"
    MOBILITY = "mobility"
    MENTAL = "mental"
    RACE_STRATEGY = "race_strategy"


class Intensity(StrEnum):
    """What a step is for."""

    WARM_UP = "warm_up"
    ACTIVE = "active"
    RECOVERY = "recovery"
    COOL_DOWN = "cool_down"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Ends after ``duration`` (s) or ``distance`` (m), exactly one of them.

    ``speed``: range to run at, m/s, slow to fast; ``heart_rate``: range in bpm; None where free.
    """

    name: str
    intensity: Intensity
    duration: Amount | None = None
    distance: Amount | None = None
    speed: tuple[Speed, Speed] | None = None
    heart_rate: tuple[Beats, Beats] | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps done several times in a row."""

    times: Annotated[int, Field(ge=1, le=1000)]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Workout:
    """A session: a short code, its type, a sentence for the athlete, and its steps in order.

    ``distance`` (m), ``duration`` (s) and ``load`` (Banister's TRIMP) are what it should come to.
    """

    code: str
    type: SessionType
    definition: str
    steps: tuple[Step | Repeat, ...] = ()
    distance: Amount = 0.0
    duration: Amount = 0.0
    load: Amount = 0.0
