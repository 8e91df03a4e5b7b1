"""Pictures of the replay window, for people to look at.

    xvfb-run -a -s "-screen 0 3840x2160x24" python benchmarks/viewer_pictures.py --output PICTURES

Draws simulated sessions: every view, light and dark, from 1280 × 720 to 4K, with a ghost, with one
sensor only, without a pose, where it is not known, and a BVH of another skeleton; with --data
FOLDER (as skeleton_pictures.py takes it) real recordings as well.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication

from trackside.app.replaying import open_ghost, open_replay
from trackside.app.simulating import record_session
from trackside.app.solving import solve, store
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_to_arrays, read_pose
from trackside.recordings.importing import import_recording
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.plan import running_session
from trackside.viewer.ghosts import Place
from trackside.viewer.offscreen import prepare_graphics
from trackside.viewer.replay import Replay
from trackside.viewer.replay_window import ReplayWindow
from trackside.viewer.scheme import DARK, LIGHT, Scheme

SMALL, USUAL, LARGE = (1280, 720), (1280, 800), (3840, 2160)
Act = Callable[[ReplayWindow], None]


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", nargs="*", help="names of pictures; the others are left out")
    parser.add_argument("--data", type=Path, help="real recordings, as skeleton_pictures.py takes")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    prepare_graphics()
    camera = Camera(QApplication([]), options.output, options.only)
    with tempfile.TemporaryDirectory() as folder:
        _good_sessions(camera, Path(folder))
        _poor_sessions(camera, Path(folder))
        if options.data is not None:
            _real_sessions(camera, Path(folder), options.data)


class Camera:
    """Opens windows, and saves what they show."""

    def __init__(
        self, application: QApplication, output: Path, only: list[str] | None = None
    ) -> None:
        self._application, self._output, self._only = application, output, only

    def take(
        self,
        name: str,
        replay: Replay,
        moment: float,
        view: str = "follow",
        scheme: Scheme = LIGHT,
        size: tuple[int, int] = USUAL,
        act: Act | None = None,
    ) -> None:
        """Save a picture of a window as PNG, if it is wanted."""
        if self._only and name not in self._only:
            replay.close()
            return
        window = ReplayWindow(replay, scheme)
        window.resize(*size)
        window.show()
        window.look_from(view)
        window.seek(moment)
        while window.busy:
            self._application.processEvents()
        if act is not None:
            act(window)
        for _ in range(5):
            self._application.processEvents()
        path = self._output / f"{name}.png"
        window.grab().save(str(path))
        with Image.open(path) as picture:
            few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
        few.save(path, optimize=True)
        assert window.view.scene.failure is None, window.view.scene.failure
        window.close()
        print(f"{name}.png, {size[0]} × {size[1]}")


def _good_sessions(camera: Camera, folder: Path) -> None:
    easy, fast = folder / "easy run.h5", folder / "fast run.h5"
    for path, speed in ((easy, 3.5), (fast, 5.5)):
        session = simulate(running_session(40.0, speed), KITS["full-17"], seed=0)
        record_session(session, path)
        with open_recording(path) as recording:
            solution = solve(recording)
        store(path, solution)
    camera.take("follow", open_replay(easy), 20.3)
    camera.take("side-with-ghost", open_replay(easy).beside(open_ghost(fast)), 20.3, "side")
    camera.take(
        "dark-front-ghost-beside",
        open_replay(easy).beside(open_ghost(fast)),
        20.45,
        "front",
        DARK,
        act=lambda window: window.place_ghost(Place.BESIDE),
    )
    camera.take("back", open_replay(easy), 20.1, "back")
    camera.take("top", open_replay(easy), 20.1, "top", DARK)
    camera.take(
        "small-stride-looped",
        open_replay(easy),
        20.3,
        scheme=DARK,
        size=SMALL,
        act=ReplayWindow.loop_stride,
    )
    camera.take("large", open_replay(easy).beside(open_ghost(fast)), 20.3, "side", size=LARGE)
    camera.take("keys", open_replay(easy), 20.3, act=lambda window: window.help.toggle())


def _poor_sessions(camera: Camera, folder: Path) -> None:
    with open_recording(folder / "easy run.h5") as recording:
        pose = read_pose(recording)
    raw = folder / "not solved.h5"
    session = simulate(running_session(20.0, 3.5), KITS["pelvis"], seed=0)
    record_session(session, raw)
    camera.take("without-a-pose", open_replay(raw), 10.0)
    with open_recording(raw) as recording:
        solution = solve(recording)
    store(raw, solution)
    camera.take("one-sensor", open_replay(raw), 15.0)
    root = pose.root.copy()
    root[1500:2500] = np.nan
    gaps = folder / "gaps.h5"
    gaps.write_bytes((folder / "easy run.h5").read_bytes())
    hole = Pose(pose.skeleton, pose.time, pose.orientations, root, pose.measured)
    write_processed(gaps, {GROUP: pose_to_arrays(hole)})
    camera.take("where-nothing-is-known", open_replay(gaps), 20.0)
    other = folder / "other skeleton.bvh"
    write_bvh(other, pose.span(15.0, 20.0))
    other.write_text(other.read_text(encoding="ascii").replace("Hips", "Torso"), encoding="ascii")
    camera.take("other-skeleton", open_replay(other), 2.3)


def _real_sessions(camera: Camera, folder: Path, data: Path) -> None:
    from sensor_check_recordings import RECORDINGS

    for source, placements in RECORDINGS.items():
        path = folder / f"{Path(source).parts[0]}.h5"
        import_recording(data / source, path, placements=placements)
        with open_recording(path) as recording:
            solution = solve(recording)
        store(path, solution)
        moment = 0.6 * float(solution.pose.time[-1])
        camera.take(f"real-{path.stem}", open_replay(path), moment, "side")


if __name__ == "__main__":
    main()
