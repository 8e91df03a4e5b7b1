"""A recording as an activity for watches' sites: what goes into each second's record."""

from pathlib import Path

import numpy as np

from trackside.app.heart_signals import heart_signals, stride_cadence
from trackside.app.running_records import NEAREST, running_channels
from trackside.app.sensors import turning_imus
from trackside.app.session_length import session_length
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.filters.heart_rate_session import HeartSignals, Series, heart_session
from trackside.kinematics.gait import gait_features
from trackside.planner.activity_file import CADENCE, Activity
from trackside.recordings.reader import Recording, open_recording


def activity_of(path: Path) -> Activity:
    """The activity in a recording: clean heart rate, cadence, speed and running dynamics.

    Raises MissingDataError if there is nothing of it in the recording, SignalError if that is
    longer than a session can be.
    """
    with open_recording(path) as recording:
        signals = heart_signals(recording, _cadence(recording))
        clock = np.arange(np.floor(session_length(recording)) + 1.0)
        channels = running_channels(recording, clock) | _heart_and_cadence(signals, clock)
        known = np.zeros(len(clock), np.bool_)
        for values in channels.values():
            known |= np.isfinite(values)
        if not known.any():
            raise MissingDataError(f"{path}: neither heart rate, cadence nor speed to export")
        intervals = np.stack([signals.intervals.time, signals.intervals.values], axis=-1)
        return Activity(
            recording.start_time.replace(microsecond=0),
            clock[known],
            {name: values[known] for name, values in channels.items()},
            intervals[np.isfinite(intervals).all(axis=1)],
            tuple(note.time for note in recording.annotations if note.kind == "lap"),
        )


def _cadence(recording: Recording) -> Series | None:
    """The cadence by the body's sensors, if there are any that work."""
    try:
        gait = gait_features(turning_imus(recording))
    except (MissingDataError, SignalError):
        return None
    return stride_cadence(gait.cadence_time, gait.cadence)


def _heart_and_cadence(signals: HeartSignals, clock: Floats) -> dict[str, Floats]:
    channels = {}
    try:
        rate = heart_session(signals).rate
        channels["heart_rate"] = Series(rate.time, rate.bpm).at(clock, NEAREST)
    except SignalError:
        pass  # no heart rate, or none that can be used: the rest is exported without it
    if len(signals.cadence):
        channels[CADENCE] = signals.cadence.increasing().at(clock, reach=2.0)
    return channels
