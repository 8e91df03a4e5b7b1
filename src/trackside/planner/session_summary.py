"""What the planner takes from a session: a few figures, each with how sure it is.

They come from the object that ``trackside features --json`` prints (docs/features.md), of which
only the fields named here are read, so that it may grow. A figure that is not known is ``None`` and
says why; one that is poorly known has a large standard deviation, and weighs little.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from trackside.errors import FileFormatError
from trackside.planner.athlete import Athlete
from trackside.planner.recording_summary import Measured, RecordingSummary
from trackside.planner.training_load import banister_trimp, reserve_fraction

UNKNOWN_PART_SD = 0.3
"""Of the load of a time without heart rate, taken as that of the rest: its relative SD."""
LEAST_KNOWN = 0.5
"""Share of the time with a heart rate, below which load follows from the speed."""
SPEED_LOAD_SD = 0.25
"""Relative SD of a load by mean speed: slopes, heat and the day's form are not in it."""
SELDOM_SAID_SD = 0.05
"""Relative SD of a figure whose own is not told."""
RUNNING = ("running", "sprinting")
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard deviation; ``value`` None where unknown, for that ``reason``."""

    value: float | None = None
    sd: float | None = None
    reason: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session as the planner sees it.

    Units are in the names; ``trimp`` is Banister's, ``zone_minutes`` are below and in zones 1 to 5,
    ``decoupling_percent`` is how much speed per beat fell, trends are per hour at the same pace,
    ``asymmetry_percent`` is the symmetry index of contact times (right minus left),
    ``recovery_bpm`` the fall in the minute after the hardest effort. ``remarks``: what was wrong.
    """

    started_at: datetime
    duration_s: float
    distance_m: Estimate
    trimp: Estimate
    zone_minutes: tuple[float, ...] | None
    decoupling_percent: Estimate
    cadence_steps_per_min: Estimate
    cadence_percent_per_hour: Estimate
    stride_length_m: Estimate
    stride_length_percent_per_hour: Estimate
    asymmetry_percent: Estimate
    recovery_bpm: Estimate
    rmssd_ms: Estimate
    remarks: tuple[str, ...] = ()


FIGURES = tuple(
    name
    for name, kind in SessionSummary.__annotations__.items()
    if kind in (Estimate, "Estimate") and name != "distance_m"
)


@dataclass(frozen=True)
class _Feature:
    mean: float | None = None
    mean_sd: float | None = None
    symmetry_percent: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class _Drift:
    percent_per_hour: float | None = None
    per_hour: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class _Gait:
    duration_s: float
    cadence_steps_per_min: _Feature = field(default_factory=_Feature)
    stride_length_m: _Feature = field(default_factory=_Feature)
    contact_time_s: _Feature = field(default_factory=_Feature)
    drift_per_hour: dict[str, _Drift] = field(default_factory=dict)


@dataclass(frozen=True)
class _Recovery:
    peak_bpm: Estimate
    fall_60_s_bpm: Estimate


@dataclass(frozen=True)
class _Heart:
    known_share: float
    banister_trimp: Estimate
    decoupling_percent: Estimate
    rmssd_ms: Estimate
    recoveries: tuple[_Recovery, ...] = ()
    zone_minutes: tuple[float, ...] | None = None


@dataclass(frozen=True)
class _Session:
    duration_s: float
    distance_m: Estimate
    gait: dict[str, _Gait] = field(default_factory=dict)
    gait_reason: str | None = None
    heart_rate: _Heart | None = None
    heart_rate_reason: str | None = None


@dataclass(frozen=True)
class _Features:
    format: str
    version: int
    recorded_at: datetime
    session: _Session
    remarks: tuple[str, ...] = ()


_FEATURES = TypeAdapter(_Features)
FORMAT, VERSION = "trackside-session-features", 1


def read_summary(path: Path, athlete: Athlete) -> SessionSummary:
    """The summary of what ``trackside features --json`` has written to a file.

    Raises :class:`FileFormatError` that names the place where it is not that.
    """
    return summary_of_features(path.read_bytes(), athlete, path)


def summary_of_features(
    document: bytes | str | Mapping[str, Any], athlete: Athlete, source: Path | str = "features"
) -> SessionSummary:
    """The summary of a session's features, as JSON or as its plain values.

    ``athlete``: for a load by speed, where there is too little heart rate. Raises
    :class:`FileFormatError` that names ``source`` and the place.
    """
    try:
        if isinstance(document, bytes | str):
            found = _FEATURES.validate_json(document)
        else:
            found = _FEATURES.validate_python(dict(document))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        expected = f"features of a session as trackside features --json writes ({first['msg']})"
        raise FileFormatError(source, place, expected) from error
    if (found.format, found.version) != (FORMAT, VERSION):
        told = f"{found.format!r}, version {found.version}"
        raise FileFormatError(source, "format", f"{FORMAT!r}, version {VERSION}, not {told}")
    return _summary(found, athlete)


def _summary(found: _Features, athlete: Athlete) -> SessionSummary:
    session = found.session
    heart = session.heart_rate
    no_heart = session.heart_rate_reason or "no heart rate"
    gait = _main_gait(session.gait)
    no_gait = session.gait_reason or "neither walking nor running was found"
    return SessionSummary(
        started_at=found.recorded_at,
        duration_s=session.duration_s,
        distance_m=session.distance_m,
        trimp=_trimp(session, athlete),
        zone_minutes=heart.zone_minutes if heart else None,
        decoupling_percent=heart.decoupling_percent if heart else Estimate(reason=no_heart),
        cadence_steps_per_min=_mean(gait.cadence_steps_per_min if gait else None, no_gait),
        cadence_percent_per_hour=_trend(gait, "cadence_steps_per_min", no_gait),
        stride_length_m=_mean(gait.stride_length_m if gait else None, no_gait),
        stride_length_percent_per_hour=_trend(gait, "stride_length_m", no_gait),
        asymmetry_percent=_asymmetry(gait.contact_time_s if gait else None, no_gait),
        recovery_bpm=_recovery(heart, no_heart),
        rmssd_ms=heart.rmssd_ms if heart else Estimate(reason=no_heart),
        remarks=found.remarks,
    )


def _main_gait(gaits: Mapping[str, _Gait]) -> _Gait | None:
    """Running where there was any, else what was done longest."""
    ran = [gaits[name] for name in RUNNING if name in gaits] or list(gaits.values())
    return max(ran, key=lambda gait: gait.duration_s, default=None)


def _mean(feature: _Feature | None, reason: str) -> Estimate:
    if feature is None or feature.mean is None:
        return Estimate(reason=feature.reason if feature and feature.reason else reason)
    return Estimate(feature.mean, feature.mean_sd)


def _trend(gait: _Gait | None, name: str, reason: str) -> Estimate:
    """Percent per hour; its SD from the 95 % bounds, that are as far off as the slope is."""
    drift = gait.drift_per_hour.get(name) if gait else None
    if drift is None or drift.percent_per_hour is None:
        return Estimate(reason=drift.reason if drift and drift.reason else reason)
    sd = None
    if drift.low is not None and drift.high is not None and drift.per_hour:
        width = (drift.high - drift.low) / (2.0 * NORMAL_95)
        sd = abs(width / drift.per_hour * drift.percent_per_hour)
    return Estimate(drift.percent_per_hour, sd)


def _asymmetry(feature: _Feature | None, reason: str) -> Estimate:
    """The symmetry index; each foot has half of the strides, so their difference twice the SD."""
    if feature is None or feature.symmetry_percent is None:
        both = "one foot alone tells no asymmetry" if feature and feature.mean else None
        return Estimate(reason=both or (feature.reason if feature else None) or reason)
    if not feature.mean or feature.mean_sd is None:
        return Estimate(feature.symmetry_percent)
    return Estimate(feature.symmetry_percent, 200.0 * feature.mean_sd / abs(feature.mean))


def _recovery(heart: _Heart | None, reason: str) -> Estimate:
    if heart is None:
        return Estimate(reason=reason)
    known = [one for one in heart.recoveries if one.fall_60_s_bpm.is_known]
    if not known:
        return Estimate(reason="no effort ended with a minute of known heart rate after it")
    hardest = max(known, key=lambda one: one.peak_bpm.value or 0.0)
    return hardest.fall_60_s_bpm


def _trimp(session: _Session, athlete: Athlete) -> Estimate:
    """By heart rate; the part of the time without one counts as the rest, and unsurely so.

    Where there is too little heart rate, by the mean speed.
    """
    heart = session.heart_rate
    if heart is None or not heart.banister_trimp.is_known or heart.known_share < LEAST_KNOWN:
        return _load_by_speed(session, athlete, heart)
    measured = float(heart.banister_trimp.value or 0.0)
    sd = heart.banister_trimp.sd
    sd = SELDOM_SAID_SD * measured if sd is None else sd
    load = measured / heart.known_share
    unknown = (1.0 - heart.known_share) * load
    return Estimate(load, float(np.hypot(sd / heart.known_share, UNKNOWN_PART_SD * unknown)))


def _load_by_speed(session: _Session, athlete: Athlete, heart: _Heart | None) -> Estimate:
    distance, moved = session.distance_m.value, _time_moved(session)
    why = session.heart_rate_reason or "no heart rate"
    if heart is not None:
        why = heart.banister_trimp.reason or f"heart rate {100 * heart.known_share:.0f} % of it"
    if not distance or moved <= 0.0:
        return Estimate(reason=f"{why}; and neither distance nor speed")
    load = banister_trimp(moved, reserve_fraction(distance / moved, athlete.vdot), athlete.sex)
    return Estimate(load, SPEED_LOAD_SD * load, f"by speed: {why}")


def _time_moved(session: _Session) -> float:
    """s of gait; of all where nobody looked."""
    return sum(gait.duration_s for gait in session.gait.values()) or session.duration_s


def recording_of(summary: SessionSummary, recording_id: str, runner_id: str) -> RecordingSummary:
    """The summary as it is stored; what is not known becomes a remark."""
    figures = {name: getattr(summary, name) for name in FIGURES}
    unknown = [
        f"{name.replace('_', ' ')}: {one.reason or 'unknown'}"
        for name, one in figures.items()
        if not one.is_known
    ]
    features = {name: Measured(one.value, one.sd) for name, one in figures.items() if one.is_known}
    zones = enumerate(summary.zone_minutes or ())
    features |= {f"zone_{zone}_minutes": Measured(minutes) for zone, minutes in zones}
    return RecordingSummary(
        recording_id,
        runner_id,
        summary.started_at,
        summary.duration_s,
        summary.distance_m.value,
        features,
        (*summary.remarks, *unknown),
    )
