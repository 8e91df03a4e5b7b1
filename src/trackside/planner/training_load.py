"""Training load: what a session costs, by heart rate, by perceived effort or by speed.

Loads of recorded sessions take arrays: ``duration_s`` of each sample in s and its heart rate.
"""

import math

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.profile import Sex
from trackside.planner.race_performance import oxygen_cost, training_speeds

RESTING_OXYGEN_UPTAKE = 3.5  # ml/(kg min), one metabolic equivalent
TRIMP_WEIGHTS = {Sex.MALE: (0.64, 1.92), Sex.FEMALE: (0.86, 1.67)}
EDWARDS_ZONES = (0.5, 0.6, 0.7, 0.8, 0.9)  # lower bounds of zones 1 to 5, of maximum heart rate


def banister_trimp(duration_s: float | Floats, reserve_fraction: float | Floats, sex: Sex) -> float:
    """Return the TRIMP of time at a fraction x of heart-rate reserve: Σ minutes · x a e^{bx}.

    (a, b) = (0.64, 1.92) for men, (0.86, 1.67) for women; E. Banister, "Modeling elite athletic
    performance", in *Physiological Testing of the High-Performance Athlete*, 2nd ed. (1991) 403.
    Heart rates below resting count nothing.
    """
    a, b = TRIMP_WEIGHTS[sex]
    x = np.maximum(reserve_fraction, 0.0)
    return float(np.sum(np.asarray(duration_s) / 60.0 * x * a * np.exp(b * x)))


def edwards_load(duration_s: float | Floats, maximum_fraction: float | Floats) -> float:
    """Return Edwards' load: minutes times zone, the zones being tenths of maximum heart rate.

    Zone 1 is from 50 to 60 %, zone 5 above 90 %; below 50 % counts nothing.
    S. Edwards, *The Heart Rate Monitor Book* (1993).
    """
    zone = np.searchsorted(EDWARDS_ZONES, maximum_fraction, side="right")
    return float(np.sum(np.asarray(duration_s) / 60.0 * zone))


def lucia_load(
    duration_s: float | Floats,
    heart_rate: float | Floats,
    ventilatory_thresholds: tuple[float, float],
) -> float:
    """Return Lucía's load: minutes below the first threshold ×1, between ×2, above the second ×3.

    Thresholds in bpm, as the heart rates; Lucía et al., Med. Sci. Sports Exerc. 35 (2003) 872.
    """
    zone = 1 + np.searchsorted(ventilatory_thresholds, heart_rate, side="right")
    return float(np.sum(np.asarray(duration_s) / 60.0 * zone))


def session_rpe_load(duration_s: float, perceived_exertion: float) -> float:
    """Return minutes times the session's perceived exertion on the CR10 scale, 0 to 10.

    Foster et al., J. Strength Cond. Res. 15 (2001) 109.

    Raises
    ------
    ParameterError
        If the exertion is not on the scale.
    """
    if not 0 <= perceived_exertion <= 10:
        raise ParameterError(f"perceived exertion is {perceived_exertion:g}; expected 0 to 10")
    return duration_s / 60.0 * perceived_exertion


def training_stress_score(duration_s: float, intensity_factor: float) -> float:
    """Return TSS = 100 · hours · IF².

    Allen & Coggan, *Training and Racing with a Power Meter* (2006).
    """
    return 100.0 * duration_s / 3600.0 * intensity_factor**2


def running_stress_score(duration_s: float, graded_speed: float, threshold_speed: float) -> float:
    """Return rTSS: TSS whose intensity factor is normalised graded over threshold speed (m/s).

    S. McGregor, "Run training stress score" (TrainingPeaks, 2009).
    """
    return training_stress_score(duration_s, graded_speed / threshold_speed)


def heart_rate_stress_score(trimp: float, threshold_reserve_fraction: float, sex: Sex) -> float:
    """Return hrTSS: 100 for the TRIMP of one hour at lactate-threshold heart rate."""
    return 100.0 * trimp / banister_trimp(3600.0, threshold_reserve_fraction, sex)


def monotony(daily_loads: Floats) -> float:
    """Return mean over standard deviation (n − 1) of a week's daily loads.

    Infinite for a week of equal days, 0 for a week of rest.
    Foster, Med. Sci. Sports Exerc. 30 (1998) 1164.
    """
    mean, deviation = float(np.mean(daily_loads)), float(np.std(daily_loads, ddof=1))
    if mean == 0:
        return 0.0
    return mean / deviation if deviation > 0 else math.inf


def strain(daily_loads: Floats) -> float:
    """Return a week's load times its monotony; Foster 1998."""
    return float(np.sum(daily_loads)) * monotony(daily_loads)


def reserve_fraction(speed: float, vdot: float) -> float:
    """Return the fraction of heart-rate reserve (0 to 1) that running at ``speed`` (m/s) takes.

    Speed gives oxygen uptake (Daniels & Gilbert 1979); the fraction of the heart-rate reserve
    equals that of the oxygen-uptake reserve, above rest
    (Swain & Leutholtz, Med. Sci. Sports Exerc. 29 (1997) 410).
    """
    fraction = (oxygen_cost(speed) - RESTING_OXYGEN_UPTAKE) / (vdot - RESTING_OXYGEN_UPTAKE)
    return min(max(fraction, 0.0), 1.0)


def steady_load(athlete: Athlete, distance_m: float, speed: float) -> float:
    """Return the TRIMP of running ``distance_m`` at a steady ``speed`` (m/s)."""
    return banister_trimp(distance_m / speed, reserve_fraction(speed, athlete.vdot), athlete.sex)


def usual_daily_load(athlete: Athlete) -> float:
    """Return the mean TRIMP of a day in a usual week, run at the middle of the easy speeds."""
    easy_speed = sum(training_speeds(athlete.vdot).easy) / 2
    return steady_load(athlete, athlete.weekly_distance, easy_speed) / 7.0
