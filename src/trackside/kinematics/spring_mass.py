"""The runner as a mass on a spring: stiffness from contact and flight time.

J.-B. Morin, G. Dalleau, H. Kyröläinen, T. Jeannin & A. Belli, "A simple method for measuring
stiffness during running", J. Appl. Biomech. 21 (2005) 167: the force of a step is half a sine, its
mean over the step the body's weight. The authors found 0.1 to 7 % of error against force plates.
"""

from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.leg_swings import GRAVITY

LEG_OF_HEIGHT = 0.53
"""Leg over body height (D. A. Winter, *Biomechanics and Motor Control of Human Movement*)."""


class SpringMass(NamedTuple):
    """Of N steps, (N,) each: stiffness per body mass in N/m/kg, and oscillation in m.

    ``vertical`` stiffness: peak force over how far the body sinks; ``leg`` stiffness: over how far
    the leg is shortened; ``oscillation``: from the lowest point in stance to the highest in flight.
    """

    vertical: Floats
    leg: Floats
    oscillation: Floats


def spring_mass(
    contact_time: Floats, flight_time: Floats, speed: Floats, leg_length: float = np.nan
) -> SpringMass:
    """Stiffness of running steps: times (N,) s, ``speed`` (N,) m/s, ``leg_length`` m.

    NaN where a value is unknown, where there is no flight, and where the leg is too short for the
    way over the ground.
    """
    contact = np.where(contact_time > 0.0, contact_time, np.nan)
    flight = np.where(flight_time > 0.0, flight_time, np.nan)
    force = GRAVITY * 0.5 * np.pi * (flight / contact + 1.0)
    sinking = force * contact**2 / np.pi**2 - GRAVITY * contact**2 / 8.0
    below = leg_length**2 - (0.5 * speed * contact) ** 2
    shortening = leg_length - np.sqrt(np.where(below > 0.0, below, np.nan)) + sinking
    return SpringMass(force / sinking, force / shortening, sinking + GRAVITY * flight**2 / 8.0)
