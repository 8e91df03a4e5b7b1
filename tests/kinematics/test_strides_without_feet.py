"""Strides from shanks, and from the trunk alone, against the simulated athlete's."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from trackside.arrays import Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics.continuation import continued
from trackside.kinematics.live_strides import LiveStrides
from trackside.kinematics.shank_strides import strides_of_shank
from trackside.kinematics.stride_rows import QUALITY
from trackside.kinematics.strides import stride_table
from trackside.kinematics.thigh_strides import strides_of_thigh
from trackside.kinematics.trunk_strides import strides_of_trunk
from trackside.recordings.model import Block, Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk, walking_session
from trackside.simulation.session import SimulatedSession

SENSORS = ("right_shank", "left_shank", "pelvis", "right_thigh")


@cache
def session(speed: float) -> SimulatedSession:
    move = walk if speed < 2.2 else run
    plan = SessionPlan((stand(3.0), move(15.0, speed)))
    return simulate(plan, SENSORS, rate=100.0, seed=1)


def imus(speed: float) -> dict[str, Imu]:
    return {name: session(speed).imu(name) for name in SENSORS}


def nearest(moments: Floats, among: Floats) -> Integers:
    return np.argmin(np.abs(among - moments[:, None]), axis=1)


@pytest.mark.parametrize("speed", [1.3, 2.5, 3.5, 6.0, 9.0])
def test_contacts_from_shanks(speed: float) -> None:
    """From walking to sprinting: all strides, contacts and toe-offs as sure as they say."""
    truth = session(speed).truth.steps["right"]
    found = strides_of_shank(session(speed).imu("right_shank"))
    steady = found[found.start > 6.0]
    assert len(found) >= len(truth.stride_start) - 2
    near = nearest(steady.start, truth.initial_contact)
    contact = steady.start - truth.initial_contact[near]
    leave = steady.toe_off - truth.toe_off[near]
    assert np.sqrt(np.mean(contact**2)) < steady.start_sd[0]
    assert np.sqrt(np.nanmean(leave**2)) < steady.toe_off_sd[0]


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0])
def test_lengths_from_the_pelvis(speed: float) -> None:
    """Walking and running lengths are true to two of their standard deviations."""
    truth = session(speed).truth.steps["right"]
    found = strides_of_trunk(session(speed).imu("pelvis"), 1.75)
    steady = found[found.start > 8.0]
    error = steady.length - np.median(truth.stride_length[-8:])
    assert len(steady) > 5
    assert (np.abs(error) < 2 * steady.length_sd).all()
    assert np.isnan(steady.toe_off).all() == (speed < 2.2)


def test_shanks_borrow_lengths_from_the_pelvis() -> None:
    """With shanks and pelvis the table has times of the one and lengths by the other."""
    table = stride_table(imus(3.5), 1.75)
    assert set(table["foot"]) == {"right", "left"}
    assert set(table["source"]) == {"shank"}
    steady = table[table["start_s"] > 8.0]
    assert steady["speed_m_per_s"].median() == pytest.approx(3.5, rel=0.15)
    assert (steady["flight_time_s"].dropna() > 0).all()
    alone = stride_table({"left_shank": imus(3.5)["left_shank"]})
    assert alone["stride_length_m"].isna().all()


def test_the_pelvis_alone_has_rows_too() -> None:
    """One row a stride of whichever foot; an unknown height makes lengths less sure."""
    pelvis = {"pelvis": imus(3.5)["pelvis"]}
    known, unknown = stride_table(pelvis, 1.75), stride_table(pelvis)
    assert set(known["foot"]) == {"either"}
    assert known["cadence_steps_per_min"].iloc[4:].std() < 10
    assert (unknown["stride_length_sd_m"] > known["stride_length_sd_m"]).all()
    np.testing.assert_allclose(known["contact_time_s"].iloc[6:].median(), 0.229, atol=0.02)


def test_taller_people_walk_longer_strides() -> None:
    """The same rise of the pelvis over a longer leg is a longer step."""
    pelvis = imus(1.3)["pelvis"]
    low, tall = (strides_of_trunk(pelvis, height) for height in (1.6, 1.9))
    assert np.median(tall.length / low.length) == pytest.approx(np.sqrt(1.9 / 1.6), rel=0.02)


def test_live_shanks_say_the_same() -> None:
    """While the athlete moves, shanks give the rows of afterwards."""
    shank = imus(3.5)["right_shank"]
    after = strides_of_shank(shank)
    live = LiveStrides([shank.stream])
    rows = []
    assert shank.gyr is not None
    for first in range(0, len(shank.time), 7):
        part = slice(first, first + 7)
        values = {"gyroscope": shank.gyr[part], "accelerometer": shank.acc[part]}
        rows += live.feed(Block(shank.stream.name, shank.time[part], values))
    starts = np.array([row["start_s"] for row in rows])
    assert abs(len(starts) - len(after)) <= 1
    known = after.start[nearest(starts, after.start)]
    assert np.median(np.abs(starts - known)) < 0.002
    assert rows[-1]["source"] == "shank"


@pytest.mark.parametrize("speed", [1.3, 3.5])
def test_live_rows_of_the_trunk(speed: float) -> None:
    """Stride after stride without a gap, at most one late, as long as those of afterwards."""
    pelvis = imus(speed)["pelvis"]
    assert pelvis.gyr is not None
    live, rows = LiveStrides([pelvis.stream], 1.75), []
    for first in range(0, len(pelvis.time), 10):
        part = slice(first, first + 10)
        values = {"gyroscope": pelvis.gyr[part], "accelerometer": pelvis.acc[part]}
        for row in live.feed(Block(pelvis.stream.name, pelvis.time[part], values)):
            rows.append(row)
            assert pelvis.time[part][-1] - row["end_s"] < row["stride_time_s"]
    after = stride_table({"pelvis": pelvis}, 1.75)
    assert abs(len(rows) - len(after)) <= 2
    assert {row["foot"] for row in rows} == {"either"}
    steady = [row for row in rows if row["start_s"] > 8.0]
    starts, ends = (np.array([row[name] for row in steady]) for name in ("start_s", "end_s"))
    np.testing.assert_allclose(starts[1:], ends[:-1], atol=0.02)
    length = np.median([row["stride_length_m"] for row in steady])
    usual = after[after["start_s"] > 8.0]["stride_length_m"].median()
    assert length == pytest.approx(usual, rel=0.03)


def test_live_rows_need_a_sensor_that_tells() -> None:
    """An arm tells no strides; the error says what was worn."""
    arm = replace(imus(3.5)["pelvis"].stream, name="arm", placement="right_forearm")
    with pytest.raises(MissingDataError, match="right_forearm"):
        LiveStrides([arm])


def test_continued_signals_go_on() -> None:
    """A periodic signal continues as it was, at both ends."""
    time = np.arange(-1.0, 6.0, 0.01)
    whole = np.sin(2 * np.pi * time / 0.7) + 0.4 * np.cos(4 * np.pi * time / 0.7 + 1.0)
    np.testing.assert_allclose(continued(whole[100:-100], 100.0, 100), whole, atol=1e-9)


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0, 9.0])
def test_contacts_from_a_thigh(speed: float) -> None:
    """From walking to sprinting: all strides, contacts and toe-offs as sure as they say."""
    truth = session(speed).truth.steps["right"]
    found = strides_of_thigh(session(speed).imu("right_thigh"))
    steady = found[found.start > 7.5]
    assert len(found) >= len(truth.stride_start) - 2
    assert not steady.faults[:, QUALITY.index("contact unseen")].any()
    near = nearest(steady.start, truth.initial_contact)
    contact = steady.start - truth.initial_contact[near]
    leave = steady.toe_off - truth.toe_off[near]
    assert np.sqrt(np.mean(contact**2)) < steady.start_sd[0]
    assert np.sqrt(np.nanmean(leave**2)) < steady.toe_off_sd[0]
    assert np.isnan(found.length).all()


def test_a_thigh_farthest_forward_after_the_landing() -> None:
    """A walker's thigh that goes on forward as it lands: forward is not taken for backward."""
    kit = ("right_shank", "right_thigh", "pelvis")
    walked = simulate(walking_session(40.0, 1.3), kit, rate=100.0, seed=1)
    truth = walked.truth.steps["right"]
    found = strides_of_thigh(walked.imu("right_thigh"))
    contact = found.start - truth.initial_contact[nearest(found.start, truth.initial_contact)]
    assert len(found) > 25
    assert np.abs(np.median(contact)) < 0.05


def test_a_thigh_that_no_landing_shakes_is_marked() -> None:
    """Where the landing does not tell forward from backward, no contact counts as seen."""
    imu = session(3.5).imu("right_thigh")
    smooth = replace(imu, acc=np.tile([0.0, 9.81, 0.0], (len(imu.time), 1)))
    found = strides_of_thigh(smooth)
    assert len(found) > 10
    assert found.faults[:, QUALITY.index("contact unseen")].all()
