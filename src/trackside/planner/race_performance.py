"""Race performances: what one race says of fitness, of other races and of training speeds.

Oxygen cost, sustainable fraction and VDOT: J. Daniels & J. Gilbert, *Oxygen Power* (1979).
Training intensities: J. Daniels, *Daniels' Running Formula* (Human Kinetics, 2014), chapter 4.
"""

import math
from dataclasses import dataclass

from trackside.errors import ParameterError

SpeedRange = tuple[float, float]

# Fractions of VO2max, slow to fast. Long runs are run at the easy intensity. For repetitions
# Daniels only says "above VO2max"; these bounds enclose the speeds of his tables.
EASY = (0.59, 0.74)
MARATHON = (0.75, 0.84)
THRESHOLD = (0.83, 0.88)
INTERVAL = (0.95, 1.00)
REPETITION = (1.05, 1.10)

SLOWEST, FASTEST = 0.6, 13.0  # m/s, between which a race's mean speed is looked for


@dataclass(frozen=True, slots=True)
class TrainingSpeeds:
    """Speed ranges for each kind of training, m/s, slow to fast."""

    easy: SpeedRange
    long: SpeedRange
    marathon: SpeedRange
    threshold: SpeedRange
    interval: SpeedRange
    repetition: SpeedRange


def oxygen_cost(speed: float) -> float:
    """Return the oxygen uptake of running on the flat at ``speed`` (m/s), ml/(kg min).

    Daniels & Gilbert 1979: −4.60 + 0.182258 v + 0.000104 v², v in m/min.
    """
    v = 60.0 * speed
    return -4.60 + 0.182258 * v + 0.000104 * v**2


def speed_at(oxygen_uptake: float) -> float:
    """Return the speed (m/s) that costs ``oxygen_uptake`` (ml/(kg min)): inverse of the cost."""
    root = math.sqrt(0.182258**2 + 4 * 0.000104 * (oxygen_uptake + 4.60))
    return (root - 0.182258) / (2 * 0.000104) / 60.0


def sustainable_fraction(duration: float) -> float:
    """Return the fraction of VO2max that can be held for ``duration`` (s), Daniels & Gilbert."""
    t = duration / 60.0
    return 0.8 + 0.1894393 * math.exp(-0.012778 * t) + 0.2989558 * math.exp(-0.1932605 * t)


def vdot(distance: float, time: float) -> float:
    """Return the VDOT (ml/(kg min)) of a race over ``distance`` (m) run in ``time`` (s).

    The VO2max of a runner of usual economy who races so. Fitted to races of 3.5 min to about 4 h.

    Raises
    ------
    ParameterError
        If distance or time is not a positive number.
    """
    _require_positive("distance", distance, "m")
    _require_positive("time", time, "s")
    return oxygen_cost(distance / time) / sustainable_fraction(time)


def race_time(vdot_value: float, distance: float) -> float:
    """Return the time (s) in which a runner of this VDOT races ``distance`` (m).

    Raises
    ------
    ParameterError
        If the distance is not positive, or no speed between walking and sprinting gives this VDOT.
    """
    from scipy.optimize import brentq

    _require_positive("distance", distance, "m")
    slow, fast = distance / SLOWEST, distance / FASTEST
    if not vdot(distance, slow) < vdot_value < vdot(distance, fast):
        raise ParameterError(
            f"VDOT {vdot_value:g} is no runner's over {distance:g} m; expected about 10 to 90"
        )
    return float(brentq(lambda time: vdot(distance, time) - vdot_value, fast, slow))


def training_speeds(vdot_value: float) -> TrainingSpeeds:
    """Return the speed ranges (m/s) of Daniels' training intensities for a VDOT.

    Raises
    ------
    ParameterError
        If the VDOT is not positive.
    """
    _require_positive("VDOT", vdot_value, "ml/(kg min)")

    def between(fractions: SpeedRange) -> SpeedRange:
        slow, fast = fractions
        return speed_at(slow * vdot_value), speed_at(fast * vdot_value)

    return TrainingSpeeds(
        easy=between(EASY),
        long=between(EASY),
        marathon=between(MARATHON),
        threshold=between(THRESHOLD),
        interval=between(INTERVAL),
        repetition=between(REPETITION),
    )


def riegel_time(distance: float, time: float, other_distance: float) -> float:
    """Return the time (s) over ``other_distance`` (m) predicted by a race over ``distance``.

    T₂ = T₁ (D₂ / D₁)^1.06; P. Riegel, American Scientist 69 (1981) 285, for 3.5 min to about 4 h.

    Raises
    ------
    ParameterError
        If a distance or the time is not a positive number.
    """
    _require_positive("distance", distance, "m")
    _require_positive("time", time, "s")
    _require_positive("other distance", other_distance, "m")
    return time * float((other_distance / distance) ** 1.06)


def _require_positive(name: str, value: float, unit: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ParameterError(f"{name} is {value:g} {unit}; expected a positive number")
