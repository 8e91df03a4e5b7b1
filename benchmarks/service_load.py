"""The service under load: 50 coaches ask at once, again and again, while four plans are made.

    python benchmarks/service_load.py [--store postgresql://…]

A service of its own listens on loopback, with 50 athletes of 50 coaches, each with a season of 21
weeks. In every round all coaches send one request at the same moment, over connections that stay
open, and the next round begins when all are answered: what a coach's page asks for, in turn. Each
answer's time is from sending to its last byte. The client shares the processors with the service.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from trackside.planner.athlete import complete
from trackside.planner.example_profile import example_profile
from trackside.planner.new_plan import new_plan
from trackside.planner.plan_record import PlanRecord
from trackside.planner.profile_file import read_profile
from trackside.planner.recording_summary import Measured, RecordingSummary
from trackside.planner.store import accounts, jobs
from trackside.planner.store.accounts import Role
from trackside.planner.store.database import Database
from trackside.planner.store.jobs import JobState
from trackside.planner.store.opening import open_store
from trackside.planner.store.plans import save_plan
from trackside.planner.store.recordings import save_recording
from trackside.planner.store.runners import save_runner

COACHES, PLANS = 50, 4
PATHS = (
    "/runners/{}/overview",
    "/runners/{}/training-plans",
    "/training-plans/{}-{}",
    "/runners/{}/recordings",
    "/jobs",
    "/runners",
)


def main() -> None:
    """Print the times of answers while plans are made, and when nothing else is done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", help="URL of an empty store; default: SQLite.")
    parser.add_argument("--rounds", type=int, default=60, help="Without plans being made.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.store or f"sqlite:///{folder}/store.sqlite"
        with open_store(url) as database:
            race, tokens = _fill(database, Path(folder))
            command = [sys.executable, "-m", "trackside.app.cli", "serve", "--port", "0"]
            with subprocess.Popen(
                [*command, "--store", url], stdout=subprocess.PIPE, text=True
            ) as service:
                assert service.stdout is not None
                port = int(service.stdout.readline().split()[0].rpartition(":")[2])
                try:
                    asyncio.run(
                        _measure(port, tokens, race, database, arguments.rounds, service.pid)
                    )
                finally:
                    service.terminate()


def _fill(database: Database, folder: Path) -> tuple[date, list[str]]:
    """Put athletes, plans and coaches into the store; the race's day and the coaches' tokens."""
    today = date.today()
    path = folder / "profile.toml"
    path.write_text(example_profile(today), encoding="utf-8")
    profile = read_profile(path)
    record = new_plan(complete(profile, today), today)
    race = profile.goal.day.isoformat()
    tokens = []
    with database.writing() as connection:
        for number in range(COACHES):
            goal = {"day": race, "distance_km": 42.195}
            weeks = [28, 31, 24, 33, 35, 36, 27, 38]
            save_runner(
                connection,
                {"runner_id": _runner(number), "goal": goal, "weekly_distances_km": weeks},
            )
            save_plan(connection, _of_runner(record, _runner(number)), today)
            for back in range(10):
                started = datetime.now(UTC) - timedelta(days=2 * back)
                features = {"trimp": Measured(70.0, 3.0), "cadence_spm": Measured(172.0, 0.5)}
                save_recording(
                    connection,
                    RecordingSummary(f"run{back}", _runner(number), started, 2700.0, 8e3, features),
                )
            coach = f"coach{number}"
            accounts.add_user(connection, coach, Role.COACH)
            accounts.let_coach(connection, coach, _runner(number))
            tokens.append(accounts.new_token(connection, coach, timedelta(days=1)))
    return profile.goal.day, tokens


def _runner(number: int) -> str:
    return f"runner{number}"


def _of_runner(record: PlanRecord, runner_id: str) -> PlanRecord:
    return replace(
        record,
        plan=replace(record.plan, runner_id=runner_id),
        athlete=replace(record.athlete, runner_id=runner_id),
    )


async def _measure(
    port: int, tokens: list[str], race: date, database: Database, rounds: int, service: int
) -> None:
    coaches = [await Coach.connected(port, number, token) for number, token in enumerate(tokens)]
    paths = [path.replace("{}-{}", f"{{}}-{race}") for path in PATHS]
    for path in paths:
        await _round(coaches, path)
    spent = _processor_time(service)
    quiet = [await _round(coaches, paths[turn % len(paths)]) for turn in range(rounds)]
    _tell("nothing else to do", quiet, paths)
    spent = (_processor_time(service) - spent) / (rounds * COACHES)
    print(f"the service's own processor time: {1e3 * spent:.2f} ms an answer")
    wish = {"schema_id": "marathon-21", "marathon_date": race.isoformat()}
    with database.writing() as connection:
        for number in range(PLANS):
            jobs.add_job(connection, _runner(number), wish, "benchmark")
    busy: list[list[float]] = []
    began = time.perf_counter()
    while _active(database):
        busy.append(await _round(coaches, paths[len(busy) % len(paths)]))
    took = time.perf_counter() - began
    _tell(f"while {PLANS} plans were made, in {took:.0f} s", busy, paths)
    with database.reading() as connection:
        ended = [one.state for one in jobs.jobs_of(connection, None, PLANS)]
    assert ended == [JobState.SUCCEEDED] * PLANS, ended


def _processor_time(process_id: int) -> float:
    """Seconds of all processors that a process has had; of Linux."""
    values = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def _active(database: Database) -> bool:
    with database.reading() as connection:
        return any(not one.state.has_ended for one in jobs.jobs_of(connection, None, PLANS))


async def _round(coaches: "list[Coach]", path: str) -> list[float]:
    """The times (ms) of the answers to one request of each coach, all sent at once."""
    return list(await asyncio.gather(*(coach.ask(path) for coach in coaches)))


def _tell(title: str, rounds: list[list[float]], paths: list[str]) -> None:
    times = np.array(rounds)
    print(f"\n{title}: {times.size} answers, load of this computer {os.getloadavg()[0]:.1f}")
    print(f"{'':34}    p50     p95     max  [ms]")
    rows = [("all", times)]
    rows += [(path, times[place :: len(paths)]) for place, path in enumerate(paths)]
    for name, values in rows:
        if values.size:
            p50, p95, most = np.percentile(values, (50, 95, 100))
            print(f"{name:34}{p50:7.1f} {p95:7.1f} {most:7.1f}")


class Coach:
    """A connection that stays open, and what it asks for."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, token: str
    ) -> None:
        self._reader, self._writer = reader, writer
        self._runner = _runner(number)
        self._end = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"

    @classmethod
    async def connected(cls, port: int, number: int, token: str) -> "Coach":
        """A coach who has connected."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        return cls(reader, writer, number, token)

    async def ask(self, path: str) -> float:
        """Ask and read the answer; ms from the one to the other's end."""
        began = time.perf_counter()
        self._writer.write(f"GET {path.format(self._runner)} {self._end}".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0], head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await self._reader.readexactly(length)
        return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
