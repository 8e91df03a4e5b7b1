"""Pictures of the live window in every state that it can be in, for people to look at.

    xvfb-run -a -s "-screen 0 3840x2160x24" python benchmarks/live_pictures.py -o pictures

A simulated athlete runs, walks, or only stands; sensors are lost; one sensor is all there is.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from trackside.app.cue_notes import CUE
from trackside.app.live_options import LiveOptions
from trackside.app.live_session import LiveSession
from trackside.app.sensor_states import FollowedSensors
from trackside.app.simulating import plan_for
from trackside.app.stride_watch import StrideWatch, stride_streams
from trackside.recordings.model import Annotation, Athlete, Block, Kind, Stream
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.sensor_errors import REALISTIC
from trackside.simulation.session import SimulatedSession
from trackside.viewer.live_window import LiveWindow
from trackside.viewer.offscreen import prepare_graphics
from trackside.viewer.scheme import SCHEMES

FRAME = 1.0 / 30.0
EASE_OFF = "Ease off: heart rate 176 bpm, this step's ceiling is 160"
NEXT_STEP = "Next: 3 km tempo at 4:05–4:15 /km: the step is finished"
ZONES = tuple(188.0 * share for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0))


class AtOnce(Executor):
    """Does what it is asked for before it returns."""

    def submit(self, job: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do the job."""
        done: Future[Any] = Future()
        done.set_result(job(*args, **kwargs))
        return done


@dataclass(frozen=True)
class Picture:
    """What one picture shows; ``until`` s of the session, at ``size`` px."""

    name: str
    kit: str = "lower-body-8"
    speed: float = 3.5
    until: float = 24.0
    scheme: str = "light"
    size: tuple[int, int] = (1280, 800)
    lost: tuple[str, ...] = ()
    lost_at: float = 22.0
    heart: bool = True
    key: str = ""
    cue: str = ""


PICTURES = (
    Picture("running-light"),
    Picture("running-dark", scheme="dark"),
    Picture("full-kit", kit="full-17"),
    Picture("full-kit-720p", kit="full-17", size=(1280, 720), scheme="dark"),
    Picture("full-kit-4k", kit="full-17", size=(3840, 2160)),
    Picture("standing", until=2.0),
    Picture("walk-on", until=11.0),
    Picture("lost-sensors", lost=("left_shank", "right_foot")),
    Picture("one-sensor", kit="pelvis", heart=False),
    Picture("follow-view", key="5"),
    Picture("cue-light", cue=EASE_OFF),
    Picture("cue-dark", cue=NEXT_STEP, scheme="dark"),
)


def shown_streams(session: SimulatedSession, picture: Picture) -> list[Stream]:
    """The streams of what the athlete wears."""
    heart = (Kind.HEART_RATE, Kind.ECG)
    return [stream for stream in session.streams if picture.heart or stream.kind not in heart]


def blocks(picture: Picture) -> Iterator[list[Block | Annotation]]:
    """What comes in each thirtieth of a second."""
    plan = plan_for(picture.until + 12.0, picture.speed)
    session = simulate(plan, KITS[picture.kit], REALISTIC, seed=0)
    streams = shown_streams(session, picture)
    whole = [session.arrays()[stream.name] for stream in streams]
    for number in range(int(picture.until / FRAME)):
        start, end = number * FRAME, (number + 1) * FRAME
        items: list[Block | Annotation] = []
        for block in whole:
            if block.stream in picture.lost and start > picture.lost_at:
                continue
            rows = slice(*np.searchsorted(block.time, [start, end]))
            if rows.start < rows.stop:
                values = {name: array[rows] for name, array in block.values.items()}
                items.append(Block(block.stream, block.time[rows], values))
        if number == 600:
            items.append(Annotation(start, "lap", "lap 1"))
        if picture.cue and number == int(picture.until / FRAME) - 60:
            items.append(Annotation(start, CUE, picture.cue))
        yield items


def draw(picture: Picture, folder: Path) -> None:
    """Play the session into a window and keep what it shows at the end."""
    plan = plan_for(picture.until + 12.0, picture.speed)
    streams = shown_streams(simulate(plan, KITS[picture.kit], REALISTIC, seed=0), picture)
    athlete = Athlete("Ada", 1.75)
    session = LiveSession("session.h5", streams, athlete, LiveOptions(zones=ZONES), AtOnce())
    sensors = FollowedSensors(streams)
    strides = StrideWatch(stride_streams(streams), athlete.height, AtOnce())
    title = replace(session.title, delay="")
    window = LiveWindow(title, lambda _: None, SCHEMES[picture.scheme])
    window.resize(*picture.size)
    window.show()
    QTest.qWaitForWindowExposed(window)
    if picture.key:
        QTest.keyClicks(window, picture.key)
    for number, items in enumerate(blocks(picture)):
        for item in items:
            session.take(item)
            strides.put(item)
            if not isinstance(item, Annotation):
                sensors.add(item)
        now = number * FRAME
        session.show_states(sensors.states(now), strides=strides.last(now))
        window.show_picture(session.picture())
    QTest.qWait(300)
    path = folder / f"live-{picture.name}.png"
    window.grab().save(str(path))
    print(f"{path}: {window.scene.failure or 'drawn'}")
    window.close()


def main() -> None:
    """Draw all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("pictures"))
    parser.add_argument("names", nargs="*", help="Default: all.")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    prepare_graphics()
    application = QApplication([])
    for picture in PICTURES:
        if not options.names or picture.name in options.names:
            draw(picture, options.output)
    application.quit()


if __name__ == "__main__":
    main()
