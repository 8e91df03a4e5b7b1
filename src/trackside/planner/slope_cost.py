"""What slopes cost a runner.

A. Minetti et al., Energy cost of walking and running at extreme uphill and downhill slopes,
J. Appl. Physiol. 93 (2002) 1039: ten runners on a treadmill, gradients from −0.45 to +0.45.
"""

import numpy as np
from numpy.polynomial import Polynomial

from trackside.arrays import Floats

STEEPEST = 0.45
_COST = Polynomial([3.6, 19.5, 46.3, -43.3, -30.4, 155.4])

# Downhill, the cost alone would allow speeds that nobody races: the paper's own come out "well
# above those attained in downhill competitions", as braking limits, not oxygen. So a descent makes
# nobody faster than by a seventh at the same effort, as a gradient of about −2.4 % does; chosen.
# What a steeper one spares is there for the rest of the race.
LEAST_USED = 0.875


def running_cost(gradient: Floats) -> Floats:
    """Return the energy (J/(kg m)) of running at gradients (rise over run), of the same shape.

    The paper's polynomial of the fifth degree: 155.4 i⁵ − 30.4 i⁴ − 43.3 i³ + 46.3 i² + 19.5 i +
    3.6, independent of speed, for −0.45 ≤ i ≤ 0.45; it is read from secondary copies.
    """
    return _COST(np.asarray(gradient, dtype=np.float64))


def relative_cost(gradient: Floats) -> Floats:
    """Return the cost at gradients as a multiple of that on the flat."""
    return running_cost(gradient) / _COST(0.0)


def slowing(gradient: Floats) -> Floats:
    """Return by what speed is divided at gradients for the same effort; 0.875 at the least."""
    return np.maximum(relative_cost(gradient), LEAST_USED)
