"""All of a session's heart rate in one: from what was recorded to what can be told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.filters.beat_correction import Artefact, CleanBeats, correct_beats
from trackside.filters.beat_times import beat_stretches
from trackside.filters.cadence_lock import locked_on_cadence
from trackside.filters.heart_rate import HeartRate, heart_rate
from trackside.filters.heart_rate_drift import Drift, drift
from trackside.filters.heart_rate_faults import Fault, Reason, stretches, usable_rates
from trackside.filters.heart_rate_recovery import Recovery, recoveries
from trackside.filters.heart_rate_variability import Variability, variability
from trackside.filters.r_peaks import r_peaks

CLOCK = 1.0  # s


@dataclass(frozen=True)
class Series:
    """Samples of one channel: ``time`` (N,) s, increasing or equal; ``values`` (N,), NaN if none.

    Raises
    ------
    SignalError
        Shapes that do not match.
    """

    time: Floats = field(default_factory=lambda: np.empty(0))
    values: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if self.time.ndim != 1 or self.time.shape != self.values.shape:
            raise SignalError("a series: expected (N,) values at (N,) times")

    def __len__(self) -> int:
        return len(self.time)

    def increasing(self) -> "Series":
        """In order of time, the last of those sent at one moment."""
        order = np.argsort(self.time, kind="stable")
        time, values = self.time[order], self.values[order]
        last = np.append(np.diff(time) > 0.0, True) if len(time) else np.empty(0, np.bool_)
        return Series(time[last], values[last])

    def at(self, clock: Floats, reach: float = 10.0) -> Floats:
        """Values (M,) in between at times (M,) s; NaN further than ``reach`` s from a sample."""
        known = np.isfinite(self.values)
        if not known.any():
            return np.full(len(clock), np.nan)
        time, values = self.time[known], self.values[known]
        right = np.clip(np.searchsorted(time, clock), 0, len(time) - 1)
        left = np.maximum(right - 1, 0)
        away = np.minimum(np.abs(time[right] - clock), np.abs(clock - time[left]))
        return np.where(away <= reach, np.interp(clock, time, values), np.nan)


@dataclass(frozen=True)
class HeartSignals:
    """What a session recorded of the heart and of running; empty where it did not.

    ``intervals``: RR in s by arrival; ``average``: bpm, and ``contact`` at the same times (1, 0 or
    NaN); ``ecg``; ``cadence``: steps/min, 0 while standing; ``speed``: m/s.
    """

    intervals: Series = field(default_factory=Series)
    average: Series = field(default_factory=Series)
    contact: Series = field(default_factory=Series)
    ecg: Series = field(default_factory=Series)
    cadence: Series = field(default_factory=Series)
    speed: Series = field(default_factory=Series)


@dataclass(frozen=True)
class HeartSession:
    """What can be told of a session's heart rate.

    ``rate``: every second; ``beats``: the corrected stretches; ``artefacts``: beats of each kind
    that were corrected; ``faults``: stretches that could not be used, with the reason.
    """

    rate: HeartRate
    beats: tuple[CleanBeats, ...]
    artefacts: Mapping[Artefact, int]
    faults: tuple[Fault, ...]
    variability: Variability
    recoveries: tuple[Recovery, ...]
    drift: Drift


def heart_session(signals: HeartSignals) -> HeartSession:
    """Clean the beats and averages of a session, and tell what follows from them.

    Beats come from RR intervals, or without those from the ECG.

    Raises
    ------
    SignalError
        If nothing can be used; the message tells why.
    """
    beats = tuple(correct_beats(found) for found in _beats(signals))
    averages = signals.average.increasing()
    usable, faults = _usable(averages, signals)
    ends = [moment for clean in beats for moment in clean.beats[[0, -1]]]
    ends += list(averages.time[usable][[0, -1]]) if usable.any() else []
    if not ends:
        told = "; ".join(sorted({fault.reason for fault in faults})) or "nothing was recorded"
        raise SignalError(f"no heart rate that can be used: {told}")
    clock = np.arange(np.ceil(min(ends)), max(ends) + CLOCK, CLOCK)
    rate = heart_rate(clock, beats, averages.time[usable], averages.values[usable])
    counts = {kind: sum(clean.artefacts[kind] for clean in beats) for kind in Artefact}
    return HeartSession(
        rate,
        beats,
        counts,
        tuple(faults),
        variability(beats),
        tuple(recoveries(rate)),
        drift(clock, rate.bpm, signals.speed.increasing().at(clock)),
    )


def _beats(signals: HeartSignals) -> list[Floats]:
    if len(signals.intervals):
        found = beat_stretches(signals.intervals.time, signals.intervals.values)
    elif len(signals.ecg):
        found = r_peaks(signals.ecg.time, signals.ecg.values)
    else:
        found = []
    return [beats for beats in found if len(beats) > 1]


def _usable(averages: Series, signals: HeartSignals) -> tuple[Booleans, list[Fault]]:
    """Which averages can be used, and the faults of all others."""
    contact = None
    if len(signals.contact):
        contact = signals.contact.increasing().at(averages.time, reach=CLOCK)
    usable, faults = usable_rates(averages.time, averages.values, contact)
    cadence = signals.cadence.increasing()
    if len(cadence) and usable.any():
        rates = np.where(usable, averages.values, np.nan)
        locked = locked_on_cadence(averages.time, rates, cadence.time, cadence.values)
        faults += stretches(averages.time, locked, Reason.CADENCE_LOCK)
        usable &= ~locked
    return usable, sorted(faults, key=lambda fault: fault.start)
