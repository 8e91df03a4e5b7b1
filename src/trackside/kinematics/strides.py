"""One row a stride: times, lengths and angles of each foot, with standard deviations and quality.

A stride goes from one initial contact of a foot to its next. It is found by the best sensor worn:
on foot, shank, thigh, or else on pelvis or spine; the column ``source`` tells which.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kinematics.foot_strides import strides_of_foot
from trackside.kinematics.gait import TRUNK_ORDER
from trackside.kinematics.shank_strides import strides_of_shank
from trackside.kinematics.stride_rows import QUALITY, Strides, with_lengths
from trackside.kinematics.thigh_strides import strides_of_thigh
from trackside.kinematics.trunk_strides import strides_of_trunk
from trackside.recordings.model import Imu
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd


LEGS = (
    ("thigh", strides_of_thigh),
    ("shank", strides_of_shank),
    ("foot", strides_of_foot),
)
"""Segments of the leg and how strides are found there, the best last."""
UNFOLLOWED = ("shank", "thigh")
"""Segments that tell no lengths."""
EITHER = "either"
"""In place of a side: a stride that begins with whichever foot."""


@dataclass(frozen=True)
class Source:
    """What the strides of a side are found by: a sensor's ``placement``, and the way."""

    placement: str
    strides_of: Callable[[Imu], Strides]

    @property
    def segment(self) -> str:
        """The placement without its side."""
        return self.placement.removeprefix("right_").removeprefix("left_")


def sources(placements: Collection[str], height: float | None = None) -> dict[str, Source]:
    """By what each side's strides are found: foot, shank or thigh, or else by the trunk.

    ``height`` m of the athlete, if known, for lengths without a sensor on a foot.

    Raises MissingDataError if none of ``placements`` will do.
    """
    legs = {
        side: Source(f"{side}_{part}", way)
        for part, way in LEGS
        for side in SIDES
        if f"{side}_{part}" in placements
    }
    if legs:
        return {side: legs[side] for side in SIDES if side in legs}
    for placement in TRUNK_ORDER:
        if placement in placements:
            return {EITHER: Source(placement, partial(strides_of_trunk, height=height))}
    raise MissingDataError(
        "strides need a sensor on a leg, the pelvis or the spine; there is "
        + (", ".join(placements) or "none")
    )


def stride_table(imus: Mapping[str, Imu], height: float | None = None) -> "pd.DataFrame":
    """The strides of both legs in the order of their starts, one row each.

    ``imus``: by placement. ``height`` m of the athlete, if known. docs/features.md describes the
    columns.

    Raises MissingDataError if no sensor will do, or one on a leg has no gyroscope.
    """
    import pandas as pd

    found = sources(imus, height)
    parts = {side: source.strides_of(imus[source.placement]) for side, source in found.items()}
    if any(source.segment in UNFOLLOWED for source in found.values()):
        parts = _with_trunk(found, parts, imus, height)
    frames = [
        pd.DataFrame(columns(side, found[side].segment, strides, other_side(side, parts)))
        for side, strides in parts.items()
    ]
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values("start_s", ignore_index=True)


def _with_trunk(
    found: Mapping[str, Source],
    parts: Mapping[str, Strides],
    imus: Mapping[str, Imu],
    height: float | None,
) -> dict[str, Strides]:
    """Shanks' and thighs' strides with lengths by the trunk, if there is a sensor on it."""
    trunk = next((imus[name] for name in TRUNK_ORDER if name in imus), None)
    model = strides_of_trunk(trunk, height) if trunk is not None else None
    if model is None or not len(model):
        return dict(parts)
    return {
        side: with_lengths(strides, model) if found[side].segment in UNFOLLOWED else strides
        for side, strides in parts.items()
    }


def other_side(side: str, parts: Mapping[str, Strides]) -> Strides | None:
    """The strides of the other leg, if there are any."""
    return next((strides for name, strides in parts.items() if name != side), None)


def columns(side: str, segment: str, strides: Strides, other: Strides | None) -> dict[str, Any]:
    """The columns of the table, (K,) each, of one leg's strides beside those of the other."""
    time = strides.end - strides.start
    contact = strides.toe_off - strides.start
    speed = strides.length / time
    time_sd = np.hypot(strides.start_sd, strides.end_sd)
    return {
        "foot": [side] * len(strides),
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
        "speed_sd_m_per_s": speed * np.hypot(strides.length_sd / strides.length, time_sd / time),
        "climb_m": strides.climb,
        "clearance_m": strides.clearance,
        "strike_angle_deg": np.rad2deg(strides.strike_angle),
        "turn_deg": np.rad2deg(strides.turn),
        "good": ~strides.faults.any(axis=1),
        "source": [segment] * len(strides),
        "quality": _reasons(strides.faults),
    }


def _reasons(faults: Booleans) -> list[str]:
    """What is wrong with each stride (K, F), in words."""
    kinds, which = np.unique(faults @ (1 << np.arange(len(QUALITY))), return_inverse=True)
    words = [
        ", ".join(name for bit, name in enumerate(QUALITY) if kind >> bit & 1) or "good"
        for kind in kinds.tolist()
    ]
    return [words[kind] for kind in which.tolist()]


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
