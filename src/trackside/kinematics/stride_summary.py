"""What a table of strides says as a whole: means, variability, and how alike right and left are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.arrays import Booleans
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd

SUMMARISED = (
    "stride_time_s",
    "cadence_steps_per_min",
    "contact_time_s",
    "flight_time_s",
    "duty_factor",
    "stride_length_m",
    "speed_m_per_s",
    "clearance_m",
    "strike_angle_deg",
)
"""The columns that are summarised."""

ANGLES = ("strike_angle_deg",)
"""Columns without a natural zero, whose relative spread and asymmetry mean nothing."""

MARKED = ("contact unseen", "no rest", "turn", "unlike neighbours")
"""What keeps a stride out of the summary; gaps and clipping alone only widen its errors."""


def summarised(table: "pd.DataFrame") -> "pd.DataFrame":
    """The strides that count for the summary."""
    return table[counted(table)]


def counted(table: "pd.DataFrame") -> Booleans:
    """Which strides (K,) count for the summary."""
    qualities = table["quality"]
    marked = [text for text in qualities.unique() if any(mark in text for mark in MARKED)]
    return np.asarray(~qualities.isin(marked))


def stride_summary(table: "pd.DataFrame") -> dict[str, dict[str, float]]:
    """For each summarised column: mean, standard deviation, and more where it has a meaning.

    ``variation_percent``: coefficient of variation. With both feet the means ``right`` and ``left``
    and the symmetry index ``symmetry_percent``, 100 (R - L) / ((R + L) / 2) (R. O. Robinson et al.,
    J. Manipulative Physiol. Ther. 10, 1987): positive if the right one is larger.
    """
    sound = summarised(table)
    return {name: _column(sound, name) for name in SUMMARISED}


def _column(table: "pd.DataFrame", name: str) -> dict[str, float]:
    values = table[name]
    summary: dict[str, Any] = {"mean": values.mean(), "sd": values.std()}
    if name not in ANGLES:
        summary["variation_percent"] = 100.0 * values.std() / abs(values.mean())
    sides = {side: table.loc[table["foot"] == side, name].mean() for side in SIDES}
    if np.isfinite(list(sides.values())).all():
        summary |= sides
        if name not in ANGLES:
            middle = 0.5 * sum(sides.values())
            summary["symmetry_percent"] = 100.0 * (sides["right"] - sides["left"]) / abs(middle)
    return {key: float(value) for key, value in summary.items()}
