"""The heart rate of a session or of a lap, and what it cost."""

from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.filters.beat_correction import Artefact, CleanBeats
from trackside.filters.heart_rate_drift import Drift, drift
from trackside.filters.heart_rate_recovery import Recovery as Fall
from trackside.filters.heart_rate_session import CLOCK, HeartSession, HeartSignals
from trackside.filters.heart_rate_variability import (
    BOX_SIZES,
    Variability,
    variability,
)
from trackside.kinematics.session_features import Fault, Figure, HeartRate, Recovery
from trackside.kinematics.session_gait import significant
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_zones import fraction_of_reserve, maximum_zones
from trackside.planner.training_load import banister_trimp, edwards_load, lucia_load

CORRELATED = 5.0  # s, over which the state of the heart rate is one
NOT_KNOWN = "the heart rate is never known"
TOO_SHORT = "the heart rate is not known so long after the effort"


def heart_rate_block(
    session: HeartSession,
    signals: HeartSignals,
    span: tuple[float, float],
    athlete: Athlete | None,
    thresholds: tuple[float, float] | None,
) -> HeartRate:
    """What is known of the heart between two moments (s).

    ``athlete``: for zones and loads; ``thresholds``: heart rates (bpm) at the ventilatory
    thresholds, for Lucía's load.
    """
    start, end = span
    inside = (session.rate.time >= start) & (session.rate.time < end)
    bpm, sd = session.rate.bpm[inside], session.rate.sd[inside]
    known = np.isfinite(bpm)
    beats = [part for part in (_cut(beats, start, end) for beats in session.beats) if part]
    spread = variability(beats)
    course = drift(session.rate.time[inside], bpm, _speed(signals, session.rate.time[inside]))
    loads, zones, remarks = _load(bpm[known], sd[known], athlete, thresholds)
    return HeartRate(
        **_rates(bpm[known], sd[known]),
        known_share=significant(float(known.mean())) if len(known) else 0.0,
        beats=sum(len(part.measured) for part in beats),
        corrected_share=_figure(spread.corrected if beats else np.nan, "no beats"),
        artefacts={kind.value: sum(part.artefacts[kind] for part in beats) for kind in Artefact},
        **_variability(spread, bool(beats)),
        recoveries=tuple(
            _recovery(found, session) for found in session.recoveries if start <= found.time < end
        ),
        **_course(course),
        **loads,
        zone_minutes=zones,
        faults=tuple(
            Fault(
                start_s=significant(max(fault.start, start)),
                end_s=significant(min(fault.end, end)),
                reason=fault.reason.value,
            )
            for fault in session.faults
            if fault.start < end and fault.end > start
        ),
        remarks=(*spread.caveats, *remarks) if beats else tuple(remarks),
    )


def _cut(beats: CleanBeats, start: float, end: float) -> CleanBeats | None:
    """The beats between two moments, or None if there are not two."""
    first, last = np.searchsorted(beats.beats, [start, end])
    if last - first < 2:
        return None
    if last - first == len(beats.beats):
        return beats
    share = (last - first) / len(beats.beats)
    counts = {kind: round(share * count) for kind, count in beats.artefacts.items()}
    return CleanBeats(beats.beats[first:last], beats.measured[first : last - 1], counts)


def _speed(signals: HeartSignals, clock: Floats) -> Floats:
    return signals.speed.increasing().at(clock)


def _rates(bpm: Floats, sd: Floats) -> dict[str, Figure]:
    if not len(bpm):
        return dict.fromkeys(("mean_bpm", "lowest_bpm", "highest_bpm"), Figure(reason=NOT_KNOWN))
    low, high = int(np.argmin(bpm)), int(np.argmax(bpm))
    return {
        "mean_bpm": _figure(float(bpm.mean()), "", _mean_sd(sd)),
        "lowest_bpm": _figure(float(bpm[low]), "", float(sd[low])),
        "highest_bpm": _figure(float(bpm[high]), "", float(sd[high])),
    }


def _mean_sd(sd: Floats) -> float:
    """Of the mean of states every CLOCK s, which are alike over CORRELATED s."""
    return float(np.sqrt(np.mean(sd**2) / max(len(sd) * CLOCK / CORRELATED, 1.0)))


def _variability(found: Variability, any_beats: bool) -> dict[str, Figure]:
    """Standard deviations are those of sampling so many intervals, as if they were independent."""
    few = "; ".join(found.caveats) if any_beats else "no beats: averages have no variability"
    relative = 1.0 / np.sqrt(2.0 * max(found.intervals, 1))
    alpha = few or f"fewer than {2 * BOX_SIZES[-1]} beats that vary"
    return {
        "rmssd_ms": _figure(1e3 * found.rmssd, few, 1e3 * found.rmssd * relative),
        "sdnn_ms": _figure(1e3 * found.sdnn, few, 1e3 * found.sdnn * relative),
        "dfa_alpha1": _figure(found.dfa_alpha1, alpha),
    }


def _recovery(found: Fall, session: HeartSession) -> Recovery:
    sd = float(np.interp(found.time, session.rate.time, session.rate.sd))
    falls = {
        f"fall_{after}_s_bpm": _figure(fall, TOO_SHORT, np.sqrt(2.0) * sd)
        for after, fall in ((30, found.fall_30), (60, found.fall_60), (120, found.fall_120))
    }
    peak = _figure(found.peak, NOT_KNOWN, sd)
    return Recovery(time_s=significant(found.time), peak_bpm=peak, **falls)


def _course(found: Drift) -> dict[str, Figure]:
    return {
        "decoupling_percent": _figure(100.0 * found.decoupling, found.reason),
        "drift_bpm_per_hour": _figure(found.per_hour, found.reason, found.per_hour_sd),
    }


def _load(
    bpm: Floats, sd: Floats, athlete: Athlete | None, thresholds: tuple[float, float] | None
) -> tuple[dict[str, Figure], tuple[float, ...] | None, list[str]]:
    """Loads and minutes in zones over the seconds (N,) in which the heart rate is known.

    Their standard deviation is that of the mean heart rate, carried through.
    """
    seconds, off = np.full(len(bpm), CLOCK), _mean_sd(sd) if len(sd) else 0.0
    loads = dict.fromkeys(
        ("banister_trimp", "edwards_load"), Figure(reason="needs the athlete's profile (--profile)")
    )
    lucia, zones = Figure(reason="needs the ventilatory thresholds (--thresholds)"), None
    remarks = []
    if athlete is not None:

        def banister(rates: Any) -> float:
            return banister_trimp(seconds, fraction_of_reserve(athlete, rates), athlete.sex)

        def edwards(rates: Any) -> float:
            return edwards_load(seconds, rates / athlete.maximum_heart_rate)

        loads = {
            "banister_trimp": _carried(banister, bpm, off),
            "edwards_load": _carried(edwards, bpm, off),
        }
        bounds = [zone.lower for zone in maximum_zones(athlete)]
        counts = np.bincount(np.searchsorted(bounds, bpm, side="right"), minlength=6)
        zones = tuple(significant(float(count) * CLOCK / 60.0) for count in counts)
        remarks += [
            f"{name.replace('_', ' ')} estimated: {source}"
            for name, source in athlete.estimated.items()
            if name in ("sex", "resting_heart_rate", "maximum_heart_rate")
        ]
    if thresholds is not None:
        lucia = _carried(lambda rates: lucia_load(seconds, rates, thresholds), bpm, off)
    return {**loads, "lucia_load": lucia}, zones, remarks


def _carried(load: Any, bpm: Floats, off: float) -> Figure:
    """A load with what it would differ by if all heart rates were off by ``off`` bpm."""
    value = load(bpm)
    return _figure(value, NOT_KNOWN, 0.5 * abs(load(bpm + off) - load(bpm - off)))


def _figure(value: float, reason: str, sd: float = np.nan) -> Figure:
    if not np.isfinite(value):
        return Figure(reason=reason or "unknown")
    return Figure(
        value=significant(float(value)), sd=significant(float(sd)) if np.isfinite(sd) else None
    )
