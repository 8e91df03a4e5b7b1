"""Features of many strides: stiffness, oscillation, drift at the same pace, means and distance."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trackside.arrays import Floats
from trackside.kinematics.activity import Activity
from trackside.kinematics.session_drift import drift_at_pace
from trackside.kinematics.session_features import Feature, Figure, SessionFeatures
from trackside.kinematics.session_gait import distance, gait_blocks
from trackside.kinematics.session_rows import (
    StrideRows,
    by_cadence,
    rows_of_strides,
    same_foot,
    with_activities,
    with_form,
)
from trackside.kinematics.spring_mass import spring_mass
from trackside.kinematics.vertical_oscillation import vertical_oscillation
from trackside.recordings.model import Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk
from trackside.simulation.session import SimulatedSession


def test_stiffness_of_a_printed_example() -> None:
    """Half a sine of 0.21 s and 0.14 s of flight: peak force, sinking and stiffness by hand."""
    (vertical,), (leg,), (oscillation,) = spring_mass(
        np.array([0.21]), np.array([0.14]), np.array([4.0]), 0.95
    )
    force = 9.81 * np.pi / 2 * (0.14 / 0.21 + 1)
    sinking = force * 0.21**2 / np.pi**2 - 9.81 * 0.21**2 / 8
    assert vertical == pytest.approx(force / sinking)
    shortening = 0.95 - np.sqrt(0.95**2 - 0.42**2) + sinking
    assert leg == pytest.approx(force / shortening)
    assert 70 * vertical / 1000 == pytest.approx(29.7, abs=0.5)  # kN/m, of a runner of 70 kg
    assert oscillation == pytest.approx(sinking + 9.81 * 0.14**2 / 8)


@given(contact=st.floats(0.08, 0.35), flight=st.floats(0.01, 0.25), speed=st.floats(2.0, 9.0))
def test_a_leg_is_softer_than_the_body(contact: float, flight: float, speed: float) -> None:
    """The leg is shortened by more than the body sinks, unless it is too short for the way."""
    vertical, leg, _ = (
        float(value[0])
        for value in spring_mass(np.array([contact]), np.array([flight]), np.array([speed]), 0.93)
    )
    assert vertical > 0.0
    assert np.isnan(leg) == (speed * contact / 2 >= 0.93)
    assert np.isnan(leg) or leg < vertical


def test_walking_has_no_stiffness() -> None:
    """Without flight there is no spring to speak of."""
    found = spring_mass(np.array([0.6, np.nan]), np.array([-0.1, 0.1]), np.array([1.4, 3.0]), 0.9)
    assert all(np.isnan(values).all() for values in found)


@cache
def session() -> SimulatedSession:
    plan = SessionPlan((stand(5), walk(15, 1.6), run(20, 3.2)))
    return simulate(plan, ("right_foot", "left_foot", "pelvis"), seed=3)


@cache
def rows() -> StrideRows:
    feet = {name: session().imu(name) for name in ("right_foot", "left_foot")}
    return with_form(with_activities(rows_of_strides(feet), None), 1.75, 70.0)


def test_vertical_oscillation_is_the_pelvis_own() -> None:
    """Of walking and running, to 5 mm; NaN beyond the recording."""
    starts = np.array([10.0, 14.0, 28.0, 34.0, 60.0])
    ends = starts + np.array([1.0, 1.0, 0.73, 0.73, 0.73])
    found = vertical_oscillation(session().imu("pelvis"), starts, ends)
    time, height = session().truth.pose.time, session().truth.pose.root[:, 2]
    for k in range(4):
        true = np.ptp(height[(time >= starts[k]) & (time <= ends[k])])
        assert found[k] == pytest.approx(true, abs=0.005)
    assert np.isnan(found[4])


@pytest.mark.parametrize(("samples", "step"), [(5, 1), (100, 1), (3000, 20)])
def test_a_sensor_that_hardly_measured_tells_no_oscillation(samples: int, step: int) -> None:
    """One that died in the first second, or one of 5 Hz: unknown, and no error."""
    whole = session().imu("pelvis")
    part = slice(0, samples, step)
    assert whole.gyr is not None
    imu = Imu(
        replace(whole.stream, rate=None), whole.time[part], whole.gyr[part], whole.acc[part], None
    )
    found = vertical_oscillation(imu, np.array([0.1, 10.0]), np.array([0.9, 11.0]))
    assert np.isnan(found).all()


def test_strides_of_which_nobody_knows_what_was_done() -> None:
    """Among others they stay without an activity, not with one named nan."""
    known = rows()
    labels = np.full(len(known.table), "running", dtype=object)
    labels[::2] = None
    found = with_activities(known, labels).table["activity"]
    assert set(found) == {None, "running"}


def test_the_modelled_runner_oscillates_as_the_simulated_one() -> None:
    """Contact and flight times alone tell the oscillation of a run to 15 mm."""
    table = rows().table
    runs = table[(table["activity"] == "running") & (table["start_s"] > 26)]
    root = session().truth.pose.root
    true = np.ptp(root[session().truth.pose.time > 30.0, 2])
    assert runs["vertical_oscillation_m"].median() == pytest.approx(true, abs=0.015)
    assert rows().sources["vertical oscillation"].startswith("spring-mass")
    kilonewtons = runs["vertical_stiffness_kn_per_m"] / runs["vertical_stiffness_n_per_m_per_kg"]
    np.testing.assert_allclose(kilonewtons, 0.07)


def test_each_activity_has_its_own_features() -> None:
    """Walking and running are not mixed; both feet are compared; figures have an uncertainty."""
    blocks = gait_blocks(rows(), 0.0, 50.0)
    assert set(blocks) == {Activity.WALKING, Activity.RUNNING}
    walked, ran = blocks[Activity.WALKING], blocks[Activity.RUNNING]
    assert walked.cadence_steps_per_min.mean == pytest.approx(124, abs=5)
    assert ran.cadence_steps_per_min.mean == pytest.approx(163, abs=4)
    assert walked.flight_time_s.mean is not None
    assert walked.flight_time_s.mean < 0
    assert walked.vertical_stiffness_kn_per_m.mean is None
    assert "running" in (walked.vertical_stiffness_kn_per_m.reason or "")
    length = ran.stride_length_m
    assert length.right is not None
    assert length.left is not None
    assert length.mean_sd is not None
    assert 0.0 < length.mean_sd < 0.15
    assert "minutes" in ran.drift_per_hour["cadence_steps_per_min"].model_fields_set
    assert "expected 8" in (ran.drift_per_hour["cadence_steps_per_min"].reason or "")


def test_the_way_of_both_feet() -> None:
    """Distance is the athlete's, less the strides cut off at both ends."""
    truth = session().truth
    path = truth.pose.root[:, :2]
    way = distance(rows(), 0.0, 50.0)
    assert way.value == pytest.approx(np.linalg.norm(path[-1] - path[0]) - 3.0, abs=3.0)
    assert way.sd is not None
    assert way.sd < 2.0
    nothing = distance(rows(), 100.0, 200.0)
    assert (nothing.value, nothing.reason) == (None, "no stride")


def test_two_sensors_on_one_foot() -> None:
    """Contacts that fall together are those of one foot; alternating ones are not."""
    assert not same_foot(rows())
    foot: Imu = session().imu("right_foot")
    assert same_foot(rows_of_strides({"right_foot": foot, "left_foot": foot}))


def noisy_run(slope: float, seed: int, pace: Floats | None = None) -> tuple[Floats, ...]:
    """40 minutes of strides: contact time that drifts by ``slope`` s/h and follows the speed."""
    rng = np.random.default_rng(seed)
    time = np.arange(0.0, 2400.0, 0.73)
    speed = np.full(len(time), 3.2) if pace is None else pace[: len(time)]
    speed = speed + 0.05 * rng.standard_normal(len(time))
    slow = np.cumsum(rng.standard_normal(len(time))) * 2e-5  # wanders, as athletes do
    noise = 0.008 * rng.standard_normal(len(time))
    return time, 0.25 + slope * time / 3600 - 0.03 * (speed - 3.2) + slow + noise, speed


def test_drift_is_found_in_its_interval() -> None:
    """The interval holds the true drift as a rule, and excludes 0 when there is much of it."""
    held = 0
    for seed in range(20):
        found = drift_at_pace(*noisy_run(0.020, seed))
        assert found.high > found.low > 0.0
        held += found.low <= 0.020 <= found.high
    assert held >= 15


def test_slowing_down_is_not_fatigue() -> None:
    """Contacts that grow because the pace falls do not drift at the same pace."""
    strides = np.arange(4000)
    pace = 3.35 - 0.3 * strides / 4000 + 0.1 * np.sin(strides / 60)
    found = drift_at_pace(*noisy_run(0.0, 1, pace))
    assert found.low < 0.0 < found.high
    time, contact, _ = noisy_run(0.0, 1, pace)
    taken_for_fatigue = drift_at_pace(time, contact, np.full(len(time), 3.2))
    assert taken_for_fatigue.low > 0.0


def test_single_bad_minutes_do_not_turn_the_line() -> None:
    """Two minutes of nonsense change the slope by less than its interval."""
    time, contact, speed = noisy_run(0.020, 2)
    spoiled = np.where((time > 2200) & (time < 2320), 0.5, contact)
    clean, found = drift_at_pace(time, contact, speed), drift_at_pace(time, spoiled, speed)
    assert found.per_hour == pytest.approx(clean.per_hour, abs=0.01)


@pytest.mark.parametrize(
    ("what", "reason"), [("values", "not known"), ("speed", "speed is not"), ("time", "8 or more")]
)
def test_no_drift_has_a_reason(what: str, reason: str) -> None:
    """Unknown values, an unknown speed and a short run are said."""
    time, values, speed = noisy_run(0.02, 0)
    unknown = np.full(len(time), np.nan)
    if what == "time":
        found = drift_at_pace(time[:400], values[:400], speed[:400])
    else:
        found = drift_at_pace(
            time, unknown if what == "values" else values, unknown if what == "speed" else speed
        )
    assert reason in found.reason
    assert np.isnan(found.per_hour)


def test_a_watch_knows_activities_by_cadence() -> None:
    """By steps, or by speed where there are none; nothing where neither is known."""
    cadence = np.array([0.0, 110.0, 168.0, 240.0, np.nan, np.nan, np.nan])
    speed = np.array([0.0, 1.4, 3.0, 8.0, 3.0, 1.2, np.nan])
    labels = by_cadence(cadence, speed).tolist()
    assert labels == ["standing", "walking", "running", "sprinting", "running", "walking", None]


def test_what_is_unknown_needs_a_reason() -> None:
    """The model refuses a figure or feature that is missing without saying why."""
    for kind in (Figure, Feature):
        with pytest.raises(ValidationError, match="reason"):
            kind()
        kind(reason="no sensor")


def test_the_schema_names_version_and_units() -> None:
    """The JSON schema fixes the version, and units stand in the names of figures."""
    schema = SessionFeatures.model_json_schema()
    assert schema["properties"]["version"]["const"] == 1
    gait = schema["$defs"]["Gait"]["properties"]
    units = ("_s", "_m", "_per_min", "_deg", "_factor", "_kg", "_hour", "strides")
    assert all(name.endswith(units) for name in gait)
    assert pd.Series(gait).size > 15
