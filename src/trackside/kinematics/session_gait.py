"""What the strides of a stretch say as a whole: features, their uncertainty, drift and distance."""

from collections.abc import Mapping

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.activity import Activity, Labels
from trackside.kinematics.session_drift import drift_at_pace
from trackside.kinematics.session_features import Drift, Feature, Figure, Gait
from trackside.kinematics.session_rows import StrideColumns, StrideRows
from trackside.kinematics.stride_summary import ANGLES
from trackside.recordings.placements import SIDES

GAITS = (Activity.WALKING, Activity.RUNNING, Activity.SPRINTING)
FEATURES = tuple(name for name, kind in Gait.model_fields.items() if kind.annotation is Feature)
NOT_DRIFTING = ("speed_m_per_s", "vertical_stiffness_kn_per_m", "leg_stiffness_kn_per_m")
"""The pace itself, and what drifts as its value per mass does."""
FEWEST_STRIDES = 4
LARGEST_CORRELATION = 0.95
DIGITS = 6


def gait_blocks(rows: StrideRows, start: float, end: float) -> dict[Activity, Gait]:
    """The gait of each activity with strides that begin between two moments (s)."""
    inside = rows.between(start, end)
    blocks = {}
    for activity in GAITS:
        part = inside[inside.activity == activity.value]
        if len(part) >= FEWEST_STRIDES:
            blocks[activity] = _gait(part, rows.reasons)
    return blocks


def _gait(strides: StrideColumns, reasons: Mapping[str, str]) -> Gait:
    sound = strides[strides.counted]
    return Gait(
        duration_s=significant(_time_covered(strides)),
        strides=len(strides),
        drift_per_hour={
            name: _drift(sound, name, reasons) for name in FEATURES if name not in NOT_DRIFTING
        },
        **{name: _feature(sound, name, reasons) for name in FEATURES},
    )


def _time_covered(strides: StrideColumns) -> float:
    """Time in s that strides cover; those of both feet overlap."""
    order = np.argsort(strides.numbers["start_s"])
    starts, ends = (strides.numbers[name][order] for name in ("start_s", "end_s"))
    known = np.isfinite(starts) & np.isfinite(ends)
    starts, ends = starts[known], np.maximum.accumulate(ends[known])
    if not len(starts):
        return 0.0
    before = np.concatenate([starts[:1], ends[:-1]])
    return float(np.sum(np.maximum(ends - np.maximum(starts, before), 0.0)))


def _feature(strides: StrideColumns, name: str, reasons: Mapping[str, str]) -> Feature:
    known = np.isfinite(strides.numbers[name])
    values, feet = strides.numbers[name][known], strides.foot[known]
    if len(values) < FEWEST_STRIDES:
        few = f"{len(values)} sound strides: expected {FEWEST_STRIDES} or more"
        return Feature(reason=few if len(values) else reasons.get(name, "no sound stride"))
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    sides = [values[feet == side] for side in SIDES]
    both = all(len(part) >= FEWEST_STRIDES for part in sides)
    right, left = (float(part.mean()) if both else np.nan for part in sides)
    relative = name not in ANGLES and mean != 0.0
    return Feature(
        mean=significant(mean),
        mean_sd=significant(_mean_sd(feet, values)),
        spread=significant(spread),
        variation_percent=significant(100.0 * spread / abs(mean)) if relative else None,
        right=significant(right) if both else None,
        left=significant(left) if both else None,
        symmetry_percent=significant(200.0 * (right - left) / abs(right + left))
        if both and relative and right + left != 0.0
        else None,
        strides=len(values),
    )


def _mean_sd(feet: Labels, values: Floats) -> float:
    """Standard deviation of the mean: strides in a row are alike, and so count as fewer."""
    parts = [values[feet == foot] for foot in dict.fromkeys(feet)]
    deviations = [part - part.mean() for part in parts]
    variance = sum(float(part @ part) for part in deviations)
    products = sum(float(part[1:] @ part[:-1]) for part in deviations)
    alike = np.clip(products / variance, 0.0, LARGEST_CORRELATION) if variance > 0.0 else 0.0
    independent = len(values) * (1.0 - alike) / (1.0 + alike)
    return float(values.std(ddof=1) / np.sqrt(max(independent, 1.0)))


def _drift(strides: StrideColumns, name: str, reasons: Mapping[str, str]) -> Drift:
    values = strides.numbers[name]
    slope = drift_at_pace(strides.numbers["start_s"], values, strides.numbers["speed_m_per_s"])
    minutes = slope.used / 60.0
    if slope.reason:
        known = np.isfinite(values).any()
        return Drift(
            minutes=minutes, reason=slope.reason if known else reasons.get(name, "unknown")
        )
    mean = float(np.nanmean(values))
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
    inside = rows.between(start, end)
    ways, sds = [], []
    for foot in dict.fromkeys(inside.foot):
        part = inside[inside.foot == foot]
        sound = part[part.counted].numbers
        time, length = sound["stride_time_s"], sound["stride_length_m"]
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
