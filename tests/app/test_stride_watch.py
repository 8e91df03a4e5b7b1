"""Strides of body-worn sensors while a recording runs: what cues and the coach get of them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_replay import AtOnce

from runners import runner
from steady_sensor import send_steadily
from trackside.app import stride_watch
from trackside.app.live_cues import CueingSource
from trackside.app.live_table import strides_text
from trackside.app.recording import Cueing, record_kit
from trackside.app.stride_watch import BACKLOG, StrideWatch, stride_streams
from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.offered_source import OfferedSource
from trackside.planner import cues
from trackside.planner.cues import Cue, CueLimits, CueSample, LiveCues
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    Annotation,
    Athlete,
    Block,
    Channel,
    Imu,
    Kind,
    Stream,
)
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand
from trackside.simulation.virtual_session import free_port
from trackside.simulation.virtual_udp import LOOPBACK, VirtualXImu3
from trackside.viewer.last_strides import LastStrides

FEET = ("right_foot", "left_foot")
BEGIN = 8.0  # s, from which on the speed is even
PACE = 0.05  # s, as long as the recorder's blocks
LENGTH = Channel("stride_length", "m", ("value",))
POD = Stream("pod", Kind.RUNNING_SPEED, (LENGTH,))
FOOT = Stream("right_foot", Kind.IMU, (GYROSCOPE, ACCELEROMETER), placement="right_foot")
GOOD = {
    "foot": "right",
    "end_s": 1.0,
    "cadence_steps_per_min": 170.0,
    "contact_time_s": 0.25,
    "contact_time_sd_s": 0.01,
    "stride_length_m": 2.5,
    "stride_length_sd_m": 0.03,
    "speed_m_per_s": 3.5,
    "speed_sd_m_per_s": 0.05,
    "good": True,
}

ADA = runner(available=(3600.0,) * 7)


@cache
def feet() -> dict[str, Imu]:
    """Some time at 3.5 m/s, then strides that are shorter at nearly the same speed."""
    plan = SessionPlan((stand(3.0), run(27.0, 3.5), run(45.0, 3.27)))
    session = simulate(plan, FEET, rate=100.0, seed=1)
    return {foot: session.imu(foot) for foot in FEET}


class Replay:
    """A source of both feet until ``until`` s, and until ``end`` s of a pod that says ``pod`` m."""

    def __init__(self, until: float, end: float, pod: float = np.nan) -> None:
        self.streams: Sequence[Stream] = (*(imu.stream for imu in feet().values()), POD)
        self.now = 0.0
        self._until, self._end, self._pod = until, end, pod

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """What comes in turns of PACE."""
        for turn in range(round(BEGIN / PACE), round(self._end / PACE)):
            self.now = (turn + 1) * PACE
            for imu in feet().values():
                rows = slice(*np.searchsorted(imu.time, [turn * PACE, self.now]))
                assert imu.gyr is not None
                values = {"gyroscope": imu.gyr[rows], "accelerometer": imu.acc[rows]}
                if self.now <= self._until:
                    yield Block(imu.stream.name, imu.time[rows], values)
            if turn % 20 == 0:
                yield Block("pod", np.array([self.now]), {"stride_length": np.array([[self._pod]])})


class Listening(LiveCues):
    """Cues that keep what they are fed, with the time at which it came."""

    def __init__(self, source: Replay, limits: CueLimits) -> None:
        super().__init__(ADA, limits=limits)
        self.heard: list[tuple[float, CueSample]] = []
        self._source = source

    def feed(self, sample: CueSample) -> list[Cue]:
        """Keep and judge a sample."""
        self.heard.append((self._source.now, sample))
        return super().feed(sample)


def played(source: Replay, limits: CueLimits | None = None) -> tuple[Listening, list[Annotation]]:
    """What cues hear and say of a source."""
    listening = Listening(source, limits or CueLimits())
    watch = StrideWatch(stride_streams(source.streams), executor=AtOnce())
    offered = OfferedSource(source, watch, "to who watches strides")
    cueing = CueingSource(offered, listening, strides=watch)

    async def annotations() -> list[Annotation]:
        return [item async for item in cueing.blocks() if isinstance(item, Annotation)]

    return listening, asyncio.run(annotations())


def test_shorter_strides_are_told_while_blocks_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stride is heard at most another one and a second after its end, and a loss is a cue."""
    monkeypatch.setattr(cues, "WARM", 5.0)
    monkeypatch.setattr(cues, "LEARNT", cues.SETTLED + 12.0)
    listening, annotations = played(Replay(75.0, 75.0), CueLimits(stride_loss=0.025))
    strides = [(now, sample) for now, sample in listening.heard if sample.foot]
    assert len(strides) > 150
    assert all(now - one.time < 120.0 / one.cadence + 1.0 for now, one in strides)
    lengths = {
        side: [one.stride_length for _, one in strides if one.foot == side] for side in SIDES
    }
    for of_side in lengths.values():
        assert np.median(of_side[10:30]) == pytest.approx(2.54, abs=0.03)
    told = [note for note in annotations if note.text.startswith("Run tall")]
    assert len(told) == 1
    assert 30.0 + 15.0 < told[0].time < 70.0
    assert not [note for note in annotations if note.text.startswith("Check")]


def test_a_foot_pod_is_heard_only_where_strides_are_not() -> None:
    """Not while the feet tell lengths, and again when nothing has come of them for 10 s."""
    listening, _ = played(Replay(15.0, 33.0, pod=9.9))
    lengths = np.array([(one.time, one.stride_length) for _, one in listening.heard])
    pod = lengths[lengths[:, 1] == 9.9, 0]
    strides = lengths[np.isfinite(lengths[:, 1]) & (lengths[:, 1] < 9.0), 0]
    assert len(strides) > 10
    assert not ((pod > strides[0] + 1.0) & (pod < strides[-1] + 10.0)).any()
    assert (pod > strides[-1] + 10.0).sum() > 5


class Told:
    """In place of live strides: each block is these rows, or an error."""

    def __init__(self, *rows: dict[str, Any], error: Exception | None = None) -> None:
        self.rows, self._error = rows, error

    def feed(self, block: Block) -> list[dict[str, Any]]:
        """The rows, at the time of the block."""
        if self._error is not None:
            raise self._error
        return [row | {"end_s": float(block.time[-1])} for row in self.rows]


def block(time: float) -> Block:
    return Block("right_foot", np.array([time]), {})


def watching(monkeypatch: pytest.MonkeyPatch, *rows: dict[str, Any]) -> StrideWatch:
    """Somebody who has seen a block at 1 s."""
    monkeypatch.setattr(stride_watch, "LiveStrides", lambda *_: Told(*rows))
    watch = StrideWatch([FOOT], executor=AtOnce())
    watch.put(block(1.0))
    return watch


def test_bad_strides_and_doubtful_values_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A marked row is left out; a value whose deviation is too large is not known."""
    watch = watching(
        monkeypatch, GOOD | {"good": False}, GOOD | {"contact_time_sd_s": 0.2, "foot": "either"}
    )
    (sample,) = watch.samples()
    assert watch.samples() == []
    assert sample.stride_length == 2.5
    assert np.isnan(sample.contact_time)
    assert sample.foot == ""  # nobody's: it tells no difference of the sides
    assert watch.last(1.0).cadence == 170.0


def test_the_past_of_a_file_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes at once for longer than may wait is not looked at; what comes then is."""
    watch = watching(monkeypatch, GOOD)
    assert len(watch.samples()) == 1
    watch.put(Block("right_foot", np.array([2.0, 2.1 + BACKLOG]), {}))
    assert watch.samples() == []
    watch.put(block(9.0))
    assert len(watch.samples()) == 1


def test_the_coach_sees_the_last_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians in one line of 80 columns; dashes before the first and long after the last."""
    left = GOOD | {"foot": "left", "contact_time_s": 0.24}
    watch = watching(monkeypatch, GOOD, left)
    text = "Strides: 170 steps/min, 2.50 m, contact 245 ms, right − left +4.1 %"
    assert strides_text(watch.last(10.0)) == text
    assert watch.last(12.0) == LastStrides()
    nothing = "Strides: – steps/min, – m, contact – ms, right − left – %"
    assert strides_text(watch.last(12.0)) == nothing


def test_a_leg_that_falls_silent_is_shown_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's strides go on, and the difference is not known."""
    told = Told(GOOD, GOOD | {"foot": "left", "stride_length_m": 1.5})
    monkeypatch.setattr(stride_watch, "LiveStrides", lambda *_: told)
    watch = StrideWatch([FOOT], executor=AtOnce())
    watch.put(block(1.0))
    told.rows = (GOOD,)
    for time in (5.0, 15.0):
        watch.put(block(time))
        assert watch.last(time).stride_length == (2.0 if time == 5.0 else 2.5)
    assert np.isnan(watch.last(15.0).difference)


class Later(Executor):
    """Does nothing until it is told to."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def submit(self, job: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Keep a job for later."""
        future: Future[Any] = Future()
        self.jobs.append(lambda: future.set_result(job(*args, **kwargs)))
        return future

    def work(self) -> int:
        """Do all; how much it was."""
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()
        return len(jobs)


def test_what_a_busy_computer_cannot_follow_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No more than some seconds of samples wait, which is said once; later ones count again."""
    monkeypatch.setattr(stride_watch, "LiveStrides", lambda *_: Told(GOOD))
    busy = Later()
    watch = StrideWatch([FOOT], executor=busy)
    watch.put(block(-1.0))  # kernels are not ready
    assert busy.work() == 1
    for time in range(100):
        watch.put(block(0.5 * time))
    assert busy.work() == 2.0 * BACKLOG + 1
    assert len(caplog.messages) == 1
    watch.put(block(100.0))
    assert busy.work() == 1
    assert watch.samples()[-1].time == 100.0


def stride_threads() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("strides"))


def test_a_failure_costs_the_strides_and_not_the_recording(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once; the file is complete without a gap, and the thread ends."""
    failing = Told(error=ZeroDivisionError())
    monkeypatch.setattr(stride_watch, "LiveStrides", lambda *_: failing)
    port = free_port()
    sensor = KitSensor("x-IMU3", segment="pelvis", transport="udp", udp_port=port)
    device = VirtualXImu3("6543A8D2", port)

    async def scene() -> None:
        await device.open()
        sending = asyncio.create_task(send_steadily(device))
        kit, surroundings = Kit([sensor], Athlete("Ada")), Surroundings(host=LOOPBACK)
        cueing = Cueing(LiveCues(ADA))
        await record_kit(kit, tmp_path / "a.h5", surroundings, duration=0.6, cueing=cueing)
        sending.cancel()
        await device.close()

    asyncio.run(asyncio.wait_for(scene(), 60))
    for thread in stride_threads():
        thread.join()
    assert [text for text in caplog.messages if "strides" in text] == [
        "strides cannot be found; the recording goes on without them"
    ]
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        assert recording.rows("pelvis") > 0
        assert recording.gaps("pelvis") == []


def test_the_best_sensors_are_watched() -> None:
    """Feet before the trunk; nothing without a gyroscope, and nothing on an arm."""
    pelvis = replace(FOOT, name="pelvis", placement="pelvis")
    assert stride_streams([pelvis, FOOT, POD]) == [FOOT]
    assert stride_streams([pelvis, replace(FOOT, channels=(ACCELEROMETER,))]) == [pelvis]
    assert stride_streams([replace(FOOT, placement="left_hand"), POD]) == []
