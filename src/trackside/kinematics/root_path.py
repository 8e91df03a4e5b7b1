"""Where the pelvis goes over level ground, from whatever sensors there are.

While a foot bears the body its lowest point stays where it is, so the pelvis moves as the leg turns
over it. In flight nothing holds the body: it goes on at the velocity of toe-off, as the trunk's
accelerometer and the next stance correct it. With the integrated acceleration ∫a and the velocity u
that the legs tell in stance, the error ∫a − u wanders slowly, as tilt and bias of the accelerometer
make it. It is measured in stance, and a Kalman smoother
(:func:`~trackside.filters.vector_kalman.smooth_vectors`) carries it through flight, so that the
stances on both sides bound the velocity there. The height is that of the legs in stance and a
parabola in flight.

Without a sensor on the trunk, those of the thighs tell flight, as far as the pelvis is known.
Without any on thighs and shanks, feet are followed from one rest to the next: that is walking, for
in fast running feet never rest. Without any on a leg nobody knows the way, and the pelvis stands.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.filters.vector_kalman import ConstantVelocity, smooth_vectors
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import FORWARD
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.contacts import (
    GRAVITY,
    can_bear,
    flights,
    foot_contacts,
    foot_skate,
    sole_points,
    still,
    stretches,
    supports,
)
from trackside.kinematics.gait import TRUNK_ORDER
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions
from trackside.recordings.placements import SIDES

BACK = np.array([-0.10, 0.0, 0.0])
"""m; from the middle of a trunk segment's axis to the skin of the back, where its sensor sits."""
ASIDE = np.array([0.0, 0.0, 0.05])
"""m; from the middle of the right thigh's axis to its outer side; on the left the other way."""
INSTEP = np.array([0.0, 0.05, 0.0])
"""m; from the middle of the line from ankle to ball up to the sensor on a foot."""

VELOCITY_ERROR = ConstantVelocity(noise_sd=0.3, acceleration_density=1.0, initial_rate_sd=1.0)
"""The noise of the legs' velocity in m/s; and how far the accelerometer's error in m/s² wanders in
a second and is off at first: mostly g times a tilt of some degrees that changes within the step."""

THIGHS = tuple(f"{side}_thigh" for side in SIDES)

LONGEST_GUESS = 2.0
"""s; longer than that without a foot on the ground nobody knows the way: the pelvis stands."""

CHORD = 0.5  # s; over it the sway of a step is not yet distance


@dataclass(frozen=True)
class RootPath:
    """The way of the pelvis over level ground, and the contacts that it rests on.

    ``path`` (N, 3) m: its origin, the ground at height 0, starting above the earth's origin.
    ``known`` (N,): whether sensors tell the way; where they do not, the pelvis stands.
    ``contacts`` (2, N): whether the right and the left foot are on the ground, false for a foot
    that no sensor of its leg tells of. ``skates``: how far the right and the left foot slip in each
    of their stances, (K,) m.
    """

    path: Floats
    known: Booleans
    contacts: Booleans
    skates: tuple[Floats, Floats]


def root_path(
    skeleton: Skeleton, orientations: Floats, motion: BodyMotion, mountings: Floats
) -> RootPath:
    """The way of a body whose segments have these orientations (23, N, 4), segment → ENU.

    ``motion``: its sensors on the same clock; ``mountings`` (S, 4) segment → sensor.
    """
    body = _body(skeleton, orientations, motion, mountings)
    flying = flights(motion.time, _load(body))
    steps, borne = _steps(body, flying)
    path = np.zeros((len(motion.time), 3))
    path[1:, :2] = np.cumsum(np.nan_to_num(steps), axis=0)
    path[:, 2] = _heights(body, flying, borne)
    over_ground = body.points + path
    way_known = np.isfinite(np.append(steps[:, 0], steps[-1:, 0]))
    contacts = foot_contacts(motion.time, over_ground, flying) & body.seen & way_known
    right, left = foot_skate(over_ground, contacts)
    return RootPath(path, way_known, contacts, (right, left))


def distance(time: Floats, path: Floats) -> float:
    """Distance in m covered along a path (N, 3) m at ``time`` (N,) s, without the sway of steps."""
    moments = np.append(np.arange(time[0], time[-1], CHORD), time[-1])
    corners = np.stack([np.interp(moments, time, column) for column in path[:, :2].T])
    return float(np.sum(np.hypot(*np.diff(corners))))


@dataclass(frozen=True)
class _Body:
    """The body about its pelvis: what the sensors and the solved segments tell together.

    ``joints`` (23, N, 3) m and ``points`` (2, 3, N, 3) m of the soles, from the pelvis' origin;
    points that cannot bear are infinitely high. ``seen`` (2, N): whether the sensors of a leg, if
    it has any, had data.
    """

    skeleton: Skeleton
    orientations: Floats
    motion: BodyMotion
    mountings: Floats
    joints: Floats
    points: Floats
    seen: Booleans

    def sensors(self, *segments: str) -> list[int]:
        """Which sensors sit on these segments, in the order given."""
        worn = self.motion.segments
        return [worn.index(segment) for segment in segments if segment in worn]

    def force(self, sensor: int) -> Floats:
        """Specific force (N, 3) m/s² of a sensor, in the earth frame."""
        segment = self.orientations[INDEX[self.motion.segments[sensor]]]
        turn = qt.multiply(segment, qt.conjugate(self.mountings[sensor]))
        return qt.rotate(turn, self.motion.acc[sensor])

    def place(self, sensor: int) -> Floats:
        """Place (N, 3) m of a sensor: on the skin, halfway along its segment."""
        name = self.motion.segments[sensor]
        segment = INDEX[name]
        arm = 0.5 * self.skeleton.ends[segment] + _outwards(name)
        return self.joints[segment] + qt.rotate(self.orientations[segment], arm)


def _body(skeleton: Skeleton, orientations: Floats, motion: BodyMotion, mountings: Floats) -> _Body:
    frames = len(motion.time)
    joints = joint_positions(skeleton, orientations, np.zeros((frames, 3)))
    points = sole_points(skeleton, orientations, joints)
    worn = [
        [i for i, segment in enumerate(motion.segments) if segment in _leg(side)] for side in SIDES
    ]
    seen = np.array([bool(leg) & motion.measured[leg].all(axis=0) for leg in worn])
    bears = can_bear(motion.segments)
    if any(worn):  # a leg without sensors hangs from the pelvis and tells nothing
        bears &= np.array([[bool(leg)] for leg in worn])
    points[~bears, :, 2] = np.inf
    return _Body(skeleton, orientations, motion, mountings, joints, points, seen)


def _outwards(segment: str) -> Floats:
    """From the middle of a segment's axis to its sensor, (3,) m."""
    if segment in TRUNK_ORDER:
        return BACK
    if segment.endswith("foot"):
        return INSTEP
    return ASIDE if segment.startswith("right") else -ASIDE


def _leg(side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{part}" for part in ("thigh", "shank", "foot"))


def _load(body: _Body) -> Floats:
    """Vertical force per mass (N,) m/s²; NaN where no trunk or thigh has data.

    Pelvis and chest nod against each other, and thighs swing against each other, so that the mean
    is steadier than either.
    """
    load = _mean_load(body, body.sensors(*TRUNK_ORDER))
    if np.isnan(load).any():
        load = np.where(np.isnan(load), _mean_load(body, body.sensors(*THIGHS)), load)
    return load


def _mean_load(body: _Body, sensors: list[int]) -> Floats:
    """The pelvis' vertical force per mass (N,) m/s² by these sensors; NaN where none has data."""
    total, count = np.zeros((2, len(body.motion.time)))
    for sensor in sensors:
        measured = body.motion.measured[sensor]
        force = body.force(sensor)[:, 2] - _acceleration(body.motion, body.place(sensor)[:, 2])
        total += np.where(measured, force, 0.0)
        count += measured
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _acceleration(motion: BodyMotion, place: Floats) -> Floats:
    """Second derivative of a coordinate (N,) m, in m/s²; zero at both ends."""
    bend = np.zeros(len(place))
    bend[1:-1] = np.diff(place, 2)
    return bend * motion.rate**2


def _steps(body: _Body, flying: Booleans) -> tuple[Floats, Booleans]:
    """Way of the pelvis from each frame to the next, (N − 1, 2) m east and north; NaN if unknown.

    And whether a foot is known to bear the body meanwhile, (N − 1,).
    """
    if body.sensors(*(part for side in SIDES for part in _leg(side)[:2])):
        return _steps_of_legs(body, flying)
    on_ground = ~(flying[1:] | flying[:-1])
    feet = body.sensors(*(f"{side}_foot" for side in SIDES))
    if feet:
        return np.mean([_steps_of_foot(body, foot) for foot in feet], axis=0), on_ground
    return np.full((len(flying) - 1, 2), np.nan), on_ground


def _steps_of_legs(body: _Body, flying: Booleans) -> tuple[Floats, Booleans]:
    """As the legs say in stance, as the sensor nearest to the pelvis says in flight."""
    steps, known = _over_lowest(body.points, body.seen & ~flying)
    if len(body.sensors(*(part for side in SIDES for part in _leg(side)[:2]))) < 4:
        known &= _forwards(body, steps)
    carried = body.sensors(*TRUNK_ORDER, *THIGHS)
    if not carried:
        nothing = np.zeros_like(body.joints[0])
        return _bridged(body.motion.time, steps, known, nothing, nothing), known
    acceleration = body.force(carried[0])
    acceleration[~body.motion.measured[carried[0]]] = 0.0
    place = body.place(carried[0])
    return _bridged(body.motion.time, steps, known, acceleration, place), known


def _forwards(body: _Body, steps: Floats) -> Booleans:
    """Which steps (N − 1, 2) lead forward, as only those of a foot that bears the body do.

    This tells stance from swing where one leg alone has sensors, or stiff knees have none: both
    feet are equally low then.
    """
    ahead = qt.rotate(body.orientations[INDEX["pelvis"], :-1], FORWARD)[:, :2]
    return np.asarray(np.sum(steps * ahead, axis=1) >= 0.0)


def _steps_of_foot(body: _Body, sensor: int) -> Floats:
    """As one foot's own sensor says, at rest in every stance."""
    motion = body.motion
    side = SIDES.index(motion.segments[sensor].removesuffix("_foot"))
    rest = still(motion.rate, motion.gyr[sensor], motion.acc[sensor]) & motion.measured[sensor]
    steps, known = _over_lowest(body.points[[side]], rest[None])
    place = body.place(sensor)
    return _bridged(motion.time, steps, known, body.force(sensor), place)


def _over_lowest(points: Floats, grounded: Booleans) -> tuple[Floats, Booleans]:
    """Way (N − 1, 2) m of the pelvis if the lowest point rests, and whether its foot is grounded.

    ``points`` (F, P, N, 3) m, ``grounded`` (F, N).
    """
    feet, per_foot, frames, _ = points.shape
    points = points.reshape(feet * per_foot, frames, 3)
    lowest, frame = supports(points[..., 2]), np.arange(frames - 1)
    foot = lowest // per_foot
    known = grounded[foot, frame] & grounded[foot, frame + 1]
    return points[lowest, frame, :2] - points[lowest, frame + 1, :2], known


def _bridged(
    time: Floats,
    steps: Floats,
    known: Booleans,
    acceleration: Floats,
    place: Floats,
) -> Floats:
    """Steps (N − 1, 2) m of the pelvis, where not ``known`` by the sensor that went with it.

    ``acceleration`` (N, 3) m/s² and ``place`` (N, 3) m from the pelvis: those of the sensor. NaN
    where nothing is known for longer than LONGEST_GUESS.
    """
    if not known.any():
        return np.full_like(steps, np.nan)
    pace = np.diff(time)[:, None]
    swung = np.diff(place[:, :2], axis=0)
    gain = 0.5 * pace * (acceleration[1:, :2] + acceleration[:-1, :2])
    integrated = np.cumsum(gain, axis=0) - 0.5 * gain
    error = np.where(known[:, None], integrated - (steps + swung) / pace, np.nan)
    middle = 0.5 * (time[1:] + time[:-1])
    error = smooth_vectors(middle, error, VELOCITY_ERROR).values
    error[: known.argmax()] = error[known.argmax()]
    steps = np.where(known[:, None], steps, (integrated - error) * pace - swung)
    for start, end in zip(*stretches(~known), strict=True):
        if time[end] - time[start] > LONGEST_GUESS:
            steps[start:end] = np.nan
    return steps


def _heights(body: _Body, flying: Booleans, known: Booleans) -> Floats:
    """Height (N,) m of the pelvis: on a leg that is known to bear it, else in between.

    In flight that is a parabola. ``known`` (N − 1,): from each frame to the next.
    """
    time = body.motion.time
    height = -body.points[..., 2].min(axis=(0, 1))
    bears = np.append(known, False) | np.append(False, known)
    if bears.any():
        height = np.interp(time, time[bears], height[bears])
    for start, end in zip(*stretches(flying), strict=True):
        if start > 0 and end < len(time):
            air = time[start:end]
            height[start:end] += 0.5 * GRAVITY * (air - time[start - 1]) * (time[end] - air)
    return height
