"""From blocks of samples to a pose at the moment: filters, calibration, chain and place."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np

from trackside.app.live_calibration import NO_SENSOR, LiveCalibration
from trackside.app.live_sensor import LOST, LiveSensor
from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.kinematics.calibration import Calibration, StaticPose
from trackside.kinematics.live_root import LiveRoot
from trackside.kinematics.live_solver import LiveSolver
from trackside.kinematics.skeleton import STANDING_FACING_EAST, Skeleton, joint_positions
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Block, Kind, Stream
from trackside.recordings.placements import CENTRE, SEGMENTS

AHEAD: Final = 0.05
"""s; a sensor further ahead of the others than this does not set the moment that is shown."""


@dataclass(frozen=True)
class BodyFrame:
    """The body at ``time`` (s).

    ``orientations`` (23, 4) segment → ENU, ``root`` (3,) m, ``measured`` (23,): whether a sensor
    sees the segment now. Without a calibration the skeleton stands, and nothing is measured.
    ``todo``: what the athlete has to do first, empty if nothing. ``uncalibrated``: segments whose
    sensors are heard but came after the calibration.
    """

    time: float
    orientations: Floats
    root: Floats
    measured: Booleans
    todo: str
    uncalibrated: tuple[str, ...]

    @property
    def calibrated(self) -> bool:
        """Whether the pose is a measured one."""
        return not self.todo


def turning_streams(streams: Sequence[Stream]) -> list[Stream]:
    """The IMUs on body segments whose orientation can be filtered; the first on each segment."""
    found: dict[str, Stream] = {}
    for stream in streams:
        whole = {ACCELEROMETER, GYROSCOPE} <= set(stream.channels)
        if stream.kind is Kind.IMU and stream.placement and whole:
            found.setdefault(stream.placement, stream)
    return sorted(found.values(), key=lambda stream: SEGMENTS.index(stream.placement or ""))


class LiveBody:
    """Blocks in, frames out.

    ``streams``: all that will come; ``skeleton``: the athlete's; ``executor`` finds calibrations;
    ``pose``: the one stood in for it; ``earlier``: a calibration whose mountings hold.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        skeleton: Skeleton,
        executor: Executor,
        pose: StaticPose = StaticPose.N,
        earlier: Calibration | None = None,
    ) -> None:
        self.skeleton = skeleton
        self._sensors = {stream.name: LiveSensor(stream) for stream in turning_streams(streams)}
        self._by_segment = {sensor.segment: sensor for sensor in self._sensors.values()}
        self._calibration = LiveCalibration(executor, pose, earlier)
        self._solver: LiveSolver | None = None
        self._root = LiveRoot(skeleton)
        self._time = -np.inf
        self._trunk = next((self._by_segment[s] for s in CENTRE if s in self._by_segment), None)
        self.problems: dict[str, str] = {}
        """By stream: why it cannot be used, such as degrees per second."""

    @property
    def sensors(self) -> Sequence[LiveSensor]:
        """The sensors that make the pose."""
        return tuple(self._sensors.values())

    def add(self, block: Block) -> None:
        """Take a block; those of other streams are passed over."""
        sensor = self._sensors.get(block.stream)
        if sensor is None:
            return
        try:
            sensor.add(block)
        except SignalError as error:
            self.problems[block.stream] = str(error)

    def calibrate_anew(self) -> None:
        """Take the next standing and walking for a calibration, from now on."""
        self._calibration.renew(self._time)
        self._solver = None

    def frame(self, latest: float = np.inf) -> BodyFrame:
        """The body at the moment of the newest samples, but not after ``latest`` (s)."""
        self._time = max(self._time, min(self._newest(), latest))
        if np.isfinite(self._time) and self._calibration.update(self.sensors, self._time):
            self._take_calibration()
        found = self._calibration.found
        if self._solver is None:
            return self._standing(found.todo if np.isfinite(self._time) else NO_SENSOR)
        states = [self._by_segment[s].at(self._time) for s in self._solver.calibration.segments]
        frame = self._solver.step(*_stacked(states))
        root = self._root.step(self._time, frame.orientations, frame.joints, self._force())
        uncalibrated = tuple(self._calibration.missing(self.sensors))
        return BodyFrame(self._time, frame.orientations, root, frame.measured, "", uncalibrated)

    def _newest(self) -> float:
        """The newest sample's time among sensors that go with the others, s."""
        newest = np.array([sensor.newest for sensor in self._sensors.values()])
        newest = newest[newest >= newest.max(initial=-np.inf) - LOST]
        newest = newest[np.isfinite(newest)]
        if not len(newest):
            return -np.inf
        return float(min(newest.max(), np.median(newest) + AHEAD))

    def _take_calibration(self) -> None:
        found = self._calibration.found
        if found.calibration is None or found.drifts is None:
            self._solver = None
            return
        if self._solver is None or self._solver.calibration is not found.calibration:
            self._solver = LiveSolver(found.calibration, self.skeleton)
            states = [self._by_segment[s].at(self._time) for s in found.calibration.segments]
            orientations, _ = _stacked(states)
            self._solver.step(orientations, np.isfinite(orientations).all(axis=1))
        self._solver.correct_headings(found.drifts)

    def _force(self) -> float:
        """What the trunk feels, m/s²; NaN if nobody knows."""
        return np.nan if self._trunk is None else self._trunk.force

    def _standing(self, todo: str) -> BodyFrame:
        orientations = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
        joints = joint_positions(self.skeleton, orientations[:, None], np.zeros((1, 3)))[:, 0]
        root = LiveRoot(self.skeleton).step(0.0, orientations, joints, np.nan)
        none = np.zeros(len(SEGMENTS), bool)
        return BodyFrame(self._time, orientations, root, none, todo, ())


def _stacked(states: Sequence[tuple[Floats, bool]]) -> tuple[Floats, Booleans]:
    """Orientations (S, 4), and which of them are measured (S,)."""
    return np.stack([state[0] for state in states]), np.array([state[1] for state in states])
