"""Everything that a session tells, as one object: the planner's input, stored and sent as JSON.

Names carry the unit. Every figure comes with its standard deviation, or ``None`` where nobody knows
it; a figure that is not known is ``None`` and says why. :data:`VERSION` grows whenever a field
changes its name, unit or meaning; fields may be added without. ``SessionFeatures.
model_json_schema()`` gives the JSON schema, ``model_validate_json`` reads what
``trackside features --json`` has written.
"""

from datetime import datetime
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from trackside.kinematics.activity import Activity

VERSION: Final = 1
FORMAT: Final = "trackside-session-features"


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Figure(_Block):
    """One value with its standard deviation ``sd``; ``reason``: why there is none."""

    value: float | None = None
    sd: float | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _value_or_reason(self) -> Self:
        if self.value is None and not self.reason:
            raise ValueError("a figure without a value needs a reason")
        return self


class Feature(_Block):
    """A feature of many strides.

    ``mean`` with its standard deviation ``mean_sd`` (neighbouring strides are alike, and count as
    fewer); ``spread``: standard deviation between strides, ``variation_percent`` relative to the
    mean; ``right``, ``left`` and ``symmetry_percent``, 100 (R - L) / ((R + L) / 2), where both feet
    are known. ``strides``: how many counted. ``reason``: why there is no mean.
    """

    mean: float | None = None
    mean_sd: float | None = None
    spread: float | None = None
    variation_percent: float | None = None
    right: float | None = None
    left: float | None = None
    symmetry_percent: float | None = None
    strides: int = 0
    reason: str | None = None

    @model_validator(mode="after")
    def _mean_or_reason(self) -> Self:
        if self.mean is None and not self.reason:
            raise ValueError("a feature without a mean needs a reason")
        return self


class Drift(_Block):
    """How a feature changes at the same pace, per hour; ``low`` and ``high``: 95 % confidence.

    ``percent_per_hour``: relative to its mean. ``minutes``: of running that it comes from.
    """

    per_hour: float | None = None
    low: float | None = None
    high: float | None = None
    percent_per_hour: float | None = None
    minutes: float = 0.0
    reason: str | None = None


class Gait(_Block):
    """Walking, running or sprinting; docs/features.md defines each feature.

    ``strides``: all that were found, sound or not. Stiffness per mass is in N/m/kg.
    """

    duration_s: float
    strides: int
    stride_time_s: Feature
    cadence_steps_per_min: Feature
    stride_length_m: Feature
    speed_m_per_s: Feature
    contact_time_s: Feature
    flight_time_s: Feature
    duty_factor: Feature
    vertical_oscillation_m: Feature
    clearance_m: Feature
    strike_angle_deg: Feature
    vertical_stiffness_n_per_m_per_kg: Feature
    leg_stiffness_n_per_m_per_kg: Feature
    vertical_stiffness_kn_per_m: Feature
    leg_stiffness_kn_per_m: Feature
    drift_per_hour: dict[str, Drift]


class ActivityTime(_Block):
    """How long something was done, how often it was begun, and how surely that is known (0–1)."""

    duration_s: float
    spans: int
    confidence: float | None


class ActivitySpan(_Block):
    """A stretch of one activity."""

    start_s: float
    end_s: float
    activity: Activity
    confidence: float | None


class Fault(_Block):
    """A stretch whose samples could not be used."""

    start_s: float
    end_s: float
    reason: str


class Recovery(_Block):
    """A fall of the heart rate after the end of an effort."""

    time_s: float
    peak_bpm: Figure
    fall_30_s_bpm: Figure
    fall_60_s_bpm: Figure
    fall_120_s_bpm: Figure


class HeartRate(_Block):
    """The heart rate, its variability, and what it cost.

    ``known_share``: of the time, 0–1. ``zone_minutes``: below and in zones 1 to 5.
    """

    mean_bpm: Figure
    lowest_bpm: Figure
    highest_bpm: Figure
    known_share: float
    beats: int
    corrected_share: Figure
    artefacts: dict[str, int]
    rmssd_ms: Figure
    sdnn_ms: Figure
    dfa_alpha1: Figure
    recoveries: tuple[Recovery, ...]
    decoupling_percent: Figure
    drift_bpm_per_hour: Figure
    zone_minutes: tuple[float, ...] | None
    banister_trimp: Figure
    edwards_load: Figure
    lucia_load: Figure
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


class Features(_Block):
    """Features of a session or of one lap, from ``start_s`` to ``end_s`` since its beginning."""

    start_s: float
    end_s: float
    duration_s: float
    distance_m: Figure
    activities: dict[Activity, ActivityTime]
    gait: dict[Activity, Gait]
    gait_reason: str | None
    heart_rate: HeartRate | None
    heart_rate_reason: str | None


class SessionFeatures(_Block):
    """A whole session and its laps.

    ``recorded_at``: time 0. ``sources``: what the figures come from, by kind, such as
    ``{"strides": "right_foot, left_foot"}``. ``remarks``: what was wrong, in words.
    """

    format: Literal["trackside-session-features"] = FORMAT
    version: Literal[1] = VERSION
    recorded_at: datetime
    athlete: str
    height_m: Figure
    mass_kg: Figure
    sources: dict[str, str]
    remarks: tuple[str, ...]
    spans: tuple[ActivitySpan, ...]
    session: Features
    laps: tuple[Features, ...]
