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

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.foot_path import FootPath

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
    speed = np.minimum(
        *(np.linalg.norm(foot.velocity(point), axis=1) for point in (heel, foot.lever))
    )
    landings = np.array(
        [
            _landing(foot.time, speed, first, rest)
            for first, rest in zip(foot.swings.front, foot.rests, strict=True)
        ]
    ).reshape(-1, 2)
    contact, slope = landings.T
    leaves = [
        _fastest_turn(foot.time, foot.swings.rate, rest, last)
        for rest, last in zip(foot.rests, foot.swings.back, strict=True)
    ]
    step = float(np.median(np.diff(foot.time)))
    velocity_sd = np.hypot(_velocity_sd(foot, contact), foot.rest_sd)
    timing = np.full(len(contact), TIMING * step)
    return FootEvents(
        contact,
        np.array(leaves),
        np.hypot(timing, velocity_sd / slope),
        timing,
        _strike_angle(foot, contact),
    )


def _landing(time: Floats, speed: Floats, front: int, rest: int) -> tuple[float, float]:
    """When the speed (N,) m/s falls to nothing before a rest, s, and how steeply, m/s²."""
    first = int(np.searchsorted(time, time[front] - EARLIEST))
    part = speed[first : rest + 1]
    flying = np.flatnonzero(part > FLYING * LANDED)
    if not len(flying):
        return np.nan, np.nan
    after = int(flying[-1]) + 1
    low = np.flatnonzero(part[after:] < LANDED)
    if not len(low):
        return np.nan, np.nan
    flew, n = first + after - 1, first + after + int(low[0])
    slope = float(np.max(-np.diff(speed[flew : n + 1]) / np.diff(time[flew : n + 1])))
    crossing = (LANDED - speed[n]) / (speed[n - 1] - speed[n])
    return float(time[n] - crossing * (time[n] - time[n - 1]) + LANDED / slope), slope


def _fastest_turn(time: Floats, rate: Floats, first: int, last: int) -> float:
    """When the rate (N,) is most negative between two samples, s."""
    return turning_point(time, rate, first + int(np.argmin(rate[first : last + 1])))


def turning_point(time: Floats, values: Floats, n: int) -> float:
    """When values (N,) are least about sample n, s, by the parabola through three of them."""
    if n in (0, len(values) - 1):
        return float(time[n])
    before, at, after = values[n - 1 : n + 2]
    bend = before - 2.0 * at + after
    offset = 0.5 * (before - after) / bend if bend > 0.0 else 0.0
    return float(time[n] + np.clip(offset, -1.0, 1.0) * (time[n + 1] - time[n]))


def _velocity_sd(foot: FootPath, moments: Floats) -> Floats:
    """Standard deviation (S,) m/s of the velocity at these moments (S,) s."""
    variance = foot.path.velocity_variances.sum(axis=1)
    return np.sqrt(np.interp(moments, foot.time[foot.nodes.samples], variance))


def _strike_angle(foot: FootPath, contact: Floats) -> Floats:
    forward = qt.rotate(foot.path.orientations, foot.frame[0])[:, 2]
    pitch = np.arcsin(np.clip(forward, -1.0, 1.0))
    return np.interp(contact, foot.time, pitch) - pitch[foot.rests]
