"""How a gait changes with speed: stride frequency, stance, bounce, and the sway of the upper body.

All relations are for a body of REFERENCE_HEIGHT. Other bodies move dynamically alike (R. McN.
Alexander, Int. J. Robot. Res. 3, 1984): lengths scale with height, times with its square root.

- Walking stride frequency: the walk ratio, step length over cadence, is the same at all speeds,
  0.0065 m/(step/min) (N. Sekiya & H. Nagasaki, Gait & Posture 7, 1998).
- Walking stance fraction: falls with speed, linear through 64 % at 0.8 m/s and 58 % at 2.2 m/s
  (after M. P. Murray et al., Am. J. Phys. Med. 45, 1966).
- Vertical oscillation of walking: 2.7 cm at 0.7 m/s to 4.8 cm at 1.6 m/s (M. S. Orendurff et al.,
  J. Rehabil. Res. Dev. 41, 2004).
- Running stride frequency: quadratic in speed, approximating T. W. Dorn et al., J. Exp. Biol. 215,
  2012: from 3.5 to 9 m/s it rises in steps of about 10, 12 and 25 %.
- Running contact time: the body travels 0.97·(1 − exp(−v/2)) m over the planted foot, which
  approximates the contact times of P. G. Weyand et al., J. Appl. Physiol. 89, 2000.
- Vertical motion of running: the ground force of a step is a half sine (J.-B. Morin et al., J.
  Appl. Biomech. 21, 2005), and between steps the body falls freely.
- Ranges of pelvis, trunk and arms: Novacheck 1998 and Schache 1999 for the pelvis, R. N. Hinrichs,
  Int. J. Sport Biomech. 3, 1987, for the arms; rounded to whole degrees.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats

REFERENCE_HEIGHT = 1.75
GRAVITY = 9.81
_WALK_RATIO = 0.0065  # m/(step/min)
_SLOWEST_WALK = 0.5  # m/s; below it the stride frequency hardly falls
_SLOWEST_RUN = 1.6  # m/s; below it a run is a jog on the spot


@dataclass(frozen=True)
class Effort:
    """How the body moves at each of N moments.

    ``speed`` m/s; ``running``: 0 walking to 1 running; ``amount``: 0 standing to 1 in full gait.
    All are for a body of REFERENCE_HEIGHT.
    """

    speed: Floats
    running: Floats
    amount: Floats


def _at_least(speed: Floats, least: float) -> Floats:
    """The speed, bent smoothly so that it never falls below ``least``."""
    return np.asarray((np.abs(speed) ** 6 + least**6) ** (1 / 6))


def _mix(running: Floats, walk: Floats | float, run: Floats | float) -> Floats:
    return np.asarray((1 - running) * walk + running * run)


def stride_frequency(speed: Floats, running: Floats) -> Floats:
    """Strides per second (N,)."""
    walk = np.sqrt(_at_least(speed, _SLOWEST_WALK) / (60 * _WALK_RATIO)) / 2
    return _mix(running, walk, _run_frequency(speed))


def _run_frequency(speed: Floats) -> Floats:
    return np.asarray(1.25 + 0.0105 * speed**2)


def _run_duty(speed: Floats) -> Floats:
    speed = _at_least(speed, _SLOWEST_RUN)
    contact_time = 0.97 * (1 - np.exp(-speed / 2)) / speed
    return np.asarray(contact_time * _run_frequency(speed))


def duty_factor(speed: Floats, running: Floats) -> Floats:
    """Fraction of the stride (N,) during which a foot is on the ground."""
    return _mix(running, 0.674 - 0.043 * speed, _run_duty(speed))


def walk_bounce(phase: Floats, speed: Floats) -> Floats:
    """Height in m of the pelvis about its mean: lowest in the middle of double support."""
    lowest = (duty_factor(speed, np.zeros_like(speed)) - 0.5) / 2
    amplitude = 0.008 + 0.010 * speed
    return np.asarray(-amplitude * np.cos(4 * np.pi * (phase - lowest)))


def run_bounce(phase: Floats, speed: Floats) -> Floats:
    """Height in m of the pelvis above where it is at initial contact.

    Between stances the body falls freely; in stance z is the double integral of a half-sine force.
    """
    contact = 2 * _run_duty(speed)  # fraction of a step
    step_time = 0.5 / _run_frequency(_at_least(speed, _SLOWEST_RUN))
    u = (2 * phase) % 1.0
    stance = (contact - u) * u / 2 - contact / (2 * np.pi) * np.sin(np.pi * u / contact)
    flight = (u - contact) * (1 - u) / 2
    return np.asarray(GRAVITY * step_time**2 * np.where(u < contact, stance, flight))


def liveliness(effort: Effort) -> Floats:
    """How far the bounce is developed: 0 at rest to 1 at the slowest speed of walk or run."""
    u = np.clip(effort.speed / _mix(effort.running, 0.75, 1.9), 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u * u))


def bounce(phase: Floats, effort: Effort) -> Floats:
    """Height in m of the pelvis in the course of a step."""
    walk, run = walk_bounce(phase, effort.speed), run_bounce(phase, effort.speed)
    return liveliness(effort) * _mix(effort.running, walk, run)


def surge(phase: Floats, effort: Effort) -> Floats:
    """Distance in m of the pelvis ahead of even progress: it is slowest at mid-stance.

    In running the speed varies by 0.15 m/s to either side, about what braking and propulsion change
    it (K. R. Williams & P. R. Cavanagh, J. Appl. Physiol. 63, 1987), in walking in proportion.
    """
    duty = duty_factor(effort.speed, effort.running)
    frequency = stride_frequency(effort.speed, effort.running)
    amplitude = _mix(effort.running, 0.06 * effort.speed, 0.15) / (4 * np.pi * frequency)
    return np.asarray(-amplitude * np.sin(4 * np.pi * (phase - duty / 2)))


def aside(phase: Floats, effort: Effort) -> Floats:
    """Displacement in m of the pelvis to the right: over the foot that stands."""
    return np.asarray(_mix(effort.running, 0.020, 0.006) * np.sin(2 * np.pi * phase - 0.2))


def step_width(effort: Effort) -> Floats:
    """Distance in m between the lines on which the left and the right foot are set."""
    return _mix(effort.running, 0.11, 0.05)


class Sway(NamedTuple):
    """Angles of the upper body at N moments, (N,) rad each.

    ``yaw`` turns the right side forward, ``roll`` lowers it, ``pitch`` leans back. Shoulder and
    elbow angles are flexion.
    """

    pelvis_yaw: Floats
    pelvis_roll: Floats
    pelvis_pitch: Floats
    thorax_yaw: Floats
    thorax_roll: Floats
    thorax_pitch: Floats
    right_shoulder: Floats
    left_shoulder: Floats
    right_elbow: Floats
    left_elbow: Floats
    abduction: Floats
    inward: Floats


def sway(phase: Floats, effort: Effort) -> Sway:
    """How pelvis, trunk and arms follow the legs; ``phase`` (N,): strides of the right leg."""
    fast = effort.speed - 3.2  # m/s beyond an easy run

    def between(walk_deg: float, run_deg: float, per_speed_deg: float) -> Floats:
        degrees = _mix(effort.running, walk_deg, run_deg + per_speed_deg * fast)
        return np.asarray(np.radians(degrees) * effort.amount)

    stride, step = 2 * np.pi * phase, 4 * np.pi * phase
    swing = np.cos(stride)  # +1 when the right foot lands
    pelvis_pitch = -between(1, 6, 0.5) + between(1, 2, 0) * np.cos(step)
    shoulder, reach = between(-3, -18, 1.0), between(17, 30, 3.5)
    elbow, pump = between(22, 88, 0.5), between(9, 10, 2.5)
    late = np.cos(stride - 0.4)
    return Sway(
        pelvis_yaw=between(4, 5, 0.6) * swing,
        pelvis_roll=-between(4, 5, 0.2) * np.sin(stride + 0.5),
        pelvis_pitch=pelvis_pitch,
        thorax_yaw=-between(4, 11, 0.6) * swing,
        thorax_roll=between(1.5, 2, 0) * np.sin(stride + 0.5),
        thorax_pitch=-between(2, 7, 0.2) + between(1, 1.5, 0) * np.cos(step),
        right_shoulder=shoulder - reach * swing,
        left_shoulder=shoulder + reach * swing,
        right_elbow=elbow - pump * late,
        left_elbow=elbow + pump * late,
        abduction=between(5, 14, 0.5),
        inward=between(6, 24, 0),
    )
