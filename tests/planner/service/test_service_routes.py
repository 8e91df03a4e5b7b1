"""What the service answers to those who may ask."""

from datetime import timedelta

import pytest
from services import Client, NotingQueue, add_people, client_of, guarded_app
from stored_plans import RACE_DAY, REST, TODAY, made_plan, profile, store_plan

from trackside.planner.adjustment import DayChange, Evidence, Proposal
from trackside.planner.plan_file import parse_plan
from trackside.planner.plan_record import PlanRecord
from trackside.planner.store.accounts import new_token
from trackside.planner.store.database import Database
from trackside.planner.workouts import SessionType

JOB = {"schema_id": "shorter-12", "marathon_date": RACE_DAY.isoformat()}
SUMMARY = {
    "started_at": f"{TODAY.isoformat()}T07:30:00+02:00",
    "duration_s": 2700,
    "distance_m": 8100.5,
    "features": {"trimp": {"value": 71.5, "sd": 4}, "cadence_spm": {"value": 172}},
    "remarks": ["heart rate lost for 3 min"],
}


def easier(record: PlanRecord, evidence: Evidence) -> Proposal | None:
    """Propose rest on the next hard day of somebody who is ill."""
    if evidence.occasion.kind != "illness":
        return None
    day = next(
        day.date
        for day in record.plan.days
        if day.date > evidence.today and day.main.type is SessionType.TEMPO
    )
    reason = f"ill; {len(evidence.recordings)} sessions since"
    return Proposal("Rest first", (DayChange(day, (REST,), reason),))


@pytest.fixture
def queue() -> NotingQueue:
    return NotingQueue()


@pytest.fixture
def coach(database: Database, queue: NotingQueue) -> Client:
    """Eva, who coaches Ada and Bob; Ada has a plan."""
    tokens = add_people(database)
    store_plan(database)
    return client_of(guarded_app(database, easier, queue), tokens["eva"])


def test_a_plan_is_asked_for_and_its_job_is_followed(coach: Client, queue: NotingQueue) -> None:
    """SmartRunning's way: a wish gives a job, the job a plan."""
    begun = coach.post("/runners/bob/training-plans/generate", json=JOB)
    assert begun.status_code == 202
    job_id = begun.json()["job_id"]
    assert queue.announced == [job_id]
    again = coach.post("/runners/bob/training-plans/generate", json=JOB)
    assert again.json() == begun.json()
    job = coach.get(f"/jobs/{job_id}").json()
    assert (job["state"], job["runner_id"], job["progress"]) == ("queued", "bob", 0.0)
    assert [one["job_id"] for one in coach.get("/jobs").json()] == [job_id]
    cancelled = coach.post(f"/jobs/{job_id}/cancel")
    assert (cancelled.json()["state"], queue.looked) == ("cancelled", 1)
    assert coach.get("/jobs").json() == [cancelled.json()]
    assert coach.post(f"/jobs/{job_id}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"schema_id": "no-such"}, 404),
        ({"marathon_date": TODAY.isoformat()}, 409),
        ({"marathon_date": "2030-02-30"}, 422),
        ({"marathon_date": 0}, 422),
        ({"more": 1}, 422),
    ],
)
def test_wishes_that_cannot_be_are_refused(
    coach: Client, change: dict[str, object], status: int
) -> None:
    answer = coach.post("/runners/bob/training-plans/generate", json={**JOB, **change})
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]


def test_plans_are_listed_and_are_plan_files(coach: Client) -> None:
    entries = coach.get("/runners/ada/training-plans").json()
    assert [one["plan_id"] for one in entries] == [f"ada-{RACE_DAY}"]
    answer = coach.get(f"/training-plans/ada-{RACE_DAY}")
    assert answer.headers["content-type"] == "application/json"
    record = parse_plan(answer.content, "the answer")
    assert record.plan.days == made_plan().plan.days
    assert coach.get("/training-plans/ada-2001-01-01").status_code == 404


def test_a_coach_adds_a_runner_and_sees_them_at_once(coach: Client) -> None:
    body = {**profile(), "age": 30, "injuries": [{"place": "knee"}], "races": []}
    del body["runner_id"]
    assert coach.put("/runners/dan", json=body).status_code == 204
    assert coach.put("/runners/dan", json=body).status_code == 204
    stored = coach.get("/runners/dan").json()
    assert stored["runner_id"] == "dan"
    assert stored["injuries"] == [{"place": "knee"}]
    assert coach.get("/runners").json()["runners"] == ["ada", "bob", "dan"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"age": 5}, 422),
        ({"age": "30"}, 422),
        ({"shoes": 43}, 422),
        ({"races": [{"day": "2020-01-01", "distance_km": 10, "time": "05:00"}]}, 409),
    ],
)
def test_profiles_that_cannot_be_are_refused(
    coach: Client, change: dict[str, object], status: int
) -> None:
    body = {"goal": profile()["goal"], **change}
    assert coach.put("/runners/dan", json=body).status_code == status
    assert coach.get("/runners").json()["runners"] == ["ada", "bob"]


def test_recordings_are_kept_latest_first(coach: Client) -> None:
    earlier = {**SUMMARY, "started_at": "2030-01-01T06:00:00Z"}
    assert coach.put("/runners/ada/recordings/tuesday", json=SUMMARY).status_code == 204
    assert coach.put("/runners/ada/recordings/monday", json=earlier).status_code == 204
    assert coach.put("/runners/ada/recordings/tuesday", json=SUMMARY).status_code == 204
    found = coach.get("/runners/ada/recordings").json()
    assert {one["recording_id"] for one in found} == {"monday", "tuesday"}
    tuesday = next(one for one in found if one["recording_id"] == "tuesday")
    assert tuesday["features"]["trimp"] == {"value": 71.5, "sd": 4.0}
    assert tuesday["started_at"] == SUMMARY["started_at"]
    assert len(coach.get("/runners/ada/recordings", params={"limit": 1}).json()) == 1


def test_a_change_is_proposed_with_reasons_and_confirmed(coach: Client) -> None:
    coach.put("/runners/ada/recordings/today", json=SUMMARY)
    ill = {"kind": "illness", "day": TODAY.isoformat(), "note": "a cold"}
    made = coach.post("/runners/ada/adjustments", json=ill)
    assert made.status_code == 201
    [change] = made.json()["changes"]
    assert change["reason"] == "ill; 1 sessions since"
    assert (change["before"]["session_code"], change["after"]["session_code"]) == ("TEMPO", "REST")
    adjustment_id = made.json()["adjustment_id"]
    opened = coach.get("/runners/ada/adjustments", params={"state": "proposed"}).json()
    assert [one["adjustment_id"] for one in opened] == [adjustment_id]
    done = coach.post(f"/adjustments/{adjustment_id}/confirm").json()
    assert (done["state"], done["decided_by"]) == ("confirmed", "eva")
    seen = coach.get("/runners/ada/overview", params={"day": change["date"]}).json()
    assert seen["today"]["reason"] == "ill; 1 sessions since"
    assert seen["today"]["workouts"][0]["type"] == "rest"
    assert seen["plan"]["revision"] == 1


def test_only_the_athlete_takes_back_what_was_confirmed(database: Database, coach: Client) -> None:
    ill = {"kind": "illness", "day": TODAY.isoformat()}
    adjustment_id = coach.post("/runners/ada/adjustments", json=ill).json()["adjustment_id"]
    coach.post(f"/adjustments/{adjustment_id}/confirm")
    assert coach.post(f"/adjustments/{adjustment_id}/reject").status_code == 409
    with database.writing() as connection:
        token = new_token(connection, "ada", timedelta(days=1))
    athlete = client_of(coach.app, token)  # type: ignore[arg-type] # typed as any ASGI application
    vetoed = athlete.post(f"/adjustments/{adjustment_id}/reject")
    assert (vetoed.status_code, vetoed.json()["state"]) == (200, "rejected")
    assert coach.post(f"/adjustments/{adjustment_id}/confirm").status_code == 409


def test_a_plan_that_stays_is_said_to_stay(coach: Client) -> None:
    well = {"kind": "session", "day": TODAY.isoformat()}
    answer = coach.post("/runners/ada/adjustments", json=well)
    assert answer.status_code == 409
    assert "stays as it is" in answer.json()["detail"]
    assert coach.post("/runners/bob/adjustments", json=well).status_code == 404


def test_without_an_adjuster_it_says_so(database: Database) -> None:
    tokens = add_people(database)
    store_plan(database)
    client = client_of(guarded_app(database), tokens["ada"])
    body = {"kind": "session", "day": TODAY.isoformat()}
    answer = client.post("/runners/ada/adjustments", json=body)
    assert answer.status_code == 409
    assert "no adjuster is installed" in answer.json()["detail"]


def test_the_overview_has_what_the_page_shows(coach: Client) -> None:
    coach.put("/runners/ada/recordings/today", json=SUMMARY)
    seen = coach.get("/runners/ada/overview").json()
    assert seen["today"]["date"] == TODAY.isoformat()
    assert seen["today"]["reason"].startswith("Week 2, build: ") or seen["today"][
        "reason"
    ].startswith("Week 3, build: ")
    assert len(seen["week"]["days"]) == 7
    season = seen["season"]
    lengths = {len(season[name]) for name in ("loads", "fitness", "fatigue", "form")}
    assert len(lengths) == 1
    assert season["done"] == {TODAY.isoformat(): 71.5}
    assert [one["recording_id"] for one in seen["sessions"]] == ["today"]
    later = coach.get("/runners/ada/overview", params={"day": "2040-01-01"}).json()
    assert later["today"] is None
    assert later["week"] is None
    nothing = coach.get("/runners/bob/overview").json()
    assert nothing["plan"] is None


def test_cues_are_told_in_order(coach: Client) -> None:
    cue = {"at": "2030-01-01T06:00:00Z", "text": "Slow down", "reason": "172 bpm, ceiling 165"}
    first = coach.post("/runners/ada/cues", json=cue).json()["cue_id"]
    second = coach.post("/runners/ada/cues", json={**cue, "text": "Well done"}).json()["cue_id"]
    found = coach.get("/runners/ada/cues", params={"after": first}).json()
    assert [(one["cue_id"], one["text"]) for one in found] == [(second, "Well done")]
    assert len(coach.get("/runners/ada/cues").json()) == 2


def test_schemas_are_listed_and_added_once(coach: Client) -> None:
    known = coach.get("/training-schemas").json()
    assert [one["id"] for one in known] == ["marathon-21", "shorter-12"]
    own = {**known[1], "id": "evas-own"}
    assert coach.post("/training-schemas", json=own).status_code == 204
    assert coach.post("/training-schemas", json=own).status_code == 204
    assert coach.post("/training-schemas", json={**own, "name": "other"}).status_code == 409
    wrong = {**own, "id": "wrong", "week": [{**own["week"][0], "easy": ["FARTLEG"]}]}
    assert "FARTLEG" in coach.post("/training-schemas", json=wrong).json()["detail"]
    assert [one["id"] for one in coach.get("/training-schemas").json()][2:] == ["evas-own"]
    wish = {**JOB, "schema_id": "evas-own"}
    assert coach.post("/runners/bob/training-plans/generate", json=wish).status_code == 202
