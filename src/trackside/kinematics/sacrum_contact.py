"""Contact time of running from one sensor on the pelvis or sacrum, without a foot's.

The ground pushes a runner's body up once a step, as half a sine that lasts the contact time t_c
(J.-B. Morin et al., J. Appl. Biomech. 21, 2005), and over whole strides the mean push is gravity's.
So the first harmonic of the push, relative to gravity, tells how short it is: with d = t_c / t_s,
t_s the step time,

    a₁ / g = 2 cos(π d) / (1 − 4 d²).

No threshold is needed, nor the moment of contact, which soft tissue hides.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.gait import evenly, trunk_steps
from trackside.kinematics.leg_swings import GRAVITY
from trackside.recordings.model import Imu

STRIDES = 4
"""How many strides are looked at together; the mean push over fewer is not gravity's."""
SLOWEST_STEP = 0.5  # s; slower steps are walked
SHARES = np.linspace(0.2, 0.98, 79)
"""Contact time over step time: from sprinting to a run without flight."""


@dataclass(frozen=True)
class SacrumContacts:
    """Contact times of running, of either foot: ``contact_time`` (K,) s at ``time`` (K,) s.

    ``step_time`` (K,) s. Each is the mean of the strides around it; NaN where the push is none of a
    run.
    """

    time: Floats
    contact_time: Floats
    step_time: Floats


def sacrum_contacts(imu: Imu, up: Floats | None = None) -> SacrumContacts:
    """Contact times from a sensor on pelvis or sacrum, one a stride.

    ``up`` (3,): the vertical in the sensor's frame; default the mean force's direction.
    """
    time, acc = evenly(imu.time, imu.acc, imu.rate)
    steps = trunk_steps(imu)
    rows = []
    for first in range(0, len(steps) - 2 * STRIDES, 2):
        ends = steps[[first, first + 2 * STRIDES]]
        step = float(ends[1] - ends[0]) / (2 * STRIDES)
        if np.diff(steps[first : first + 2 * STRIDES + 1]).max() > SLOWEST_STEP:
            continue
        inside = slice(*np.searchsorted(time, ends))
        force = acc[inside]
        mean = force.mean(axis=0)
        vertical = force @ (mean / np.linalg.norm(mean) if up is None else up)
        turns = np.exp(-2j * np.pi * (time[inside] - ends[0]) / step)
        harmonic = 2.0 * abs(np.mean((vertical - vertical.mean()) * turns)) / GRAVITY
        rows.append((ends.mean(), step * contact_share(harmonic), step))
    return SacrumContacts(*np.array(rows).reshape(-1, 3).T)


def contact_share(harmonic: float) -> float:
    """Contact time over step time, from the first harmonic of the push over gravity; else NaN."""
    expected = first_harmonic(SHARES)  # falls as the share rises
    return float(np.interp(harmonic, expected[::-1], SHARES[::-1], left=np.nan, right=np.nan))


def first_harmonic(share: Floats) -> Floats:
    """First harmonic over the mean of half sines that last this share of the step, (N,)."""
    nearly = np.abs(share - 0.5) < 1e-6  # where numerator and denominator vanish
    safe = np.where(nearly, 0.5 + 1e-6, share)
    return np.asarray(2.0 * np.cos(np.pi * safe) / (1.0 - 4.0 * safe**2))
