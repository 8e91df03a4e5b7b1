"""Initial contact and toe-off from the way of a foot, and how surely they are known.

Initial contact: heel or ball, whichever is first, comes to rest: the moment at which its speed
would be zero if it went on falling as steeply as before it fell below 0.5 m/s (the threshold of S.
Ghoussayni et al., Gait & Posture 20, 2004, for markers on the foot). Where heel and ball are
follows from the sensor's lever to the ball, about which the heel rises.

Toe-off: the foot turns fastest, toes down; when the ground no longer holds the toes, that ends (K.
Aminian et al., J. Biomech. 35, 2002, for the shank; M. Falbriard et al., Front. Physiol. 9, 2018,
for the running foot).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.kinematics.foot_path import FootPath
from trackside.kinematics.stance_kernels import find_landings, least_between

HEEL_BEHIND_BALL = 0.19  # m, of a foot 0.26 m long
LANDED = 0.5  # m/s
FLYING = 3.0  # times that: a foot that is as fast has not landed
EARLIEST = 0.15  # s; initial contact is not longer before the toes are farthest up
TIMING = 0.3  # of the sampling interval: standard deviation of a moment between two samples


@dataclass(frozen=True)
class FootEvents:
    """Events of S stances of a foot.

    ``initial_contact``, ``toe_off`` (S,) s, with standard deviations ``initial_contact_sd``,
    ``toe_off_sd`` (S,) s; NaN where they are not seen. ``strike_angle`` (S,) rad: how far the toes
    are up at initial contact, against the foot at rest; negative on the forefoot.
    """

    initial_contact: Floats
    toe_off: Floats
    initial_contact_sd: Floats
    toe_off_sd: Floats
    strike_angle: Floats


def foot_events(foot: FootPath) -> FootEvents:
    """Initial contact and toe-off of each stance of a foot."""
    heel = foot.lever - np.array([HEEL_BEHIND_BALL, 0.0, 0.0])
    speed = np.minimum(foot.speed(heel), foot.speed(foot.lever))
    contact, slope = _landings(foot, speed)
    step = float(np.median(np.diff(foot.time)))
    velocity_sd = np.hypot(_velocity_sd(foot, contact), foot.rest_sd)
    timing = np.full(len(contact), TIMING * step)
    return FootEvents(
        contact,
        _fastest_turns(foot),
        np.hypot(timing, velocity_sd / slope),
        timing,
        _strike_angle(foot, contact),
    )


def _landings(foot: FootPath, speed: Floats) -> tuple[Floats, Floats]:
    """When the speed (N,) m/s falls to nothing before each rest (S,) s, and how steeply, m/s²."""
    first = np.searchsorted(foot.time, foot.time[foot.swings.front] - EARLIEST)
    moments, slopes = np.empty(len(first)), np.empty(len(first))
    find_landings(foot.time, speed, first, foot.rests, FLYING * LANDED, LANDED, moments, slopes)
    return moments, slopes


def _fastest_turns(foot: FootPath) -> Floats:
    """When the foot turns fastest, toes down, between each rest and the swing (S,) s."""
    fastest = np.empty_like(foot.rests)
    least_between(foot.swings.rate, foot.rests, foot.swings.back, fastest)
    return turning_points(foot.time, foot.swings.rate, fastest)


def turning_points(time: Floats, values: Floats, samples: Integers) -> Floats:
    """When values (N,) are least about samples (S,), s, by the parabola through three of them."""
    n = np.clip(samples, 1, len(values) - 2)
    before, at, after = values[n - 1], values[n], values[n + 1]
    bend = before - 2.0 * at + after
    offset = np.divide(0.5 * (before - after), bend, out=np.zeros(len(n)), where=bend > 0.0)
    offset[samples != n] = 0.0
    return np.asarray(time[samples] + np.clip(offset, -1.0, 1.0) * (time[n + 1] - time[n]))


def _velocity_sd(foot: FootPath, moments: Floats) -> Floats:
    """Standard deviation (S,) m/s of the velocity at these moments (S,) s."""
    variance = foot.path.velocity_variances.sum(axis=1)
    return np.sqrt(np.interp(moments, foot.time[foot.nodes.samples], variance))


def _strike_angle(foot: FootPath, contact: Floats) -> Floats:
    forward = foot.forward()[:, 2]
    pitch = np.arcsin(np.clip(forward, -1.0, 1.0))
    return np.interp(contact, foot.time, pitch) - pitch[foot.rests]
