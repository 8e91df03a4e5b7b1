"""The heading of one sensor against its neighbour's, from the joint between them.

Without magnetometers every sensor's earth frame has a heading zero of its own, and each drifts. But
two neighbouring segments share a point, their joint, and both sensors know how it accelerates:

    a_joint = R (f + (α× + ω× ω×) r) − g

with the specific force f, angular rate ω and acceleration α of a sensor, its orientation R, and the
unknown arm r from the sensor to the joint, constant in the sensor's frame. The heading between two
sensors is the turn about the vertical under which both accounts agree (Seel et al. 2012; Weygers &
Kok 2020 use the same constraint for relative orientation). Per window of time that is one angle in
closed form; the arms are common to all windows.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import butter, sosfiltfilt

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.joint_agreement import (
    ROUNDS,
    SETTLED,
    WINDOW,
    best_angles,
    disagreement,
    few_together,
    residuals,
)

GRAVITY = 9.81  # m/s²
BAND = 4.0
"""Hz; above it soft tissue and impacts speak louder than the skeleton."""
ARM_PRIOR = 0.3
"""m; joints lie within about this distance of the sensors beside them."""

WINDOW_SD = np.deg2rad(8.0)
"""Standard deviation of what soft tissue and bending segments add to each window's angle, rad."""
HIDDEN = 8.0
"""How much more that is than the part by which one window differs from its neighbours."""
LEAST_SHARE = 0.05
"""Of WINDOW_SD; windows that agree to the bit are still not taken at their word."""
FEWEST_BENDS = 6
"""Fewer neighbours do not tell how well windows agree."""
DRIFT_SD = np.deg2rad(0.2)
"""Random walk of a heading without magnetometer, relative to its neighbour's, rad/√s."""
RATE_SD = np.deg2rad(0.05)
"""How fast such a heading drifts to begin with, rad/s: 3° a minute."""
RATE_WALK = np.deg2rad(0.005)
"""Random walk of that rate, rad/s/√s: with warmth, and with how hard the athlete moves."""


@dataclass(frozen=True)
class RelativeHeading:
    """Heading of a child's earth frame against its parent's, window by window.

    ``time`` (W,) s, centres of the windows; ``angle`` (W,) rad: turning the child's frame by it
    about the vertical makes it agree with the parent's; ``sd`` (W,) rad, huge where nothing moved.
    ``arms`` (2, 3) m from child and parent to the joint, each in its sensor's frame; zero where
    nobody looked for them.
    """

    time: Floats
    angle: Floats
    sd: Floats
    arms: Floats = field(default_factory=lambda: np.zeros((2, 3)))


def joint_accelerations(motion: BodyMotion, sensor: int, clear: Booleans) -> Floats:
    """What one sensor says of any point fixed to it: (N, 3, 4), earth frame, m/s² and 1/s².

    Column 0 is the sensor's own acceleration without gravity, columns 1–3 what each metre of arm
    along its x, y, z adds. Moments that are not ``clear`` (N,) count as zero.
    """
    rate, gyr, acc = motion.rate, motion.gyr[sensor], motion.acc[sensor]
    alpha = np.gradient(gyr, 1.0 / rate, axis=0)
    cross = cross_matrix(gyr)
    arms = cross_matrix(alpha) + cross @ cross
    local = np.concatenate([acc[:, :, None], arms], axis=2)
    earth = qt.to_matrix(motion.orientations[sensor]) @ local
    earth[:, 2, 0] -= GRAVITY
    earth[~clear] = 0.0
    return in_band(earth, rate)


def in_band(signal: Floats, rate: float) -> Floats:
    """A signal (N, ...) at ``rate`` Hz low-passed to BAND, phase-free: the same for all sensors."""
    sos = butter(2, min(BAND / rate, 0.45), fs=1.0, output="sos")
    return sosfiltfilt(sos, signal, axis=0, padlen=min(len(signal) - 1, int(rate)))


def relative_heading(time: Floats, child: Floats, parent: Floats) -> RelativeHeading:
    """Heading of child against parent, from their :func:`joint_accelerations` (N, 3, 4)."""
    rate = (len(time) - 1) / (time[-1] - time[0])
    windows = np.array_split(np.arange(len(time)), max(1, round(len(time) / (rate * WINDOW))))
    moments = np.stack([_moments(child[w], parent[w]) for w in windows])
    size = np.array([len(w) for w in windows])
    arms = _settled(moments, _first_arms(moments))
    angle, lever = best_angles(moments, arms)
    centre = np.array([time[w].mean() for w in windows])
    sd = _deviations(residuals(moments, arms, angle), lever, size / rate)
    return RelativeHeading(centre, angle, sd, arms.reshape(2, 3))


def smoothed(heading: RelativeHeading) -> RelativeHeading:
    """The same headings as a slow drift seen through noise: a Kalman smoother of angle and rate.

    The noise is WINDOW_SD and each window's own deviation, or less where the windows agree among
    themselves. The angle walks by DRIFT_SD, its rate, which a gyroscope's bias and scale give it,
    by RATE_WALK: without the rate, what is smoothed would lag behind a drift that changes. The
    angles that come out are continuous. Their deviations keep WINDOW_SD: what all windows have in
    common they do not tell.
    """
    noise = heading.sd**2 + WINDOW_SD**2
    angle, _ = _smooth(heading, _disunity(heading) ** 2 * noise)
    _, variance = _smooth(heading, noise)
    return RelativeHeading(heading.time, angle, np.sqrt(variance), heading.arms)


def _disunity(heading: RelativeHeading) -> float:
    """How far windows disagree with the line through their neighbours: a share of WINDOW_SD.

    Soft tissue errs alike for as long as the athlete moves alike, so that errors of neighbours
    differ by only a part of themselves; of which we reckon HIDDEN times as much.
    """
    middle = wrap(np.diff(heading.angle))
    bends = np.abs(wrap(np.diff(middle)))
    worst = np.max([heading.sd[:-2], heading.sd[1:-1], heading.sd[2:]], axis=0, initial=0.0)
    told = bends[worst < 2.0 * np.median(heading.sd)]
    if len(told) < FEWEST_BENDS:
        return 1.0
    scatter = float(np.median(told)) / (0.6745 * np.sqrt(6.0))  # of normal errors
    return float(np.clip(HIDDEN * scatter / WINDOW_SD, LEAST_SHARE, 1.0))


def _smooth(heading: RelativeHeading, noise: Floats) -> tuple[Floats, Floats]:
    """Angles and variances (W,) for windows with these noise variances (W,), rad².

    A forward pass and a backward one (Rauch, Tung & Striebel 1965).
    """
    count = len(heading.time)
    steps = np.diff(heading.time, prepend=heading.time[:1])
    ahead = np.tile(np.eye(2), (count, 1, 1))  # of angle and rate
    ahead[:, 0, 1] = steps
    walks = steps[:, None, None] * np.diag([DRIFT_SD**2, RATE_WALK**2])
    states, predicted = np.empty((2, count, 2))
    variances, before = np.empty((2, count, 2, 2))
    x, p = np.array([heading.angle[heading.sd.argmin()], 0.0]), np.diag([np.pi**2, RATE_SD**2])
    for k in range(count):
        predicted[k], before[k] = ahead[k] @ x, ahead[k] @ p @ ahead[k].T + walks[k]
        gain = before[k, 0] / (before[k, 0, 0] + noise[k])
        x = predicted[k] + gain * wrap(heading.angle[k] - predicted[k, 0])
        p = before[k] - np.outer(gain, before[k, 0])
        states[k], variances[k] = x, p
    for k in range(count - 2, -1, -1):
        back = np.linalg.solve(before[k + 1], ahead[k + 1] @ variances[k]).T
        states[k] += back @ (states[k + 1] - predicted[k + 1])
        variances[k] += back @ (variances[k + 1] - before[k + 1]) @ back.T
    return states[:, 0], variances[:, 0, 0]


def wrap(angle: Floats | float) -> Floats:
    """Angles brought into [−π, π), rad."""
    return np.mod(np.asarray(angle) + np.pi, 2.0 * np.pi) - np.pi


def _moments(child: Floats, parent: Floats) -> Floats:
    """The moments (4, 7, 7) of one window, see :mod:`trackside.kinematics.joint_agreement`."""
    none = np.zeros_like(child[:, :, 1:])
    u = np.concatenate([child, none], axis=2)
    v = np.concatenate([parent[:, :, :1], none, parent[:, :, 1:]], axis=2)
    flat_u, flat_v = u.reshape(-1, 7), v.reshape(-1, 7)
    own = flat_u.T @ flat_u + flat_v.T @ flat_v
    c = u[:, 0].T @ v[:, 0] + u[:, 1].T @ v[:, 1]
    s = u[:, 0].T @ v[:, 1] - u[:, 1].T @ v[:, 0]
    return np.stack([own, c, s, u[:, 2].T @ v[:, 2]])


def _solve_arms(form: Floats) -> Floats:
    """Arms (..., 6) in m that minimise the forms (..., 7, 7), kept short by the prior."""
    matrix, vector = form[..., 1:, 1:], form[..., 1:, :1]
    noise = np.trace(matrix, axis1=-2, axis2=-1)[..., None, None] / 6
    prior = (1e-4 * noise / ARM_PRIOR**2 + 1e-9) * np.eye(6)
    return -np.linalg.solve(matrix + prior, vector)[..., 0]


def _first_arms(moments: Floats) -> Floats:
    """Arms (6,) to begin with: the best for all windows of those that suit a few in a row."""

    def misfit(arms: Floats) -> float:
        return float(residuals(moments, arms, best_angles(moments, arms)[0]).sum())

    return min((_arms_at_one_heading(few) for few in few_together(moments)), key=misfit)


def _arms_at_one_heading(moments: Floats) -> Floats:
    """Arms (6,) with the best heading for the moments (4, 7, 7), tried all around the circle."""
    angles = np.deg2rad(np.arange(0.0, 360.0, 3.0))
    everywhere = np.broadcast_to(moments, (len(angles), 1, 4, 7, 7))
    arms = _solve_arms(disagreement(moments, angles))
    return arms[residuals(everywhere, arms, angles[:, None])[:, 0].argmin()]


def _settled(moments: Floats, arms: Floats) -> Floats:
    """Arms (6,) that fit the headings that fit them best, window by window."""
    for _ in range(ROUNDS):
        before = arms
        angle, _ = best_angles(moments, arms)
        arms = _solve_arms(disagreement(moments, angle).sum(axis=0))
        if np.abs(arms - before).max() < SETTLED:
            break
    return arms


def _deviations(misfit: Floats, lever: Floats, seconds: Floats) -> Floats:
    """Standard deviation (W,) of each window's angle: misfit over lever, per independent sample."""
    independent = np.maximum(2.0 * BAND * seconds, 1.0)
    return np.sqrt(np.maximum(misfit, 0.0) / np.maximum(lever, 1e-12) / independent)


def cross_matrix(vectors: Floats) -> Floats:
    """Matrices (N, 3, 3) whose product with r is v × r."""
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    rows = [zero, -z, y, z, zero, -x, -y, x, zero]
    return np.stack(rows, axis=-1).reshape(-1, 3, 3)
