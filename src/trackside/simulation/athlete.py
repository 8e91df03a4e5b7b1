"""The simulated athlete: a session as the sensors see it, and the truth behind it."""

import math
from collections.abc import Sequence

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, joint_positions
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    HEART_RATE,
    MAGNETOMETER,
    RR_INTERVAL,
    Athlete,
    Block,
    Device,
    Kind,
    Stream,
)
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.clocks import Clock, clock_of
from trackside.simulation.heart_rate import Heart
from trackside.simulation.kits import KIT_17, Mounting, checked_kit, mounted
from trackside.simulation.motion import Motion, motion_of
from trackside.simulation.plan import SessionPlan
from trackside.simulation.sensor_errors import REALISTIC, SensorErrors, spoil, wandering_field
from trackside.simulation.sensors import EARTH_FIELD, POLYNOMIALS, REACH, sense
from trackside.simulation.session import SimulatedSession
from trackside.simulation.slips import Slip, slip_away
from trackside.simulation.truth import Truth, activities_of, steps_of

_GRID_RATE = 3200.0  # Hz, the least rate of the grid on which the body moves
_CHUNK = 20.0  # s of motion held in memory at a time


def _stream(segment: str, rate: float, errors: SensorErrors, number: int) -> Stream:
    device = Device("Simulated IMU", f"SIM-{number:02d}", "1.0")
    channels = (GYROSCOPE, ACCELEROMETER, MAGNETOMETER)
    return Stream(segment, Kind.IMU, channels, rate, device, segment, errors.tick)


def _sense_all(
    motion: Motion,
    mountings: list[Mounting],
    clocks: list[Clock],
    fields: list[Floats],
    pose: Pose,
    every: int,
) -> list[Floats]:
    """What each sensor senses, (N, 9); fills the pose's orientations and root on the way."""
    senses = [np.empty((len(clock.time), 9)) for clock in clocks]
    frames, per_chunk = len(pose.time), round(_CHUNK / (every * motion.step))
    margin = REACH + 1
    for first in range(0, frames * every, per_chunk * every):
        end = min(first + per_chunk * every, frames * every)
        orientations, root = motion.poses(first - margin, end - first + 2 * margin)
        joints = joint_positions(motion.body.skeleton, orientations, root)
        kept = slice(first // every, end // every)
        inside = slice(margin, margin + end - first, every)
        pose.orientations[:, kept] = orientations[:, inside]
        pose.root[kept] = root[inside]
        for mounting, clock, field, out in zip(mountings, clocks, fields, senses, strict=True):
            part = slice(*np.searchsorted(clock.time, [first * motion.step, end * motion.step]))
            at = clock.time[part] / motion.step - (first - margin)
            middle = np.rint(at).astype(np.int64)
            segment = INDEX[mounting.segment]
            sense(
                joints[segment],
                orientations[segment],
                motion.step,
                middle,
                at - middle,
                mounting.position,
                mounting.orientation,
                field[part],
                POLYNOMIALS,
                out[part],
            )
    return senses


def simulate(
    plan: SessionPlan,
    kit: tuple[str, ...] = KIT_17,
    errors: SensorErrors = REALISTIC,
    *,
    height: float = 1.75,
    rate: float = 100.0,
    seed: int = 0,
    slips: Sequence[Slip] = (),
) -> SimulatedSession:
    """Simulate a session: the athlete follows the plan with a sensor on each segment of the kit.

    ``height``: body height in m; ``rate``: of the sensors in Hz; the same ``seed`` gives the same
    session. ``time`` in the blocks is the true time of each sample on the host's clock, which a
    perfect clock alignment would recover from the raw ``host_time`` and ``device_time``.
    ``slips``: of sensors on their segments; the truth's mountings are those before.

    Raises ParameterError for a kit, a height or a rate (10 to 1000 Hz) that cannot be.
    """
    if not 10 <= rate <= 1000:
        raise ParameterError(f"sensor rate {rate} Hz: expected 10 to 1000 Hz")
    kit = checked_kit(kit)
    rng = np.random.default_rng(seed)
    every = math.ceil(_GRID_RATE / rate)
    motion = motion_of(plan, height, 1.0 / (rate * every))
    mountings = mounted(kit, motion.body.skeleton, rng)
    clocks = [clock_of(plan.duration, rate, errors, rng) for _ in kit]
    fields = [_field(len(clock.time), errors, rate, rng) for clock in clocks]
    pose = _empty_pose(motion, plan.duration, rate)
    senses = _sense_all(motion, mountings, clocks, fields, pose, every)
    truth = _truth(motion, pose, mountings, plan.duration, every, rng)
    whole, streams = {}, []
    for number, (segment, clock, values) in enumerate(zip(kit, clocks, senses, strict=True)):
        slip_away(values, clock.time, segment, slips)
        streams.append(_stream(segment, rate, errors, number))
        whole[segment] = _imu_block(segment, clock, values, errors, rate, rng)
    streams.append(_HEART_STREAM)
    whole[_HEART_STREAM.name] = _heart_block(truth, errors)
    who = Athlete("Simulated athlete", height)
    return SimulatedSession(who, tuple(streams), truth, plan.duration, whole)


def _field(count: int, errors: SensorErrors, rate: float, rng: np.random.Generator) -> Floats:
    if errors.disturbance:
        return EARTH_FIELD + wandering_field(count, errors, rate, rng)
    return np.tile(EARTH_FIELD, (count, 1))


def _empty_pose(motion: Motion, duration: float, rate: float) -> Pose:
    count = math.ceil(duration * rate - 1e-9)
    return Pose(
        motion.body.skeleton,
        np.arange(count) / rate,
        np.empty((len(SEGMENTS), count, 4)),
        np.empty((count, 3)),
        np.ones((len(SEGMENTS), count), dtype=np.bool_),
    )


def _truth(
    motion: Motion,
    pose: Pose,
    mountings: list[Mounting],
    duration: float,
    every: int,
    rng: np.random.Generator,
) -> Truth:
    line = motion.body.timeline
    inside = slice(motion.lead, motion.lead + len(pose.time) * every, every)
    heart = Heart()
    heart_rate = heart.rate(line.speed[inside], every * motion.step)
    return Truth(
        pose,
        steps_of(motion, duration),
        line.speed[inside],
        120.0 * line.stride_rate[inside],
        heart_rate,
        heart.beats(pose.time, heart_rate, rng),
        {mounting.segment: mounting for mounting in mountings},
        activities_of(motion, inside),
    )


def _imu_block(
    name: str,
    clock: Clock,
    values: Floats,
    errors: SensorErrors,
    rate: float,
    rng: np.random.Generator,
) -> Block:
    triads = (errors.gyroscope, errors.accelerometer, errors.magnetometer)
    channels = (GYROSCOPE, ACCELEROMETER, MAGNETOMETER)
    samples = {}
    for number, (channel, triad) in enumerate(zip(channels, triads, strict=True)):
        signal = np.ascontiguousarray(values[:, 3 * number : 3 * number + 3])
        spoil(signal, triad, rate, rng)
        samples[channel.name] = signal
    return Block(name, clock.time, samples, clock.host_time, clock.device_time, clock.sequence)


_HEART_STREAM = Stream(
    "heart_rate",
    Kind.HEART_RATE,
    (HEART_RATE, RR_INTERVAL),
    device=Device("Simulated chest strap", "SIM-HR", "1.0"),
)


def _heart_block(truth: Truth, errors: SensorErrors) -> Block:
    time = truth.beats[1:]
    interval = np.diff(truth.beats)
    rate = np.interp(time, truth.pose.time, truth.heart_rate)
    if errors.beat_tick:
        interval = np.rint(interval / errors.beat_tick) * errors.beat_tick
        rate = np.rint(rate)
    values = {HEART_RATE.name: rate[:, None], RR_INTERVAL.name: interval[:, None]}
    return Block(_HEART_STREAM.name, time, values, time + errors.latency)
