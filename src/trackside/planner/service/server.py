"""The service listening on an address."""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from trackside.errors import ParameterError
from trackside.planner.adjustment import Propose
from trackside.planner.service.access import Access
from trackside.planner.service.application import create_app
from trackside.planner.service.generation import Work, generate
from trackside.planner.service.job_runner import JobRunner, JobSettings
from trackside.planner.service.queues import queue_of
from trackside.planner.store.accounts import any_token
from trackside.planner.store.database import Database

PATIENCE = 3
"""s that open connections may take to end."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the service listens; certificate and key for HTTPS."""

    host: str = "127.0.0.1"
    port: int = 8765
    certificate: Path | None = None
    key: Path | None = None
    jobs: JobSettings = field(default_factory=JobSettings)


class Server(uvicorn.Server):
    """Says where it listens, and lets those go who listen for cues before it stops."""

    def __init__(
        self, config: uvicorn.Config, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__(config)
        self.tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            bound = self.servers[0].sockets[0].getsockname()
            scheme = "https" if self.config.is_ssl else "http"
            host = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            self.tell(f"{scheme}://{host}:{bound[1]}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.listeners.end()
        await super().shutdown(sockets)


def make_server(
    database: Database,
    settings: ServerSettings,
    propose: Propose | None = None,
    work: Work = generate,
) -> Server:
    """The service on a store, ready to run; ``work``: what makes its plans.

    Raises :class:`ParameterError` if it would be reachable from elsewhere without tokens.
    """
    with database.reading() as connection:
        is_open = not any_token(connection)
    if is_open and not is_loopback(settings.host):
        raise ParameterError(
            f"{settings.host} can be reached from other computers, and nobody has a token: "
            "make one with trackside users add, or serve on 127.0.0.1"
        )
    queue = queue_of(database, JobRunner(database, settings.jobs, work))
    app = create_app(database, queue, Access(database, is_open), propose)
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    )


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches an address; names other than localhost may be any."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
