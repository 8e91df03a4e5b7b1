"""Heart-rate zones of an athlete, by heart-rate reserve and by maximum heart rate."""

from dataclasses import dataclass
from itertools import pairwise

from trackside.planner.athlete import Athlete

BOUNDS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of five zones, as fractions of reserve or maximum


@dataclass(frozen=True, slots=True)
class Zone:
    """A heart-rate zone: number from 1, and its bounds in bpm (the upper is the next zone's)."""

    number: int
    lower: float
    upper: float


def heart_rate(athlete: Athlete, reserve_fraction: float) -> float:
    """Return the heart rate (bpm) at a fraction x of the reserve: rest + x (maximum − rest).

    Karvonen, Kentala & Mustala, Ann. Med. Exp. Biol. Fenn. 35 (1957) 307.
    """
    reserve = athlete.maximum_heart_rate - athlete.resting_heart_rate
    return athlete.resting_heart_rate + reserve_fraction * reserve


def fraction_of_reserve(athlete: Athlete, heart_rate_bpm: float) -> float:
    """Return the fraction of the heart-rate reserve at a heart rate: Karvonen's rule inverted."""
    reserve = athlete.maximum_heart_rate - athlete.resting_heart_rate
    return (heart_rate_bpm - athlete.resting_heart_rate) / reserve


def reserve_zones(athlete: Athlete) -> tuple[Zone, ...]:
    """Return five zones in steps of 10 % of the heart-rate reserve, from 50 % (Karvonen)."""
    return _zones([heart_rate(athlete, bound) for bound in BOUNDS])


def maximum_zones(athlete: Athlete) -> tuple[Zone, ...]:
    """Return five zones in steps of 10 % of the maximum heart rate, from 50 % (Edwards 1993)."""
    return _zones([bound * athlete.maximum_heart_rate for bound in BOUNDS])


def _zones(bounds: list[float]) -> tuple[Zone, ...]:
    return tuple(Zone(number, *pair) for number, pair in enumerate(pairwise(bounds), start=1))
