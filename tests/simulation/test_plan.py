"""Plans that can be followed, and those that cannot."""

import pytest

from trackside.simulation.plan import (
    Activity,
    Phase,
    SessionPlan,
    run,
    running_session,
    sit,
    stand,
    walk,
    walking_session,
)


@pytest.mark.parametrize("plan", [running_session(30.0, 4.0), walking_session(30.0, 1.2)])
def test_handy_plans_begin_with_calibration(plan: SessionPlan) -> None:
    """The ready-made sessions begin with five seconds of N-pose and last as long as was asked."""
    assert plan.phases[0].activity is Activity.STAND
    assert plan.phases[0].duration >= 5
    assert plan.duration == pytest.approx(30.0)


def test_impossible_phases_are_refused() -> None:
    """Speeds beyond the gait, standing at a speed, and no time at all are errors at once."""
    with pytest.raises(ValueError, match=r"walk at 3.0 m/s: expected 0.8 to 2.2"):
        walk(10, 3.0)
    with pytest.raises(ValueError, match="run at 10"):
        run(10, 10.0)
    with pytest.raises(ValueError, match="stand at 1"):
        Phase(Activity.STAND, 10, 1.0)
    with pytest.raises(ValueError, match="more than 0 s"):
        stand(0)
    with pytest.raises(ValueError, match="sit_pose for 3 s: expected at least 4 s"):
        Phase(Activity.SIT_POSE, 3)


def test_impossible_plans_are_refused() -> None:
    """No phase, a start in motion, and a phase too short to stop in are errors that say so."""
    with pytest.raises(ValueError, match="no phase"):
        SessionPlan(())
    with pytest.raises(ValueError, match="begins in motion"):
        SessionPlan((run(10),))
    with pytest.raises(ValueError, match="stand for 2 s after run: expected at least"):
        SessionPlan((stand(), run(20, 8.0), stand(2)))
    with pytest.raises(ValueError, match="walk after sit: expected standing"):
        SessionPlan((stand(), sit(5), walk(10)))
