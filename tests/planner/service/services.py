"""Services for tests: with coaches and athletes, with a queue that only notes, and listening."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue
from threading import Thread

import uvicorn
from fastapi import FastAPI
from stored_plans import profile

from trackside.planner.adjustment import Propose
from trackside.planner.service.access import Access
from trackside.planner.service.application import create_app
from trackside.planner.service.server import Server
from trackside.planner.store import accounts
from trackside.planner.store.accounts import Role
from trackside.planner.store.database import Database
from trackside.planner.store.runners import save_runner

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for the successor of httpx
    from starlette.testclient import TestClient

Client = TestClient
"""Asks a service in this process."""
PEOPLE = {"ada": "eva", "bob": "eva", "cyn": "kim"}
"""Athletes and their coaches."""


class NotingQueue:
    """Notes what it is told and does nothing."""

    def __init__(self) -> None:
        self.announced: list[str] = []
        self.looked = 0

    def start(self) -> None:
        """Begin."""

    def announce(self, job_id: str) -> None:
        """Note it."""
        self.announced.append(job_id)

    def look(self) -> None:
        """Note it."""
        self.looked += 1

    def stop(self) -> None:
        """End."""


def add_people(database: Database) -> dict[str, str]:
    """Put athletes and coaches into a store; their tokens."""
    tokens = {}
    with database.writing() as connection:
        for coach in sorted(set(PEOPLE.values())):
            accounts.add_user(connection, coach, Role.COACH)
            tokens[coach] = accounts.new_token(connection, coach, timedelta(days=1))
        for athlete, coach in PEOPLE.items():
            save_runner(connection, profile(athlete))
            accounts.add_user(connection, athlete, Role.ATHLETE, athlete)
            accounts.let_coach(connection, coach, athlete)
            tokens[athlete] = accounts.new_token(connection, athlete, timedelta(days=1))
    return tokens


def guarded_app(
    database: Database, propose: Propose | None = None, queue: NotingQueue | None = None
) -> FastAPI:
    """The service, where every request needs a token, looked up each time."""
    access = Access(database, is_open=False, trust=0.0)
    return create_app(database, queue or NotingQueue(), access, propose)


def open_app(database: Database) -> FastAPI:
    """The service where nobody has a token."""
    return create_app(database, NotingQueue(), Access(database, is_open=True))


def client_of(app: FastAPI, token: str | None = None) -> Client:
    """Who asks a service in this process; faults are answers, not exceptions."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return Client(app, "http://localhost", raise_server_exceptions=False, headers=headers)


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of a service that listens on a free port of this computer."""
    config = uvicorn.Config(
        app, port=0, log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    addresses: SimpleQueue[str] = SimpleQueue()
    server = Server(config, addresses.put)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield addresses.get(timeout=30.0)
    finally:
        server.should_exit = True
        thread.join()
