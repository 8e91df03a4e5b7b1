"""A session's features for people: tables on the screen, and laps as a frame for files."""

from typing import TYPE_CHECKING

from rich.table import Table

from trackside.app.display import plain_table
from trackside.kinematics.activity import Activity
from trackside.kinematics.session_features import (
    Drift,
    Feature,
    Features,
    Figure,
    Gait,
    HeartRate,
    SessionFeatures,
)

if TYPE_CHECKING:
    import pandas as pd

WORDS = {
    "cadence_steps_per_min": ("Cadence [1/min]", 1.0, 1),
    "stride_time_s": ("Stride time [s]", 1.0, 3),
    "speed_m_per_s": ("Speed [m/s]", 1.0, 2),
    "stride_length_m": ("Stride length [m]", 1.0, 3),
    "contact_time_s": ("Contact time [ms]", 1e3, 0),
    "flight_time_s": ("Flight time [ms]", 1e3, 0),
    "duty_factor": ("Duty factor", 1.0, 3),
    "vertical_oscillation_m": ("Vertical oscillation [cm]", 1e2, 1),
    "clearance_m": ("Clearance [cm]", 1e2, 1),
    "strike_angle_deg": ("Strike angle [°]", 1.0, 1),
    "vertical_stiffness_kn_per_m": ("Vertical stiffness [kN/m]", 1.0, 1),
    "leg_stiffness_kn_per_m": ("Leg stiffness [kN/m]", 1.0, 1),
    "vertical_stiffness_n_per_m_per_kg": ("Vertical stiffness [N/m/kg]", 1.0, 0),
    "leg_stiffness_n_per_m_per_kg": ("Leg stiffness [N/m/kg]", 1.0, 0),
}
"""What a feature is called, the factor to the unit that it is shown in, and its digits."""

IN_LAPS = ("cadence_steps_per_min", "stride_length_m", "contact_time_s", "speed_m_per_s")
MINUTE = 60.0


def session_tables(features: SessionFeatures) -> list[Table]:
    """The tables of ``trackside features``."""
    tables = [_activities(features.session)]
    for activity, gait in features.session.gait.items():
        tables.append(_gait(activity, gait))
        tables += _drifts(activity, gait)
    heart = features.session.heart_rate
    if heart is not None:
        tables.append(_heart(heart))
    tables += _remarks(features)
    return tables


def lap_tables(features: SessionFeatures) -> list[Table]:
    """The table of ``trackside features --laps``."""
    words = [WORDS[name][0] for name in IN_LAPS]
    table = plain_table(
        "Lap", "Start", "Time", "Distance [m]", *words, "Heart rate", title=f"{_count(features)}"
    )
    for number, lap in enumerate(features.laps, start=1):
        gait = _main_gait(lap)
        cells = [_mean(getattr(gait, name), name) if gait else "–" for name in IN_LAPS]
        heart = lap.heart_rate.mean_bpm if lap.heart_rate else None
        table.add_row(
            str(number),
            _clock(lap.start_s),
            _clock(lap.duration_s),
            _figure(lap.distance_m, 0),
            *cells,
            "–" if heart is None else _figure(heart, 0),
        )
    return [table]


def _count(features: SessionFeatures) -> str:
    if not features.laps:
        return "no lap was marked"
    return f"{len(features.laps)} laps; features of what was done longest in each"


def lap_frame(features: SessionFeatures) -> "pd.DataFrame":
    """One row a lap, the session's in front with lap 0: figures with their standard deviations."""
    import pandas as pd

    spans = [features.session, *features.laps]
    return pd.DataFrame([_row(number, span) for number, span in enumerate(spans)])


def _row(number: int, span: Features) -> dict[str, float | int | str | None]:
    row: dict[str, float | int | str | None] = {
        "lap": number,
        "start_s": span.start_s,
        "duration_s": span.duration_s,
        "distance_m": span.distance_m.value,
        "distance_sd_m": span.distance_m.sd,
    }
    for activity in Activity:
        time = span.activities.get(activity)
        row[f"{activity.value}_s"] = time.duration_s if time else 0.0
    gait = _main_gait(span)
    row["gait"] = next((a.value for a, g in span.gait.items() if g is gait), None)
    for name in WORDS:
        feature = getattr(gait, name) if gait else None
        row[name] = feature.mean if feature else None
        row[f"{name}_sd"] = feature.mean_sd if feature else None
        row[f"{name}_symmetry_percent"] = feature.symmetry_percent if feature else None
    heart = span.heart_rate
    for name in ("mean_bpm", "highest_bpm", "rmssd_ms", "banister_trimp", "edwards_load"):
        figure = getattr(heart, name) if heart else None
        row[f"heart_rate_{name}"] = figure.value if figure else None
        row[f"heart_rate_{name}_sd"] = figure.sd if figure else None
    return row


def _main_gait(span: Features) -> Gait | None:
    """The gait that took longest."""
    return max(span.gait.values(), key=lambda gait: gait.duration_s, default=None)


def _activities(session: Features) -> Table:
    distance = session.distance_m
    way = "distance unknown" if distance.value is None else f"{_figure(distance, 0)} m"
    table = plain_table(
        "Activity", "Time", "Times", "Sure [%]", title=f"{_clock(session.duration_s)}, {way}"
    )
    for activity, time in session.activities.items():
        sure = "–" if time.confidence is None else f"{100 * time.confidence:.0f}"
        table.add_row(activity.value, _clock(time.duration_s), str(time.spans), sure)
    return table


def _gait(activity: Activity, gait: Gait) -> Table:
    table = plain_table(
        activity.value.capitalize(),
        "Mean",
        "±",
        "CV [%]",
        "Right",
        "Left",
        "SI [%]",
        title=f"{activity.value}: {gait.strides} strides, {_clock(gait.duration_s)}",
    )
    for name, (words, factor, digits) in WORDS.items():
        feature: Feature = getattr(gait, name)
        if feature.mean is None:
            continue
        values = (feature.mean, feature.mean_sd, feature.right, feature.left)
        mean, sd, right, left = (
            _text(value if value is None else factor * value, digits + (n == 1))
            for n, value in enumerate(values)
        )
        variation, symmetry = (
            _text(value, 1) for value in (feature.variation_percent, feature.symmetry_percent)
        )
        table.add_row(words, mean, sd, variation, right, left, symmetry)
    return table


def _drifts(activity: Activity, gait: Gait) -> list[Table]:
    """Of features whose change is surely not 0; nothing if no drift is known."""
    known = {name: drift for name, drift in gait.drift_per_hour.items() if drift.low is not None}
    if not known:
        return []
    minutes = max(drift.minutes for drift in known.values())
    table = plain_table(
        "Change per hour",
        "95 %",
        "[%]",
        title=f"{activity.value} at the same pace, {minutes:.0f} min; changes that are sure",
    )
    for name, drift in known.items():
        if _is_sure(drift):
            words, factor, digits = WORDS[name]
            bounds = (
                _text(factor * (bound or 0.0), digits + 1) for bound in (drift.low, drift.high)
            )
            table.add_row(words, " to ".join(bounds), _text(drift.percent_per_hour, 1))
    return [table] if table.row_count else []


def _is_sure(drift: Drift) -> bool:
    return drift.low is not None and drift.high is not None and drift.low * drift.high > 0.0


def _heart(heart: HeartRate) -> Table:
    table = plain_table("Heart rate", "Value", "±", title=f"Heart rate, {heart.beats} beats")
    span = f"{_text(heart.lowest_bpm.value, 0)} to {_text(heart.highest_bpm.value, 0)}"
    rows: list[tuple[str, Figure, int]] = [
        ("Mean [bpm]", heart.mean_bpm, 1),
        ("RMSSD [ms]", heart.rmssd_ms, 1),
        ("SDNN [ms]", heart.sdnn_ms, 1),
        ("DFA α1", heart.dfa_alpha1, 2),
        ("Decoupling [%]", heart.decoupling_percent, 1),
        ("Drift at the same pace [bpm/h]", heart.drift_bpm_per_hour, 1),
        ("TRIMP (Banister)", heart.banister_trimp, 0),
        ("Edwards' load", heart.edwards_load, 0),
        ("Lucía's load", heart.lucia_load, 0),
    ]
    table.add_row("Range [bpm]", span, "")
    table.add_row("Known [% of the time]", f"{100 * heart.known_share:.1f}", "")
    if heart.corrected_share.value is not None:
        table.add_row("Intervals corrected [%]", f"{100 * heart.corrected_share.value:.1f}", "")
    for words, figure, digits in rows:
        if figure.value is not None:
            table.add_row(words, _text(figure.value, digits), _text(figure.sd, digits + 1))
    if heart.zone_minutes is not None:
        zones = " ".join(f"{minutes:.1f}" for minutes in heart.zone_minutes)
        table.add_row("Minutes below and in zones 1 to 5", zones, "")
    for found in heart.recoveries:
        figures = (found.fall_30_s_bpm, found.fall_60_s_bpm, found.fall_120_s_bpm)
        falls = "/".join(_text(figure.value, 0) for figure in figures)
        when = f"Fall from {_text(found.peak_bpm.value, 0)} bpm at {_clock(found.time_s)}"
        table.add_row(f"{when}, after 30/60/120 s [bpm]", falls, _text(found.peak_bpm.sd, 1))
    return table


def _remarks(features: SessionFeatures) -> list[Table]:
    """What is missing or to be doubted, and why."""
    session, heart = features.session, features.session.heart_rate
    remarks = [*features.remarks]
    remarks += [reason for reason in (session.gait_reason, session.heart_rate_reason) if reason]
    if session.distance_m.reason and not session.gait_reason:
        remarks.append(f"distance: {session.distance_m.reason}")
    missing: dict[str, list[str]] = {}
    for activity, gait in session.gait.items():
        for name, (words, _, _) in WORDS.items():
            if activity is Activity.WALKING and "stiffness" in name:
                continue
            reason = getattr(gait, name).reason
            plain = words.partition(" [")[0].lower()
            if reason and plain not in missing.setdefault(reason, []):
                missing[reason].append(plain)
    remarks += [f"{', '.join(names)}: {reason}" for reason, names in missing.items()]
    if heart is not None:
        remarks += [f"{_clock(f.start_s)}–{_clock(f.end_s)}: {f.reason}" for f in heart.faults]
        remarks += heart.remarks
        named = {
            "drift of the heart rate": heart.drift_bpm_per_hour,
            "Banister's TRIMP and Edwards' load": heart.banister_trimp,
            "Lucía's load": heart.lucia_load,
        }
        remarks += [f"{name}: {figure.reason}" for name, figure in named.items() if figure.reason]
    if not remarks:
        return []
    table = plain_table("Remarks", title="")
    for remark in remarks:
        table.add_row(remark)
    return [table]


def _mean(feature: Feature, name: str) -> str:
    _, factor, digits = WORDS[name]
    return "–" if feature.mean is None else f"{factor * feature.mean:.{digits}f}"


def _figure(figure: Figure, digits: int) -> str:
    sd = "" if figure.sd is None else f" ± {figure.sd:.{digits}f}"
    return "–" if figure.value is None else f"{figure.value:.{digits}f}{sd}"


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def _text(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
