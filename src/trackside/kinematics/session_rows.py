"""One table of strides, whatever they were measured with: feet, another sensor, or a watch.

It has the columns of :func:`~trackside.kinematics.strides.stride_table` (docs/features.md), NaN
where nobody knows, and in addition ``activity``, ``vertical_oscillation_m`` and the stiffness of
running.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.kinematics.activity import Activity, Labels
from trackside.kinematics.oriented import Oriented, oriented
from trackside.kinematics.sacrum_contact import sacrum_contacts
from trackside.kinematics.spring_mass import LEG_OF_HEIGHT, spring_mass
from trackside.kinematics.stride_summary import counted
from trackside.kinematics.strides import stride_table
from trackside.kinematics.vertical_oscillation import vertical_oscillation
from trackside.recordings.model import Imu
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd

NEEDS_FOOT = "no sensor on a foot"
REASONS = {
    "stride_length_m": "neither a sensor on a foot nor the speed of a watch or pod",
    "speed_m_per_s": "neither a sensor on a foot nor the speed of a watch or pod",
    "contact_time_s": "no sensor on a leg or the pelvis",
    "flight_time_s": "no sensor on a leg or the pelvis",
    "duty_factor": "no sensor on a leg or the pelvis",
    "clearance_m": NEEDS_FOOT,
    "strike_angle_deg": NEEDS_FOOT,
    "vertical_oscillation_m": "no sensor on pelvis or spine",
}
"""Why a column is empty, by its name."""
FROM_FORM = {
    "vertical_stiffness_n_per_m_per_kg": "needs contact and flight times of running",
    "leg_stiffness_n_per_m_per_kg": "needs contact and flight times and the speed of running, and "
    "body height",
    "vertical_stiffness_kn_per_m": "needs contact and flight times of running, and body mass",
    "leg_stiffness_kn_per_m": "needs contact and flight times and the speed of running, and body "
    "height and mass",
}
FEWEST_TOGETHER = 5  # strides
TOGETHER = 0.15  # of a stride; alternating feet are half of one apart
LEAST_RUNNING_CADENCE = 140.0  # steps/min; walking is slower
LEAST_WALKING_CADENCE = 60.0
LEAST_WALKING_SPEED, LEAST_RUNNING_SPEED = 0.5, 2.1  # m/s, where there is no cadence
SPRINT = 7.0  # m/s


@dataclass(frozen=True)
class StrideColumns:
    """Strides as arrays (K,): ``numbers`` by column, ``foot``, ``activity``, and what counts.

    Strides that are not ``counted`` are too doubtful for a summary.
    """

    numbers: Mapping[str, Floats]
    foot: Labels
    activity: Labels
    counted: Booleans

    def __getitem__(self, which: Booleans) -> "StrideColumns":
        """Some of the strides."""
        numbers = {name: column[which] for name, column in self.numbers.items()}
        return StrideColumns(numbers, self.foot[which], self.activity[which], self.counted[which])

    def __len__(self) -> int:
        return len(self.foot)


@dataclass(frozen=True)
class StrideRows:
    """``table``: the strides; ``reasons``: why a column is empty; ``sources``: of what, by kind."""

    table: "pd.DataFrame"
    reasons: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> "StrideColumns":
        """The strides as arrays."""
        names = self.table.select_dtypes("number").columns
        return StrideColumns(
            {name: self.table[name].to_numpy(float) for name in names},
            self.table["foot"].to_numpy(),
            self.table["activity"].to_numpy(),
            counted(self.table),
        )

    def between(self, start: float, end: float) -> "StrideColumns":
        """The strides that begin between two moments (s)."""
        begin = self.columns.numbers["start_s"]
        return self.columns[(begin >= start) & (begin < end)]


def rows_of_strides(imus: Mapping[str, Imu], height: float | None = None) -> StrideRows:
    """The strides of sensors on feet, shanks or thighs, else of pelvis or spine.

    ``imus``: by placement; ``height`` m of the athlete, if known. Raises as :func:`stride_table`.
    """
    table = stride_table(imus, height)
    segments = tuple(table["source"].unique()) or tuple(imus)
    used = ", ".join(name for name in imus if name.endswith(segments))
    return StrideRows(table.assign(vertical_oscillation_m=np.nan), REASONS, {"strides": used})


def rows_of_records(records: "pd.DataFrame") -> StrideRows:
    """A watch's records as rows of one stride each; columns that it has not are NaN."""
    reasons = dict.fromkeys(REASONS, "the watch did not record it")
    return StrideRows(_whole(records), reasons, {"strides": "watch or pod"})


def _whole(table: "pd.DataFrame") -> "pd.DataFrame":
    missing = {name: np.nan for name in REASONS if name not in table}
    return table.assign(**missing, foot="", good=True, source="", quality="good")


def same_foot(rows: StrideRows) -> bool:
    """Whether the strides of both feet begin together, as those of one foot with two sensors do."""
    table = rows.table
    starts = {
        foot: np.sort(part["start_s"].dropna().to_numpy()) for foot, part in table.groupby("foot")
    }
    if len(starts) < len(SIDES) or min(map(len, starts.values())) < FEWEST_TOGETHER:
        return False
    right, left = (starts[side] for side in SIDES)
    after = np.clip(np.searchsorted(right, left), 1, len(right) - 1)
    away = np.minimum(np.abs(right[after] - left), np.abs(left - right[after - 1]))
    usual = float(table["stride_time_s"].median())
    return bool(np.median(away) < TOGETHER * usual)


def with_speed(rows: StrideRows, speed: Floats, source: str) -> StrideRows:
    """Speeds (K,) m/s of another source and lengths by them, where rows have none or a model's."""
    table = rows.table
    own = np.isfinite(table["speed_m_per_s"]) & (table["source"] == "foot")
    if own.any() or not np.isfinite(speed).any():
        return rows
    table = table.assign(speed_m_per_s=speed, stride_length_m=speed * table["stride_time_s"])
    return replace(rows, table=table, sources={**rows.sources, "speed": source})


def marked(rows: StrideRows, reason: str) -> StrideRows:
    """All rows with another reason to doubt them; they count as before."""
    quality = rows.table["quality"]
    doubted = np.where(quality == "good", reason, quality + f", {reason}")
    return replace(rows, table=rows.table.assign(good=False, quality=doubted))


def with_pelvis(rows: StrideRows, name: str, imu: Imu, oriented: Oriented = oriented) -> StrideRows:
    """Vertical oscillation from a sensor on the trunk, and contact times where rows have none."""
    table = rows.table
    starts, ends = table["start_s"].to_numpy(), table["end_s"].to_numpy()
    reasons, sources = dict(rows.reasons), dict(rows.sources)
    try:
        oscillation = vertical_oscillation(imu, starts, ends, oriented)
        table = table.assign(vertical_oscillation_m=oscillation)
        sources["vertical oscillation"] = name
    except SignalError as error:
        reasons["vertical_oscillation_m"] = str(error)
    if not np.isfinite(table["contact_time_s"]).any() and name in ("pelvis", "l5"):
        table = table.assign(**_contacts(imu, 0.5 * (starts + ends), table))
        sources["contact time"] = name
        for column in ("contact_time_s", "flight_time_s", "duty_factor"):
            reasons[column] = "the pelvis tells contact times of even running only"
    return replace(rows, table=table, reasons=reasons, sources=sources)


def _contacts(imu: Imu, middles: Floats, table: "pd.DataFrame") -> dict[str, Floats]:
    found = sacrum_contacts(imu)
    known = np.isfinite(found.contact_time)
    contact = np.full(len(middles), np.nan)
    if known.any():
        time = found.time[known]
        after = np.clip(np.searchsorted(time, middles), 0, len(time) - 1)
        before = np.maximum(after - 1, 0)
        away = np.minimum(np.abs(time[after] - middles), np.abs(middles - time[before]))
        near = np.interp(middles, time, found.contact_time[known])
        contact = np.where(away < 2.0 * found.step_time[known][after], near, np.nan)
    stride = table["stride_time_s"].to_numpy()
    return {
        "contact_time_s": contact,
        "flight_time_s": 0.5 * stride - contact,
        "duty_factor": contact / stride,
    }


def with_activities(rows: StrideRows, labels: Labels | None) -> StrideRows:
    """What was done in each stride: ``labels`` (K,), or by cadence and speed without them."""
    import pandas as pd

    table = rows.table
    if labels is None:
        labels = by_cadence(
            table["cadence_steps_per_min"].to_numpy(float), table["speed_m_per_s"].to_numpy(float)
        )
    activity = pd.Series(labels, table.index, dtype=object)  # as text, None would become NaN
    return replace(rows, table=table.assign(activity=activity))


def by_cadence(cadence: Floats, speed: Floats) -> Labels:
    """Standing, walking, running or sprinting (K,) by steps/min, or by m/s where unknown; None."""
    labels = np.full(len(cadence), None, dtype=object)
    steps, moves = np.isfinite(cadence), np.isfinite(speed)
    slow = np.where(steps, cadence < LEAST_WALKING_CADENCE, speed < LEAST_WALKING_SPEED)
    runs = np.where(steps, cadence >= LEAST_RUNNING_CADENCE, speed >= LEAST_RUNNING_SPEED)
    labels[steps | moves] = Activity.WALKING.value
    labels[(steps | moves) & runs] = Activity.RUNNING.value
    labels[(steps | moves) & runs & (speed >= SPRINT)] = Activity.SPRINTING.value
    labels[(steps | moves) & slow] = Activity.STANDING.value
    return labels


def with_form(rows: StrideRows, height: float | None, mass: float | None) -> StrideRows:
    """Stiffness of running, and its modelled oscillation where none was measured.

    ``height`` m and ``mass`` kg of the athlete.
    """
    table, reasons, sources = rows.table, dict(rows.reasons), dict(rows.sources)
    runs = table["activity"].isin([Activity.RUNNING.value, Activity.SPRINTING.value]).to_numpy()
    leg = np.nan if height is None else LEG_OF_HEIGHT * height
    columns = ("contact_time_s", "flight_time_s", "speed_m_per_s")
    contact, flight, speed = (
        np.where(runs, table[column].to_numpy(float), np.nan) for column in columns
    )
    form = spring_mass(contact, flight, speed, leg)
    kilonewtons = np.nan if mass is None else mass / 1000.0
    table = table.assign(
        vertical_stiffness_n_per_m_per_kg=form.vertical,
        leg_stiffness_n_per_m_per_kg=form.leg,
        vertical_stiffness_kn_per_m=form.vertical * kilonewtons,
        leg_stiffness_kn_per_m=form.leg * kilonewtons,
    )
    reasons |= FROM_FORM
    measured = np.isfinite(table["vertical_oscillation_m"])
    if not measured.any() and np.isfinite(form.oscillation).any():
        table = table.assign(vertical_oscillation_m=form.oscillation)
        sources["vertical oscillation"] = "spring-mass model of contact and flight time"
    return StrideRows(table, reasons, sources)
