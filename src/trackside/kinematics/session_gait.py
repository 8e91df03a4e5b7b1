"""What the strides of a stretch say as a whole: features, their uncertainty, drift and distance."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.activity import Activity
from trackside.kinematics.session_drift import drift_at_pace
from trackside.kinematics.session_features import Drift, Feature, Figure, Gait
from trackside.kinematics.session_rows import StrideRows
from trackside.kinematics.stride_summary import ANGLES, summarised
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd

GAITS = (Activity.WALKING, Activity.RUNNING, Activity.SPRINTING)
FEATURES = tuple(name for name, kind in Gait.model_fields.items() if kind.annotation is Feature)
NOT_DRIFTING = ("speed_m_per_s", "vertical_stiffness_kn_per_m", "leg_stiffness_kn_per_m")
"""The pace itself, and what drifts as its value per mass does."""
FEWEST_STRIDES = 4
LARGEST_CORRELATION = 0.95
DIGITS = 6


def gait_blocks(rows: StrideRows, start: float, end: float) -> dict[Activity, Gait]:
    """The gait of each activity with strides that begin between two moments (s)."""
    table = rows.table
    inside = table[(table["start_s"] >= start) & (table["start_s"] < end)]
    blocks = {}
    for activity in GAITS:
        part = inside[inside["activity"] == activity.value]
        if len(part) >= FEWEST_STRIDES:
            blocks[activity] = _gait(part, rows.reasons)
    return blocks


def _gait(table: "pd.DataFrame", reasons: Mapping[str, str]) -> Gait:
    sound = summarised(table)
    return Gait(
        duration_s=significant(_time_covered(table)),
        strides=len(table),
        drift_per_hour={
            name: _drift(sound, name, reasons) for name in FEATURES if name not in NOT_DRIFTING
        },
        **{name: _feature(sound, name, reasons) for name in FEATURES},
    )


def _time_covered(table: "pd.DataFrame") -> float:
    """Time in s that strides cover; those of both feet overlap."""
    order = np.argsort(table["start_s"].to_numpy())
    starts, ends = (table[name].to_numpy(float)[order] for name in ("start_s", "end_s"))
    known = np.isfinite(starts) & np.isfinite(ends)
    starts, ends = starts[known], np.maximum.accumulate(ends[known])
    if not len(starts):
        return 0.0
    before = np.concatenate([starts[:1], ends[:-1]])
    return float(np.sum(np.maximum(ends - np.maximum(starts, before), 0.0)))


def _feature(table: "pd.DataFrame", name: str, reasons: Mapping[str, str]) -> Feature:
    known = table[np.isfinite(table[name].to_numpy(float))]
    if len(known) < FEWEST_STRIDES:
        few = f"{len(known)} sound strides: expected {FEWEST_STRIDES} or more"
        return Feature(reason=few if len(known) else reasons.get(name, "no sound stride"))
    values = known[name].to_numpy(float)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    sides = {side: values[(known["foot"] == side).to_numpy()] for side in SIDES}
    both = all(len(part) >= FEWEST_STRIDES for part in sides.values())
    right, left = (float(part.mean()) if both else np.nan for part in sides.values())
    relative = name not in ANGLES and mean != 0.0
    return Feature(
        mean=significant(mean),
        mean_sd=significant(_mean_sd(known, values)),
        spread=significant(spread),
        variation_percent=significant(100.0 * spread / abs(mean)) if relative else None,
        right=significant(right) if both else None,
        left=significant(left) if both else None,
        symmetry_percent=significant(200.0 * (right - left) / abs(right + left))
        if both and relative and right + left != 0.0
        else None,
        strides=len(values),
    )


def _mean_sd(table: "pd.DataFrame", values: Floats) -> float:
    """Standard deviation of the mean: strides in a row are alike, and so count as fewer."""
    feet = table["foot"].to_numpy()
    parts = [values[feet == foot] for foot in dict.fromkeys(feet)]
    variance = sum(float(np.sum((part - part.mean()) ** 2)) for part in parts)
    products = sum(float((part[1:] - part.mean()) @ (part[:-1] - part.mean())) for part in parts)
    alike = np.clip(products / variance, 0.0, LARGEST_CORRELATION) if variance > 0.0 else 0.0
    independent = len(values) * (1.0 - alike) / (1.0 + alike)
    return float(values.std(ddof=1) / np.sqrt(max(independent, 1.0)))


def _drift(table: "pd.DataFrame", name: str, reasons: Mapping[str, str]) -> Drift:
    columns = ("start_s", name, "speed_m_per_s")
    slope = drift_at_pace(*(table[column].to_numpy(float) for column in columns))
    minutes = slope.used / 60.0
    if slope.reason:
        known = np.isfinite(table[name].to_numpy(float)).any()
        return Drift(
            minutes=minutes, reason=slope.reason if known else reasons.get(name, "unknown")
        )
    mean = float(np.nanmean(table[name].to_numpy(float)))
    return Drift(
        per_hour=significant(slope.per_hour),
        low=significant(slope.low),
        high=significant(slope.high),
        percent_per_hour=None
        if name in ANGLES or mean == 0.0
        else significant(100.0 * slope.per_hour / abs(mean)),
        minutes=minutes,
    )


def distance(rows: StrideRows, start: float, end: float) -> Figure:
    """The way in m over all strides between two moments (s).

    Each foot's own; strides that are unsure count at the mean speed of the others. The standard
    deviation is half of what both feet differ by, or without the other foot what the strides'
    lengths add up to, as if their errors were one.
    """
    table = rows.table
    inside = table[(table["start_s"] >= start) & (table["start_s"] < end)]
    ways, sds = [], []
    for foot in dict.fromkeys(inside["foot"]):
        part = inside[inside["foot"] == foot]
        sound = summarised(part)
        time, length = (
            sound[name].to_numpy(float) for name in ("stride_time_s", "stride_length_m")
        )
        known = np.isfinite(time) & np.isfinite(length)
        if not known.any():
            continue
        speed = float(length[known].sum() / time[known].sum())
        ways.append(speed * _time_covered(part))
        if "stride_length_sd_m" in sound:
            sds.append(float(np.nansum(sound["stride_length_sd_m"])))
    if not ways:
        reason = rows.reasons.get("stride_length_m", "no stride")
        return Figure(reason=reason if len(inside) else "no stride")
    sd = 0.5 * abs(ways[0] - ways[1]) if len(ways) > 1 else (sds[0] if sds else None)
    return Figure(
        value=significant(float(np.mean(ways))), sd=None if sd is None else significant(sd)
    )


def significant(value: float) -> float:
    """A number for JSON with as many digits as can mean something."""
    return float(f"{value:.{DIGITS}g}")
