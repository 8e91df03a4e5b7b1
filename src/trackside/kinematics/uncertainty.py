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

:class:`JointUncertainty` is one arithmetic for a whole recording and for a live step, whose N is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration, segment_in_pose
from trackside.kinematics.common_clock import BodyMotion, SensorTrack
from trackside.kinematics.facing import Facing, Link
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX
from trackside.kinematics.solver import chain_of
from trackside.recordings.placements import CENTRE, SEGMENTS

UNTOLD_SD = np.deg2rad(2.0)
"""Of orientations that come from a maker's filter, which does not tell its own, rad."""
UNSEEN_RATE = 1.0
"""How fast a segment becomes uncertain in a gap, rad/s, up to 1 rad."""
BENDS = {"trunk": 5.0, "shoulder": 10.0, "toe": 30.0, "limb": 45.0}
"""How far joints without a sensor are from rest while people move, degrees, RMS."""


@dataclass(frozen=True)
class SensorDoubt:
    """How uncertain the orientations of S sensors are at N moments, (S, N) each.

    ``inclination`` and ``heading`` in rad, as the orientation filter tells them; ``lost`` in s: how
    far the nearest moment with data is.
    """

    inclination: Floats
    heading: Floats
    lost: Floats


class JointUncertainty:
    """How the errors of a calibration's sensors add up to those of the 23 joints.

    ``covariance`` (S, S) rad² of the facings; ``links``: pairs (child, parent) of sensors, by
    index, whose headings are held together; ``heading`` (S,) rad: what the filters said of theirs
    at the time of the calibration. ``known``: the sensors that take part, by index, None for all.
    """

    def __init__(
        self,
        calibration: Calibration,
        covariance: Floats,
        links: Sequence[tuple[int, int]],
        heading: Floats,
        known: Sequence[int] | None = None,
    ) -> None:
        count = len(calibration.segments)
        worn = range(count) if known is None else known
        segments = tuple(calibration.segments[i] for i in worn)
        self.links = tuple(links)
        self._calibration = calibration
        self._covariance = np.ascontiguousarray(covariance, float)
        self._heading = np.ascontiguousarray(heading, float)
        self._pairs = np.array(self.links, np.int64).reshape(-1, 2)
        self._rows = np.array([INDEX[segment] for segment in calibration.segments])
        self._uprights = _uprights(calibration)
        self._weights = np.zeros((len(SEGMENTS), count))
        self._weights[:, list(worn)] = _weights(segments)
        self._drifting = self._weights @ _joined(self._pairs, count)
        self._unseen = np.array([_unseen(joint, segments) for joint in range(len(SEGMENTS))])
        if calibration.sd is not None:
            self._unseen += self._weights**2 @ np.sum(calibration.sd**2, axis=1)

    def of(self, known: Sequence[int]) -> "JointUncertainty":
        """The same with those sensors alone, by index; the others are as if not worn."""
        return JointUncertainty(
            self._calibration, self._covariance, self.links, self._heading, known
        )

    def deviations(self, whole: Floats, doubt: SensorDoubt, linked: Floats) -> Floats:
        """Standard deviation (23, N) rad of each joint's rotation; the pelvis' against the earth.

        ``whole`` (23, N, 4): the pose; ``linked`` (L, N) rad: how sure each link's heading is.
        """
        drift = _drifts(doubt.heading, self._heading, self._pairs, linked)
        lost = UNSEEN_RATE * doubt.lost.clip(max=1.0 / UNSEEN_RATE)
        out = np.empty(whole.shape[:2])
        _add_up(
            np.ascontiguousarray(whole[self._rows]),
            self._uprights,
            np.hypot(doubt.inclination, lost),
            drift,
            self._covariance,
            self._weights,
            self._drifting,
            self._unseen,
            out,
        )
        return out


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
    uncertainty = joint_uncertainty(calibration, facing, tracks)
    linked = link_deviations(facing.links, motion.time)
    return uncertainty.deviations(whole, sensor_doubt(motion, tracks), linked)


def joint_uncertainty(
    calibration: Calibration, facing: Facing, tracks: Sequence[SensorTrack]
) -> JointUncertainty:
    """What is known of a calibration's errors; ``tracks``: its sensors', over its stretch."""
    moment = np.array([0.5 * (calibration.start + calibration.end)])
    own = {track.segment: track for track in tracks}
    heading = [_told(own[name].heading_sd, own[name], moment)[0] for name in calibration.segments]
    links = [(link.child, link.parent) for link in facing.links]
    return JointUncertainty(calibration, facing.covariance, links, np.array(heading))


def sensor_doubt(motion: BodyMotion, tracks: Sequence[SensorTrack]) -> SensorDoubt:
    """How uncertain the orientations of a motion are, whose sensors' tracks are given."""
    own = {track.segment: track for track in tracks}
    ordered = [own[segment] for segment in motion.segments]
    lost = np.zeros(motion.measured.shape)
    for sensor, row in enumerate(motion.measured):
        if not row.all():
            lost[sensor] = _lost(row, motion.time)
    return SensorDoubt(
        np.stack([_told(track.inclination_sd, track, motion.time) for track in ordered]),
        np.stack([_told(track.heading_sd, track, motion.time) for track in ordered]),
        lost,
    )


def link_deviations(links: Sequence[Link], time: Floats) -> Floats:
    """How sure the headings of links are at some moments (N,) s, (L, N) rad."""
    rows = [np.interp(time, link.heading.time, link.heading.sd) for link in links]
    return np.array(rows).reshape(len(rows), len(time))


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


def _told(deviation: Floats | None, track: SensorTrack, time: Floats) -> Floats:
    """One of a filter's own deviations, as in the track, at other moments (N,) s; rad."""
    if deviation is None:
        return np.full(len(time), UNTOLD_SD)
    return np.interp(time, track.time, deviation)


def _lost(measured: Booleans, time: Floats) -> Floats:
    """Time (N,) s to the nearest moment at which the sensor had data."""
    seen = time[measured]
    if not len(seen):
        return np.full(len(time), np.inf)
    after = np.searchsorted(seen, time).clip(max=len(seen) - 1)
    before = (after - 1).clip(min=0)
    return np.minimum(np.abs(time - seen[after]), np.abs(time - seen[before]))


@kernel
def _drifts(heading: Floats, then: Floats, pairs: Integers, linked: Floats) -> Floats:
    """Variance (S, N) rad² of each sensor's drift against the one it is linked to, since then.

    ``heading`` (S, N) and ``then`` (S,) rad: what the filters say; ``pairs`` (L, 2), of child and
    parent, are held together as surely as ``linked`` (L, N) rad.
    """
    sensors, frames = heading.shape
    alone = np.empty((sensors, frames))
    for s in range(sensors):
        for n in range(frames):
            alone[s, n] = heading[s, n] ** 2 + then[s] ** 2
    drift = alone.copy()
    for k in range(len(pairs)):
        child, parent = pairs[k, 0], pairs[k, 1]
        for n in range(frames):
            joint = 2.0 * linked[k, n] ** 2
            filters = alone[child, n] + alone[parent, n]
            drift[child, n] = 1.0 / (1.0 / joint + 1.0 / filters)
    return drift


def _joined(pairs: Integers, count: int) -> Floats:
    """Whose drifts the drift of each of ``count`` sensors adds up, (S, S)."""
    joined = np.eye(count)
    for child, parent in pairs:
        joined[child] += joined[parent]
    return joined


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
