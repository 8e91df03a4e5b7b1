"""A session's heart rate as plain values for print and JSON, with what it cost."""

from typing import Any

import numpy as np
from rich.table import Table

from trackside.app.display import plain_table
from trackside.filters.heart_rate_session import CLOCK, HeartSession
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_zones import fraction_of_reserve, maximum_zones
from trackside.planner.training_load import banister_trimp, edwards_load, lucia_load

Report = dict[str, Any]


def heart_report(
    session: HeartSession, athlete: Athlete | None, thresholds: tuple[float, float] | None
) -> Report:
    """What ``trackside features`` shows of the heart rate.

    ``athlete``: for zones and loads; ``thresholds``: heart rates (bpm) at the ventilatory
    thresholds, for Lucía's load. Values that there are none of are None, with a reason beside.
    """
    bpm = session.rate.bpm
    known = bpm[np.isfinite(bpm)]
    total = sum(len(beats.measured) for beats in session.beats)
    return {
        "heart_rate_mean_bpm": _number(known.mean() if len(known) else np.nan, 1),
        "heart_rate_lowest_bpm": _number(known.min() if len(known) else np.nan, 1),
        "heart_rate_highest_bpm": _number(known.max() if len(known) else np.nan, 1),
        "known_share": _number(len(known) / len(bpm), 4),
        "beats": total,
        "artefacts": {kind.value: count for kind, count in session.artefacts.items()},
        "faults": [
            {"start_s": round(f.start, 1), "end_s": round(f.end, 1), "reason": f.reason.value}
            for f in session.faults
        ],
        "variability": _variability(session),
        "recoveries": [
            {
                "time_s": round(found.time, 1),
                "peak_bpm": _number(found.peak, 1),
                "fall_30_s_bpm": _number(found.fall_30, 1),
                "fall_60_s_bpm": _number(found.fall_60, 1),
                "fall_120_s_bpm": _number(found.fall_120, 1),
            }
            for found in session.recoveries
        ],
        "drift": {
            "decoupling_percent": _number(100.0 * session.drift.decoupling, 2),
            "drift_bpm_per_hour": _number(session.drift.per_hour, 2),
            "drift_sd_bpm_per_hour": _number(session.drift.per_hour_sd, 2),
            "running_s": round(session.drift.used),
            "reason": session.drift.reason or None,
        },
        "load": _load(known, athlete, thresholds),
    }


def _variability(session: HeartSession) -> Report:
    found = session.variability
    return {
        "rmssd_ms": _number(1e3 * found.rmssd, 2),
        "sdnn_ms": _number(1e3 * found.sdnn, 2),
        "dfa_alpha1": _number(found.dfa_alpha1, 3),
        "intervals": found.intervals,
        "corrected_share": _number(found.corrected, 4),
        "caveats": list(found.caveats),
    }


def _load(bpm: Any, athlete: Athlete | None, thresholds: tuple[float, float] | None) -> Report:
    """Loads and minutes in zones over the seconds (N,) in which the heart rate is known."""
    seconds = np.full(len(bpm), CLOCK)
    load: Report = {"banister_trimp": None, "edwards": None, "lucia": None, "zone_minutes": None}
    reasons = []
    if athlete is None:
        reasons.append("Banister's TRIMP, Edwards' load and zones need --profile")
    else:
        load["banister_trimp"] = _number(
            banister_trimp(seconds, fraction_of_reserve(athlete, bpm), athlete.sex), 1
        )
        load["edwards"] = _number(edwards_load(seconds, bpm / athlete.maximum_heart_rate), 1)
        bounds = [zone.lower for zone in maximum_zones(athlete)]
        zones = np.bincount(np.searchsorted(bounds, bpm, side="right"), minlength=6)
        load["zone_minutes"] = [round(float(count) * CLOCK / 60.0, 1) for count in zones]
        reasons += [
            f"{name.replace('_', ' ')} estimated: {source}"
            for name, source in athlete.estimated.items()
            if name in ("sex", "resting_heart_rate", "maximum_heart_rate")
        ]
    if thresholds is None:
        reasons.append("Lucía's load needs --thresholds")
    else:
        load["lucia"] = _number(lucia_load(seconds, bpm, thresholds), 1)
    return {**load, "remarks": reasons}


def heart_table(report: Report) -> list[Table]:
    """Tables of :func:`heart_report`."""
    table = plain_table("Heart rate", "Value", title=f"Heart rate, {report['beats']} beats")
    hrv, drift, load = report["variability"], report["drift"], report["load"]
    span = f"{_text(report['heart_rate_lowest_bpm'])} to {_text(report['heart_rate_highest_bpm'])}"
    table.add_row("Mean [bpm]", _text(report["heart_rate_mean_bpm"]))
    table.add_row("Range [bpm]", span)
    table.add_row("Known [% of the time]", _text(100 * report["known_share"]))
    if report["beats"]:
        corrected = f"{_text(100 * hrv['corrected_share'])}"
        table.add_row("Intervals corrected [%]", corrected)
        table.add_row("RMSSD [ms]", _text(hrv["rmssd_ms"]))
        table.add_row("SDNN [ms]", _text(hrv["sdnn_ms"]))
        table.add_row("DFA α1", _text(hrv["dfa_alpha1"], 2))
    table.add_row("Decoupling [%]", _text(drift["decoupling_percent"]))
    table.add_row("Drift at the same pace [bpm/h]", _drift(drift))
    table.add_row("TRIMP (Banister)", _text(load["banister_trimp"], 0))
    table.add_row("Edwards' load", _text(load["edwards"], 0))
    table.add_row("Lucía's load", _text(load["lucia"], 0))
    if load["zone_minutes"]:
        zones = " ".join(_text(minutes) for minutes in load["zone_minutes"])
        table.add_row("Minutes below and in zones 1 to 5", zones)
    for found in report["recoveries"]:
        falls = [_text(found[f"fall_{after}_s_bpm"], 0) for after in (30, 60, 120)]
        when = f"Fall from {found['peak_bpm']:.0f} bpm at {found['time_s']:.0f} s"
        table.add_row(f"{when}, after 30/60/120 s [bpm]", "/".join(falls))
    return [table, *_remarks(report)]


def _remarks(report: Report) -> list[Table]:
    """What is missing or to be doubted, and why."""
    drift = report["drift"]["reason"]
    remarks = [
        *(f"{f['start_s']:.0f}–{f['end_s']:.0f} s: {f['reason']}" for f in report["faults"]),
        *(report["variability"]["caveats"] if report["beats"] else ()),
        *([f"drift: {drift}"] if drift else ()),
        *report["load"]["remarks"],
    ]
    if not remarks:
        return []
    table = plain_table("Remarks", title="")
    for remark in remarks:
        table.add_row(remark)
    return [table]


def _drift(drift: Report) -> str:
    if drift["drift_bpm_per_hour"] is None:
        return "–"
    return f"{drift['drift_bpm_per_hour']:.1f} ± {drift['drift_sd_bpm_per_hour']:.1f}"


def _number(value: float, digits: int) -> float | None:
    """A number for JSON, which has no NaN."""
    return round(float(value), digits) if np.isfinite(value) else None


def _text(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
