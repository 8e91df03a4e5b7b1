"""What pairs of sensors tell of a joint between them, on the simulated athlete."""

from dataclasses import replace

import numpy as np
import pytest
from sensor_motions import simulated_motion

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.joint_evidence import JointEvidence, joint_evidence, pair_moments
from trackside.simulation.plan import SessionPlan, run, stand

LEG = ("right_thigh", "right_shank", "right_foot")


@pytest.fixture(scope="module")
def motion() -> BodyMotion:
    """The sensors of a leg that runs for a minute."""
    return simulated_motion(SessionPlan((stand(5.0), run(65.0, 3.2))), LEG, seed=72)


def evidence_of(motion: BodyMotion) -> JointEvidence:
    """What all pairs tell."""
    return joint_evidence(pair_moments(motion))


def deviations(evidence: JointEvidence) -> Floats:
    """Standard deviations (P, 2, 3) m of the arms along their ellipsoids' axes."""
    return np.sqrt(np.linalg.eigvalsh(evidence.covariance))


def test_a_heading_that_jumps_leaves_the_arms_where_they_are(motion: BodyMotion) -> None:
    """As after a gap: one window suits no heading, and the others still tell where the knee is."""
    motion = motion.until(40.0)
    jump = np.where(motion.time > 24.0, np.deg2rad(20.0), 0.0)
    orientations = motion.orientations.copy()
    orientations[1] = qt.multiply(qt.about_axis(UP, jump), orientations[1])
    even, jumped = evidence_of(motion), evidence_of(replace(motion, orientations=orientations))
    knee = 0
    np.testing.assert_allclose(jumped.arms[knee], even.arms[knee], atol=0.1)
    assert np.all(jumped.disagreement < 1.3 * even.disagreement)


def test_the_same_strides_again_make_arms_no_surer(motion: BodyMotion) -> None:
    """Soft tissue errs in each stride as in the one before."""
    shorter, longer = (deviations(evidence_of(motion.until(end))) for end in (35.0, 65.0))
    np.testing.assert_allclose(longer, shorter, rtol=0.25)
