"""Heart rate during a race: what the effort takes, and its drift."""

import numpy as np

from trackside.arrays import Floats
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_zones import heart_rate
from trackside.planner.training_load import reserve_fraction

# Each litre of water lost raises heart rate by about 8 bpm, and runners, who drink 0.3 to 0.5 l an
# hour, lose 0.5 to 1 l an hour more than that: E. Coyle, Fluid and carbohydrate replacement during
# exercise, Sports Science Exchange 50 (1994). Between which WBGT the loss goes from the one to the
# other is chosen.
DRIFT_PER_LITRE = 8.0  # bpm
LOSSES = (0.5 / 3600, 1.0 / 3600)  # l/s
LOSS_TEMPERATURES = (10.0, 25.0)  # °C of wet-bulb globe temperature


def race_heart_rate(
    athlete: Athlete, effort: Floats, elapsed: Floats, wbgt: float | None
) -> Floats:
    """Return heart rates (bpm) at efforts (m/s on the flat) after ``elapsed`` times (s), all (N,).

    The effort's fraction of the heart-rate reserve by the athlete's VDOT
    (:func:`~trackside.planner.training_load.reserve_fraction`, Karvonen), and a drift of 4 bpm an
    hour in the cool, 8 at a WBGT of 25 °C; never above the athlete's maximum. Steady state: the
    rise after the start and the delay on hills are left out.
    """
    fraction = np.array([reserve_fraction(speed, athlete.vdot) for speed in effort.tolist()])
    reserve = athlete.maximum_heart_rate - athlete.resting_heart_rate
    loss = LOSSES[0] if wbgt is None else float(np.interp(wbgt, LOSS_TEMPERATURES, LOSSES))
    steady = heart_rate(athlete, 0.0) + fraction * reserve
    return np.minimum(steady + DRIFT_PER_LITRE * loss * elapsed, athlete.maximum_heart_rate)
