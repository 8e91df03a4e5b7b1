"""A session as a FIT activity, for watches' sites and GoldenCheetah.

Records every second with running dynamics, RR intervals between them, laps, one session. Resolution
is that of the protocol's profile: whole bpm, cm, mm/s, 0.1 ms of contact, 0.1 mm of oscillation and
step, ms of RR. Cadence is kept as watches do, in strides/min with its fraction apart.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.fit_encoding import Message, fit_library

RECORD_FIELDS = {
    "heart_rate": ("heart_rate", 1.0, 1.0, 254),
    "speed": ("enhanced_speed", 1.0, 1e-3, 4e6),
    "distance": ("distance", 1.0, 1e-2, 4e7),
    "power": ("power", 1.0, 1.0, 65534),
    "ground_contact_time": ("stance_time", 1e3, 0.1, 6553),
    "ground_contact_share": ("stance_time_percent", 1.0, 0.01, 655),
    "ground_contact_balance": ("stance_time_balance", 1.0, 0.01, 655),
    "vertical_oscillation": ("vertical_oscillation", 1e3, 0.1, 6553),
    "vertical_ratio": ("vertical_ratio", 1.0, 0.01, 655),
    "step_length": ("step_length", 1e3, 0.1, 6553),
}
"""By our channel: the profile's field, factor to its unit, resolution, the most it holds."""
CADENCE = "cadence"
FRACTION = 1.0 / 128.0  # strides/min
MOST_STRIDES = 254
MEANS = {
    "speed": "enhanced_avg_speed",
    "ground_contact_time": "avg_stance_time",
    "ground_contact_share": "avg_stance_time_percent",
    "ground_contact_balance": "avg_stance_time_balance",
    "vertical_oscillation": "avg_vertical_oscillation",
    "vertical_ratio": "avg_vertical_ratio",
    "step_length": "avg_step_length",
}
"""The profile's field of a lap's and a session's mean, by our channel."""
INTERVALS_AT_ONCE = 5
LONGEST_INTERVAL = 65.534  # s
NO_INTERVAL = 65.535  # s; what the profile calls invalid


@dataclass(frozen=True)
class Activity:
    """What goes into the file.

    ``start``: with a time zone; ``time`` (N,) whole seconds since, increasing; ``channels``: values
    (N,) in SI units by name, those of RECORD_FIELDS and ``cadence`` in steps/min, NaN where
    unknown; ``intervals``: (K, 2), RR in s with the times of their beats; ``laps``: times at which
    one lap ends and the next begins.
    """

    start: datetime
    time: Floats
    channels: Mapping[str, Floats]
    intervals: Floats = field(default_factory=lambda: np.empty((0, 2)))
    laps: tuple[float, ...] = ()


def activity_bytes(activity: Activity, serial_number: int = 1) -> bytes:
    """Return the FIT file of an activity.

    Values that a field cannot hold are left out, like those that are not known.

    Raises
    ------
    ParameterError
        If there are no records, a channel is unknown or of another length, or times do not
        increase by whole seconds.
    TracksideError
        If the library for FIT files is not installed.
    """
    _check(activity)
    channels = {name: _holdable(name, values) for name, values in activity.channels.items()}
    activity = replace(activity, channels=channels)
    library = fit_library("activities for watches", "files")
    return library.file_bytes(_messages(activity, library.types, serial_number))


def lap_bounds(activity: Activity) -> list[tuple[float, float]]:
    """Start and end (s) of each lap; marks at one time, or outside the activity, count once."""
    end = float(activity.time[-1])
    marks = sorted({round(lap) for lap in activity.laps if 0 < round(lap) < end})
    return list(pairwise([0.0, *map(float, marks), end]))


def _check(activity: Activity) -> None:
    if not len(activity.time):
        raise ParameterError("an activity without records: expected at least one")
    if activity.start.tzinfo is None:
        raise ParameterError("an activity's start: expected a time with its zone")
    whole = np.rint(activity.time) == activity.time
    if not whole.all() or (np.diff(activity.time) <= 0).any():
        raise ParameterError("an activity's times: expected whole seconds that increase")
    for name, values in activity.channels.items():
        if name != CADENCE and name not in RECORD_FIELDS:
            known = ", ".join([CADENCE, *RECORD_FIELDS])
            raise ParameterError(f"channel {name!r} of an activity: expected one of {known}")
        if values.shape != activity.time.shape:
            raise ParameterError(f"channel {name!r}: expected a value for each of the records")


def _holdable(name: str, values: Floats) -> Floats:
    """The values (N,) that the channel's field can hold, NaN for the others."""
    factor, most = (0.5, MOST_STRIDES) if name == CADENCE else RECORD_FIELDS[name][1::2]
    return np.where((values >= 0.0) & (factor * values <= most), values, np.nan)


def _messages(activity: Activity, types: Any, serial_number: int) -> Iterator[Message]:
    end = float(activity.time[-1])
    laps = lap_bounds(activity)
    timer = {"event": types.Event.TIMER, "event_type": types.EventType.START}
    yield (
        "file_id",
        {
            "type": types.FileType.ACTIVITY,
            "manufacturer": types.Manufacturer.DEVELOPMENT.value,
            "product": 0,
            "serial_number": serial_number,
            "time_created": _moment(activity, 0.0),
        },
    )
    yield "event", {"timestamp": _moment(activity, 0.0), **timer}
    yield from _records(activity)
    stop = {"event": types.Event.TIMER, "event_type": types.EventType.STOP_ALL}
    yield "event", {"timestamp": _moment(activity, end), **stop}
    sport = {"sport": types.Sport.RUNNING, "sub_sport": types.SubSport.GENERIC}
    for index, bounds in enumerate(laps):
        lap = {"event": types.Event.LAP, "event_type": types.EventType.STOP}
        yield "lap", {"message_index": index, **_summary(activity, bounds), **lap, **sport}
    session = {"event": types.Event.SESSION, "event_type": types.EventType.STOP}
    numbers = {"message_index": 0, "first_lap_index": 0, "num_laps": len(laps)}
    yield "session", {**numbers, **_summary(activity, (0.0, end)), **session, **sport}
    yield (
        "activity",
        {
            "timestamp": _moment(activity, end),
            "total_timer_time": end,
            "num_sessions": 1,
            "type": types.Activity.MANUAL,
            "event": types.Event.ACTIVITY,
            "event_type": types.EventType.STOP,
        },
    )


def _records(activity: Activity) -> Iterator[Message]:
    """Records in order of time, each followed by the RR intervals of beats up to it."""
    usable = activity.intervals[:, 1] <= LONGEST_INTERVAL
    usable &= activity.intervals[:, 1] > 0.0
    beats = activity.intervals[usable]
    ends = np.searchsorted(beats[:, 0], activity.time, side="right")
    first = 0
    for n, time in enumerate(activity.time):
        yield "record", {"timestamp": _moment(activity, time), **_values(activity, n)}
        last = len(beats) if n == len(activity.time) - 1 else int(ends[n])
        for k in range(first, last, INTERVALS_AT_ONCE):
            lengths = [round(float(x), 3) for x in beats[k : min(k + INTERVALS_AT_ONCE, last), 1]]
            padding = [NO_INTERVAL] * (INTERVALS_AT_ONCE - len(lengths))
            yield "hrv", {"time": lengths + padding}
        first = last


def _values(activity: Activity, n: int) -> dict[str, object]:
    """The fields of a record; those that are not known are left out."""
    fields: dict[str, object] = {}
    for name, values in activity.channels.items():
        if name == CADENCE:
            fields |= _cadence(float(values[n]), "cadence", "fractional_cadence")
        else:
            field_name, factor, step, _ = RECORD_FIELDS[name]
            value = _rounded(factor * float(values[n]), step)
            if value is not None:
                fields[field_name] = value
    return fields


def _summary(activity: Activity, bounds: tuple[float, float]) -> dict[str, object]:
    """Times, distance and means of a lap or of the session."""
    start, end = bounds
    inside = (activity.time >= start) & (activity.time <= end)
    fields: dict[str, object] = {
        "timestamp": _moment(activity, end),
        "start_time": _moment(activity, start),
        "total_elapsed_time": end - start,
        "total_timer_time": end - start,
    }
    known = {
        name: values[inside & np.isfinite(values)] for name, values in activity.channels.items()
    }
    for name, values in known.items():
        if not len(values):
            continue
        if name == "distance":
            covered = max(float(values[-1] - values[0]), 0.0)
            fields["total_distance"] = _rounded(covered, 0.01)
        elif name == "heart_rate":
            fields |= {
                "avg_heart_rate": round(values.mean()),
                "max_heart_rate": round(values.max()),
            }
        elif name == CADENCE and (moving := values[values > 0.0]).size:
            fields |= _cadence(float(moving.mean()), "avg_cadence", "avg_fractional_cadence")
        elif name in MEANS:
            _, factor, step, _ = RECORD_FIELDS[name]
            fields[MEANS[name]] = _rounded(factor * float(values.mean()), step)
    return fields


def _cadence(steps: float, whole_name: str, fraction_name: str) -> dict[str, object]:
    """Strides/min of a cadence in steps/min, the whole ones and the fraction."""
    strides = _rounded(0.5 * steps, FRACTION)
    if strides is None:
        return {}
    whole = math.floor(strides)
    return {whole_name: whole, fraction_name: strides - whole}


def _rounded(value: float, step: float) -> float | None:
    """To the field's resolution; None where unknown."""
    if not math.isfinite(value):
        return None
    return round(value) if step == 1.0 else round(value / step) * step


def _moment(activity: Activity, time: float) -> int:
    """ms since 1970, in whole seconds: the file's resolution."""
    return 1000 * (round(activity.start.timestamp()) + round(time))
