"""A recording as an activity for watches' sites: what goes into each second's record."""

from pathlib import Path

import numpy as np

from trackside.app.heart_signals import heart_signals
from trackside.app.session_features import gait_or_reason
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.filters.heart_rate_session import HeartSignals, Series, heart_session
from trackside.planner.activity_file import CADENCE, RECORD_FIELDS, Activity
from trackside.recordings.model import Kind
from trackside.recordings.reader import Recording, open_recording

NEAREST = 0.5  # s from a record that a sample may be away


def activity_of(path: Path) -> Activity:
    """The activity in a recording: clean heart rate, cadence, speed and running dynamics.

    Raises MissingDataError if there is nothing of it in the recording.
    """
    with open_recording(path) as recording:
        gait, _ = gait_or_reason(recording)
        signals = heart_signals(recording, gait)
        clock = np.arange(np.floor(recording.duration) + 1.0)
        channels = _running(recording, clock) | _heart_and_cadence(signals, clock)
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


def _running(recording: Recording, clock: Floats) -> dict[str, Floats]:
    """The channels of foot pods and watches: the sample nearest to each second."""
    channels: dict[str, Floats] = {}
    for name, stream in recording.streams.items():
        wanted = {channel.name for channel in stream.channels} & set(RECORD_FIELDS)
        if stream.kind is not Kind.RUNNING_SPEED or not recording.rows(name):
            continue
        block = recording.read(name)
        nearest = np.clip(np.searchsorted(block.time, clock), 0, len(block.time) - 1)
        before = np.maximum(nearest - 1, 0)
        earlier = np.abs(clock - block.time[before]) < np.abs(block.time[nearest] - clock)
        nearest = np.where(earlier, before, nearest)
        near = np.abs(block.time[nearest] - clock) <= NEAREST
        for channel in sorted(wanted - set(channels)):
            values = np.asarray(block.values[channel], float)[:, 0]
            channels[channel] = np.where(near, values[nearest], np.nan)
    return channels
