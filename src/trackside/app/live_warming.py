"""A moment that nobody sees goes through all of the live pipeline, so that true ones are quick.

Kernels are compiled, or loaded from the disk, when they are called first. Samples would wait for
that: the first that come, and those that come when a calibration is found.
"""

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np

from trackside.app.live_body import turning_streams
from trackside.app.live_calibration import CLOCK, Found, Headings, followed, look
from trackside.app.live_options import LiveOptions
from trackside.app.live_sensor import LiveSensor
from trackside.app.live_session import LiveSession
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import Calibration, StaticPose
from trackside.kinematics.leg_swings import GRAVITY
from trackside.kinematics.uncertainty import JointUncertainty
from trackside.recordings.model import Athlete, Block, Stream

_TIME = np.array([0.0, 0.01])  # s
_PRACTISED = ("pelvis", "left_thigh")


def warm_up(streams: Sequence[Stream], options: LiveOptions, executor: Executor) -> None:
    """Show somebody who stands, first without and then with a calibration, to nobody.

    Meanwhile ``executor`` begins to practise calibrating.
    """
    executor.submit(practise_calibrating)
    session = LiveSession("", streams, Athlete(), options, executor)
    worn = turning_streams(streams)
    if not worn:
        return
    for stream in worn:
        still, upright = np.zeros((len(_TIME), 3)), np.tile([0.0, 0.0, GRAVITY], (len(_TIME), 1))
        session.take(Block(stream.name, _TIME, {"gyroscope": still, "accelerometer": upright}))
    session.picture()
    session.use(_found(tuple(stream.placement or "" for stream in worn)))
    session.picture()


def practise_calibrating() -> None:
    """Find the calibration of somebody who stands and walks, and follow it."""
    from trackside.simulation.athlete import simulate
    from trackside.simulation.plan import walking_session
    from trackside.simulation.sensor_errors import IDEAL

    walk = simulate(walking_session(16.0), _PRACTISED, IDEAL, rate=CLOCK)
    kept = []
    for segment in _PRACTISED:
        sensor = LiveSensor(walk.imu(segment).stream)
        sensor.add(walk.arrays()[segment])
        kept.append(sensor.kept(-np.inf))
    found = look(kept, StaticPose.N, None)
    if isinstance(found, Found):
        followed(found, kept)


def _found(segments: tuple[str, ...]) -> Found:
    """A calibration of sensors that sit on their segments as nobody wears them."""
    nothing = np.zeros(len(segments))
    mountings = np.tile(qt.IDENTITY, (len(segments), 1))
    calibration = Calibration(StaticPose.N, 0.0, 0.0, segments, mountings, nothing)
    covariance = np.zeros((len(segments), len(segments)))
    links = [(child, 0) for child in range(1, len(segments))]
    uncertainty = JointUncertainty(calibration, covariance, links, nothing)
    return Found(calibration, Headings(nothing, np.zeros(len(links))), nothing, uncertainty)
