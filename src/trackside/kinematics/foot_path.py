"""The way of a foot, from the sensor on it: rests found, navigated from one to the next, smoothed.

In walking the foot rests for a third of a second. The faster the athlete, the shorter, and in a
sprint it hardly does: the heel rises while the toes come down, and the sensor moves all the while.
What does rest is the ball of the foot. So each stance has its moment of least motion, at which the
ball stands still, as surely as there is little motion; a *lever* leads from the sensor to the ball.
A first pass without the lever shows how the sensor turns about the ball as the heel rises, and so
where the ball is; a second pass knows it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import SignalError
from trackside.filters.inertial_steps import InertialSteps, inertial_steps
from trackside.filters.missing_samples import fill_gaps, finite_rows
from trackside.filters.zero_velocity import InertialPath, Nodes, navigate
from trackside.kinematics import quaternions as qt
from trackside.kinematics.leg_swings import (
    GRAVITY,
    SLOWEST_STRIDE,
    Swings,
    least_motion,
    leg_swings,
)
from trackside.kinematics.stance_kernels import (
    find_lengths,
    least_between,
    mark_between,
    mark_steady,
    turn_on,
    turned_onto,
)

STILL = 0.05
"""m/s; a foot that moves less rests, in standing and in the stance of walking."""
LEAST_REST = 3.0
"""How much faster than at the moment of least motion a foot may move and still be at rest."""
LEAST_STILL = 0.3  # s; outside of stances a foot at rest is still for so long
REST_SD = 0.01  # m/s; feet at rest give way
STANDING = 1.0  # s; over so long a standing foot shows the gyroscope's bias
STEADY = 0.02  # rad/s; the deviation of its angular rate is less then
CLIMB = 0.3
"""m/s; about as fast as people climb for long, on stairs or on hills."""

REST_PACE = 0.02  # s between nodes at rest
PACE = 0.1  # s between nodes elsewhere
LONGEST_GAP = 0.25  # s; a path ends at a longer one
SHORTEST_PATH = 1.0  # s
FEWEST_SAMPLES = 10
COARSE = 8  # samples turned by at a time on the way back to the first

USUAL_LEVER = np.array([0.06, -0.08, 0.0])
"""m; forward, up and to the right from a sensor on the instep to the ball of the foot."""
USUAL_LEVER_SD = 0.04  # m; sensors are worn on heel, instep and side
LEVER_SD = 0.02  # m; the ball is no point
PUSH_TIME = 0.005  # s; forces on a ball that stands still move it for so long at most
TELLING_STRIDES = 600
"""So many strides tell the lever to less than a millimetre."""
SLIP_SD = 0.1  # m/s of the ball while the heel rises
RISING = (0.1, 0.6)
"""Of the fastest rise of the heel, between which it turns about the ball; then about the toes."""


@dataclass(frozen=True)
class FootPath:
    """The way of a foot's sensor over one stretch of a recording without long gaps.

    ``time`` (N,) s; ``gyr`` (N, 3) rad/s and ``acc`` (N, 3) m/s², short gaps filled; ``measured``
    (N,): false where samples were filled in; ``clipped`` (N,): where one was. ``swings``: the
    strides; ``rests`` (S,): sample of least motion in each stance, ``rest_sd`` (S,) m/s: how sure
    the rest is. ``path``: at each sample, and at ``nodes``. ``frame`` (3, 3): forward, up and right
    of the foot at rest, as rows in the sensor's frame; ``lever`` (3,) m: from the sensor to the
    ball, in the foot's frame.
    """

    time: Floats
    gyr: Floats
    acc: Floats
    measured: Booleans
    clipped: Booleans
    swings: Swings
    rests: Integers
    rest_sd: Floats
    nodes: Nodes
    path: InertialPath
    frame: Floats
    lever: Floats

    def velocity(self, point: Floats) -> Floats:
        """Velocity (N, 3) m/s of a point (3,) m from the sensor, in the foot's frame."""
        arm = self.gyr @ _crossed_with(point @ self.frame)
        return self._in_earth(arm, self.path.velocities)

    def speed(self, point: Floats) -> Floats:
        """Speed (N,) m/s of a point (3,) m from the sensor, in the foot's frame."""
        speed = np.empty(len(self.time))
        find_lengths(self.velocity(point), speed)
        return speed

    def position(self, point: Floats) -> Floats:
        """Position (N, 3) m of a point (3,) m from the sensor, in the foot's frame."""
        return self._in_earth((point @ self.frame)[None], self.path.positions)

    def levelled(self) -> Floats:
        """Position (N, 3) m of the sensor on level ground: where the foot rests, it is as high.

        An accelerometer's bias along the foot looks like a slope: 0.02 g climb 2 % of the way.
        """
        resting = self.nodes.samples[np.isfinite(self.nodes.velocity_sd)]
        level = self.path.positions.copy()
        ball = self.position(self.lever)[resting, 2]
        level[:, 2] -= np.interp(self.time, self.time[resting], ball)
        return level

    def forward(self) -> Floats:
        """Where the foot points (N, 3), in the earth frame."""
        return self._in_earth(self.frame[:1], np.zeros((1, 3)))

    def _in_earth(self, vectors: Floats, base: Floats) -> Floats:
        turned = np.empty((len(self.time), 3))
        turned_onto(self.path.orientations, vectors, base, turned)
        return turned


def foot_paths(time: Floats, gyr: Floats, acc: Floats) -> list[FootPath]:
    """The way of a foot from its sensor: ``time`` (N,) s, ``gyr`` rad/s, ``acc`` m/s² (N, 3).

    One path for each stretch without a gap longer than 0.25 s. Samples with NaN are missing ones.

    Raises SignalError if there is no stretch of a second.
    """
    return [_path(*part) for part in unbroken(time, gyr, acc)]


def unbroken(time: Floats, gyr: Floats, acc: Floats) -> list[tuple[Floats, Floats, Booleans]]:
    """Stretches of a leg's samples without a gap longer than 0.25 s, shorter ones filled.

    Of each: time (M,) s, gyroscope and accelerometer (M, 6), and which samples (M,) were measured.

    Raises SignalError if there is no stretch of a second.
    """
    signals = np.hstack([gyr, acc])
    if finite_rows(signals).sum() < FEWEST_SAMPLES:
        raise _no_second(len(time))
    filled = fill_gaps(time, signals)
    usable = finite_rows(filled.signals)
    stamps, signals, measured = filled.time, filled.signals, filled.measured
    if not usable.all():
        stamps, signals, measured = stamps[usable], signals[usable], measured[usable]
    edges = [0, *(np.flatnonzero(np.diff(stamps) > LONGEST_GAP) + 1), len(stamps)]
    parts = [
        (stamps[first:last], np.ascontiguousarray(signals[first:last]), measured[first:last])
        for first, last in pairwise(edges)
        if last - first >= FEWEST_SAMPLES and stamps[last - 1] - stamps[first] >= SHORTEST_PATH
    ]
    if not parts:
        raise _no_second(len(time))
    return parts


def _no_second(samples: int) -> SignalError:
    return SignalError(
        f"a leg's sensor has no second without a gap among its {samples} samples: leave it out"
    )


def _path(time: Floats, signals: Floats, measured: Booleans) -> FootPath:
    gyr, acc = (np.ascontiguousarray(part) for part in np.split(signals, 2, axis=1))
    standing = _standing(time, gyr)
    acc = acc - _force_bias(acc, standing)
    swings = leg_swings(time, gyr, acc)
    rests = swings.rests
    steps = inertial_steps(time, gyr, acc, measured)
    frame, lever = _foot(steps, standing, swings)
    motion = _motion_of_ball(time, gyr, acc, swings)
    nodes = _nodes(time, standing, swings, motion)
    start = _first_orientation(time, gyr, acc, swings.motion)
    path = navigate(steps, nodes, start, lever=lever @ frame)
    rest_sd = np.hypot(REST_SD, motion[rests])
    return FootPath(
        time, gyr, acc, measured, steps.clipped, swings, rests, rest_sd, nodes, path, frame, lever
    )


def _foot(steps: InertialSteps, standing: Booleans, swings: Swings) -> tuple[Floats, Floats]:
    """Where the foot is from the sensor: its frame (3, 3), and in it the lever to the ball (3,).

    From the path without a lever, of the strides in the middle of the recording.
    """
    part = _middle_strides(steps.time, swings)
    steps, standing, swings = steps[part], standing[part], swings.within(part.start, part.stop)
    time, gyr = steps.time, steps.gyr
    start = _first_orientation(time, gyr, steps.acc, swings.motion)
    path = navigate(steps, _nodes(time, standing, swings, swings.motion), start)
    frame = _foot_frame(path, swings.rests)
    return frame, _lever(gyr, path, frame, swings)


def _middle_strides(time: Floats, swings: Swings) -> slice:
    """The samples of the strides in the middle, as many as tell the lever; all if there are few."""
    spare = (len(swings) - TELLING_STRIDES) // 2
    if spare <= 0:
        return slice(0, len(time))
    ends = time[swings.rests[[spare, -1 - spare]]] + np.array([-1.0, 1.0]) * SLOWEST_STRIDE
    return slice(*np.searchsorted(time, ends).tolist())


def _force_bias(acc: Floats, standing: Booleans) -> Floats:
    """The accelerometer's bias (3,) m/s² along the vertical of standing: what is not gravity.

    The rest of the bias cannot be told from a tilt, and does as much harm as that: little.
    """
    if not standing.any():
        return np.zeros(3)
    force = np.median(acc[standing], axis=0)
    length = float(np.linalg.norm(force))
    return force * (1.0 - GRAVITY / length)


def _foot_frame(path: InertialPath, rests: Integers) -> Floats:
    """Forward, up and right of the foot at rest: rows (3, 3) in the sensor's frame.

    Forward is where the strides lead.
    """
    turns = qt.to_matrix(path.orientations[rests])
    up = turns[:, 2].sum(axis=0) if len(rests) else np.array([0.0, 0.0, 1.0])
    up /= np.linalg.norm(up)
    strides = np.diff(path.positions[rests], axis=0)
    forward = np.einsum("nji,nj->i", turns[:-1], strides) if len(rests) > 1 else np.eye(3)[0]
    forward = forward - (forward @ up) * up
    length = float(np.linalg.norm(forward))
    if length < 1e-6:
        forward, length = (
            np.cross(up, np.roll(up, 1)),
            float(np.linalg.norm(np.cross(up, np.roll(up, 1)))),
        )
    forward /= length
    return np.array([forward, up, np.cross(forward, up)])


def _lever(gyr: Floats, path: InertialPath, frame: Floats, swings: Swings) -> Floats:
    """From the sensor to the ball (3,) m, in the foot's frame: what the heel rises about.

    Least squares of v + ω × lever = 0, with the usual place as a prior.
    """
    rising = _rising(swings)
    rate = gyr[rising] @ frame.T
    velocity = qt.rotate(qt.conjugate(path.orientations[rising]), path.velocities[rising]) @ frame.T
    cross = np.zeros((len(rate), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -rate[:, 2], rate[:, 1], -rate[:, 0]
    cross -= np.swapaxes(cross, 1, 2)
    stacked, ways = cross.reshape(-1, 3), velocity.ravel()
    normal = stacked.T @ stacked / SLIP_SD**2
    right = -stacked.T @ ways / SLIP_SD**2
    prior = np.eye(3) / USUAL_LEVER_SD**2
    return np.linalg.solve(normal + prior, right + prior @ USUAL_LEVER)


def _rising(swings: Swings) -> Booleans:
    """At which samples (N,) the heel rises and the foot turns about its ball."""
    fastest = np.empty_like(swings.rests)
    least_between(swings.rate, swings.rests, swings.back, fastest)
    peak = swings.rate[fastest]
    rising = np.zeros(len(swings.rate), np.bool_)
    mark_between(swings.rate, RISING[1] * peak, RISING[0] * peak, swings.rests, fastest, rising)
    return rising


def _crossed_with(arm: Floats) -> Floats:
    """The matrix (3, 3) by which rows of angular rates become ω × arm."""
    x, y, z = arm
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def _motion_of_ball(time: Floats, gyr: Floats, acc: Floats, swings: Swings) -> Floats:
    """About how fast the ball of the foot moves (N,) m/s: from each rest until the toes leave.

    Before the rest, the foot may still come down about the heel.
    """
    rate = 1.0 / float(np.median(np.diff(time)))
    about_ball = least_motion(gyr, acc, rate, LEVER_SD, PUSH_TIME)
    return np.where(_inside(swings.rests, swings.back, len(time)), about_ball, swings.motion)


def _inside(first: Integers, last: Integers, count: int) -> Booleans:
    """Which of ``count`` samples lie between these, both included; spans (S,) do not overlap."""
    edges = np.zeros(count + 1, np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def _nodes(time: Floats, standing: Booleans, swings: Swings, motion: Floats) -> Nodes:
    """Nodes at rests, densely, and elsewhere as often as the filter needs them.

    ``motion`` (N,) m/s: about how fast the point moves that should rest.
    """
    rests = swings.rests
    resting = _resting(time, swings)
    footprint, node = np.zeros((2, len(time)), np.bool_)
    footprint[rests] = True
    node[_paced(time, np.where(resting, REST_PACE, PACE))] = True
    node[[0, -1]] = True
    chosen = np.flatnonzero(node | footprint)
    return Nodes(
        chosen,
        np.where(resting[chosen], np.hypot(REST_SD, motion[chosen]), np.inf),
        np.where(standing[chosen], STEADY, np.inf),
        _climb_sd(time, chosen, rests),
        footprint[chosen],
    )


def _climb_sd(time: Floats, chosen: Integers, rests: Integers) -> Floats:
    """Error (K,) m of "this stride was level": infinite where no stride ends."""
    sd = np.full(len(chosen), np.inf)
    lengths = np.diff(time[rests])
    ends = np.searchsorted(chosen, rests[1:])
    sd[ends] = np.where(lengths < SLOWEST_STRIDE, CLIMB * lengths, np.inf)
    return sd


def _resting(time: Floats, swings: Swings) -> Booleans:
    """Whether the foot rests at each sample (N,).

    Outside of stances it must be still for a while: in the middle of a swing it may seem to rest.
    """
    resting = _lasting(time, swings.motion <= STILL, LEAST_STILL)
    most = np.maximum(STILL, LEAST_REST * swings.motion[swings.rests])
    never = np.full(len(most), -1.0)
    still = np.nextafter(most, np.inf)
    mark_between(swings.motion, never, still, swings.front, swings.back + 1, resting)
    return resting


def _standing(time: Floats, gyr: Floats) -> Booleans:
    """Whether the foot stands for long, (N,): its rate deviates little from its mean about it."""
    window = max(3, round(STANDING / float(np.median(np.diff(time)))))
    standing = np.empty(len(time), np.bool_)
    mark_steady(gyr, window, STEADY**2, standing)
    return standing


def _paced(time: Floats, pace: Floats) -> Integers:
    """Samples with about ``pace`` (N,) s between them."""
    passed = np.floor(np.cumsum(np.diff(time, prepend=time[0]) / pace))
    return np.flatnonzero(np.diff(passed, prepend=-1.0) > 0)


def _lasting(time: Floats, mask: Booleans, least: float) -> Booleans:
    """The mask (N,) without its stretches shorter than ``least`` s."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    kept = np.zeros_like(mask)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        kept[first:end] = time[end - 1] - time[first] >= least
    return kept


def _first_orientation(time: Floats, gyr: Floats, acc: Floats, motion: Floats) -> Floats:
    """Orientation (4,) at the first sample: level at the quietest moment of the first stride."""
    early = int(np.searchsorted(time, time[0] + SLOWEST_STRIDE))
    quiet = int(np.argmin(motion[:early]))
    up = acc[quiet] / np.linalg.norm(acc[quiet])
    level = qt.from_rotation_vector(_turn_between(up, np.array([0.0, 0.0, 1.0])))
    angles = np.zeros((quiet + 1, 3))
    angles[1:] = np.cumsum(
        0.5 * (gyr[1 : quiet + 1] + gyr[:quiet]) * np.diff(time[: quiet + 1])[:, None], axis=0
    )
    marks = np.append(np.arange(quiet, 0, -COARSE), 0)  # exact to the filter's first doubt
    turn_on(level, np.diff(angles[marks], axis=0))
    return level


def _turn_between(a: Floats, b: Floats) -> Floats:
    """Rotation vector (3,) of the shortest turn from one unit vector to another."""
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    angle = np.arctan2(sine, float(a @ b))
    if sine < 1e-9:
        return np.array([angle, 0.0, 0.0])
    return axis * (angle / sine)
