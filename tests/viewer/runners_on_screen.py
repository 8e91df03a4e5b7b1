"""A short simulated run, and what opens it in the replay window, for the tests beside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from PySide6.QtCore import QDeadlineTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from screen import PATIENCE, application
from trackside.arrays import Floats
from trackside.kinematics.pose import Pose
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.viewer.replay import Replay
from trackside.viewer.replay_window import ReplayWindow


@cache
def run(speed: float = 3.5) -> Pose:
    """Ten seconds of running, everything measured but the left forearm and hand."""
    pose = simulate(running_session(18.0, speed), KITS["pelvis"], IDEAL, seed=1).truth.pose
    pose = pose.span(8.0, 18.0)
    measured = np.ones((len(pose.orientations), len(pose.time)), bool)
    return Pose(pose.skeleton, pose.time - 8.0, pose.orientations, pose.root, measured)


@contextmanager
def shown(replay: Replay, size: tuple[int, int] = (1280, 800)) -> Iterator[ReplayWindow]:
    """A window with the replay, its curves found; closed at the end, and nothing failed in it."""
    application()
    window = ReplayWindow(replay)
    window.resize(*size)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window, PATIENCE)
    until(lambda: not window.busy and window.view.scene.painted > 0)
    painted(window)
    yield window
    failure = window.view.scene.failure
    window.close()
    assert failure is None


def until(done: Callable[[], bool]) -> None:
    """Let events pass until something is so."""
    deadline = QDeadlineTimer(PATIENCE)
    while not done():
        assert not deadline.hasExpired(), "it did not happen"
        QTest.qWait(1)


def painted(window: ReplayWindow) -> None:
    """Let the scene be painted once more."""
    before = window.view.scene.painted
    window.view.scene.update()
    until(lambda: window.view.scene.painted > before)


def pixels(image: QImage) -> Floats:
    """An image as (height, width, 3) from 0 to 255."""
    image = image.convertToFormat(QImage.Format.Format_RGBX8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3] / 1.0
