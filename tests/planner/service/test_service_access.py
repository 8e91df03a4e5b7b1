"""Who may see what, and what is refused to everybody."""

import json
import socket
from itertools import product
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services import (
    PEOPLE,
    Client,
    NotingQueue,
    add_people,
    client_of,
    guarded_app,
    listening,
    open_app,
)
from sqlalchemy import func, select
from stored_plans import RACE_DAY, TODAY, store_plan, store_runner

from trackside.errors import ParameterError
from trackside.planner.service.application import LARGEST_BODY
from trackside.planner.service.server import ServerSettings, is_loopback, make_server
from trackside.planner.store import accounts, jobs
from trackside.planner.store.accounts import Role
from trackside.planner.store.database import Database
from trackside.planner.store.tables import metadata, runner

PLAN = f"ada-{RACE_DAY}"
CUE = {"at": "2030-01-01T06:00:00Z", "text": "Slow down", "reason": "172 bpm"}
OF_A_RUNNER = [
    ("GET", "/runners/{}", None),
    ("GET", "/runners/{}/training-plans", None),
    ("GET", "/runners/{}/overview", None),
    ("GET", "/runners/{}/recordings", None),
    ("GET", "/runners/{}/adjustments", None),
    ("GET", "/runners/{}/cues", None),
    ("GET", "/runners/{}/cues/stream", None),
    ("PUT", "/runners/{}", {"goal": {"day": "2031-01-01", "distance_km": 10}}),
    ("PUT", "/runners/{}/recordings/one", {"started_at": "2030-01-01T06:00:00Z", "duration_s": 1}),
    ("POST", "/runners/{}/cues", CUE),
    ("POST", "/runners/{}/adjustments", {"kind": "illness", "day": "2030-01-01"}),
    (
        "POST",
        "/runners/{}/training-plans/generate",
        {"schema_id": "shorter-12", "marathon_date": RACE_DAY.isoformat()},
    ),
]


@pytest.mark.parametrize(("method", "path", "body"), OF_A_RUNNER)
def test_anothers_runner_is_refused_like_one_that_is_not_there(
    database: Database, method: str, path: str, body: object
) -> None:
    """Whether there is such a runner cannot be told from the answer."""
    tokens = add_people(database)
    app = guarded_app(database)
    for asking in ("ada", "kim"):
        client = client_of(app, tokens[asking])
        there = client.request(method, path.format("bob"), json=body)
        assert there.status_code == 403
        if asking == "ada":
            nowhere = client.request(method, path.format("nobody"), json=body)
            assert nowhere.status_code == 403
            assert nowhere.text == there.text.replace("bob", "nobody")


def test_anothers_plan_and_job_are_not_there(database: Database) -> None:
    tokens = add_people(database)
    store_plan(database)
    wish = {"schema_id": "shorter-12", "marathon_date": "2030-01-01"}
    with database.writing() as connection:
        job_id = jobs.add_job(connection, "ada", wish, "eva")
    app = guarded_app(database)
    for who, status in {"ada": 200, "eva": 200, "bob": 404, "cyn": 404, "kim": 404}.items():
        client = client_of(app, tokens[who])
        assert client.get(f"/training-plans/{PLAN}").status_code == status
        assert client.get(f"/jobs/{job_id}").status_code == status
        assert len(client.get("/jobs").json()) == (status == 200)
    assert client.post(f"/jobs/{job_id}/cancel").status_code == 404
    missing = client.get(f"/jobs/{'0' * 32}").json()["detail"].replace("0" * 32, job_id)
    assert client.get(f"/jobs/{job_id}").json()["detail"] == missing


@pytest.mark.parametrize("shown", [None, "nonsense", "trackside_" + "A" * 43, "é", ""])
def test_without_a_valid_token_everything_is_refused(database: Database, shown: str | None) -> None:
    """Every route of the document but signing in and out."""
    add_people(database)
    app = guarded_app(database)
    client = client_of(app)
    headers = {} if shown is None else {"Authorization": f"Bearer {shown}".encode()}
    asked = 0
    ids = {"runner_id": "ada", "recording_id": "one", "plan_id": PLAN}
    ids |= dict.fromkeys(("job_id", "adjustment_id"), "0" * 32)
    for path, method in product(app.openapi()["paths"], ("get", "put", "post")):
        if method in app.openapi()["paths"][path] and path != "/sessions":
            answer = client.request(method, path.format(**ids), headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            asked += 1
    assert asked > 15


def test_the_browser_keeps_the_token_where_scripts_cannot_read_it(database: Database) -> None:
    tokens = add_people(database)
    client = client_of(guarded_app(database))
    assert client.post("/sessions", json={"token": "trackside_no"}).status_code == 401
    signed_in = client.post("/sessions", json={"token": tokens["ada"]})
    assert signed_in.status_code == 204
    assert {"HttpOnly", "SameSite=strict"} <= set(signed_in.headers["set-cookie"].split("; "))
    assert client.get("/runners").json()["user_id"] == "ada"
    assert client.delete("/sessions").status_code == 204
    assert client.get("/runners").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_another_sites_page_changes_nothing(database: Database, headers: dict[str, str]) -> None:
    tokens = add_people(database)
    client = client_of(guarded_app(database))
    client.post("/sessions", json={"token": tokens["ada"]})
    assert client.post("/runners/ada/cues", json=CUE, headers=headers).status_code == 403
    here = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/runners/ada/cues", json=CUE, headers=here).status_code == 201


def test_without_tokens_only_this_computer_is_served(database: Database) -> None:
    """A page elsewhere whose name points here (DNS rebinding) gets nothing."""
    store_runner(database)
    app = open_app(database)
    assert client_of(app).get("/runners").json()["runners"] == ["ada"]
    rebound = Client(app, "http://evil.example")
    assert rebound.get("/runners").status_code == 403


def test_other_computers_are_not_served_without_tokens(database: Database) -> None:
    with pytest.raises(ParameterError, match="nobody has a token"):
        make_server(database, ServerSettings("0.0.0.0"))  # noqa: S104
    add_people(database)
    assert make_server(database, ServerSettings("0.0.0.0")).config.host  # noqa: S104


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_which_addresses_only_this_computer_reaches(host: str, here: bool) -> None:
    assert is_loopback(host) == here


@pytest.mark.parametrize(
    "path",
    [
        "/page/../../../../etc/passwd",
        "/page/..%2f..%2fapplication.py",
        "/page/%2e%2e/application.py",
        "/page/__init__.py",
        "/page//etc/passwd",
        "/page/index.html%00.css",
        "/training-plans/../../etc/passwd",
        "/training-plans/..%2F..%2Fetc%2Fpasswd-2030-01-01",
        "/runners/%2e%2e",
        "/docs",
        "/.git/config",
    ],
)
def test_paths_lead_nowhere_else(database: Database, path: str) -> None:
    """Sent as they are, as no browser would."""
    tokens = add_people(database)
    client = client_of(guarded_app(database), tokens["eva"])
    answer = client.get(path)
    assert answer.status_code in (403, 404, 422)
    assert "root:" not in answer.text
    assert "import" not in answer.text


def exchange(address: str, head: str, body: bytes = b"") -> bytes:
    """The first line of the answer to a request that is written by hand."""
    target = urlsplit(address)
    with socket.create_connection((target.hostname, target.port), timeout=20.0) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + body)
        return connection.makefile("rb").readline()


def test_a_gigabyte_is_refused_before_it_is_read(database: Database) -> None:
    """By its length, and by counting where none is told; the service goes on."""
    tokens = add_people(database)
    with listening(guarded_app(database)) as address:
        head = (
            "PUT /runners/ada HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
            f"Authorization: Bearer {tokens['ada']}\n"
        )
        told = exchange(address, f"{head}Content-Length: {1 << 30}\n\n")
        assert b" 413 " in told
        chunk = f"{LARGEST_BODY // 2:x}\r\n".encode() + b" " * (LARGEST_BODY // 2) + b"\r\n"
        counted = exchange(address, f"{head}Transfer-Encoding: chunked\n\n", 3 * chunk)
        assert b" 413 " in counted
        assert b" 401 " in exchange(address, "GET /runners HTTP/1.1\nHost: localhost\n\n")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[" * 100_000,
        b'{"goal":' * 50_000,
        b'{"age": ' + b"9" * 5000 + b"}",
        b'{"age": NaN}',
        b'{"age": 1e999}',
        b'"\xff\xfe"',
        b'{"\\ud800": 1}',
        b'{"goal": {"day": "2031-01-01", "distance_km": 10, "name": "\\ud800"}}',
        b'{"goal": {"day": "2031-01-01", "distance_km": 10, "name": "a\\u0000b"}}',
        b'{"goal": {"day": "0000-01-01", "distance_km": 10}}',
    ],
)
def test_bodies_that_are_no_profile_are_refused(database: Database, body: bytes) -> None:
    tokens = add_people(database)
    client = client_of(guarded_app(database), tokens["ada"])
    answer = client.put("/runners/ada", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert list(answer.json()) == ["detail"]


INJECTIONS = st.sampled_from(
    [
        "' OR '1'='1",
        "'; DROP TABLE runner; --",
        '"; DELETE FROM trainingplan; --',
        "ada' UNION SELECT token_hash FROM access_token --",
        "%",
        "_",
        "\\",
        "$$; DROP TABLE plan; $$",
        "ada\x00",
        "%(runner_id)s",
        ":runner_id",
        "{runner_id}",
    ]
)
ANYTHING = INJECTIONS | st.text(max_size=30) | st.integers() | st.none() | st.floats()


@given(values=st.lists(ANYTHING, min_size=8, max_size=8))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_sql_in_every_field_is_refused_or_kept_as_text(
    people: tuple[Database, Client], values: list[object]
) -> None:
    """No fault, nothing lost, nobody else's data; what is accepted comes back as it was sent."""
    database, client = people
    a, b, c, d, e, f, g, h = values
    before = counted(database)
    requests = [
        ("PUT", f"/runners/{_path(a)}", {"goal": {"day": b, "distance_km": c, "name": d}}),
        ("PUT", "/runners/ada", {"goal": {"day": "2031-01-01", "distance_km": 10, "name": a}}),
        ("GET", f"/training-plans/{_path(a)}", None),
        ("GET", f"/jobs/{_path(b)}", None),
        ("GET", f"/runners/ada/recordings?limit={_path(c)}", None),
        ("GET", f"/runners/ada/overview?day={_path(d)}", None),
        ("POST", "/sessions", {"token": e}),
        ("POST", "/runners/ada/cues", {"at": f, "text": g, "reason": h}),
        ("POST", "/runners/ada/cues", {**CUE, "text": g, "reason": h}),
        ("POST", "/runners/ada/training-plans/generate", {"schema_id": a, "marathon_date": b}),
        ("POST", "/runners/ada/adjustments", {"kind": c, "day": TODAY.isoformat(), "note": d}),
        (
            "PUT",
            f"/runners/ada/recordings/{_path(e)}",
            {"started_at": CUE["at"], "duration_s": 1, "features": {str(f): {"value": g}}},
        ),
    ]
    for method, path, body in requests:
        answer = client.request(method, path, content=_json(body))
        assert answer.status_code in (200, 201, 204, 400, 401, 403, 404, 405, 409, 422), (
            path,
            body,
            answer.text,
        )
        assert "Traceback" not in answer.text
        assert "SELECT" not in answer.text.replace(str(a), "").replace(str(b), "") or (
            answer.status_code == 200
        )
    after = counted(database)
    assert {name: after[name] >= before[name] for name in before} == dict.fromkeys(before, True)
    for cue in client.get("/runners/ada/cues").json()[-1:]:
        assert cue["text"] in (g, CUE["text"]) or cue["text"]


@pytest.fixture
def people(database: Database) -> tuple[Database, Client]:
    """A store with people and a plan, and Eva who asks."""
    tokens = add_people(database)
    store_plan(database)
    client = client_of(guarded_app(database), tokens["eva"])
    client.headers["Content-Type"] = "application/json"
    return database, client


def counted(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def _path(value: object) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


def _json(value: object) -> bytes:
    return b"" if value is None else json.dumps(value).encode()


def test_roles_are_as_they_were_given(database: Database) -> None:
    """An athlete adds neither runners nor schemas."""
    tokens = add_people(database)
    client = client_of(guarded_app(database, queue=NotingQueue()), tokens["ada"])
    body = {"goal": {"day": "2031-01-01", "distance_km": 10}}
    assert client.put("/runners/new", json=body).status_code == 403
    schema = client.get("/training-schemas").json()[0]
    assert client.post("/training-schemas", json={**schema, "id": "own"}).status_code == 403
    assert client.put("/runners/ada", json=body).status_code == 204
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(runner)) == len(PEOPLE)
        assert {one.role for one in accounts.users(connection)} == {Role.ATHLETE, Role.COACH}
