"""Strides from one sensor on pelvis or spine: times of both legs together, lengths from a model.

Walking: in single support the pelvis rides over the leg as an inverted pendulum. From how far it
rises and falls, h, follows the length of a step, 1.25 · 2 √(2 l h − h²), l the leg's length (W.
Zijlstra & A. L. Hof, Gait & Posture 18, 2003; 1.25 is theirs: the foot rolls on, and in double
support the body moves, too). h comes from the first three harmonics of the vertical force.

Running: while a foot is on the ground for t_c, the body travels 0.97 (1 − exp(−v / 2)) m over it
at a speed of v m/s and a height of 1.75 m (approximates P. G. Weyand et al., J. Appl. Physiol. 89,
2000; other bodies move dynamically alike). With the contact time from the push on the trunk that
gives the speed. People differ: these are lengths for want of better ones, and their standard
deviations say so.
"""

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics.gait import evenly, trunk_steps
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.kinematics.sacrum_contact import sacrum_contacts
from trackside.kinematics.spring_mass import LEG_OF_HEIGHT
from trackside.kinematics.stride_rows import QUALITY, Strides, timed_strides, unlike_neighbours
from trackside.recordings.model import Imu

USUAL_HEIGHT, HEIGHT_SD = 1.75, 0.10  # m, of athletes whose height is not known
PENDULUM = 1.25
WALKING_SD, RUNNING_SD = 0.08, 0.12
"""Of the length: how differently people of one height walk and run."""
RUNNING_EVENT_SD, WALKING_EVENT_SD = 0.02, 0.06  # s
SPEEDS = np.linspace(1.5, 11.0, 96)  # m/s
NEAR = 2.0  # s; a contact time that is farther off tells nothing of a stride


def strides_of_trunk(imu: Imu, height: float | None = None, since: float | None = None) -> Strides:
    """The strides from a sensor on pelvis or spine, from one step to the next but one.

    ``height`` m of the athlete, if known; ``since`` s: a stride's start or end, if known, else the
    first step is one. Starts and ends are initial contacts in running; in
    walking they are the moments at which the trunk is pushed up most, near them. Toe-offs are NaN
    in walking, heights and angles always.
    """
    steps = trunk_steps(imu)
    if since is not None and len(steps):
        steps = steps[int(np.argmin(np.abs(steps - since))) % 2 :]
    start, end = steps[:-2:2], steps[2::2]
    near = end - start < SLOWEST_STRIDE
    start, end = start[near], end[near]
    contact = _contact_times(imu, 0.5 * (start + end))
    running = np.isfinite(contact)
    before = np.where(running, 0.5 * contact, 0.0)  # the push is largest at mid-stance
    faults = np.zeros((len(start), len(QUALITY)), np.bool_)
    faults[:, 0] = _with_gap(imu, start, end)
    faults[:, -1] = unlike_neighbours(end - start)
    tall = USUAL_HEIGHT if height is None else height
    length = np.where(
        running,
        _run_length(contact, end - start, tall),
        _walk_length(imu, start, end, tall),
    )
    sd = np.where(running, RUNNING_SD, WALKING_SD)
    if height is None:
        sd = np.hypot(sd, 0.5 * HEIGHT_SD / USUAL_HEIGHT)  # lengths grow with its square root
    event_sd = np.where(running, RUNNING_EVENT_SD, WALKING_EVENT_SD)
    return timed_strides(
        start - before,
        start + before + np.where(running, 0.0, np.nan),
        end - before,
        (event_sd, event_sd),
        faults,
        length,
        sd * length,
    )


def _contact_times(imu: Imu, moments: Floats) -> Floats:
    """Contact time (K,) s of running near each moment (K,) s, NaN in walking."""
    known = sacrum_contacts(imu)
    if not len(known.time):
        return np.full(len(moments), np.nan)
    near = np.argmin(np.abs(known.time - moments[:, None]), axis=1)
    close = np.abs(known.time[near] - moments) < NEAR
    return np.where(close, known.contact_time[near], np.nan)


def _with_gap(imu: Imu, start: Floats, end: Floats) -> Booleans:
    """Which strides have less than nine tenths of their samples."""
    time = imu.time[np.isfinite(imu.acc).all(axis=1)]
    count = np.searchsorted(time, end) - np.searchsorted(time, start)
    return np.asarray(count < 0.9 * (end - start) * imu.rate)


def _run_length(contact: Floats, stride: Floats, height: float) -> Floats:
    """Length (K,) m of strides with these contact and stride times (K,) s."""
    size = height / USUAL_HEIGHT
    times = 0.97 * (1.0 - np.exp(-SPEEDS / 2.0)) / SPEEDS  # falls as the speed rises
    speed = np.interp(contact / np.sqrt(size), times[::-1], SPEEDS[::-1])
    return np.asarray(speed * np.sqrt(size) * stride)


def _walk_length(imu: Imu, start: Floats, end: Floats, height: float) -> Floats:
    """Length (K,) m of strides between two moments (K,) s."""
    time, acc = evenly(imu.time, imu.acc, imu.rate)
    leg = LEG_OF_HEIGHT * height
    rise = np.array([_rise(time, acc, *ends) for ends in zip(start, end, strict=True)])
    step = 2.0 * PENDULUM * np.sqrt(np.maximum(2.0 * leg * rise - rise**2, 0.0))
    return np.asarray(2.0 * step)


def _rise(time: Floats, acc: Floats, start: float, end: float) -> float:
    """How far (m) the trunk rises and falls in the steps of a stride."""
    inside = slice(*np.searchsorted(time, [start, end]))
    force, phase = acc[inside], (time[inside] - start) / (end - start)
    up = force.mean(axis=0)
    push = force @ (up / np.linalg.norm(up))
    push = push - push.mean()
    moments = np.linspace(0.0, 1.0, 64)
    height = np.zeros(len(moments))
    for harmonic in (2, 4, 6):  # of the stride: one, two and three a step
        turns = 2j * np.pi * harmonic
        part = 2.0 * np.mean(push * np.exp(-turns * phase))
        height += np.real(part * np.exp(turns * moments) / (turns / (end - start)) ** 2)
    return float(np.ptp(height))
