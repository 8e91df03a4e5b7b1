"""A recording's features as one object, from whatever was worn: many sensors, one, strap, watch."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trackside.app.heart_signals import heart_signals, stride_cadence
from trackside.app.running_records import records_of, running_channels
from trackside.app.session_heart import heart_rate_block
from trackside.app.session_length import session_length
from trackside.app.worn_sensors import WornSensors
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.filters.heart_rate_session import HeartSession, HeartSignals, heart_session
from trackside.kinematics.activity import Activity, Recognised, recognised_activities
from trackside.kinematics.gait import LEG_ORDER, TRUNK_ORDER
from trackside.kinematics.leg_sides import lands_with_the_other
from trackside.kinematics.session_features import (
    ActivitySpan,
    ActivityTime,
    Features,
    Figure,
    SessionFeatures,
)
from trackside.kinematics.session_gait import distance, gait_blocks, significant
from trackside.kinematics.session_rows import (
    StrideRows,
    marked,
    rows_of_records,
    rows_of_strides,
    same_foot,
    with_activities,
    with_form,
    with_pelvis,
    with_speed,
)
from trackside.kinematics.shank_strides import strides_of_shank
from trackside.kinematics.stride_rows import Strides
from trackside.kinematics.strides import UNFOLLOWED
from trackside.kinematics.thigh_strides import strides_of_thigh
from trackside.planner.athlete import Athlete
from trackside.recordings.model import Imu
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import Recording

FAULT, LAP = "fault", "lap"
"""Kinds of annotations: what importers leave of what was wrong with a file, and laps."""
SHORTEST_LAP = 1.0  # s; marks nearer than that are one
LONGEST_BREAK = 3.0  # s between a watch's records that belong together
AROUND = 30.0  # s before and after the middle stride, in which sides are compared
SIDE_UNSURE = "side unsure"
"""The mark of strides whose right and left may be the wrong way."""
SPEED_REACH = 5.0  # s from a stride that a watch's speed may be away
TELLING = (
    "pelvis",
    "l5",
    "l3",
    *(f"{side}_{part}" for part in ("thigh", "shank", "foot") for side in SIDES),
    "t12",
    "t8",
    "neck",
    "head",
    *(f"{side}_{part}" for part in ("upper_arm", "forearm", "hand", "shoulder") for side in SIDES),
)
"""Where a sensor tells most of what is done, best first."""


@dataclass(frozen=True)
class MeasuredSession:
    """All that is known of a session before it is cut into laps.

    ``duration`` s; ``rows``: its strides, or None, and ``no_rows`` says why; ``spans`` of one
    activity each; ``records``: a watch's channels second by second; ``heart``, or None, and
    ``no_heart`` says why; ``signals`` of heart and running; ``faults``: sensors that do not work.
    """

    duration: float
    rows: StrideRows | None
    no_rows: str
    spans: tuple[ActivitySpan, ...]
    records: dict[str, Floats]
    heart: HeartSession | None
    signals: HeartSignals
    no_heart: str
    faults: tuple[str, ...]


def session_features(
    recording: Recording,
    athlete: Athlete | None = None,
    thresholds: tuple[float, float] | None = None,
) -> SessionFeatures:
    """The features of a session and of its laps, with reasons for what is missing.

    ``athlete``: for zones, loads, stiffness; ``thresholds``: heart rates (bpm) at the ventilatory
    thresholds, for Lucía's load.

    Raises MissingDataError if there is neither gait nor heart rate.
    """
    return features_of(recording, measured_session(recording, athlete), athlete, thresholds)


def features_of(
    recording: Recording,
    session: MeasuredSession,
    athlete: Athlete | None = None,
    thresholds: tuple[float, float] | None = None,
) -> SessionFeatures:
    """What :func:`session_features` returns, of a session that has been measured already."""
    if session.rows is None and session.heart is None and not session.spans:
        raise MissingDataError(f"{recording.path}: {session.no_rows}; {session.no_heart}")
    notes = recording.annotations
    marks = [note.time for note in notes if note.kind == LAP]
    laps = _laps(marks, session.duration)

    def block(start: float, end: float) -> Features:
        return _features(session, start, end, athlete, thresholds)

    height, mass = _body(recording, athlete)
    return SessionFeatures(
        recorded_at=recording.start_time,
        athlete=recording.athlete.name,
        height_m=_given(height, "the recording has no body height"),
        mass_kg=_given(mass, "the recording has no body mass"),
        sources=_sources(session),
        remarks=(*(note.text for note in notes if note.kind == FAULT), *session.faults),
        spans=session.spans,
        session=block(0.0, session.duration),
        laps=tuple(block(a, b) for a, b in laps),
    )


def stride_rows(recording: Recording) -> StrideRows:
    """The strides of a recording with all columns, for tables and files.

    Raises MissingDataError if there are none.
    """
    session = measured_session(recording)
    if session.rows is None:
        raise MissingDataError(f"{recording.path}: {session.no_rows}")
    return session.rows


def _body(recording: Recording, athlete: Athlete | None) -> tuple[float | None, float | None]:
    """Height in m and mass in kg: of the recording, else of the profile."""
    who = recording.athlete
    height = who.height or (athlete.height if athlete else None)
    return height, who.mass or (athlete.weight if athlete else None)


def measured_session(recording: Recording, athlete: Athlete | None = None) -> MeasuredSession:
    """Strides, activities and heart rate of a recording, from the best of what was worn.

    Raises SignalError for a recording that is longer than a session can be.
    """
    worn = WornSensors(recording)
    duration = session_length(recording)
    clock = np.arange(np.floor(duration) + 1.0)
    records = running_channels(recording, clock)
    height, mass = _body(recording, athlete)
    rows, no_rows = _sensor_rows(worn, height)
    strides = None
    if rows is not None:
        columns = (rows.table[name].to_numpy(float) for name in ("end_s", "cadence_steps_per_min"))
        strides = stride_cadence(*columns)
    signals = heart_signals(recording, strides)
    if rows is None:
        watch = records_of(clock, records, signals.cadence)
        if watch is not None:
            rows = rows_of_records(watch)
    recognised = _recognised(worn)
    if rows is not None:
        middles = 0.5 * (rows.table["start_s"] + rows.table["end_s"]).to_numpy(float)
        speed = signals.speed.increasing().at(middles, SPEED_REACH)
        rows = with_speed(rows, speed, "watch or pod")
        trunk = worn.first(*TRUNK_ORDER)
        for name, imu in trunk.items():
            rows = with_pelvis(rows, name, imu, worn.oriented)
        rows = with_activities(rows, recognised.at(middles) if recognised else None)
        rows = with_form(rows, height, mass)
    heart, no_heart = None, ""
    try:
        heart = heart_session(signals)
    except SignalError as error:
        no_heart = str(error)
    spans = _spans(recognised, rows)
    faults = tuple(worn.faults)
    return MeasuredSession(
        duration, rows, no_rows, spans, records, heart, signals, no_heart, faults
    )


def _sensor_rows(worn: WornSensors, height: float | None) -> tuple[StrideRows | None, str]:
    """The strides from the best sensors that work, or None and why there are none."""
    trunk = worn.first(*TRUNK_ORDER)
    for part in LEG_ORDER:
        legs = worn.working(*(f"{side}_{part}" for side in SIDES))
        if not legs:
            continue
        try:
            rows = rows_of_strides({**legs, **(trunk if part in UNFOLLOWED else {})}, height)
        except (SignalError, MissingDataError) as error:
            worn.faults.append(str(error))
            continue
        if len(legs) == len(SIDES) and same_foot(rows):
            right, left = (f"{side}_{part}" for side in SIDES)
            worn.faults.append(
                f"the sensors on {right} and {left} land together: both are on one {part}, and "
                f"{left} is left out"
            )
            return rows_of_strides({right: legs[right]}, height), ""
        odd = _exchanged(worn, rows, part, tuple(legs))
        worn.faults.extend(odd)
        return (marked(rows, SIDE_UNSURE) if odd else rows), ""
    if trunk:
        try:
            return rows_of_strides(trunk, height), ""
        except SignalError as error:
            return None, str(error)
    placed = ", ".join(worn.placements)
    there = f"only {placed}" if placed else "no IMU that is placed on a body segment"
    return None, f"strides need a sensor on a leg, the pelvis or the spine; there is {there}"


def _exchanged(worn: WornSensors, rows: StrideRows, part: str, legs: tuple[str, ...]) -> list[str]:
    """What is wrong with right and left: sensors on legs that land with the other."""
    if not len(rows.table):
        return []
    middle = float(rows.table["start_s"].median())
    odd = []
    for leg in legs:
        side = leg.removesuffix(f"_{part}")
        for other, strides_of in (("shank", strides_of_shank), ("thigh", strides_of_thigh)):
            name = f"{side}_{other}"
            imu = None if name == leg else worn.excerpt(name, middle - AROUND, middle + AROUND)
            if imu is not None and _contrary(rows, side, imu, strides_of):
                odd.append(f"{name} lands with the other leg than {leg}")
    if not odd:
        return []
    return [f"{'; '.join(odd)}: sensors are exchanged, and right and left may be the wrong way"]


def _contrary(rows: StrideRows, side: str, imu: Imu, strides_of: Callable[[Imu], Strides]) -> bool:
    try:
        return lands_with_the_other(rows.table, side, strides_of(imu))
    except SignalError:
        return False  # too few samples without a gap: nothing is told


def _recognised(worn: WornSensors) -> Recognised | None:
    """The activities by the sensor that tells most, or None without one that works."""
    for placement in TELLING:
        for imu in worn.working(placement).values():
            try:
                return recognised_activities(imu, worn.oriented)
            except SignalError as error:
                worn.faults.append(str(error))
    return None


def _spans(recognised: Recognised | None, rows: StrideRows | None) -> tuple[ActivitySpan, ...]:
    """The stretches of one activity: as recognised, or else as a watch's cadence says."""
    if recognised is not None:
        return tuple(
            ActivitySpan(
                start_s=significant(span.start),
                end_s=significant(span.end),
                activity=span.activity,
                confidence=significant(span.confidence),
            )
            for span in recognised.spans()
        )
    if rows is None:
        return ()
    spans: list[ActivitySpan] = []
    for start, end, label in rows.table[["start_s", "end_s", "activity"]].itertuples(index=False):
        if label is None:
            continue
        goes_on = spans and spans[-1].activity == label and start - spans[-1].end_s <= LONGEST_BREAK
        begun = spans.pop().start_s if goes_on else start
        activity = Activity(label)
        spans.append(ActivitySpan(start_s=begun, end_s=end, activity=activity, confidence=None))
    return tuple(spans)


def _features(
    session: MeasuredSession,
    start: float,
    end: float,
    athlete: Athlete | None,
    thresholds: tuple[float, float] | None,
) -> Features:
    heart = None
    if session.heart is not None:
        span = start, np.nextafter(end, np.inf)
        heart = heart_rate_block(session.heart, session.signals, span, athlete, thresholds)
    gait = {} if session.rows is None else gait_blocks(session.rows, start, end)
    return Features(
        start_s=significant(start),
        end_s=significant(end),
        duration_s=significant(end - start),
        distance_m=_distance(session, start, end),
        activities=_times(session.spans, start, end),
        gait=gait,
        gait_reason=None if gait else session.no_rows or "no strides in this stretch",
        heart_rate=heart,
        heart_rate_reason=session.no_heart or None,
    )


def _distance(session: MeasuredSession, start: float, end: float) -> Figure:
    """By the feet's strides, else by the watch, else by other strides and speeds."""
    by_feet = session.rows is not None and "stride_length_sd_m" in session.rows.table
    if not by_feet and "distance" in session.records:
        ways = session.records["distance"][round(start) : round(end) + 1]
        known = ways[np.isfinite(ways)]
        if len(known) > 1:
            return Figure(value=significant(float(known[-1] - known[0])))
    if session.rows is None:
        return Figure(reason=session.no_rows)
    return distance(session.rows, start, end)


def _times(
    spans: tuple[ActivitySpan, ...], start: float, end: float
) -> dict[Activity, ActivityTime]:
    times = {}
    for activity in Activity:
        parts = [
            (min(span.end_s, end) - max(span.start_s, start), span.confidence)
            for span in spans
            if span.activity is activity and span.start_s < end and span.end_s > start
        ]
        if parts:
            total = sum(duration for duration, _ in parts)
            sure = [duration * c for duration, c in parts if c is not None]
            times[activity] = ActivityTime(
                duration_s=significant(total),
                spans=len(parts),
                confidence=significant(sum(sure) / total) if sure and total > 0.0 else None,
            )
    return times


def _laps(marks: list[float], duration: float) -> list[tuple[float, float]]:
    """Laps between the marks, those that are there twice once; none without a mark."""
    edges = [0.0]
    for mark in sorted(marks):
        if mark - edges[-1] >= SHORTEST_LAP and duration - mark >= SHORTEST_LAP:
            edges.append(mark)
    edges.append(duration)
    return list(pairwise(edges)) if len(edges) > 2 else []


def _sources(session: MeasuredSession) -> dict[str, str]:
    sources = dict(session.rows.sources) if session.rows is not None else {}
    if session.heart is not None:
        sources["heart rate"] = "beats" if session.heart.beats else "averages"
    return sources


def _given(value: float | None, reason: str) -> Figure:
    return Figure(value=value) if value else Figure(reason=reason)
