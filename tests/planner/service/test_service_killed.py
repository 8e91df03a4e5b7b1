"""The service is killed in mid-job: nothing is lost, half written or left behind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
from stored_plans import RACE_DAY, profile

from own_process import with_imports
from trackside.planner.store.database import Database
from trackside.planner.store.plans import find_plan, plans_of
from trackside.planner.store.runners import save_runner

WISH = {"schema_id": "shorter-12", "marathon_date": RACE_DAY.isoformat()}
HERE = Path(__file__).parent


@contextmanager
def served(url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service in a process, and its address; killed at the end."""
    command = [sys.executable, str(HERE / "serving.py"), url]
    with subprocess.Popen(
        command, env=with_imports(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def until(condition: Callable[[], object]) -> None:
    """Wait for what another process does."""
    for _ in range(600):
        if condition():
            return
        Event().wait(0.05)
    raise AssertionError("it did not happen")


def has_ended(process_id: int) -> bool:
    """Whether a process is no more, or waits only to be counted."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except FileNotFoundError:
        return True
    return state.split()[0] == "Z"


def test_a_job_survives_the_service_that_ran_it(
    database: Database, url: str, tmp_path: Path
) -> None:
    """The next service begins it anew; the old one's process ends, and the plan is whole."""
    mark = tmp_path / "began"
    document = profile()
    document["goal"]["name"] = str(mark)
    with database.writing() as connection:
        save_runner(connection, document)
    with served(url) as (service, address):
        begun = httpx.post(f"{address}/runners/ada/training-plans/generate", json=WISH)
        job = f"/jobs/{begun.json()['job_id']}"
        until(mark.exists)
        until(mark.read_text)
        service.kill()
        service.wait()
    with database.reading() as connection:
        assert plans_of(connection, "ada") == []
    process_id = int(mark.read_text(encoding="utf-8"))
    assert process_id != os.getpid()
    until(lambda: has_ended(process_id))
    with served(url) as (_, address):
        until(lambda: httpx.get(address + job).json()["state"] == "succeeded")
        ended = httpx.get(address + job).json()
        assert ended["attempts"] == 2
    with database.reading() as connection:
        plan = find_plan(connection, ended["result"])
    assert plan is not None
    assert plan.plan.days[-1].date == RACE_DAY
