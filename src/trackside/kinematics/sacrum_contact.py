"""Contact time of running from one sensor on the pelvis or sacrum, without a foot's.

The ground pushes a runner's body up once a step, as half a sine that lasts the contact time t_c
(J.-B. Morin et al., J. Appl. Biomech. 21, 2005), and over whole strides the mean push is gravity's.
So the first harmonic of the push, relative to gravity, tells how short it is: with d = t_c / t_s,
t_s the step time,

    a₁ / g = 2 cos(π d) / (1 − 4 d²).

No threshold is needed, nor the moment of contact, which soft tissue hides. That tissue also makes
the push larger than it was; by how much, its ringing tells (``trunk_tissue.py``).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Complexes, Floats
from trackside.kinematics.gait import evenly, trunk_steps
from trackside.kinematics.leg_swings import GRAVITY
from trackside.kinematics.trunk_tissue import HARMONICS, exaggeration, harmonics_of_push
from trackside.recordings.model import Imu

STRIDES = 4
"""How many strides are looked at together; the mean push over fewer is not gravity's."""
LOOKS = 8
"""So many stretches of a recording tell how soft the sensor sits."""
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
    moments, step_times, pushes = [], [], []
    for first in range(0, len(steps) - 2 * STRIDES, 2):
        ends = steps[[first, first + 2 * STRIDES]]
        if np.diff(steps[first : first + 2 * STRIDES + 1]).max() > SLOWEST_STEP:
            continue
        inside = slice(*np.searchsorted(time, ends))
        step = float(ends[1] - ends[0]) / (2 * STRIDES)
        moments.append(ends.mean())
        step_times.append(step)
        pushes.append(_harmonics((time[inside] - ends[0]) / step, acc[inside], up))
    step_time, push = np.array(step_times), np.array(pushes).reshape(-1, len(HARMONICS))
    if not len(step_time):
        return SacrumContacts(*np.empty((3, 0)))
    some = np.linspace(0, len(push) - 1, min(len(push), LOOKS)).astype(int)
    rates = 1.0 / step_time
    first_harmonic = np.abs(push[:, 0]) / exaggeration(push[some], rates[some], rates)
    contact = step_time * np.array([contact_share(harmonic) for harmonic in first_harmonic])
    return SacrumContacts(np.array(moments), contact, step_time)


def _harmonics(phase: Floats, force: Floats, up: Floats | None) -> Complexes:
    """Harmonics (5,) of the vertical force (N, 3) over gravity at ``phase`` (N,), in steps."""
    mean = force.mean(axis=0)
    vertical = force @ (mean / np.linalg.norm(mean) if up is None else up)
    turns = np.exp(-2j * np.pi * HARMONICS[:, None] * phase)
    return np.asarray(2.0 * np.mean((vertical - vertical.mean()) * turns, axis=1) / GRAVITY)


def contact_share(harmonic: float) -> float:
    """Contact time over step time, from the first harmonic of the push over gravity; else NaN."""
    expected = harmonics_of_push(SHARES)[:, 0]  # falls as the share rises
    return float(np.interp(harmonic, expected[::-1], SHARES[::-1], left=np.nan, right=np.nan))
