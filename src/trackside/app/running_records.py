"""What foot pods and watches tell of running, second by second."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from trackside.arrays import Floats
from trackside.filters.heart_rate_session import Series
from trackside.planner.activity_file import RECORD_FIELDS
from trackside.recordings.model import Kind
from trackside.recordings.reader import Recording

if TYPE_CHECKING:
    import pandas as pd

NEAREST = 0.5  # s from a record that a sample may be away
CADENCE_REACH = 2.0  # s


def running_channels(recording: Recording, clock: Floats) -> dict[str, Floats]:
    """The channels of foot pods and watches, (N,) each: the samples nearest to ``clock`` (N,) s."""
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


def records_of(
    clock: Floats, channels: Mapping[str, Floats], cadence: Series
) -> "pd.DataFrame | None":
    """Records as a table of strides, one for each of ``clock`` (N,) s; None without any.

    ``cadence``: steps/min.
    """
    import pandas as pd

    unknown = np.full(len(clock), np.nan)
    steps = cadence.increasing().at(clock, CADENCE_REACH) if len(cadence) else unknown
    speed = channels.get("speed", unknown)
    known = np.isfinite(steps) | np.isfinite(speed)
    if not known.any():
        return None
    moving = np.where(steps > 0.0, steps, np.nan)
    stride_time = 120.0 / moving
    contact = channels.get("ground_contact_time", unknown)
    contact = np.where(contact > 0.0, contact, np.nan)
    step_length = channels.get("step_length", unknown)
    table = pd.DataFrame(
        {
            "start_s": clock,
            "end_s": clock + 1.0,
            "stride_time_s": stride_time,
            "cadence_steps_per_min": steps,
            "speed_m_per_s": speed,
            "stride_length_m": np.where(step_length > 0.0, 2.0 * step_length, speed * stride_time),
            "contact_time_s": contact,
            "flight_time_s": 0.5 * stride_time - contact,
            "duty_factor": contact / stride_time,
            "vertical_oscillation_m": channels.get("vertical_oscillation", unknown),
        }
    )
    return table[known].reset_index(drop=True)
