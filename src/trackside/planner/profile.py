"""What an athlete tells about themselves before a plan is made; missing values stay None."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

USUAL_TRAINING_SHARE = 0.5
"""Part of the usual training that is taken to be possible with an injury."""


class Sex(StrEnum):
    """Sex as the formulas for heart-rate load distinguish it."""

    MALE = "male"
    FEMALE = "female"


class Experience(StrEnum):
    """How used to training the athlete is."""

    BEGINNER = "beginner"
    RECREATIONAL = "recreational"
    COMPETITIVE = "competitive"


@dataclass(frozen=True, slots=True)
class RaceResult:
    """A race or time trial that was run: distance in m, time in s."""

    day: date
    distance: float
    time: float


@dataclass(frozen=True, slots=True)
class GoalRace:
    """The race everything is planned for: distance in m, target time in s."""

    day: date
    distance: float
    name: str = "Race"
    target_time: float | None = None


@dataclass(frozen=True, slots=True)
class Injury:
    """An injury: where, until when (that day included; None: for good), and how far it limits.

    ``training_share``: part of the usual training time that is possible, 0 to 1.
    """

    place: str
    until: date | None = None
    training_share: float = USUAL_TRAINING_SHARE


@dataclass(frozen=True, slots=True)
class AthleteProfile:
    """What the athlete said. Units: years, m, kg, bpm, s; distances of weeks in m, oldest first.

    ``available``: training time in s for each day from Monday to Sunday; 0 is a day off.
    """

    runner_id: str
    goal: GoalRace
    age: float | None = None
    sex: Sex | None = None
    height: float | None = None
    weight: float | None = None
    resting_heart_rate: float | None = None
    maximum_heart_rate: float | None = None
    races: tuple[RaceResult, ...] = ()
    weekly_distances: tuple[float, ...] = ()
    available: tuple[float, ...] | None = None
    injuries: tuple[Injury, ...] = ()
    experience: Experience | None = None
