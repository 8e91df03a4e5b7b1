"""Work that another process does, and what becomes of it when either of the two ends."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from pebble import ProcessExpired

from trackside.app.live_calibration import Found, look
from trackside.app.live_sensor import LiveSensor
from trackside.app.worker_process import WorkerProcess
from trackside.kinematics.calibration import StaticPose
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL

LEG = ("pelvis", "left_thigh", "left_shank")
SOON = 60.0  # s that another process may need to start on a busy machine


def test_a_calibration_is_found_there_as_here() -> None:
    """All that a look takes and gives goes from one process to the other unchanged."""
    session = simulate(walking_session(24.0, 1.4), LEG, IDEAL, rate=50.0)
    sensors = [LiveSensor(session.imu(segment).stream) for segment in LEG]
    for sensor in sensors:
        sensor.add(session.arrays()[sensor.segment])
    kept = [sensor.kept(0.0) for sensor in sensors]
    here = look(kept, StaticPose.N, None)
    with WorkerProcess() as worker:
        there = worker.submit(look, kept, StaticPose.N, None).result(SOON)
    assert isinstance(here, Found)
    assert isinstance(there, Found)
    np.testing.assert_array_equal(there.calibration.mountings, here.calibration.mountings)
    np.testing.assert_array_equal(there.headings.drifts, here.headings.drifts)


def test_a_worker_that_is_killed_fails_one_job_only() -> None:
    """Whoever asked hears of it; what is asked for next is done by another process."""
    with WorkerProcess() as worker:
        first = worker.submit(os.getpid).result(SOON)
        assert first != os.getpid()
        assert worker.submit(os.getpid).result(SOON) == first
        with pytest.raises(ProcessExpired):
            worker.submit(os.kill, first, signal.SIGTERM).result(SOON)
        assert worker.submit(os.getpid).result(SOON) not in (first, os.getpid())


def test_nobody_waits_for_a_worker_at_the_end() -> None:
    """What it is doing is broken off."""
    with WorkerProcess() as worker:
        process = worker.submit(os.getpid).result(SOON)
        worker.submit(time.sleep, 3600.0)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


KILLED = """
import os, signal, sys
from trackside.app.worker_process import WorkerProcess
if __name__ == "__main__":
    print(WorkerProcess().submit(os.getpid).result(60.0), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_ends_with_whom_it_works_for() -> None:
    """However that ended: standard output is at its end once neither of them holds it any more."""
    command = [sys.executable, "-c", KILLED]
    ended = subprocess.run(command, stdout=subprocess.PIPE, timeout=SOON, check=False)
    assert int(ended.stdout) != os.getpid()
