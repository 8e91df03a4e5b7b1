"""The whole way with real processes: sensors, the recorder, and the window beside it."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from own_process import with_imports
from steady_sensor import send_steadily

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")

from live_replay import AtOnce, turns

from screen import open_screen
from trackside.app import live_view, recording
from trackside.app.cue_notes import cue_annotation, cue_text
from trackside.app.live_greeting import (
    greeting,
    options_told,
    states_head,
    states_told,
    strides_told,
)
from trackside.app.live_options import LiveOptions
from trackside.app.live_session import LiveSession
from trackside.app.recording import Session, Window, record_kit
from trackside.app.sensor_states import FollowedSensors
from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit, KitSensor
from trackside.kinematics.calibration import Calibration, StaticPose
from trackside.planner.cues import Cue, CueKind
from trackside.recordings.block_messages import MessageReader, item_message, packed
from trackside.recordings.model import Annotation, Athlete, Block, Channel, Kind, Stream
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.virtual_session import free_port
from trackside.simulation.virtual_udp import LOOPBACK, VirtualXImu3
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.live_picture import LivePicture
from trackside.viewer.sensor_state import Health, SensorState

WINDOW = """
import sys
from PySide6.QtTest import QTest
from trackside.app import live_view
from trackside.viewer import live_application

def show(title, pressed, start, scheme):
    def started(window):
        def look(picture):
            if picture.sensors and window.heart.note and not window.keys:
                window.keys = True
                QTest.keyClicks(window, "lm")
        window.keys = False
        window.drawn.connect(look)
        start(window)
    shown(title, pressed, started, scheme)

shown, live_application.show_live = live_application.show_live, show
live_view.watch()
"""
"""The real window; somebody presses l and m as soon as it shows a sensor."""


class StopsAfterAMark(Session):
    """A session that ends when the window has asked for a mark."""

    def hear(self, said: Mapping[str, Any]) -> None:
        """Do it, and stop."""
        super().hear(said)
        if self.marks:
            self.press("q")


def test_a_window_beside_the_recorder_makes_laps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What sensors send is drawn in the window's process, and its keys are in the recording."""
    open_screen()
    monkeypatch.setattr(recording, "Session", StopsAfterAMark)
    port = free_port()
    sensor = KitSensor("x-IMU3", segment="pelvis", transport="udp", udp_port=port)
    device = VirtualXImu3("6543A8D2", port)

    async def scene() -> None:
        await device.open()
        sending = asyncio.create_task(send_steadily(device))
        window = Window(command=(sys.executable, "-c", WINDOW))
        kit, surroundings = Kit([sensor], Athlete("Ada")), Surroundings(host=LOOPBACK)
        await record_kit(kit, tmp_path / "a.h5", surroundings, window=window)
        sending.cancel()
        await device.close()

    asyncio.run(asyncio.wait_for(scene(), 90))
    assert caplog.messages == []
    with open_recording(tmp_path / "a.h5") as opened:
        assert opened.complete
        assert [note.text for note in opened.annotations] == ["lap 1", "mark 1"]
        assert opened.gaps("pelvis") == []


class Offered:
    """A stage that keeps what it is given."""

    def __init__(self) -> None:
        self.pictures: list[LivePicture] = []

    def offer(self, picture: LivePicture) -> None:
        """Keep it."""
        self.pictures.append(picture)

    def end(self, why: str) -> None:
        """Nothing."""


def test_one_picture_is_made_of_all_that_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has every sensor's newest sample; states alone wait for samples, but not for long."""
    simulated = simulate(walking_session(12.0, 1.4), ("pelvis", "head"), IDEAL, rate=50.0)
    streams = [stream for stream in simulated.streams if stream.kind is Kind.IMU]
    session = LiveSession("a.h5", streams, Athlete(), LiveOptions(), AtOnce())
    first, second, third = islice(turns(list(simulated.arrays().values()), 0.0, 1.0, 0.1), 3)
    states = packed(states_head([SensorState("pelvis", Health.GOOD)], []))
    said = b"".join(map(item_message, first)), states, b"".join(map(item_message, second))
    last = b"".join(map(item_message, third))
    told: Any = [list(MessageReader().feed(data)) for data in said]
    now = 0.0

    def later() -> Any:
        nonlocal now
        for messages in told:
            yield messages
            now += 0.03
        now += 1.0
        yield list(MessageReader().feed(states))
        yield list(MessageReader().feed(last + packed({"end": True})))

    monkeypatch.setattr(time, "monotonic", lambda: now)
    stage = Offered()
    assert live_view._show_messages(later(), session, live_view.Keys(), stage)
    assert [len(picture.sensors) for picture in stage.pictures] == [0, 1, 1]
    expected = [max(block.time[-1] for block in turn) for turn in (first, second, second)]
    assert [picture.arrival for picture in stage.pictures] == expected
    assert not live_view._show_messages([], session, live_view.Keys(), stage)


def test_a_message_that_comes_in_parts_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written at once is shown at once, wherever the system cuts it."""
    said = [packed({"number": number}) for number in range(3)]
    whole = b"".join(said)
    cut = len(said[0]) + 5
    parts = iter([whole[:cut], whole[cut:], said[0], b""])
    monkeypatch.setattr(os, "read", lambda _from, _most: next(parts))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: 0))
    told = [[head["number"] for head, _ in messages] for messages in live_view._told()]
    assert told == [[0, 1, 2], [0]]


WARMED = """
import sys
from concurrent.futures import ThreadPoolExecutor
from numba.core.dispatcher import Dispatcher
from live_replay import turns
from trackside.app.live_options import LiveOptions
from trackside.app.live_calibration import followed, look
from trackside.app.live_sensor import LiveSensor
from trackside.app.live_session import LiveSession
from trackside.app.live_warming import _found, warm_up
from trackside.kinematics.calibration import StaticPose
from trackside.recordings.model import Athlete, Kind
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL

def compiled():
    modules = [m for name, m in list(sys.modules.items()) if name.startswith("trackside")]
    kernels = {id(k): k for m in modules for k in vars(m).values() if isinstance(k, Dispatcher)}
    return {(k.py_func.__module__, k.__name__): len(k.signatures) for k in kernels.values()}

segments = ("pelvis", "t8", "left_thigh", "left_shank", "left_foot")
simulated = simulate(walking_session(12.0, 1.4), segments, IDEAL, rate=50.0)
streams = [stream for stream in simulated.streams if stream.kind is Kind.IMU]
with ThreadPoolExecutor(1) as executor:
    warm_up(streams, LiveOptions(), executor)
    executor.submit(int).result()  # after what warms up there
    before = compiled()
    session = LiveSession("a.h5", streams, Athlete(), LiveOptions(), executor)
    for number, turn in enumerate(turns(list(simulated.arrays().values()), 0.0, 0.5)):
        for block in turn:
            session.take(block)
        if number == 8:
            session.use(_found(tuple(s.placement for s in streams)))
        session.picture()
assert session.picture().calibrated
walk = simulate(walking_session(90.0, 1.4), segments, IDEAL, rate=50.0)
sensors = [LiveSensor(walk.imu(segment).stream) for segment in segments]
for sensor in sensors:
    sensor.add(walk.arrays()[sensor.segment])
kept = [sensor.kept(0.0) for sensor in sensors]
found = look(kept, StaticPose.N, None)
followed(found, kept)
late = {k: n for k, n in compiled().items() if n != before.get(k, 0)}
assert not late, late
assert before
"""


def test_no_kernel_is_compiled_while_samples_come() -> None:
    """All that pictures need has been called before the first sample, calibrated or not."""
    subprocess.run([sys.executable, "-c", WARMED], check=True, env=with_imports())


def test_a_greeting_survives_json() -> None:
    """The window's process knows what the coach has chosen, the earlier calibration included."""
    turns_of = np.array([[1.0, 0.0, 0.0, 0.0]])
    earlier = Calibration(StaticPose.N, 1.0, 3.0, ("pelvis",), turns_of, np.array([0.3]))
    options = LiveOptions("hip_flexion", (94.0, 188.0), "t", 1.8, earlier)
    hello = greeting("a.h5", [], Athlete("Ada"), 5.0, options, "dark")
    told = options_told(json.loads(json.dumps(hello)))
    assert told.earlier is not None
    assert told.earlier.segments == ("pelvis",)
    np.testing.assert_array_equal(told.earlier.facings, earlier.facings)
    assert (told.angle, told.zones, told.pose, told.height) == (
        "hip_flexion",
        (94.0, 188.0),
        "t",
        1.8,
    )


def test_states_survive_json() -> None:
    """A sensor's state is the same in the window's strip."""
    states = [SensorState("pelvis", Health.BAD, "lost 4 s", "0", "12 in 1", "80 %")]
    head = json.loads(json.dumps(states_head(states, ["said"])))
    assert states_told(head) == states
    assert strides_told(head) is None


def test_the_last_strides_are_in_the_picture() -> None:
    """What the recorder tells of them is drawn; what it does not know stays unknown."""
    stream = Stream("pelvis", Kind.IMU, (), rate=50.0)
    session = LiveSession("a.h5", [stream], Athlete(), LiveOptions(), AtOnce())
    said = packed(states_head([], [], LastStrides(170.0, 2.5)))
    for head, body in MessageReader().feed(said):
        live_view._take(head, body, session)
    found = session.picture().strides
    assert found is not None
    assert (found.cadence, found.stride_length) == (170.0, 2.5)
    assert found.facts == [("stride [m]", "2.50")]


def test_a_cue_is_in_the_picture_for_some_seconds() -> None:
    """The last one alone, from its own moment on; what the recorder says of it is left out."""
    simulated = simulate(walking_session(16.0, 1.4), ("pelvis",), IDEAL, rate=50.0)
    streams = [stream for stream in simulated.streams if stream.kind is Kind.IMU]
    session = LiveSession("a.h5", streams, Athlete(), LiveOptions(), AtOnce())
    cues = [
        Cue(1.0, CueKind.DRIFT, "Slow down a little", "heart rate 12 bpm above"),
        Cue(3.0, CueKind.STEP_DONE, "Next: 1 km easy", "the step is finished"),
    ]
    block = simulated.arrays()["pelvis"]
    seen = []
    for until in (0.5, 1.5, 3.5, 10.9, 11.1):
        for turn in turns([block], until - 0.3, until):
            for part in turn:
                session.take(part)
        for cue in cues:
            if until - 1.0 < cue.time <= until:
                session.take(cue_annotation(cue))
        seen.append(session.picture().cue)
    first, second = ((cue.text, cue.reason) for cue in cues)
    assert seen == [("", ""), first, second, second, ("", "")]
    assert session.picture(latest=2.0).cue == first
    session.show_states([], [cue_text(cues[1]), "a message"])
    assert session.picture().remarks[-1] == "a message"
    assert not any("step" in remark for remark in session.picture().remarks)


def test_a_session_counts_what_it_is_given() -> None:
    """Laps and marks are counted, one sensor alone and what was left out are said."""
    simulated = simulate(walking_session(12.0, 1.4), ("pelvis",), IDEAL, rate=50.0)
    streams = [stream for stream in simulated.streams if stream.kind is Kind.IMU]
    session = LiveSession("a.h5", streams, Athlete(), LiveOptions(), AtOnce())
    sensors = FollowedSensors(streams)
    for turn in turns([simulated.arrays()["pelvis"]], 0.0, 3.0):
        for block in turn:
            session.take(block)
            sensors.add(block)
    for kind in ("lap", "lap", "mark"):
        session.take(Annotation(1.0, kind, kind))
    session.leave_out(7)
    session.show_states(sensors.states(3.0), ["a message"])
    picture = session.picture()
    assert (picture.laps, picture.marks) == (2, 1)
    assert picture.time == pytest.approx(3.0, abs=0.05)
    assert [state.health for state in picture.sensors] == [Health.GOOD]
    remarks = "; ".join(picture.remarks)
    for words in ("only one body sensor (pelvis)", "no heart rate", "7 blocks", "a message"):
        assert words in remarks
    session.next_angle()
    assert session.picture().angle == "hip_flexion"
    earlier = session.picture(latest=1.0)
    assert earlier.time == 1.0
    session.take(Block("another", np.array([30.0]), {}))
    assert "7 blocks" not in "; ".join(session.picture().remarks)


def test_sensors_of_a_followed_file_are_known_by_their_streams() -> None:
    """Streams with a sensor's name before theirs are its own; who is silent is lost."""
    imu = Stream("left_shank", Kind.IMU, (), rate=50.0)
    level = Stream("left_shank_battery", Kind.BATTERY, (Channel("level", "%"),))
    sensors = FollowedSensors([imu, level, Stream("pelvis", Kind.IMU, (), rate=50.0)])
    sensors.add(Block("left_shank", np.arange(250) / 50.0, {}))
    sensors.add(Block("left_shank_battery", np.array([2.0]), {"level": np.array([[71.0]])}))
    shank, pelvis = sensors.states(5.0)
    assert (shank.label, shank.health, shank.battery) == ("left_shank", Health.GOOD, "71 %")
    assert (pelvis.health, pelvis.link) == (Health.DOUBTFUL, "searching")
    lost, _ = sensors.states(9.0)
    assert lost.health is Health.BAD
    assert lost.link == "lost 4 s"
