"""An activity as watches and their sites keep it, whatever the format: what all have in common.

Rows of a moment hold any of the channels below, in SI units; cadence counts steps, as everywhere
here, although watches count strides. Positions are kept as metres east, north and up of the first
one (a sphere of the earth's mean radius): degrees would lose half a metre in the file's precision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.recordings.importers.session import Measured, Sensor, Session
from trackside.recordings.model import (
    HEART_RATE,
    RR_INTERVAL,
    Annotation,
    Channel,
    Device,
    Kind,
)

EARTH_RADIUS = 6_371_008.8  # m, mean (IUGG)
RUNNING = (
    Channel("speed", "m/s"),
    Channel("cadence", "steps/min"),
    Channel("distance", "m"),
    Channel("power", "W"),
    Channel("ground_contact_time", "s"),
    Channel("ground_contact_share", "%"),
    Channel("ground_contact_balance", "%"),
    Channel("vertical_oscillation", "m"),
    Channel("vertical_ratio", "%"),
    Channel("step_length", "m"),
)
"""``ground_contact_balance``: the left foot's share, as watches show it."""
POSITION = Channel("position", "m", ("east", "north", "up"))
SAME_MOMENT = 0.5  # s; laps nearer than that are one
LONGEST = 7 * 86400.0
"""s from the median of all samples' moments: what is farther away is dated wrongly."""
FEWEST_STEPS = 125.0  # steps/min; a median below is one of strides
LONGEST_REMARK = 250  # characters
CUT = "fault"
"""Kind of the annotation that tells what was wrong with the file."""


@dataclass
class Activity:
    """What a reader has found so far.

    ``rows``: values by channel name, by moment in s since 1970. ``places``: latitude and longitude
    in degrees and altitude in m (NaN where unknown), by moment. ``extras``: what a sensor's maker
    added, by channel, by moment. ``intervals``: RR in s with their arrivals. ``laps``: starts of
    laps. ``faults``: what was wrong with the file, in words.
    """

    rows: dict[float, dict[str, float]] = field(default_factory=dict)
    places: dict[float, tuple[float, float, float]] = field(default_factory=dict)
    extras: dict[float, dict[Channel, float]] = field(default_factory=dict)
    intervals: list[tuple[float, float]] = field(default_factory=list)
    laps: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    device: Device = field(default_factory=Device)

    def add(self, moment: float, values: Mapping[str, float]) -> None:
        """Add values of a moment; those of a moment that is there already count too."""
        self.rows.setdefault(moment, {}).update(values)


def session_of(path: Path, activity: Activity) -> Session:
    """The streams of an activity: heart rate, RR intervals, running, position, extras.

    Laps become annotations where each but the first begins, once each; faults become annotations
    at the end. Raises FileFormatError if there is no sample at all.
    """
    _leave_out_wrong_dates(activity)
    _add_speeds(activity)
    moments = sorted({*activity.rows, *activity.places})
    if not moments:
        told = "; ".join(activity.faults)
        raise FileFormatError(
            path, "records", f"samples of an activity; {told or 'there are none'}"
        )
    start = moments[0]
    streams = [
        *_table("heart_rate", Kind.HEART_RATE, (HEART_RATE,), activity.rows, start),
        *_intervals(activity.intervals, start),
        *_table("running_speed", Kind.RUNNING_SPEED, RUNNING, activity.rows, start),
        *_position(activity.places, start),
        *_extras(activity.extras, start),
    ]
    sensors = [Sensor(label, None, activity.device, (measured,)) for label, measured in streams]
    if not sensors:
        raise FileFormatError(path, "records", "heart rate, speed, cadence or positions")
    return Session(
        tuple(sensors),
        datetime.fromtimestamp(0, UTC) + timedelta(seconds=start),
        tuple(_annotations(activity, start, moments[-1])),
    )


def _leave_out_wrong_dates(activity: Activity) -> None:
    """Leave out what is days away from nearly everything else, and tell how many samples."""
    moments = sorted({*activity.rows, *activity.places})
    if not moments:
        return
    middle = moments[len(moments) // 2]

    def near(moment: float) -> bool:
        return abs(moment - middle) <= LONGEST

    wrong = sum(not near(moment) for moment in moments)
    if wrong:
        activity.faults.append(f"samples dated a week or more from the others, left out: {wrong}")
    activity.rows = {moment: row for moment, row in activity.rows.items() if near(moment)}
    activity.places = {moment: place for moment, place in activity.places.items() if near(moment)}
    activity.extras = {moment: row for moment, row in activity.extras.items() if near(moment)}
    activity.intervals = [pair for pair in activity.intervals if near(pair[0])]
    activity.laps = [lap for lap in activity.laps if near(lap)]


def as_steps(cadence: float) -> float:
    """Steps/min of a cadence that watches keep as strides/min."""
    return 2.0 * cadence


def steps_where_strides(activity: Activity) -> None:
    """Make cadences steps/min where the format does not say which: nobody runs 125 strides/min."""
    found = [row["cadence"] for row in activity.rows.values() if row.get("cadence", 0.0) > 0.0]
    if found and np.median(found) < FEWEST_STEPS:
        for row in activity.rows.values():
            if "cadence" in row:
                row["cadence"] = as_steps(row["cadence"])


def _table(
    label: str,
    kind: Kind,
    channels: Iterable[Channel],
    rows: Mapping[float, Mapping[str, float]],
    start: float,
) -> list[tuple[str, Measured]]:
    """The stream of those channels that any row has; NaN where a row lacks one."""
    there = [channel for channel in channels if any(channel.name in row for row in rows.values())]
    if not there:
        return []
    names = {channel.name for channel in there}
    moments = sorted(moment for moment, row in rows.items() if names & set(row))
    values = {
        channel: np.array([[rows[moment].get(channel.name, np.nan)] for moment in moments])
        for channel in there
    }
    return [(label, Measured(kind, np.array(moments) - start, values))]


def _extras(
    extras: Mapping[float, Mapping[Channel, float]], start: float
) -> list[tuple[str, Measured]]:
    channels = {channel: None for row in extras.values() for channel in row}
    rows = {
        moment: {channel.name: value for channel, value in row.items()}
        for moment, row in extras.items()
    }
    return _table("developer_fields", Kind.AUXILIARY, channels, rows, start)


def _intervals(
    intervals: Sequence[tuple[float, float]], start: float
) -> list[tuple[str, Measured]]:
    if not intervals:
        return []
    arrival, lengths = np.array(intervals).T
    values = {RR_INTERVAL: lengths[:, np.newaxis]}
    return [("rr_interval", Measured(Kind.HEART_RATE, np.maximum(arrival - start, 0.0), values))]


def _position(
    places: Mapping[float, tuple[float, float, float]], start: float
) -> list[tuple[str, Measured]]:
    if not places:
        return []
    moments, position = _metres(places)
    return [("position", Measured(Kind.AUXILIARY, moments - start, {POSITION: position}))]


def _metres(places: Mapping[float, tuple[float, float, float]]) -> tuple[Floats, Floats]:
    """Moments (N,) s since 1970, and metres east, north and up (N, 3) there."""
    moments = np.array(sorted(places))
    latitude, longitude, altitude = np.array([places[moment] for moment in moments]).T
    north = EARTH_RADIUS * np.deg2rad(latitude - latitude[0])
    turned = (longitude - longitude[0] + 180.0) % 360.0 - 180.0
    east = EARTH_RADIUS * np.cos(np.deg2rad(latitude[0])) * np.deg2rad(turned)
    return moments, np.stack([east, north, altitude], axis=-1)


def _add_speeds(activity: Activity) -> None:
    """Distances and speeds from positions, where the format has neither."""
    if len(activity.places) < 2 or any("speed" in row for row in activity.rows.values()):
        return
    moments, position = _metres(activity.places)
    steps = np.hypot(*np.diff(position[:, :2], axis=0).T)
    speeds = np.append(steps / np.diff(moments), np.nan)
    for moment, far, fast in zip(moments, np.cumsum(np.append(0.0, steps)), speeds, strict=True):
        activity.add(float(moment), {"distance": float(far), "speed": float(fast)})


def _annotations(activity: Activity, start: float, end: float) -> list[Annotation]:
    begun: list[float] = []
    for lap in sorted(activity.laps):
        if lap < end and (not begun or lap - begun[-1] > SAME_MOMENT):
            begun.append(lap)
    marks = [lap for lap in begun[1:] if lap > start]  # the first one begins the recording
    return [
        *(Annotation(mark - start, "lap", "") for mark in marks),
        *(Annotation(end - start, CUT, fault[:LONGEST_REMARK]) for fault in activity.faults),
    ]
