"""``trackside view --follow``: a real window that reads the file which another process writes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")

from own_process import with_imports
from screen import open_screen
from trackside.recordings.model import Annotation, Block
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession

WINDOW = """
import sys
from trackside.app.cli import main
from trackside.viewer import live_application

def show(title, pressed, start, scheme):
    def started(window):
        def look(picture):
            if picture.sensors and not told:
                told.append(True)
                print(*(sensor.label for sensor in picture.sensors), flush=True)

        def end(why):
            print(why, flush=True)
            close("")

        told, close, window.end = [], window.end, end
        window.drawn.connect(look)
        start(window)

    shown(title, pressed, started, scheme)

shown, live_application.show_live = live_application.show_live, show
main()
"""
"""The command, which says what sensors its window shows, and closes it when nothing more comes."""

pytestmark = pytest.mark.timeout(300)  # where kernels are still to be compiled
SEGMENTS = ("pelvis", "left_foot", "right_foot")
BEFORE = 15.0  # s that are in the file when the window opens


@contextmanager
def followed(path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, whose window shows the recording."""
    open_screen()
    command = [sys.executable, "-c", WINDOW, "view", str(path), "--follow"]
    with subprocess.Popen(command, env=with_imports(), stdout=subprocess.PIPE, text=True) as window:
        try:
            assert window.stdout is not None
            assert window.stdout.readline().split() == [*SEGMENTS, "heart_rate"]
            yield window
        finally:
            window.kill()


@pytest.fixture(scope="module")
def walk() -> SimulatedSession:
    return simulate(walking_session(20.0, 1.4), SEGMENTS, IDEAL, rate=50.0)


def written(walk: SimulatedSession, writer: RecordingWriter, start: float, end: float) -> None:
    """Write a part of the walk, from ``start`` to ``end`` s, as one that others see."""
    for block in walk.arrays().values():
        writer.write(part_of(block, start, end))
    writer.flush()


def part_of(block: Block, start: float, end: float) -> Block:
    """Its samples from ``start`` to ``end`` s."""
    chosen = slice(*np.searchsorted(block.time, [start, end]))
    values = {name: column[chosen] for name, column in block.values.items()}
    return Block(block.stream, block.time[chosen], values)


def test_the_window_shows_a_file_until_it_is_closed(tmp_path: Path, walk: SimulatedSession) -> None:
    """It names the file's sensors, and says when their recorder has ended."""
    path = tmp_path / "a.h5"
    with RecordingWriter(path, walk.streams) as writer:
        written(walk, writer, 0.0, BEFORE)
        with followed(path) as window:
            written(walk, writer, BEFORE, np.inf)
            writer.annotate(Annotation(BEFORE, "lap", "lap 1"))
            writer.close()
            said, _ = window.communicate(timeout=60.0)
    assert said == "The recording has ended\n"
    assert window.returncode == 0


def test_a_window_that_dies_leaves_the_recording_alone(
    tmp_path: Path, walk: SimulatedSession
) -> None:
    """What is written meanwhile and after it is all in the file."""
    path = tmp_path / "a.h5"
    with RecordingWriter(path, walk.streams) as writer:
        written(walk, writer, 0.0, BEFORE)
        with followed(path) as window:
            window.kill()
            written(walk, writer, BEFORE, np.inf)
    with open_recording(path) as recording:
        assert recording.complete
        for stream in walk.streams:
            whole = walk.arrays()[stream.name]
            np.testing.assert_allclose(recording.read(stream.name).time, whole.time, atol=1e-6)
