"""From blocks of samples to a pose at the moment: filters, calibration, chain and place."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from trackside.app.live_calibration import NO_SENSOR, Found, LiveCalibration
from trackside.app.live_sensor import LONGEST_CARRY, LOST, LiveSensor
from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.kinematics.calibration import Calibration, StaticPose
from trackside.kinematics.live_root import LiveRoot
from trackside.kinematics.live_solver import LiveSolver
from trackside.kinematics.skeleton import STANDING_FACING_EAST, Skeleton, joint_positions
from trackside.kinematics.toes import toes_on_ground
from trackside.kinematics.uncertainty import SensorDoubt
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Block, Kind, Stream
from trackside.recordings.placements import CENTRE, SEGMENTS

AHEAD: Final = 0.05
"""s; a sensor further ahead of the others than this does not set the moment that is shown."""


@dataclass(frozen=True)
class BodyFrame:
    """The body at ``time`` (s).

    ``orientations`` (23, 4) segment → ENU, ``root`` (3,) m, ``measured`` (23,): whether a sensor
    sees the segment now; ``joint_sd`` (23,) rad: standard deviation of each segment's rotation
    against its parent's. Without a calibration the skeleton stands, nothing is measured, and
    ``joint_sd`` is NaN. ``todo``: what the athlete has to do first, empty if nothing.
    ``uncalibrated``: segments whose sensors are heard but came after the calibration.
    """

    time: float
    orientations: Floats
    root: Floats
    measured: Booleans
    joint_sd: Floats
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

    def use(self, found: Found) -> None:
        """Solve by a calibration from now on, until another one is found."""
        if self._solver is None or self._solver.calibration is not found.calibration:
            self._solver = LiveSolver(
                found.calibration, self.skeleton, uncertainty=found.uncertainty
            )
            orientations, _, doubt = self._moments(found.calibration)
            self._solver.step(orientations, np.isfinite(orientations).all(axis=1), doubt)
        self._solver.correct_headings(*found.headings)

    def frame(self, latest: float = np.inf) -> BodyFrame:
        """The body at the moment of the newest samples, but not after ``latest`` (s)."""
        self._time = max(self._time, min(self._newest(), latest))
        if not np.isfinite(self._time):
            return self._standing(NO_SENSOR)
        found = self._calibration.update(self.sensors, self._time)
        if found is not None:
            self.use(found)
        if self._solver is None:
            return self._standing(self._calibration.todo)
        frame = self._solver.step(*self._moments(self._solver.calibration))
        root = self._root.step(self._time, frame.orientations, frame.joints, self._force())
        worn = self._solver.calibration.segments
        whole = frame.orientations[:, None]
        whole = toes_on_ground(self.skeleton, whole, root[None], worn)[:, 0]
        uncalibrated = tuple(self._calibration.missing(self.sensors))
        sd = _NOTHING if frame.joint_sd is None else frame.joint_sd
        return BodyFrame(self._time, whole, root, frame.measured, sd, "", uncalibrated)

    def _moments(self, calibration: Calibration) -> tuple[Floats, Booleans, SensorDoubt]:
        """A calibration's sensors now, as a step of the solver takes them."""
        sensors = [self._by_segment[segment] for segment in calibration.segments]
        rows = np.full((len(sensors), 6), np.nan)
        ages = [sensor.put(self._time, row) for sensor, row in zip(sensors, rows, strict=True)]
        age = np.array(ages)
        lost = np.maximum(age - LONGEST_CARRY, 0.0)
        doubt = SensorDoubt(rows[:, 4:5].copy(), rows[:, 5:6].copy(), lost[:, None])
        return rows[:, :4].copy(), age < LOST, doubt

    def _newest(self) -> float:
        """The newest sample's time among sensors that go with the others, s."""
        newest = [sensor.newest for sensor in self._sensors.values() if np.isfinite(sensor.newest)]
        if not newest:
            return -np.inf
        last = max(newest)
        return min(last, median([time for time in newest if time >= last - LOST]) + AHEAD)

    def _force(self) -> float:
        """What the trunk feels, m/s²; NaN if nobody knows."""
        return np.nan if self._trunk is None else self._trunk.force

    def _standing(self, todo: str) -> BodyFrame:
        orientations = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
        joints = joint_positions(self.skeleton, orientations[:, None], np.zeros((1, 3)))[:, 0]
        root = LiveRoot(self.skeleton).step(0.0, orientations, joints, np.nan)
        none = np.zeros(len(SEGMENTS), bool)
        return BodyFrame(self._time, orientations, root, none, _NOTHING, todo, ())


_NOTHING: Final = np.full(len(SEGMENTS), np.nan)
