"""Live cues: each once, in time, with its reason; none for an athlete who runs as planned."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners import runner
from trackside.planner.cues import PAUSE, Cue, CueKind, CueSample, LiveCues
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.hysteresis import Hysteresis, Smooth
from trackside.planner.workouts import Intensity, SessionType, Step, Workout
from trackside.simulation.heart_rate import Heart

ATHLETE = runner()
EASY = Workout(
    "EASY",
    SessionType.EASY,
    "Easy",
    (Step("", Intensity.ACTIVE, duration=3600.0, speed=(2.6, 2.9)),),
)
TEMPO = Workout(
    "T",
    SessionType.TEMPO,
    "Tempo",
    (
        Step("Warm-up", Intensity.WARM_UP, duration=900.0, speed=(2.5, 2.8)),
        Step("", Intensity.ACTIVE, distance=3300.0, speed=(3.3, 3.4), heart_rate=(150.0, 172.0)),
        Step("Cool-down", Intensity.COOL_DOWN, duration=600.0, speed=(2.5, 2.8)),
    ),
)


def run(
    seconds: int = 2400,
    seed: int = 0,
    speed: float = 2.75,
    heart: float = 0.0,
    cadence: float = 1.0,
    length: float = 1.0,
    side: float = 0.0,
    since: int = 1200,
) -> Iterator[CueSample]:
    """Samples of an easy run, from ``since`` s on with more heart rate (bpm), or other form."""
    rng = np.random.default_rng(seed)
    model = HeartRateModel.usual(ATHLETE)
    bpm = 60.0
    for second in range(seconds):
        changed = second >= since
        share = min((second - since) / 60.0, 1.0) if changed else 0.0
        bpm += (model.steady(speed, second) - bpm) / 45.0
        foot = "right" if second % 2 else "left"
        lopsided = side * share / 200.0 * (1.0 if foot == "right" else -1.0)
        yield CueSample(
            float(second),
            bpm + heart * share + rng.normal(0.0, 1.5),
            170.0 * (1.0 + (cadence - 1.0) * share) + rng.normal(0.0, 1.5),
            speed + rng.normal(0.0, 0.05),
            0.97 * 2.0 * speed / (170.0 / 60.0) * (1.0 + (length - 1.0) * share)
            + rng.normal(0, 0.02),
            0.26 * (1.0 + lopsided) + rng.normal(0.0, 0.004),
            foot,
        )


def cues(samples: Iterator[CueSample], workout: Workout | None = EASY) -> list[Cue]:
    live = LiveCues(ATHLETE, workout)
    found = []
    for sample in samples:
        now = live.feed(sample)
        assert all(cue.time == sample.time for cue in now)  # with the sample that decides it
        found += now
    return found


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_said_to_who_runs_as_planned(seed: int) -> None:
    assert cues(run(seed=seed)) == []


@pytest.mark.parametrize(
    ("kind", "change", "within", "word"),
    [
        (CueKind.DRIFT, {"heart": 16.0}, 100.0, "guard band"),
        (CueKind.CADENCE, {"cadence": 0.91}, 75.0, "less than at the beginning"),
        (CueKind.STRIDE_LENGTH, {"length": 0.85}, 90.0, "stride length"),
        (CueKind.ASYMMETRY, {"side": 9.0}, 120.0, "right foot"),
    ],
)
def test_each_change_is_told_once_with_its_reason(
    kind: CueKind, change: dict[str, float], within: float, word: str
) -> None:
    """While it lasts it is told a single time, soon after it has begun."""
    found = [cue for cue in cues(run(**change)) if cue.kind is kind]  # type: ignore[arg-type]
    assert len(found) == 1
    assert 1200.0 <= found[0].time <= 1200.0 + within
    assert word in found[0].reason


def test_a_ceiling_is_the_steps_own() -> None:
    """The same heart rate is fine in a tempo run, and too high in an easy one."""
    high = [CueSample(float(second), 165.0) for second in range(60)]
    easy = cues(iter(high), EASY)
    assert [cue.kind for cue in easy] == [CueKind.HEART_RATE]
    assert easy[0].time <= 10.0
    assert "165 bpm" in easy[0].reason
    free = Workout("I", SessionType.INTERVALS, "", (Step("", Intensity.ACTIVE, duration=600.0),))
    assert cues(iter(high), free) == []
    assert cues(iter(high), None) == []


def test_steps_end_by_time_and_by_way() -> None:
    """15 min, then 3300 m at 3.3 m/s, then 10 min: three steps end, and the next is named."""
    samples = (CueSample(float(s), speed=3.3 if 900 < s <= 1900 else 2.6) for s in range(3000))
    found = [cue for cue in cues(samples, TEMPO) if cue.kind is CueKind.STEP_DONE]
    assert [cue.time for cue in found] == pytest.approx([900.0, 1900.0, 2501.0], abs=2.0)
    assert "3.3 km" in found[0].text
    assert "cool-down" in found[1].text
    assert found[2].text == "Done: that was the last step"


def test_a_heartbeat_takes_nothing_off_the_way() -> None:
    """3300 m at 3.3 m/s take 1000 s, also where the heart is told between and ahead of speeds."""
    samples = []
    for s in range(2000):
        samples += [CueSample(s + 0.9, 140.0), CueSample(s + 0.2, speed=3.3)]
    ends = [cue.time for cue in cues(iter(samples), TEMPO) if cue.kind is CueKind.STEP_DONE]
    assert ends == pytest.approx([900.0, 1900.0], abs=3.0)


def test_a_stop_is_no_collapse() -> None:
    """Waiting at a traffic light says nothing about form."""
    standing = range(1300, 1400)
    samples = (
        CueSample(one.time, one.heart_rate, 0.0, 0.0) if one.time in standing else one
        for one in run(1900)
    )
    assert not {cue.kind for cue in cues(samples)} & {CueKind.CADENCE, CueKind.STRIDE_LENGTH}


def test_a_heart_that_is_simulated_meets_its_ceiling_in_time() -> None:
    """At a speed too fast for the step the cue comes within 15 s of the true rate's crossing."""
    speed = np.where(np.arange(1800) < 600, 2.0, 5.0)
    rate = Heart(resting=60.0).rate(speed, 1.0)
    noise = np.random.default_rng(1).normal(0.0, 1.5, len(rate))
    samples = (CueSample(float(i), float(bpm)) for i, bpm in enumerate(rate + noise))
    found = cues(samples)
    ceiling = 50.0 + 0.8 * 140.0
    crossed = float(np.flatnonzero(rate > ceiling + 2.0)[0])
    assert [cue.kind for cue in found] == [CueKind.HEART_RATE]
    assert crossed - 5.0 <= found[0].time <= crossed + 15.0


@settings(max_examples=40)
@given(
    st.lists(st.floats(140.0, 190.0), min_size=30, max_size=200),
    st.floats(0.3, 3.0),
)
def test_no_kind_chatters(rates: list[float], step: float) -> None:
    """Whatever the heart does, a kind is told once a minute at most."""
    samples = [CueSample(i * step, bpm) for i, bpm in enumerate(rates)]
    found = [cue.time for cue in cues(iter(samples)) if cue.kind is CueKind.HEART_RATE]
    assert all(b - a >= PAUSE for a, b in pairwise(found))


@settings(max_examples=60)
@given(st.lists(st.floats(-5.0, 5.0), max_size=60), st.floats(2.5, 20.0), st.integers(0, 30))
def test_a_switch_misses_nothing_that_lasts(before: list[float], high: float, seed: int) -> None:
    """After anything, a value that stays above the level switches it on, exactly once."""
    switch = Hysteresis(2.0, -2.0, 5.0)
    rng = np.random.default_rng(seed)
    time = 0.0
    for value in before:
        switch.update(time, value)
        time += float(rng.uniform(0.5, 2.0))
    was_on, went_on = switch.is_on, 0
    for _ in range(20):
        went_on += switch.update(time, high)
        time += 1.0
    assert switch.is_on
    assert went_on == (not was_on)
    assert not switch.update(time, math.nan)
    assert not switch.update(time - 100.0, -50.0)
    assert switch.is_on


def test_a_smooth_value_follows_and_begins_anew_after_a_gap() -> None:
    smooth = Smooth(5.0)
    assert math.isnan(smooth.value)
    assert smooth.update(0.0, 10.0) == 10.0
    assert smooth.update(5.0, 20.0) == pytest.approx(20.0 - 10.0 * math.exp(-1.0))
    assert smooth.update(4.0, 99.0) == smooth.value
    assert smooth.update(100.0, 30.0) == 30.0


def test_live_samples_in_the_past_are_left_out() -> None:
    live = LiveCues(ATHLETE, EASY)
    live.feed(CueSample(10.0, 150.0))
    assert live.feed(CueSample(9.0, 250.0)) == []
