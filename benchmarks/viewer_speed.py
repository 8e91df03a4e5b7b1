"""How fast the live and the replay window are, beside a plain pyqtgraph window in the same run.

    xvfb-run -a -s "-screen 0 1920x1200x24" python benchmarks/viewer_speed.py

Prints frames/s as fast as possible with one skeleton and three plots, and with four skeletons; the
processor's time for a frame, and so its share at 30 frames/s; how long an hour at 100 Hz takes to
open and to show any moment of; and how much memory grows while it plays. The peer is a
GLViewWidget with bones as lines of 1 px, and three PlotWidgets without a grid, of the same size. As
other programs disturb, each figure is the best of several turns, the windows by turns.

--frames leaves the long recording out.
"""

import argparse
import itertools
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from trackside.app.replaying import open_replay
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_to_arrays
from trackside.kinematics.skeleton import PARENT_INDEX
from trackside.recordings.processed import write_processed
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.viewer.live_picture import LivePicture, LiveTitle
from trackside.viewer.live_window import LiveWindow
from trackside.viewer.offscreen import prepare_graphics, renderer
from trackside.viewer.replay_window import ReplayWindow
from trackside.viewer.scene import scene_of
from trackside.viewer.scene_painter import painter_here
from trackside.viewer.scene_widget import SceneWidget
from trackside.viewer.sensor_state import Health, SensorState

SIZE = (1280, 800)
FRAMES, FAR_FRAMES = 25, 200
WARM = 60 * 30  # frames after which the live window's plots are full
HOUR = 3600.0
ZONES = (94.0, 113.0, 132.0, 150.0, 169.0, 188.0)
KNEES = {"left_knee_flexion": 0.0, "right_knee_flexion": np.pi}


def main() -> None:
    """Measure it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0, help="length of the long recording")
    parser.add_argument("--turns", type=int, default=6, help="of which each figure is the best")
    parser.add_argument("--frames", action="store_true", help="only tell what frames cost")
    options = parser.parse_args()
    prepare_graphics()
    application = QApplication([])
    print(f"OpenGL: {renderer()}; drawn by {type(painter_here()).__name__}")
    with tempfile.TemporaryDirectory() as folder:
        session = Path(folder) / "session.h5"
        pose = _record(session, 60.0 if options.frames else options.hours * HOUR)
        if not options.frames:
            _long(application, session)
        _frames(application, session, pose, options.turns)


def _record(path: Path, length: float) -> Pose:
    """A recording of a simulated run, its pose repeated to ``length`` s, with the usual sensors."""
    from trackside.app.simulating import record_session

    session = simulate(running_session(20.0, 3.5), KITS["pelvis"], IDEAL, seed=0)
    record_session(session, path)
    one = session.truth.pose.span(8.0, 20.0)
    count = round(length / 12.0)
    step = 1.0 / one.rate
    along = np.concatenate([one.root + n * (one.root[-1] - one.root[0]) for n in range(count)])
    pose = Pose(
        one.skeleton,
        np.arange(float(len(one.time) * count)) * step,
        np.tile(one.orientations, (1, count, 1)),
        along,
        np.ones((len(one.orientations), len(along)), bool),
    )
    write_processed(path, {GROUP: pose_to_arrays(pose)})
    return one


def _long(application: QApplication, session: Path) -> None:
    began = time.perf_counter()
    window = ReplayWindow(open_replay(session))
    window.resize(*SIZE)
    window.show()
    _until_painted(application, window)
    length = (window.replay.end - window.replay.start) / 60.0
    print(f"{length:.0f} min at {1 / window.replay.step:.0f} Hz open in", end=" ")
    print(f"{time.perf_counter() - began:.2f} s", end="; ")
    while window.busy:
        application.processEvents()
    print(f"all strides found after {time.perf_counter() - began:.1f} s")
    moments = np.random.default_rng(0).uniform(0.0, window.replay.end, 40)
    times = []
    for moment in moments:
        began, worked = time.perf_counter(), time.process_time()
        window.seek(float(moment))
        _until_painted(application, window)
        times.append((time.perf_counter() - began, time.process_time() - worked))
    median, cpu = 1e3 * np.median(times, axis=0)
    most = 1e3 * np.percentile(times, 95, axis=0)[0]
    print(f"any moment of it: median {median:.0f} ms ({cpu:.0f} ms of the processor),", end=" ")
    print(f"95 % within {most:.0f} ms")
    before = _memory()
    for moment in np.linspace(0.0, window.replay.end, FAR_FRAMES):
        window.seek(float(moment))
        application.processEvents()
    print(f"memory after {FAR_FRAMES} frames all through it: {_memory() - before:+.1f} MB")
    window.close()


def _frames(application: QApplication, session: Path, pose: Pose, turns: int) -> None:
    window = ReplayWindow(open_replay(session, (0.0, 60.0)))
    window.resize(*SIZE)
    window.show()
    while window.busy:
        application.processEvents()
    for panel in window.view.track_panels:
        panel.hide()
    live, draw_live = _live(pose)
    peer, draw_peer = _peer(pose)

    def draw_own(number: int) -> None:
        window.seek(10.0 + 0.01 * number)

    cases: dict[str, tuple[QWidget, Callable[[int], None]]] = {
        "live, 1 skeleton, 3 plots": (live, draw_live),
        "live, 4 skeletons, 3 plots": (live, _four(live.scene, draw_live)),
        "replay, 1 skeleton, 3 plots": (window, draw_own),
        "replay, 4 skeletons, 3 plots": (window, _four(window.view.scene, draw_own)),
        "pyqtgraph, lines, 3 plots": (peer, draw_peer),
    }
    best = dict.fromkeys(cases, (np.inf, np.inf))
    for _ in range(turns):
        for name, (shown, draw) in cases.items():
            for each in (live, window, peer):
                each.setVisible(shown is each)
            _run(application, draw, 5)
            taken = _run(application, draw, FRAMES)
            best[name] = tuple(np.minimum(best[name], taken))
    print(f"\n{'':32}frames/s   CPU a frame   cores at 30/s")
    for name, (wall, cpu) in best.items():
        print(f"{name:32}{1 / wall:8.0f}{1e3 * cpu:11.1f} ms{30 * cpu:13.2f}")
    one, _, own, _, other = (cpu for _, cpu in best.values())
    print(f"live / pyqtgraph, CPU a frame: {one / other:.2f}; replay: {own / other:.2f}")
    for scene in (live.scene, window.view.scene):
        assert scene.failure is None
    for each in (live, window, peer):
        each.close()


def _run(application: QApplication, draw: Callable[[int], None], count: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor for a frame."""
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(count):
        draw(number)
        application.processEvents()
    return (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count


def _four(shown: SceneWidget, draw: Callable[[int], None]) -> Callable[[int], None]:
    """Draws what a window shows four times, side by side."""

    def draw_four(number: int) -> None:
        draw(number)
        scene, camera = shown.scene, shown.camera
        bodies = []
        for place in range(4):
            body = scene.bodies.copy()
            body[:, [1, 4]] += 0.9 * (place - 1.5)
            bodies.append(body)
        shown.show_scene(scene_of(bodies, [], np.array(scene.middle)), camera)

    return draw_four


def _live(pose: Pose) -> tuple[LiveWindow, Callable[[int], None]]:
    """The live window with all sensors, and what draws a frame in it, as if at 30 frames/s."""
    window = LiveWindow(LiveTitle("session.h5", pose.skeleton, "Ada", ZONES), lambda _: None)
    window.resize(*SIZE)
    sensors = [SensorState(name, Health.GOOD, "streaming", "60") for name in KITS["full-17"]]
    every = np.ones(len(pose.orientations), bool)
    numbers = itertools.count()

    def draw(_: int) -> None:
        time = next(numbers) / 30.0
        lap, row = divmod(round(time * pose.rate), len(pose.time))
        knees = {side: 60.0 + 50.0 * np.sin(9.0 * time + shift) for side, shift in KNEES.items()}
        window.show_picture(
            LivePicture(
                time,
                time,
                pose.orientations[:, row],
                pose.root[row] + lap * (pose.root[-1] - pose.root[0]),
                every,
                calibrated=True,
                heart_rate=150.0 + 10.0 * np.sin(0.1 * time),
                cadence=165.0 + 5.0 * np.sin(time),
                angle="knee_flexion",
                angles=knees,
                sensors=sensors,
            )
        )

    for number in range(WARM):
        draw(number)
    return window, draw


def _peer(pose: Pose) -> tuple[QWidget, Callable[[int], None]]:
    """A window of pyqtgraph's own with bones as lines, and what draws a frame in it."""
    import pyqtgraph.opengl as gl

    window, view = QWidget(), gl.GLViewWidget()
    view.addItem(gl.GLGridItem())
    bones = gl.GLLinePlotItem(mode="lines", antialias=False)
    view.addItem(bones)
    plots = [pg.PlotWidget() for _ in range(3)]
    curves = [plot.plot(pen="b") for plot in plots]
    right = QVBoxLayout()
    for plot in plots:
        plot.setYRange(-1.0, 1.0)
        right.addWidget(plot)
    row = QHBoxLayout(window)
    row.addWidget(view, 5)
    row.addLayout(right, 3)
    window.resize(*SIZE)
    joints = pose.joints() - pose.root[0]
    children = [n for n, parent in enumerate(PARENT_INDEX) if parent >= 0]
    parents = [PARENT_INDEX[n] for n in children]
    x = np.arange(1000) / 100.0

    def draw(number: int) -> None:
        frame = number % joints.shape[1]
        ends = np.stack([joints[parents, frame], joints[children, frame]], axis=1)
        bones.setData(pos=ends.reshape(-1, 3))
        for curve in curves:
            curve.setData(x, np.sin(x + 0.1 * number))

    return window, draw


def _until_painted(application: QApplication, window: ReplayWindow) -> None:
    before = window.view.scene.painted
    while window.view.scene.painted == before:
        application.processEvents()


def _memory() -> float:
    """MB that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
