"""How good the heart rate is: artefacts, cadence lock, R peaks, and FIT files read back.

    python benchmarks/heart_rate.py [--data DATA/fit]

The heart is the simulated athlete's, or one with the kinetics named; artefacts are missed, extra,
early and misplaced beats, 5 % of all in equal parts. A lock is an optical sensor that goes over to
the measured cadence with the delay named; it counts as recognised when a sample after its beginning
is marked by what was known 10 s after it. With ``--data``, a folder of watch recordings, these
count as clean runs too, and are written and read back.
"""

import argparse
import sys
import tempfile
import time as clocks
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import lfilter

from trackside.app.heart_signals import heart_signals
from trackside.app.session_activity import activity_of
from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.filters.beat_correction import correct_beats
from trackside.filters.cadence_lock import locked_on_cadence
from trackside.filters.heart_rate import LiveHeartRate, heart_rate
from trackside.filters.heart_rate_faults import Reason
from trackside.filters.heart_rate_session import HeartSignals, Series, heart_session
from trackside.filters.r_peaks import r_peaks
from trackside.planner.activity_file import Activity, activity_bytes
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording
from trackside.simulation.heart_rate import Heart

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/planner"))
from test_activity_file import USUAL, expected_record

SEEDS = range(10)
SHARE = 0.05
SPEEDS = (0.0, 1.4, 2.5, 3.0, 3.5, 4.0, 5.5, 6.5)  # m/s
START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def main() -> None:
    """Print a section for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder of .fit recordings")
    data = parser.parse_args().data
    artefacts()
    peaks()
    locks()
    if data is None:
        print("no --data: watch recordings left out")
    else:
        watches(data)
    files()


def artefacts() -> None:
    """Heart rate with artefacts against that of the clean beats, and against the truth."""
    print(f"{'':30}{'RMS, bpm':>10}{'worst seed':>12}   goal 1")
    rows: dict[str, list[float]] = {}
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        time = np.arange(0.0, 3600.0, 0.1)
        running = (time > 120) & (time < 3000)
        heart = Heart(variability=(0.02, 0.04)[seed % 2])
        truth = heart.rate(np.where(running, 3.5 + 0.8 * np.sin(time / 60), 0.0), 0.1)
        beats = heart.beats(time, truth, rng)
        bad = spoiled(beats, rng)
        clock = np.arange(5.0, 3590.0, 0.5)
        clean_state = heart_rate(clock, [correct_beats(beats)]).bpm
        bad_state = heart_rate(clock, [correct_beats(bad)]).bpm
        live = LiveHeartRate()
        now = [live.beat(b, b - a)[0] for a, b in pairwise(bad)]
        found = {
            "raw, from beat to beat": by_beat(bad, clock) - by_beat(beats, clock),
            "corrected, from beat to beat": by_beat(correct_beats(bad).beats, clock)
            - by_beat(beats, clock),
            "Kalman state, to clean state": bad_state - clean_state,
            "Kalman state, to truth": bad_state - np.interp(clock, time, truth),
            "live state, to truth": np.interp(clock, bad[1:], now) - np.interp(clock, time, truth),
        }
        for name, error in found.items():
            rows.setdefault(name, []).append(float(np.sqrt(np.mean(error**2))))
    for name, errors in rows.items():
        print(f"{name:30}{np.sqrt(np.mean(np.square(errors))):>10.2f}{max(errors):>12.2f}")


def spoiled(beats: Floats, rng: np.random.Generator) -> Floats:
    """The beats with a share of them missed, followed by an extra one, early or misplaced."""
    kinds = np.where(rng.random(len(beats)) < SHARE, rng.integers(0, 4, len(beats)), -1)
    kinds[[0, -1]] = -1
    interval = np.diff(beats, prepend=beats[0] - 1.0)
    moved = beats - np.where(kinds == 2, rng.uniform(0.2, 0.4, len(beats)) * interval, 0.0)
    moved += np.where(kinds == 3, rng.uniform(-0.3, 0.3, len(beats)) * interval, 0.0)
    extra = (beats - rng.uniform(0.3, 0.7, len(beats)) * interval)[kinds == 1]
    return np.unique(np.concatenate([moved[kinds != 0], extra]))


def by_beat(beats: Floats, clock: Floats) -> Floats:
    """Heart rate (M,) bpm from beat to beat at times (M,) s."""
    return np.interp(clock, 0.5 * (beats[1:] + beats[:-1]), 60.0 / np.diff(beats))


def peaks() -> None:
    """R peaks of a synthetic ECG at 130 Hz against its beats."""
    print(f"\n{'ECG noise, of R':30}{'missed':>10}{'extra':>12}{'RMS, ms':>10}")
    rng = np.random.default_rng(0)
    seconds = np.arange(0.0, 1200.0, 0.1)
    heart = Heart()
    rate = heart.rate(np.where(seconds > 300, 3.5, 0.0), 0.1)
    beats = heart.beats(seconds, rate, rng)
    beats = beats[(beats > 1) & (beats < 1199)]
    for noise in (0.02, 0.1, 0.2):
        time = np.arange(0.0, 1200.0, 1 / 130)
        ecg = 0.4 * np.sin(2 * np.pi * 0.25 * time) + rng.normal(0.0, noise, len(time))
        waves = ((0.0, 1.0, 0.011), (0.028, -0.2, 0.011), (-0.025, -0.1, 0.01), (0.2, 0.25, 0.045))
        for offset, height, width in waves:
            for at in beats + offset:
                part = slice(*np.searchsorted(time, [at - 5 * width, at + 5 * width]))
                ecg[part] += height * np.exp(-0.5 * ((time[part] - at) / width) ** 2)
        (found,) = r_peaks(time, ecg)
        nearest = beats[np.clip(np.searchsorted(beats, found), 1, len(beats) - 1)]
        before = beats[np.clip(np.searchsorted(beats, found) - 1, 0, len(beats) - 1)]
        off = np.where(
            np.abs(found - before) < np.abs(found - nearest), found - before, found - nearest
        )
        hit = np.abs(off) < 0.05
        missed, extra = len(beats) - np.count_nonzero(hit), np.count_nonzero(~hit)
        rms = 1e3 * np.sqrt(np.mean(off[hit] ** 2))
        print(f"{noise:<30}{missed:>10}{extra:>12}{rms:>10.1f}")


def locks() -> None:
    """False alarms in clean runs, and locks recognised within 10 s."""
    alarms, hours = 0, 0.0
    for seed in range(100):
        time, rate, cadence = clean_run(seed, every=(15, 90) if seed % 2 else (30, 600))
        sparse = slice(None, None, (1, 1, 2, 5)[seed % 4])
        marked = locked_on_cadence(time[sparse], np.rint(rate[sparse]), time, cadence)
        alarms += bool(marked.any())
        hours += len(time) / 3600
    print(f"\nclean simulated runs: {hours:.0f} h, false alarms: {alarms}   goal 0")
    print(f"{'delay of the lock, s':30}{'within 10 s':>12}{'later':>8}{'never':>8}   goal: all")
    for delay in (0.3, 1.0, 2.0, 4.0):
        found = [recognised(*clean_run(seed), delay, 1000 + seed) for seed in range(60)]
        cases = [case for case in found if case is not None]
        counts = (sum(case == name for case in cases) for name in ("soon", "late", "never"))
        soon, late, never = counts
        print(f"{delay:<30}{f'{soon} of {len(cases)}':>12}{late:>8}{never:>8}")


def clean_run(seed: int, every: tuple[int, int] = (30, 600)) -> tuple[Floats, Floats, Floats]:
    """Time, heart rate and cadence of 50 min with changes of pace and other kinetics each time."""
    rng = np.random.default_rng(seed)
    time, speed, start = np.arange(3000.0), np.zeros(3000), 60
    while start < 3000:
        length = int(rng.integers(*every))
        speed[start : start + length] = rng.choice(SPEEDS)
        start += length
    rest, gain, keep = rng.uniform(50, 80), rng.uniform(20, 32), np.exp(-1 / rng.uniform(18, 60))
    above = np.minimum(gain * speed, rng.uniform(170, 200) - rest)
    rate = rest + lfilter([1 - keep], [1.0, -keep], above)
    rate += lfilter([1.0], [1.0, -0.9], rng.normal(0.0, 0.4, 3000))
    flutter = lfilter([1.0], [1.0, -0.8], rng.normal(0.0, 0.6, 3000))
    cadence = np.where(speed > 2, 150 + 7 * speed + rng.normal(0, 4), 110 + 5 * speed) + flutter
    return time, rate, np.where(speed > 0.1, cadence, 0.0)


def recognised(time: Floats, rate: Floats, cadence: Floats, delay: float, seed: int) -> str | None:
    """Whether a lock of a minute in a clean run, sampled every second, is recognised, and when.

    The heart is 12 bpm or more off the cadence when it begins, and the runner is running; None if
    there is no such place.
    """
    rng = np.random.default_rng(seed)
    last = len(time) - 100
    steady = np.array([cadence[n : n + 60].min() > 140 for n in range(last)])
    places = np.flatnonzero(steady & (np.abs(rate - cadence)[:last] >= 12))
    places = places[places > 100]
    if not len(places):
        return None
    start = int(rng.choice(places))
    shown, value = rate.copy(), rate[start]
    for n in range(start, start + 60):
        value += (cadence[n] - value) * (1 - np.exp(-1 / delay))
        shown[n] = value
    shown = np.rint(shown)
    for wait, word in ((10, "soon"), (60, "late")):
        end = start + wait + 1
        if locked_on_cadence(time[:end], shown[:end], time[:end], cadence[:end])[start:].any():
            return word
    return "never"


def watches(folder: Path) -> None:
    """Real recordings with straps: false alarms, and what is written read back."""
    print()
    for source in sorted(folder.glob("*.fit")):
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary) / "run.h5"
            try:
                import_recording(source, target)
            except FileFormatError as error:
                print(f"{source.name}: refused: {str(error).partition(': ')[2]}")
                continue
            with open_recording(target) as recording:
                signals = heart_signals(recording)
                remarks = [note.text for note in recording.annotations if note.kind == "fault"]
            told = f"{source.name}: {'; '.join(remarks) or 'whole'}"
            if len(signals.average):
                session = heart_session(signals)
                told += f", {len(signals.average)} heart rates, false cadence locks: "
                told += str(sum(fault.reason is Reason.CADENCE_LOCK for fault in session.faults))
                told += f", put in and recognised within 10 s: {put_in(signals)}"
            fields, wrong = differences(activity_of(target))
            print(f"{told}, written: {fields} fields, read back differently: {wrong}")


def put_in(signals: HeartSignals) -> str:
    """How many of 20 locks with a delay of 1 s, put into a recording, are recognised in time."""
    time = np.arange(np.ceil(signals.average.time[0]), signals.average.time[-1])
    rate, cadence = signals.average.at(time), signals.cadence.at(time)
    if len(time) < 300 or not np.isfinite([rate, cadence]).all():
        known = np.isfinite(rate) & np.isfinite(cadence)
        rate, cadence = rate[known], cadence[known]
        time = np.arange(float(len(rate)))
    if len(time) < 300:
        return "too short"
    found = [recognised(time, rate, cadence, 1.0, seed) for seed in range(20)]
    cases = [case for case in found if case is not None]
    return f"{cases.count('soon')} of {len(cases)}"


def files() -> None:
    """Written activities decoded by a second library, and how long an hour takes."""
    rng = np.random.default_rng(0)
    channels = {name: rng.uniform(*bounds, 3600) for name, bounds in USUAL.items()}
    for values in channels.values():
        values[rng.random(3600) < 0.05] = np.nan
    beats = np.cumsum(rng.uniform(0.35, 1.2, 4600))
    intervals = np.stack([beats, np.diff(beats, prepend=0.0)], axis=-1)
    activity = Activity(START, np.arange(3600.0), channels, intervals, (900.0, 1800.0, 1800.2))
    began = clocks.process_time()
    fields, wrong = differences(activity)
    print(f"\nan hour with all channels: {fields} fields, read back differently: {wrong}   goal 0")
    print(f"written and decoded, processor time: {clocks.process_time() - began:.0f} s")
    time = np.arange(0.0, 3600.0, 0.1)
    truth = Heart().rate(np.where(time > 60, 3.5, 0.0), 0.1)
    hour = Heart().beats(time, truth, rng)
    began = clocks.process_time()
    heart_session(HeartSignals(intervals=Series(hour[1:], np.diff(hour))))
    spent = clocks.process_time() - began
    print(f"heart rate of an hour of beats, all features, processor time: {spent:.2f} s")


def differences(activity: Activity) -> tuple[int, int]:
    """How many fields of records, intervals and laps a file has, and how many come back changed."""
    import fitdecode

    frames: list[Any] = []
    with fitdecode.FitReader(
        activity_bytes(activity), check_crc=fitdecode.CrcCheck.RAISE
    ) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    records = [frame for frame in frames if frame.name == "record"]
    count = wrong = abs(len(records) - len(activity.time))
    for n, record in enumerate(records):
        found = {field.name: field.value for field in record.fields if field.value is not None}
        moment = found.pop("timestamp").timestamp() - round(activity.start.timestamp())
        wanted = expected_record(activity.channels, n)
        count += 1 + len(wanted)
        wrong += moment != activity.time[n]
        names = set(wanted) | set(found)
        wrong += sum(
            not np.isclose(wanted.get(name, np.nan), found.get(name, np.nan), rtol=0, atol=1e-9)
            for name in names
        )
    lengths = [
        length
        for frame in frames
        if frame.name == "hrv"
        for length in frame.get_value("time")
        if length is not None
    ]
    written = np.round(activity.intervals[:, 1], 3)
    count += len(written)
    same = len(lengths) == len(written)
    wrong += int(np.count_nonzero(~np.isclose(lengths, written))) if same else len(written)
    return count, int(wrong)


if __name__ == "__main__":
    main()
