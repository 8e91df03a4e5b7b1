"""Which foot is on the ground and when: the points of the soles, flight, still feet, and skate.

In flight the whole body falls freely, so an accelerometer on the trunk feels no weight, however
fast the athlete is; on the ground it feels the better part of it. That tells flight from stance
without looking at the feet, whose own accelerations in running drown everything else.
"""

import numpy as np
from scipy.ndimage import uniform_filter1d

from trackside.arrays import Booleans, Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.recordings.placements import SIDES

GRAVITY = 9.81  # m/s²
FLIGHT_LOAD = 0.4 * GRAVITY
"""m/s²; a trunk that feels less is in the air: in walking it feels 0.6 of its weight or more."""
LONGEST_FLIGHT = 1.0
"""s; who stays up longer has jumped 1.2 m high: it is a sensor that has failed."""

STILL_RATE = 1.0  # rad/s
STILL_FORCE = 2.0  # m/s²
STILL_WINDOW = 0.06  # s

LOW = 0.02  # m above the ground
SLOW = 0.5  # m/s; a swinging foot that passes as low as that is faster


def sole_points(skeleton: Skeleton, orientations: Floats, joints: Floats) -> Floats:
    """Heel, ball and toe tip of the right, then the left foot in the earth frame: (2, 3, N, 3) m.

    ``orientations`` (23, N, 4) segment → ENU; ``joints`` (23, N, 3) m, the segments' origins.
    """
    points = []
    for side, heel in zip(SIDES, skeleton.heels, strict=True):
        foot, toe = INDEX[f"{side}_foot"], INDEX[f"{side}_toe"]
        points.append(
            [
                joints[foot] + qt.rotate(orientations[foot], heel),
                joints[toe],
                joints[toe] + qt.rotate(orientations[toe], skeleton.ends[toe]),
            ]
        )
    return np.array(points)


def can_bear(segments: tuple[str, ...]) -> Booleans:
    """Which sole points can bear the body, (2, 3), for sensors on ``segments``.

    Toes without a sensor stay in line with their foot until the way is known. Real ones bend and
    lie flat when the heel rises, so that the tip of those is then below the ground: it bears
    nothing.
    """
    return np.array([[True, True, f"{side}_toe" in segments] for side in SIDES])


def supports(heights: Floats) -> Integers:
    """Which of P points bears the body from each frame to the next, (N − 1,): the lowest one.

    ``heights`` (P, N) m, infinite where a point cannot bear. Points that lie flat together take
    turns as noise will have it, which does no harm: they rest alike.
    """
    return np.asarray((heights[:, :-1] + heights[:, 1:]).argmin(axis=0))


def flights(time: Floats, load: Floats) -> Booleans:
    """Whether the body is in the air (N,), from the vertical force per mass on the trunk (N,) m/s².

    ``load`` is NaN where nobody knows: there the body stays on the ground.
    """
    flying = np.zeros(len(time), bool)
    for start, end in zip(*stretches(load < FLIGHT_LOAD), strict=True):
        flying[start:end] = time[end - 1] - time[start] < LONGEST_FLIGHT
    return flying


def still(rate: float, gyr: Floats, acc: Floats) -> Booleans:
    """Whether a sensor on a foot stands still (N,), from ``gyr`` and ``acc`` (N, 3) at ``rate`` Hz.

    The test SHOE of Skog et al. 2010 (IEEE Trans. Biomed. Eng. 57, 2657), with the length of the
    force in place of the vector.
    """
    turning = np.sum(gyr**2, axis=1) / STILL_RATE**2
    force = (np.linalg.norm(acc, axis=1) - GRAVITY) ** 2 / STILL_FORCE**2
    window = max(1, round(STILL_WINDOW * rate))
    unrest: Floats = uniform_filter1d(turning + force, window, mode="nearest")
    return unrest < 1.0


def foot_contacts(time: Floats, points: Floats, flying: Booleans) -> Booleans:
    """Whether each foot is on the ground, (F, N): low and slow while the body does not fly.

    ``points`` (F, P, N, 3) m, those of each foot over the ground; infinitely high if out of play.
    """
    lowest = points[..., 2].min(axis=1)
    speed = np.linalg.norm(np.diff(_slip(points), axis=1), axis=-1) / np.diff(time)
    slow = np.pad(speed < SLOW, ((0, 0), (1, 1)))
    return (lowest < LOW) & (slow[:, 1:] | slow[:, :-1]) & ~flying


def foot_skate(points: Floats, contacts: Booleans) -> list[Floats]:
    """How far each foot slips in each of its stances, in m: for each of F feet (K,).

    The slip is the way over ground of whichever point is lowest, from the stance's start to where
    it is farthest: a foot that rolls from heel to ball does not slip. ``points`` (F, P, N, 3) m,
    ``contacts`` (F, N).
    """
    skates = []
    for slip, contact in zip(_slip(points), contacts, strict=True):
        starts, ends = stretches(contact)
        ways = [
            np.linalg.norm(slip[a:b] - slip[a], axis=1).max()
            for a, b in zip(starts, ends, strict=True)
        ]
        skates.append(np.array(ways))
    return skates


def stretches(mask: Booleans) -> tuple[Integers, Integers]:
    """First frames (K,) of the stretches in which a mask (N,) holds, and the frames after them."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _slip(points: Floats) -> Floats:
    """Way over ground (F, N, 2) m of the lowest point of each foot (F, P, N, 3), summed up."""
    feet, _, frames, _ = points.shape
    slip = np.zeros((feet, frames, 2))
    for own, foot in zip(slip, points, strict=True):
        lowest = supports(foot[..., 2])
        frame = np.arange(frames - 1)
        own[1:] = np.cumsum(foot[lowest, frame + 1, :2] - foot[lowest, frame, :2], axis=0)
    return slip
