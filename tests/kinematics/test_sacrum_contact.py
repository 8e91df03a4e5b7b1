"""Contact time from the push on the pelvis, of made pushes and of the simulated athlete."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.app.simulating import plan_for
from trackside.kinematics.sacrum_contact import contact_share, sacrum_contacts
from trackside.kinematics.trunk_tissue import exaggeration, harmonics_of_push
from trackside.recordings.model import ACCELEROMETER, Imu, Kind, Stream
from trackside.simulation.athlete import simulate

STREAM = Stream("pelvis", Kind.IMU, (ACCELEROMETER,), 200.0, placement="pelvis")


@given(st.floats(0.35, 0.95), st.floats(0.22, 0.4), st.integers(0, 1000))
def test_half_sines_tell_their_length(share: float, step: float, seed: int) -> None:
    """However the sensor sits, half-sine pushes with flights between tell the contact time."""
    time = np.arange(0, 12, 0.005)
    phase = (time % step) / (share * step)
    peak = np.pi / (2 * share) * 9.81
    push = np.where(phase < 1, peak * np.sin(np.pi * np.minimum(phase, 1)), 0.0)
    up = Rotation.random(rng=np.random.default_rng(seed)).apply([0.0, 0.0, 1.0])
    found = sacrum_contacts(Imu(STREAM, time, None, push[:, None] * up, None))
    assert len(found.time) > 5
    np.testing.assert_allclose(found.step_time, step, atol=0.004)
    np.testing.assert_allclose(found.contact_time[1:-1], share * step, atol=0.008)


@given(st.floats(0.21, 0.97))
def test_share_and_harmonic_are_inverse(share: float) -> None:
    """The table is the formula's inverse; beyond it nobody knows."""
    assert contact_share(float(harmonics_of_push(np.array(share))[0])) == pytest.approx(
        share, abs=1e-3
    )
    assert np.isnan(contact_share(0.1))


@pytest.mark.parametrize("natural", [10.0, 13.0, 1000.0])
@pytest.mark.parametrize("share", [0.6, 0.7])
def test_what_rings_is_found_to_exaggerate(share: float, natural: float) -> None:
    """A push through a spring with a damper is known to be too large, by about as much as it is."""
    rate = 3.0
    ratio = rate * np.arange(1, 6) / natural
    response = (1 + 0.2j * ratio) / (1 - ratio**2 + 0.2j * ratio)
    pushes = (harmonics_of_push(np.array(share)) * response)[None]
    found = exaggeration(pushes, np.array([rate]), np.array([rate]))[0]
    assert found == pytest.approx(abs(response[0]), abs=0.04)


def test_what_nothing_explains_is_no_error() -> None:
    """Accelerations in a unit of their own, a million times too large, exaggerate something."""
    found = exaggeration(np.full((2, 5), 1e6 + 0j), np.array([2.5, 3.0]), np.array([2.5, 3.0]))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("speed", [2.5, 4.0])
def test_simulated_runs(speed: float) -> None:
    """A realistic sensor on the pelvis tells the contact time of a steady run to 15 ms."""
    session = simulate(plan_for(25.0, speed), ("pelvis",), seed=2)
    truth = session.truth.steps["right"]
    contact = np.nanmedian((truth.toe_off - truth.initial_contact)[5:])
    found = sacrum_contacts(session.imu("pelvis"))
    steady = found.time > 14
    np.testing.assert_allclose(np.median(found.contact_time[steady]), contact, atol=0.015)


def test_walking_has_no_flight() -> None:
    """Walking steps are no half sines: no contact time is made up from them."""
    found = sacrum_contacts(simulate(plan_for(20.0, 1.2), ("pelvis",), seed=0).imu("pelvis"))
    assert len(found.time) == 0 or np.isnan(found.contact_time).all()
