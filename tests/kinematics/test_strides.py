"""Strides of the simulated athlete's feet against the truth."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.errors import MissingDataError, SignalError
from trackside.kinematics.foot_strides import strides_of_foot
from trackside.kinematics.stride_rows import QUALITY
from trackside.kinematics.stride_summary import stride_summary
from trackside.kinematics.strides import stride_table
from trackside.recordings.model import Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk
from trackside.simulation.sensor_errors import IDEAL, REALISTIC
from trackside.simulation.session import SimulatedSession

FEET = ("right_foot", "left_foot")
DURATION = 16.0


@cache
def session(speed: float, *, ideal: bool = True, rate: float = 200.0) -> SimulatedSession:
    move = walk if speed < 2.2 else run
    plan = SessionPlan((stand(3.0), move(DURATION - 3.0, speed)))
    return simulate(plan, FEET, IDEAL if ideal else REALISTIC, rate=rate, seed=1)


def imus(of: SimulatedSession) -> dict[str, Imu]:
    return {foot: of.imu(foot) for foot in FEET}


def against_truth(of: SimulatedSession, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the truth of the stride that begins nearest."""
    rows = []
    for foot, strides in table.groupby("foot"):
        truth = of.truth.steps[str(foot)]
        true_contact = truth.toe_off - truth.initial_contact
        for row in strides[np.isfinite(strides["start_s"])].to_dict("records"):
            near = int(np.argmin(np.abs(truth.stride_start - row["start_s"])))
            row |= {
                "true_start": truth.stride_start[near],
                "true_length": truth.stride_length[near],
                "true_time": truth.stride_time[near],
                "true_contact": true_contact[near],
            }
            rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0])
def test_every_stride_has_its_length(speed: float) -> None:
    """From walking to fast running each stride is found once, its length true to 3 cm."""
    of = session(speed)
    found = against_truth(of, stride_table(imus(of)))
    strides = sum(len(side.stride_length) for side in of.truth.steps.values())
    assert strides - 4 <= len(found) <= strides
    assert found.duplicated(["foot", "true_start"]).sum() == 0
    error = found["stride_length_m"] - found["true_length"]
    assert abs(error.mean()) < 0.015
    assert error.std() < 0.03
    np.testing.assert_allclose(found["stride_time_s"], found["true_time"], atol=0.02)
    assert abs(found["stride_time_s"] - found["true_time"]).median() < 0.003


@pytest.mark.parametrize("speed", [3.5, 6.0])
def test_contact_times_of_running(speed: float) -> None:
    """Contact time is true to some milliseconds, with realistic sensors at 100 Hz too."""
    of = session(speed, ideal=False, rate=100.0)
    found = against_truth(of, stride_table(imus(of)))
    error = found["contact_time_s"] - found["true_contact"]
    assert np.sqrt(np.nanmean(error**2)) < 0.006


def test_lengths_stay_right_for_minutes() -> None:
    """Nothing tells the foot's heading, however long it runs: the doubt about it does no harm."""
    session = simulate(SessionPlan((stand(5.0), run(175.0, 3.3))), ("right_foot",), REALISTIC)
    table = stride_table({"right_foot": session.imu("right_foot")})
    late = table[(table["start_s"] > 120.0) & table["good"]]
    early = table[(table["start_s"] > 15.0) & (table["start_s"] < 45.0) & table["good"]]
    assert late["stride_length_m"].mean() == pytest.approx(
        early["stride_length_m"].mean(), abs=0.01
    )
    assert late["stride_length_m"].std() < 0.02


def test_realistic_sensors_in_walking() -> None:
    """With bias, noise, a clock of its own and lost packets, lengths stay true to 4 cm."""
    of = session(1.3, ideal=False, rate=100.0)
    found = against_truth(of, stride_table(imus(of)))
    error = found["stride_length_m"] - found["true_length"]
    assert abs(error.mean()) < 0.02
    assert np.sqrt(np.mean(error**2)) < 0.04


def test_standard_deviations_cover_the_errors() -> None:
    """Errors of lengths are as large as stated: hardly any beyond three standard deviations."""
    of = session(3.5, ideal=False, rate=100.0)
    found = against_truth(of, stride_table(imus(of)))
    error = (found["stride_length_m"] - found["true_length"]) / found["stride_length_sd_m"]
    assert (np.abs(error) < 3).mean() > 0.95
    assert error.std() > 0.05


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_however_the_sensor_sits(seed: int) -> None:
    """Turning the sensor on the foot changes no time and no length."""
    imu = session(3.5).imu("right_foot")
    turn = Rotation.random(rng=np.random.default_rng(seed))
    assert imu.gyr is not None
    turned = replace(imu, gyr=turn.apply(imu.gyr), acc=turn.apply(imu.acc))
    plain, other = strides_of_foot(imu), strides_of_foot(turned)
    np.testing.assert_allclose(other.start, plain.start, atol=1e-4)
    np.testing.assert_allclose(other.length, plain.length, atol=6e-3)
    np.testing.assert_allclose(other.strike_angle, plain.strike_angle, atol=2e-3)


def test_sampling_rates_agree() -> None:
    """100 and 200 Hz give the same strides."""
    slow, fast = (stride_table(imus(session(3.5, rate=rate))) for rate in (100.0, 200.0))
    assert len(slow) == len(fast)
    np.testing.assert_allclose(slow["start_s"], fast["start_s"], atol=0.006)
    np.testing.assert_allclose(slow["stride_length_m"], fast["stride_length_m"], atol=0.05)


def test_feet_strike_as_they_do() -> None:
    """Heel first in walking; flat or on the forefoot in fast running."""
    heel = stride_table(imus(session(1.3)))["strike_angle_deg"].median()
    fast = stride_table(imus(session(6.0)))["strike_angle_deg"].median()
    assert 10 < heel < 20
    assert abs(fast) < 6


def test_flight_is_running() -> None:
    """Runners fly; walkers have both feet on the ground for a while."""
    assert (stride_table(imus(session(3.5)))["flight_time_s"].dropna() > 0.05).all()
    assert (stride_table(imus(session(1.3)))["flight_time_s"].dropna() < 0).all()


def test_one_foot_alone() -> None:
    """One sensor gives all of its strides; flight as if both feet were alike."""
    of = session(3.5)
    both = stride_table(imus(of))
    alone = stride_table({"left_foot": of.imu("left_foot")})
    left = both[both["foot"] == "left"].reset_index(drop=True)
    np.testing.assert_allclose(alone["stride_length_m"], left["stride_length_m"])
    difference = (alone["flight_time_s"] - left["flight_time_s"]).iloc[3:]
    assert difference.abs().max() < 0.02


def test_a_gap_is_marked_and_bounds_the_paths() -> None:
    """Half a second without samples loses the stride under way; its neighbours stay."""
    imu = session(3.5).imu("right_foot")
    kept = (imu.time < 9.0) | (imu.time > 9.5)
    assert imu.gyr is not None
    cut = replace(imu, time=imu.time[kept], gyr=imu.gyr[kept], acc=imu.acc[kept])
    whole, gappy = strides_of_foot(imu), strides_of_foot(cut)
    assert len(whole.start) - 3 <= len(gappy.start) < len(whole.start)
    assert not ((gappy.start < 9.0) & (gappy.end > 9.5)).any()


def test_short_gaps_mark_their_strides() -> None:
    """Where some samples are missing, the stride is there, and says so."""
    imu = session(3.5).imu("right_foot")
    acc = imu.acc.copy()
    acc[(imu.time > 9.0) & (imu.time < 9.03)] = np.nan
    strides = strides_of_foot(replace(imu, acc=acc))
    marked = strides.faults[:, QUALITY.index("gap")]
    hit = (strides.start - 0.3 < 9.03) & (strides.end + 0.3 > 9.0)
    assert marked.any()
    assert hit[marked].all()


def test_clipped_forces_are_marked() -> None:
    """At a range of 8 g the strides of a fast run are marked, and their lengths still hold."""
    of = session(6.0)
    imu = of.imu("right_foot")
    limit = 8 * 9.81
    strides = strides_of_foot(replace(imu, acc=np.clip(imu.acc, -limit, limit)))
    steady = strides.start > 8
    assert strides.faults[steady, QUALITY.index("clipped")].all()
    assert np.median(strides.length[steady]) == pytest.approx(
        np.median(strides_of_foot(imu).length[steady]), rel=0.03
    )


def test_standing_has_no_strides() -> None:
    """A foot that stands gives an empty table with all columns."""
    imu = session(3.5).imu("right_foot")
    standing = imu.time < 2.5
    assert imu.gyr is not None
    still = replace(imu, time=imu.time[standing], gyr=imu.gyr[standing], acc=imu.acc[standing])
    table = stride_table({"right_foot": still})
    assert len(table) == 0
    assert "stride_length_m" in table


def test_constant_channels_have_no_strides() -> None:
    """A sensor that repeats one sample tells nothing, and says so by no rows."""
    imu = session(3.5).imu("right_foot")
    assert imu.gyr is not None
    stuck = replace(
        imu, gyr=np.zeros_like(imu.gyr), acc=np.tile([0.0, 9.81, 0.0], (len(imu.acc), 1))
    )
    assert len(strides_of_foot(stuck).start) == 0


def test_what_cannot_be_is_said() -> None:
    """No foot, no gyroscope, nothing but NaN: each error names what is missing."""
    imu = session(3.5).imu("right_foot")
    with pytest.raises(MissingDataError, match="left_hand"):
        stride_table({"left_hand": imu})
    with pytest.raises(MissingDataError, match="gyroscope"):
        stride_table({"right_foot": replace(imu, gyr=None)})
    with pytest.raises(SignalError, match="without a gap"):
        stride_table({"right_foot": replace(imu, acc=np.full_like(imu.acc, np.nan))})


def test_summary_of_uneven_feet() -> None:
    """The symmetry index is the difference over the mean; marked strides do not count."""
    table = stride_table(imus(session(3.5)))
    table.loc[table["foot"] == "right", "contact_time_s"] = 0.22
    table.loc[table["foot"] == "left", "contact_time_s"] = 0.18
    table.loc[0, "contact_time_s"], table.loc[0, "quality"] = 9.0, "turn"
    summary = stride_summary(table)["contact_time_s"]
    assert summary["symmetry_percent"] == pytest.approx(20.0)
    assert summary["right"] == pytest.approx(0.22)
    assert "symmetry_percent" not in stride_summary(table)["strike_angle_deg"]
