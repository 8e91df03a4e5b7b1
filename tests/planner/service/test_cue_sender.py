"""Cues on their way to the page: they arrive, and nothing of the recording waits for them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import numpy as np
import pytest
from services import add_people, guarded_app, listening
from stored_plans import EASY, RACE_DAY

from command_line import trackside
from runners import runner
from steady_sensor import send_steadily
from trackside.app import cue_sender
from trackside.app.cue_sender import WAITING, CueSender
from trackside.app.recording import Cueing, record_kit
from trackside.app.service_client import ServiceClient
from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.recorder import Source
from trackside.planner.cues import Cue, CueKind, LiveCues
from trackside.planner.profile import GoalRace
from trackside.planner.store.opening import open_store
from trackside.recordings.model import HEART_RATE, Annotation, Athlete, Block, Kind, Stream
from trackside.recordings.reader import open_recording
from trackside.simulation.virtual_session import free_port
from trackside.simulation.virtual_udp import LOOPBACK, VirtualXImu3

ADA = runner(goal=GoalRace(RACE_DAY, 10e3), available=(3600.0,) * 7)
EASE_OFF = Cue(1.0, CueKind.HEART_RATE, "Ease off", "heart rate 180 bpm, the ceiling is 160")


class Beating:
    """A strap's heart rate, 185 bpm for 40 s."""

    streams: Sequence[Stream] = (Stream("strap", Kind.HEART_RATE, (HEART_RATE,)),)

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """A sample a second."""
        for second in range(40):
            yield Block("strap", np.array([float(second)]), {"heart_rate": np.array([[185.0]])})


async def passed(source: Source) -> list[Block | Annotation]:
    """All that comes from a source."""
    return [item async for item in source.blocks()]


@contextmanager
def silent() -> Iterator[str]:
    """The address of something that takes connections and never answers."""
    with create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_cues_of_a_recording_arrive_before_it_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the athlete is told is what the coach's page gets, in the same words."""
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as database:
        tokens = add_people(database)
        with listening(guarded_app(database)) as address:
            client = ServiceClient(address, tokens["ada"])
            with CueSender(client, "ada") as sender:
                cueing = Cueing(LiveCues(ADA, EASY), sender)
                items = asyncio.run(passed(cueing.of(Beating())))
            told = ServiceClient(address, tokens["eva"]).get("runners", "ada", "cues")
    (note,) = [item for item in items if isinstance(item, Annotation)]
    assert [f"{one['text']}: {one['reason']}" for one in told] == [note.text]
    assert caplog.messages == [note.text]


@pytest.mark.parametrize(
    ("runner", "token", "words"),
    [("cyn", "ada", "cyn is not yours"), ("ada", "", "TRACKSIDE_TOKEN"), ("zoe", "eva", "zoe")],
)
def test_a_refusal_is_told_once_at_the_beginning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, runner: str, token: str, words: str
) -> None:
    """Before there is any cue, and not again with each of them."""
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as database:
        tokens = add_people(database)
        with listening(guarded_app(database)) as address:
            with CueSender(ServiceClient(address, tokens.get(token)), runner):
                pass
            (first,) = caplog.messages
            caplog.clear()
            with CueSender(ServiceClient(address, tokens.get(token)), runner) as sender:
                for _ in range(3):
                    sender.tell(EASE_OFF)
    for told in (first, *caplog.messages):
        assert told.startswith("the page gets no cues: ")
        assert words in told
        assert told.endswith("; the recording goes on")
    assert len(caplog.messages) == 1


def test_a_service_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cues beyond those that may wait push out the oldest, and the end waits for none of them."""
    monkeypatch.setattr(cue_sender, "LATEST_END", 0.05)
    with silent() as address:
        sender = CueSender(ServiceClient(address, None, 30.0), "ada")
        with sender:
            for number in range(10 * WAITING):
                sender.tell(Cue(float(number), CueKind.DRIFT, "Ease off", f"{number}"))
        assert [cue.time for _, cue in sender._waiting] == [9.0 * WAITING + n for n in range(16)]
    sender._thread.join()  # the connection has ended with who never answered


def test_a_dead_service_leaves_the_recording_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once; the file is complete and has no gap, and no thread stays."""
    with silent() as address:
        pass  # nobody listens there any more
    port = free_port()
    sensor = KitSensor("x-IMU3", segment="pelvis", transport="udp", udp_port=port)
    device = VirtualXImu3("6543A8D2", port)

    async def scene() -> None:
        await device.open()
        sending = asyncio.create_task(send_steadily(device))
        cueing = Cueing(LiveCues(ADA), CueSender(ServiceClient(address), "ada"))
        kit, surroundings = Kit([sensor], Athlete("Ada")), Surroundings(host=LOOPBACK)
        await record_kit(kit, tmp_path / "a.h5", surroundings, duration=1.0, cueing=cueing)
        sending.cancel()
        await device.close()

    asyncio.run(asyncio.wait_for(scene(), 60))
    (told,) = caplog.messages
    assert "not to be reached" in told
    assert "cues" not in [thread.name for thread in threading.enumerate()]
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        assert recording.rows("pelvis") > 0
        assert recording.gaps("pelvis") == []


def test_without_a_plan_there_is_nothing_to_send(tmp_path: Path) -> None:
    """Said before anything is recorded."""
    path = tmp_path / "a.h5"
    refused = trackside("record", "--virtual", "-o", path, "--to", "http://127.0.0.1:8765")
    assert refused.returncode == 2
    assert "--to needs --workout" in refused.stderr
    assert not path.exists()
