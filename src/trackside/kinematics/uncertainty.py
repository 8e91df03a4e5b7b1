"""How uncertain each joint of a solved pose is.

Small errors add up linearly. With a sensor's vertical axis in the calibration pose, u (segment
frame, turned into the earth's by the pose), and the vertical z, its segment is wrong by

    i + δ (u − z) + d z

- i: the inclination's error, as the orientation filter tells it; in gaps it grows;
- δ: that of the facing. It turned the mounting as much as the heading and cancels while the segment
  is as upright as in the calibration pose, but not once it leans;
- d: the heading's drift since then, between what the filters tell and what the joint tells.

Where movement told how sure each mounting is, that is added.

A joint is wrong by what its two segments do not share. Segments without a sensor add how far people
bend the joint, which nobody saw.
"""

from collections.abc import Sequence

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration, segment_in_pose
from trackside.kinematics.common_clock import BodyMotion, SensorTrack
from trackside.kinematics.facing import Facing
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX
from trackside.kinematics.solver import chain_of
from trackside.recordings.placements import CENTRE, SEGMENTS

UNTOLD_SD = np.deg2rad(2.0)
"""Of orientations that come from a maker's filter, which does not tell its own, rad."""
UNSEEN_RATE = 1.0
"""How fast a segment becomes uncertain in a gap, rad/s, up to 1 rad."""
BENDS = {"trunk": 5.0, "shoulder": 10.0, "toe": 30.0, "limb": 45.0}
"""How far joints without a sensor are from rest while people move, degrees, RMS."""


def joint_deviations(
    whole: Floats,
    motion: BodyMotion,
    calibration: Calibration,
    facing: Facing,
    tracks: Sequence[SensorTrack],
) -> Floats:
    """Standard deviation (23, N) rad of each joint's rotation; the pelvis' is against the earth.

    ``whole`` (23, N, 4): the solved pose; ``tracks``: those of the motion, with their deviations.
    """
    own = {track.segment: track for track in tracks}
    inclination, heading = (
        np.stack([_told(own[segment], kind, motion.time) for segment in motion.segments])
        for kind in ("inclination_sd", "heading_sd")
    )
    for sensor, row in enumerate(motion.measured):
        if not row.all():
            lost = UNSEEN_RATE * _lost(row, motion.time)
            inclination[sensor] = np.hypot(inclination[sensor], lost.clip(max=1.0))
    moment = 0.5 * (calibration.start + calibration.end)
    drift, joined = _drifts(heading, facing, motion.time, moment)
    rows = [INDEX[segment] for segment in motion.segments]
    weights = _weights(motion.segments)
    unseen = np.array([_unseen(joint, motion.segments) for joint in range(len(SEGMENTS))])
    if calibration.sd is not None:
        unseen += weights**2 @ np.sum(calibration.sd**2, axis=1)
    out = np.empty(whole.shape[:2])
    _add_up(
        np.ascontiguousarray(whole[rows]),
        _uprights(calibration),
        inclination,
        drift,
        facing.covariance,
        weights,
        weights @ joined,
        unseen,
        out,
    )
    return out


@kernel
def _add_up(
    segments: Floats,
    uprights: Floats,
    inclination: Floats,
    drift: Floats,
    covariance: Floats,
    weights: Floats,
    drifting: Floats,
    unseen: Floats,
    out: Floats,
) -> None:
    """Deviations (23, N) rad.

    Of S sensors: ``segments`` (S, N, 4) segment → ENU, ``uprights`` (S, 3) u in the segment's
    frame, ``inclination`` (S, N) rad, ``drift`` (S, N) rad², ``covariance`` (S, S) rad² of facings.
    Of 23 joints: how much of each sensor's error they take, ``weights`` (23, S), and of each drift,
    ``drifting`` (23, S); ``unseen`` (23,) rad².
    """
    sensors, frames = inclination.shape
    leans = np.empty((sensors, 3, frames))
    for s in range(sensors):
        x, y, z = uprights[s]
        for n in range(frames):
            w, a, b, c = segments[s, n]
            tx, ty, tz = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
            leans[s, 0, n] = x + w * tx + b * tz - c * ty
            leans[s, 1, n] = y + w * ty + c * tx - a * tz
            leans[s, 2, n] = z + w * tz + a * ty - b * tx - 1.0
    for joint in range(len(out)):
        out[joint] = unseen[joint]
        for s in range(sensors):
            if drifting[joint, s] != 0.0:
                share = drifting[joint, s] ** 2
                for n in range(frames):
                    out[joint, n] += share * drift[s, n]
            if weights[joint, s] == 0.0:
                continue
            share = weights[joint, s] ** 2
            for n in range(frames):
                out[joint, n] += share * inclination[s, n] ** 2
            for k in range(sensors):
                share = weights[joint, s] * weights[joint, k] * covariance[s, k]
                if share != 0.0:
                    for n in range(frames):
                        out[joint, n] += share * (
                            leans[s, 0, n] * leans[k, 0, n]
                            + leans[s, 1, n] * leans[k, 1, n]
                            + leans[s, 2, n] * leans[k, 2, n]
                        )
        for n in range(frames):
            out[joint, n] = np.sqrt(max(out[joint, n], 0.0))


def _weights(segments: tuple[str, ...]) -> Floats:
    """How much each of the 23 joints takes of each sensor's error, (23, S)."""
    chain = chain_of(segments)
    weights = np.zeros((len(SEGMENTS), len(segments)))
    rows = np.arange(len(SEGMENTS))
    weights[rows, chain.sensors[:, 0]] += 1.0 - chain.shares
    weights[rows, chain.sensors[:, 1]] += chain.shares
    parents = np.array(PARENT_INDEX)
    return weights - np.where(parents[:, None] < 0, 0.0, weights[parents])


def _told(track: SensorTrack, kind: str, clock: Floats) -> Floats:
    """A filter's own deviation (N,) rad on the common clock."""
    told = getattr(track, kind)
    if told is None:
        return np.full(len(clock), UNTOLD_SD)
    return np.interp(clock, track.time, told)


def _lost(measured: Booleans, time: Floats) -> Floats:
    """Time (N,) s to the nearest moment at which the sensor had data."""
    seen = time[measured]
    if not len(seen):
        return np.full(len(time), np.inf)
    after = np.searchsorted(seen, time).clip(max=len(seen) - 1)
    before = (after - 1).clip(min=0)
    return np.minimum(np.abs(time - seen[after]), np.abs(time - seen[before]))


def _drifts(heading: Floats, facing: Facing, time: Floats, moment: float) -> tuple[Floats, Floats]:
    """Variance (S, N) rad² of each sensor's drift against the one it is linked to, since a moment.

    The second result (S, S) tells whose drifts each sensor's adds up.
    """
    then = np.array([np.interp(moment, time, row) for row in heading])
    drift = heading**2 + then[:, None] ** 2
    alone = drift.copy()
    joined = np.eye(len(heading))
    for link in facing.links:
        joint = 2.0 * np.interp(time, link.heading.time, link.heading.sd) ** 2
        filters = alone[link.child] + alone[link.parent]
        drift[link.child] = joint * filters / (joint + filters)
        joined[link.child] += joined[link.parent]
    return drift, joined


def _uprights(calibration: Calibration) -> Floats:
    """The axis of each segment that was vertical in the calibration pose, in its frame, (S, 3)."""
    standing = [segment_in_pose(segment, calibration.pose) for segment in calibration.segments]
    return qt.rotate(qt.conjugate(np.stack(standing)), UP)


def _unseen(joint: int, segments: tuple[str, ...]) -> float:
    """Variance in rad² of a joint one of whose segments has no sensor."""
    ends = [SEGMENTS[i] for i in (joint, PARENT_INDEX[joint]) if i >= 0]
    return float(sum(np.deg2rad(_bend(name)) ** 2 for name in ends if name not in segments))


def _bend(segment: str) -> float:
    if segment in CENTRE:
        return BENDS["trunk"]
    return BENDS.get(segment.partition("_")[2], BENDS["limb"])
