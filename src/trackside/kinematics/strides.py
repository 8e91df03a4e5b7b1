"""One row a stride: times, lengths and angles of each foot, with standard deviations and quality.

A stride goes from one initial contact of a foot to its next. Its length is the way of the ball of
the foot over the ground from its rest in the one stance to that in the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.foot_path import FootPath, foot_paths
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.kinematics.stride_events import HEEL_BEHIND_BALL, FootEvents, foot_events
from trackside.recordings.model import Imu
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd

TURN = np.radians(45.0)
"""A stride whose foot turns by more is marked."""
RESTLESS = 0.3
"""m/s; with a rest less sure than that the stride's length is marked."""
UNLIKE = 0.3
"""A stride whose time is off by this part from the median of its neighbours is marked."""
NEIGHBOURS = 5

QUALITY = ("gap", "clipped", "contact unseen", "no rest", "turn", "unlike neighbours")
"""What may be wrong with a stride."""


@dataclass(frozen=True)
class Strides:
    """The strides of one foot, (K,) each; NaN where something is not known.

    ``start``, ``toe_off``, ``end`` s: initial contact, toe-off, next initial contact. ``length`` m
    over ground, ``climb`` m upward, ``clearance`` m: the height that the lower one of heel and ball
    reaches in swing, ``strike_angle`` rad: toes up at initial contact, ``turn`` rad of the foot to
    the left. Names ending in ``_sd`` are standard deviations. ``faults`` (K, 6): which of QUALITY.
    """

    start: Floats
    toe_off: Floats
    end: Floats
    start_sd: Floats
    toe_off_sd: Floats
    end_sd: Floats
    length: Floats
    length_sd: Floats
    climb: Floats
    clearance: Floats
    strike_angle: Floats
    turn: Floats
    faults: Booleans


def strides_of_foot(imu: Imu) -> Strides:
    """The strides of a foot from the sensor on it.

    Raises MissingDataError without a gyroscope, SignalError without a second of samples.
    """
    if imu.gyr is None:
        raise MissingDataError(f"{imu.stream.name}: the strides of a foot need a gyroscope")
    parts = [_strides(foot, foot_events(foot)) for foot in foot_paths(imu.time, imu.gyr, imu.acc)]
    return Strides(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Strides)
        )
    )


def stride_table(imus: Mapping[str, Imu]) -> "pd.DataFrame":
    """The strides of both feet in the order of their starts, one row each.

    ``imus``: by placement; those on ``right_foot`` and ``left_foot`` count. docs/features.md
    describes the columns.

    Raises MissingDataError if there is none of the two, or one without a gyroscope.
    """
    import pandas as pd

    feet = {side: imus[f"{side}_foot"] for side in SIDES if f"{side}_foot" in imus}
    if not feet:
        worn = ", ".join(imus) or "none"
        raise MissingDataError(f"strides need a sensor on a foot; there is {worn}")
    parts = {side: strides_of_foot(imu) for side, imu in feet.items()}
    frames = [_frame(side, strides, parts) for side, strides in parts.items()]
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values("start_s", ignore_index=True)


def _frame(side: str, strides: Strides, feet: Mapping[str, Strides]) -> "pd.DataFrame":
    import pandas as pd

    time = strides.end - strides.start
    contact = strides.toe_off - strides.start
    speed = strides.length / time
    time_sd = np.hypot(strides.start_sd, strides.end_sd)
    other = next((feet[name] for name in feet if name != side), None)
    return pd.DataFrame(
        {
            "foot": side,
            "start_s": strides.start,
            "toe_off_s": strides.toe_off,
            "end_s": strides.end,
            "stride_time_s": time,
            "stride_time_sd_s": time_sd,
            "cadence_steps_per_min": 120.0 / time,
            "contact_time_s": contact,
            "contact_time_sd_s": np.hypot(strides.start_sd, strides.toe_off_sd),
            "swing_time_s": strides.end - strides.toe_off,
            "step_time_s": _step_times(strides, other),
            "flight_time_s": _flight_times(strides, other),
            "duty_factor": contact / time,
            "stride_length_m": strides.length,
            "stride_length_sd_m": strides.length_sd,
            "speed_m_per_s": speed,
            "speed_sd_m_per_s": speed
            * np.hypot(strides.length_sd / strides.length, time_sd / time),
            "climb_m": strides.climb,
            "clearance_m": strides.clearance,
            "strike_angle_deg": np.rad2deg(strides.strike_angle),
            "turn_deg": np.rad2deg(strides.turn),
            "good": ~strides.faults.any(axis=1),
            "quality": [_reasons(faults) for faults in strides.faults],
        }
    )


def _reasons(faults: Booleans) -> str:
    return ", ".join(name for name, fault in zip(QUALITY, faults, strict=True) if fault) or "good"


def _strides(foot: FootPath, events: FootEvents) -> Strides:
    """The strides between successive stances of one path."""
    first = np.flatnonzero(np.diff(foot.time[foot.rests]) < SLOWEST_STRIDE)
    rests, nexts = foot.rests[first], foot.rests[first + 1]
    place = foot.position(foot.lever)
    way = place[nexts] - place[rests]
    length = np.hypot(way[:, 0], way[:, 1])
    start, end = events.initial_contact[first], events.initial_contact[first + 1]
    heading = np.unwrap(_heading(foot))
    turn = heading[nexts] - heading[rests]
    faults = np.column_stack(
        [
            _any_between(~foot.measured, rests, nexts),
            _any_between(foot.clipped, rests, nexts),
            np.isnan(start) | np.isnan(end),
            np.maximum(foot.rest_sd[first], foot.rest_sd[first + 1]) > RESTLESS,
            np.abs(turn) > TURN,
            _unlike_neighbours(foot.time[nexts] - foot.time[rests]),
        ]
    )
    return Strides(
        start,
        events.toe_off[first],
        end,
        events.initial_contact_sd[first],
        events.toe_off_sd[first],
        events.initial_contact_sd[first + 1],
        length,
        _length_sd(foot, first, way),
        way[:, 2],
        _clearance(foot, place, rests, nexts),
        events.strike_angle[first],
        turn,
        faults,
    )


def _heading(foot: FootPath) -> Floats:
    """Heading (N,) rad of the foot, as far as it is level."""
    forward = qt.rotate(foot.path.orientations, foot.frame[0])
    return np.arctan2(forward[:, 1], forward[:, 0])


def _any_between(mask: Booleans, starts: Integers, ends: Integers) -> Booleans:
    counts = np.concatenate([[0], np.cumsum(mask)])
    return counts[ends + 1] > counts[starts]


def _unlike_neighbours(times: Floats) -> Booleans:
    """Whether a stride's time is far off the median of those around it."""
    if len(times) < NEIGHBOURS:
        return np.zeros(len(times), np.bool_)
    reach = NEIGHBOURS // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(times, reach, "edge"), NEIGHBOURS)
    usual = np.median(around, axis=1)
    return np.abs(times - usual) > UNLIKE * usual


def _length_sd(foot: FootPath, first: Integers, way: Floats) -> Floats:
    """Standard deviation (K,) m of the strides' lengths, along their way."""
    at = np.searchsorted(foot.nodes.samples, foot.rests[first + 1])
    along = way[:, :2] / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    variance = np.einsum("ki,kij,kj->k", along, foot.path.way_covariances[at, :2, :2], along)
    return np.sqrt(np.maximum(variance, 0.0))


def _clearance(foot: FootPath, ball: Floats, rests: Integers, nexts: Integers) -> Floats:
    """How high (K,) m the lower one of heel and ball comes, above the line from rest to rest."""
    heel = foot.position(foot.lever - np.array([HEEL_BEHIND_BALL, 0.0, 0.0]))
    offset = heel[rests, 2] - ball[rests, 2]
    heights = np.empty(len(rests))
    for k, (a, b) in enumerate(zip(rests, nexts, strict=True)):
        lowest = np.minimum(ball[a : b + 1, 2], heel[a : b + 1, 2] - offset[k])
        ground = np.interp(foot.time[a : b + 1], foot.time[[a, b]], ball[[a, b], 2])
        heights[k] = np.max(lowest - ground)
    return heights


def _step_times(strides: Strides, other: Strides | None) -> Floats:
    """From each initial contact to the next of the other foot, (K,) s; NaN without it."""
    if other is None:
        return np.full(len(strides.start), np.nan)
    return _next_contact(other, strides.start, strides.end) - strides.start


def _flight_times(strides: Strides, other: Strides | None) -> Floats:
    """From each toe-off to the next contact of the other foot, (K,) s.

    Negative in walking, where both feet are on the ground for so long. Without the other foot, half
    of the stride without the contact: as if both were alike.
    """
    if other is None:
        return 0.5 * (strides.end - strides.start) - (strides.toe_off - strides.start)
    return _next_contact(other, strides.start, strides.end) - strides.toe_off


def _next_contact(other: Strides, after: Floats, before: Floats) -> Floats:
    """The first contact (K,) s of the other foot between two moments (K,) s, or NaN."""
    contacts = np.unique(np.concatenate([other.start, other.end]))
    contacts = np.append(contacts[np.isfinite(contacts)], np.nan)
    found = contacts[np.searchsorted(contacts[:-1], after, side="right")]
    return np.where(found < before, found, np.nan)
