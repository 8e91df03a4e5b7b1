"""trackside users, jobs and serve as an administrator uses them."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from command_line import trackside
from trackside.app import service_commands
from trackside.planner.store import jobs
from trackside.planner.store.accounts import user_of
from trackside.planner.store.opening import open_store

PROFILE = """
runner_id = "ada"
[goal]
day = 2031-02-16
distance_km = 10
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a store with Ada, an athlete, and Eva, her coach."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("TRACKSIDE_STORE", url)
    (tmp_path / "ada.toml").write_text(PROFILE, encoding="utf-8")
    added = trackside("users", "add", "ada", "--profile", tmp_path / "ada.toml")
    assert added.returncode == 0, added.stderr
    assert trackside("users", "add", "eva", "--coach").returncode == 0
    assert trackside("users", "coach", "eva", "ada").stdout == "eva coaches ada\n"
    return url


def shown_token(printed: str) -> str:
    """The token among what was printed."""
    return next(line.strip() for line in printed.splitlines() if "  trackside_" in line)


def test_users_are_listed_with_whose_data_they_see(store: str) -> None:  # noqa: ARG001
    listed = json.loads(trackside("users", "list", "--json").stdout)["users"]
    assert listed == [
        {"user": "ada", "role": "athlete", "sees": ["ada"], "tokens": 1},
        {"user": "eva", "role": "coach", "sees": ["ada"], "tokens": 1},
    ]
    assert "athlete" in trackside("users", "list").stdout


def test_a_token_is_valid_until_it_is_revoked(store: str) -> None:
    given = trackside("users", "token", "eva", "--days", "3", "--address", "https://x.example")
    token = shown_token(given.stdout)
    assert f"https://x.example/#token={token}" in given.stdout
    with open_store(store) as database, database.reading() as connection:
        assert user_of(connection, token) is not None
    assert trackside("users", "revoke", "eva").stdout == "2 tokens of eva ended\n"
    with open_store(store) as database, database.reading() as connection:
        assert user_of(connection, token) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("users", "add", "kim"), "who is kim? expected one of --coach, --profile, --runner"),
        (("users", "add", "kim", "--runner", "nobody"), "no runner nobody"),
        (("users", "add", "eva", "--coach"), "there is a user eva already"),
        (("users", "token", "kim"), "no user kim"),
        (("users", "coach", "ada", "ada"), "ada is an athlete: expected a coach"),
        (("jobs", "show", "none"), "no job none"),
        (("jobs", "list", "--store", "mysql://x/y"), "a store of mysql"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    store: str,  # noqa: ARG001
    arguments: tuple[str, ...],
    message: str,
) -> None:
    result = trackside(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_jobs_are_listed_shown_and_cancelled(store: str) -> None:
    race = (date.today() + timedelta(days=90)).isoformat()
    wish = {"schema_id": "shorter-12", "marathon_date": race}
    with open_store(store) as database, database.writing() as connection:
        job_id = jobs.add_job(connection, "ada", wish, "eva")
    assert job_id in trackside("jobs", "list").stdout
    assert trackside("jobs", "cancel", job_id).stdout == f"{job_id} cancelled\n"
    [shown] = json.loads(trackside("jobs", "show", job_id, "--json").stdout)["jobs"]
    assert (shown["state"], shown["wish"]) == ("cancelled", wish)
    assert shown["reason"].startswith("cancelled by ")


def test_other_computers_are_not_served_without_tokens(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    refused = trackside("serve", "--store", url, "--host", "0.0.0.0")  # noqa: S104
    assert refused.returncode == 2
    assert "nobody has a token" in refused.stderr


@pytest.mark.parametrize("command", [("serve",), ("jobs", "list"), ("users", "list")])
def test_without_its_libraries_it_says_what_to_install(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_commands, "LIBRARIES", ("json", "no_such_library"))
    refused = trackside(*command)
    assert refused.returncode == 2
    assert "(no_such_library): pip install 'trackside[service]'" in refused.stderr


@pytest.mark.parametrize("command", [("serve",), ("jobs",), ("users",), ("users", "add")])
def test_help_explains(command: tuple[str, ...]) -> None:
    shown = trackside(*command, "--help")
    assert shown.returncode == 0
    assert "Usage" in shown.stdout
