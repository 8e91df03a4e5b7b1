"""trackside plan send against a service that listens."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from services import add_people, guarded_app, listening
from stored_plans import REST, TODAY, store_plan

from command_line import Ran, trackside
from trackside.planner.adjustment import DayChange, Evidence, Proposal
from trackside.planner.plan_record import PlanRecord
from trackside.planner.store.adjustments import adjustments_of
from trackside.planner.store.database import Database
from trackside.planner.store.opening import open_store
from trackside.planner.store.recordings import recordings_of
from trackside.planner.workouts import SessionType

HARD = 150.0
UNKNOWN = {"reason": "not measured"}


def rest_after(record: PlanRecord, evidence: Evidence) -> Proposal | None:
    """Propose rest after a hard session, on the next hard day."""
    loads = [one.features["trimp"].value for one in evidence.recordings]
    if max(loads, default=0.0) < HARD or evidence.occasion.day != TODAY:
        return None
    day = next(
        day.date
        for day in record.plan.days
        if day.date > evidence.today and day.main.type is SessionType.TEMPO
    )
    return Proposal("Rest first.", (DayChange(day, (REST,), "the load was twice the plan's"),))


class Service(NamedTuple):
    """Where it listens, whose tokens, and its store."""

    address: str
    tokens: dict[str, str]
    database: Database


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service with athletes and coaches, of whom Ada has a plan and the token is shown."""
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as database:
        tokens = add_people(database)
        store_plan(database)
        monkeypatch.setenv("TRACKSIDE_TOKEN", tokens["ada"])
        with listening(guarded_app(database, rest_after)) as address:
            yield Service(address, tokens, database)


def session(folder: Path, trimp: float, **more: Any) -> Path:
    """Features of this morning's session, in a file."""
    heart = {
        "known_share": 1.0,
        "banister_trimp": {"value": trimp, "sd": 4.0},
        "decoupling_percent": {"value": 3.5, "sd": 1.0},
        "rmssd_ms": UNKNOWN,
        "zone_minutes": [0, 5, 20, 15, 4, 1],
    }
    told = {
        "format": "trackside-session-features",
        "version": 1,
        "recorded_at": f"{TODAY.isoformat()}T07:30:05.25+02:00",
        "session": {"duration_s": 2700.0, "distance_m": UNKNOWN, "heart_rate": heart},
        "remarks": ["line one\nline two", "x" * 600, " "],
        **more,
    }
    path = folder / "run.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def send(service: Service, path: Path, *more: str) -> Ran:
    """Send a session."""
    return trackside("plan", "send", path, "--to", service.address, *more)


def test_a_session_arrives_once_and_its_proposal_is_shown(service: Service, tmp_path: Path) -> None:
    """Sent again it changes nothing: neither the recording nor what is proposed."""
    path = session(tmp_path, 2.0 * HARD)
    first = send(service, path)
    assert first.returncode == 0, first.stderr
    for words in ("is with", "trimp", "300", "Rest first.", "twice the", "confirm or reject"):
        assert words in first.stdout, words
    with service.database.reading() as connection:
        (kept,) = recordings_of(connection, "ada", 10)
        before = adjustments_of(connection, "ada", 10)
    assert kept.recording_id == f"{TODAY:%Y%m%d}T053005Z"
    assert kept.started_at.isoformat() == f"{TODAY.isoformat()}T07:30:05.250000+02:00"
    assert (kept.features["trimp"].value, kept.features["trimp"].sd) == (300.0, 4.0)
    assert kept.features["zone_2_minutes"].value == 20.0
    assert kept.remarks[0] == "line one line two"
    assert len(kept.remarks[1]) == 500
    moved = path.rename(tmp_path / "another-name.json")
    again = send(service, moved)
    assert again.returncode == 0, again.stderr
    for words in ("was already with", "Rest first."):
        assert words in again.stdout, words
    with service.database.reading() as connection:
        assert recordings_of(connection, "ada", 10) == [kept]
        assert adjustments_of(connection, "ada", 10) == before


def test_a_session_measured_anew_takes_the_place_of_the_first(
    service: Service, tmp_path: Path
) -> None:
    """The same beginning is the same recording; scripts read what came of it as JSON."""
    assert send(service, session(tmp_path, 300.0)).returncode == 0
    report = json.loads(send(service, session(tmp_path, 40.0), "--json").stdout)
    assert report["is_new"]
    assert report["changes"] == []
    assert "no reason to change" in report["summary"]
    with service.database.reading() as connection:
        (kept,) = recordings_of(connection, "ada", 10)
    assert kept.features["trimp"].value == 40.0


def test_a_coach_says_whose_session_it_is(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An athlete need not; of somebody without a plan it is kept all the same."""
    monkeypatch.setenv("TRACKSIDE_TOKEN", service.tokens["eva"])
    path = session(tmp_path, 50.0)
    asked = send(service, path)
    assert asked.returncode == 2
    assert "expected --runner, one of ada, bob" in asked.stderr
    sent = send(service, path, "--runner", "bob")
    assert sent.returncode == 0, sent.stderr
    assert "Nothing is proposed: no plan of bob" in " ".join(sent.stdout.split())
    with service.database.reading() as connection:
        assert len(recordings_of(connection, "bob", 10)) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--runner", "cyn"), "cyn is not yours to see"),
        (("--token", "forged"), "expected a valid token"),
        (("--to", "http://127.0.0.1:9"), "not to be reached"),
    ],
)
def test_what_the_service_refuses_is_one_line_and_exit_code_1(
    service: Service, tmp_path: Path, more: tuple[str, ...], words: str
) -> None:
    """Nothing is stored."""
    refused = send(service, session(tmp_path, 50.0), *more)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    with service.database.reading() as connection:
        assert recordings_of(connection, "ada", 10) == []


def test_a_runner_whom_nobody_knows(tmp_path: Path) -> None:
    """On a service without tokens everybody may ask, but not for somebody who is not there."""
    from services import open_app

    with (
        open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as database,
        listening(open_app(database)) as address,
    ):
        told = trackside(
            "plan", "send", session(tmp_path, 50.0), "--to", address, "--runner", "zoe"
        )
        assert told.returncode == 1
        assert "no runner zoe" in told.stderr
        nobody = trackside("plan", "send", session(tmp_path, 50.0), "--to", address)
        assert nobody.returncode == 2
        assert "trackside users add" in nobody.stderr
