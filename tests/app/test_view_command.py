"""``trackside view``: every file shows what there is, and says what is missing."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")
pytest.importorskip("pyqtgraph")

from PySide6.QtGui import QImage

from recorded_gait import STREAM, record_pose, trackside
from screen import application
from trackside.app.replaying import open_ghost, open_replay
from trackside.errors import FileFormatError, MissingDataError, ParameterError, TracksideError
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.pose import Pose
from trackside.recordings.model import Block
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.viewer.actors import BonesActor, SkeletonActor
from trackside.viewer.opening import show_replay


@pytest.fixture(scope="module")
def pose() -> Pose:
    """Six seconds of running of which only the pelvis is measured."""
    whole = simulate(running_session(14.0, 3.5), KITS["pelvis"], IDEAL, seed=2).truth.pose
    whole = whole.span(8.0, 14.0)
    measured = np.zeros((23, len(whole.time)), bool)
    measured[0] = True
    return Pose(whole.skeleton, whole.time - 8.0, whole.orientations, whole.root, measured)


@pytest.fixture
def session(tmp_path: Path, pose: Pose) -> Path:
    path = tmp_path / "session.h5"
    record_pose(path, pose, laps=(2.0, 4.0))
    return path


def shot(path: Path, *options: str | Path) -> QImage:
    """The picture that a command saves, beside the file that it shows."""
    application()
    picture = path.with_suffix(".png")
    result = trackside("view", path, "--picture", picture, *options)
    assert result.exit_code == 0, result.output + str(result.exception)
    image = QImage(str(picture))
    assert not image.isNull()
    return image


def colours(image: QImage) -> int:
    """How many colours a picture has: a blank one has few."""
    small = image.scaled(200, 120)
    return len({small.pixel(x, y) for x in range(200) for y in range(120)})


def test_one_sensor_only(session: Path) -> None:
    """With one sensor the body is shown, and the curves say what they need."""
    assert colours(shot(session)) > 100
    replay = open_replay(session)
    assert isinstance(replay.actor, SkeletonActor)
    assert replay.actor.tells
    assert list(replay.laps) == [2.0, 4.0]
    replay.close()


def test_part_lap_and_ghost(session: Path) -> None:
    """A span or a lap is what is played; another lap is its ghost."""
    replay = open_replay(session, lap=2)
    assert (replay.start, replay.end) == (2.0, 4.0)
    replay.close()
    ghost = open_ghost(session, lap=1)
    assert (ghost.start, ghost.end) == (0.0, 2.0)
    assert "lap 1" in ghost.title
    with pytest.raises(ParameterError, match=r"0\.0 to"):
        open_replay(session, (50.0, 60.0))
    image = shot(session, "--lap", "2", "--with-lap", "1", "--from", "side", "--scheme", "dark")
    assert image.pixelColor(3, image.height() // 3).lightness() < 60


def test_no_pose(tmp_path: Path) -> None:
    """A recording that nobody solved tells to solve it; so does one without a single sample."""
    path = tmp_path / "raw.h5"
    with RecordingWriter(path, (STREAM,)) as writer:
        writer.write(Block("pelvis", np.arange(5.0), {"accelerometer": np.ones((5, 3))}))
    replay = open_replay(path)
    assert replay.actor is None
    assert "trackside solve raw.h5" in replay.missing[0]
    replay.close()
    assert colours(shot(path)) > 10
    empty = tmp_path / "empty.h5"
    with RecordingWriter(empty, (STREAM,)):
        pass
    replay = open_replay(empty)
    assert "no sample is in it" in replay.missing
    replay.close()
    shot(empty)
    with pytest.raises(MissingDataError, match="no ghost in it"):
        open_ghost(path)


def test_bvh_of_another_skeleton(tmp_path: Path, pose: Pose) -> None:
    """Its bones are shown, and it says why there are no angles."""
    path = tmp_path / "other.bvh"
    write_bvh(path, pose.span(0.0, 1.0))
    path.write_text(path.read_text().replace("Hips", "Torso"))
    replay = open_replay(path)
    assert isinstance(replay.actor, BonesActor)
    assert "another skeleton" in replay.missing[0]
    assert colours(shot(path)) > 30
    ghost = open_ghost(path)
    assert isinstance(ghost.actor, BonesActor)


def test_stretches_of_nan(tmp_path: Path, pose: Pose) -> None:
    """Where the pose is NaN the window says so, and shows the rest."""
    orientations, root = pose.orientations.copy(), pose.root.copy()
    orientations[:, 100:300], root[100:300] = np.nan, np.nan
    path = tmp_path / "gaps.h5"
    record_pose(path, Pose(pose.skeleton, pose.time, orientations, root, pose.measured))
    shot(path, "--at", "2.0")
    replay = open_replay(path)
    np.testing.assert_allclose(replay.gaps(), [[1.0, 3.0]], atol=0.011)
    replay.close()


@pytest.mark.parametrize("name", ["nothing.h5", "nothing.bvh", "nothing.mvnx"])
def test_empty_files(tmp_path: Path, name: str) -> None:
    """A file without a byte ends in one line that names it."""
    path = tmp_path / name
    path.touch()
    with pytest.raises(FileFormatError, match="nothing"):
        open_replay(path)
    result = trackside("view", path)
    assert isinstance(result.exception, TracksideError)
    assert "\n" not in str(result.exception)


def test_without_a_screen(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no window can open, it is said, with what to do instead."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    replay = open_replay(session)
    with pytest.raises(MissingDataError, match="--picture"):
        show_replay(replay)
    replay.close()


def test_a_picture_or_a_video(session: Path) -> None:
    """Only one of the two at a time."""
    result = trackside("view", session, "--picture", "a.png", "--video", "a.mp4")
    assert result.exit_code == 2
