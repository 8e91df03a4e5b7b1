"""The commands around the service: trackside serve, jobs, users."""

import getpass
import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackside.app.display import show
from trackside.errors import ParameterError

if TYPE_CHECKING:
    from trackside.planner.store.database import Database

jobs_app = typer.Typer(
    help="See to the jobs that make plans: list them, look at one, cancel one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
users_app = typer.Typer(
    help="Say who may use the service, and give them tokens.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Store = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="TRACKSIDE_STORE",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
JobId = Annotated[str, typer.Argument(help="As trackside jobs list shows it.")]
UserName = Annotated[str, typer.Argument(help="The user's name.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the token lasts.")]
Address = Annotated[
    str, typer.Option("--address", help="Of the page, for a link that signs in by itself.")
]

LIBRARIES = ("alembic", "fastapi", "pebble", "sqlalchemy", "uvicorn")
STORE = "sqlite:///trackside.sqlite"
ADDRESS = "http://127.0.0.1:8765"


@jobs_app.callback()
@users_app.callback()
def check_libraries() -> None:
    """See to it that what the service takes is installed."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise ParameterError(
            f"the service needs more than is installed ({', '.join(missing)}): "
            "pip install 'trackside[service]'"
        )


def serve(
    store: Store = STORE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8765,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="Plans made at once. Default: one less than processors."),
    ] = None,
    limit: Annotated[float, typer.Option(min=1, help="Seconds that a plan may take.")] = 300.0,
    lease: Annotated[
        float,
        typer.Option(min=0.5, help="Seconds after which a service that is silent counts as dead."),
    ] = 30.0,
    certificate: Annotated[
        Path | None, typer.Option(help="For HTTPS: the certificate (.pem).")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="For HTTPS: its key (.pem).")] = None,
) -> None:
    """Serve plans over HTTP, and the page for the phone.

    On this computer alone nobody needs a token until the first one is given; from other computers
    everybody does. Stop it with Ctrl-C: plans that are being made are begun anew by the next start.

    Examples:

        trackside serve

        trackside serve --host 0.0.0.0 --certificate site.pem --key site-key.pem

        TRACKSIDE_STORE=postgresql://coach@db/plans trackside serve
    """
    check_libraries()
    from trackside.planner.adjuster import propose
    from trackside.planner.service.job_runner import JobSettings
    from trackside.planner.service.server import ServerSettings, make_server

    jobs = JobSettings(
        processes or max(1, (os.cpu_count() or 1) - 1),
        timedelta(seconds=limit),
        timedelta(seconds=lease),
    )
    settings = ServerSettings(host, port, certificate, key, jobs)
    with _opened(store) as database:
        server = make_server(database, settings, propose)
        server.tell = lambda address: print(
            f"{address} serves {database.place}; Ctrl-C stops it", flush=True
        )
        server.run()
        if not server.started:
            raise ParameterError(f"{host}:{port} is taken: expected another --port")


@jobs_app.command("list")
def list_jobs(
    store: Store = STORE,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the latest jobs.

    Example: trackside jobs list --limit 5
    """
    from trackside.app.service_display import job_report, job_tables
    from trackside.planner.store.jobs import jobs_of

    with _opened(store) as database, database.reading() as connection:
        found = jobs_of(connection, None, limit)
    show({"jobs": [job_report(one) for one in found]}, job_tables, as_json)


@jobs_app.command("show")
def show_job(job_id: JobId, store: Store = STORE, as_json: AsJson = False) -> None:
    """Show one job: how far it is, or why it failed.

    Example: trackside jobs show 3f2a…
    """
    from trackside.app.service_display import job_report, job_tables
    from trackside.planner.store.jobs import job

    with _opened(store) as database, database.reading() as connection:
        found = job(connection, job_id)
    show({"jobs": [job_report(found)]}, job_tables, as_json)


@jobs_app.command("cancel")
def cancel_job(job_id: JobId, store: Store = STORE) -> None:
    """Cancel a job that is queued or running; its process ends within the service's lease.

    Example: trackside jobs cancel 3f2a…
    """
    from trackside.planner.store.jobs import cancel

    with _opened(store) as database, database.writing() as connection:
        cancel(connection, job_id, getpass.getuser())
    print(f"{job_id} cancelled")


@users_app.command("add")
def add_user(
    name: UserName,
    coach: Annotated[bool, typer.Option("--coach", help="A coach, who adds athletes.")] = False,
    profile: Annotated[
        Path | None, typer.Option(help="An athlete: whose profile (.toml) this is.")
    ] = None,
    runner: Annotated[
        str | None, typer.Option(help="An athlete: the runner that the store has already.")
    ] = None,
    days: Days = 365,
    address: Address = ADDRESS,
    store: Store = STORE,
) -> None:
    """Add a coach or an athlete, and print the token to sign in with, once.

    Examples:

        trackside users add eva --coach

        trackside users add ada --profile ada.toml --address https://plans.example.org
    """
    from trackside.planner.store.accounts import Role, new_token
    from trackside.planner.store.accounts import add_user as add

    if coach == (profile is not None or runner is not None) or (profile and runner):
        raise ParameterError(f"who is {name}? expected one of --coach, --profile, --runner")
    with _opened(store) as database, database.writing() as connection:
        runner_id = _stored_profile(connection, profile) if profile else runner
        add(connection, name, Role.COACH if coach else Role.ATHLETE, runner_id)
        token = new_token(connection, name, timedelta(days=days))
    _print_token(name, token, days, address)


@users_app.command("list")
def list_users(store: Store = STORE, as_json: AsJson = False) -> None:
    """List who may use the service, and whose data they see.

    Example: trackside users list
    """
    from trackside.app.service_display import user_tables
    from trackside.planner.store.accounts import users

    with _opened(store) as database, database.reading() as connection:
        found = users(connection)
    rows = [
        {
            "user": one.user_id,
            "role": one.role.value,
            "sees": list(one.runners),
            "tokens": one.tokens,
        }
        for one in found
    ]
    show({"users": rows}, user_tables, as_json)


@users_app.command("coach")
def coach_runner(
    name: UserName,
    runner: Annotated[str, typer.Argument(help="The runner's id.")],
    store: Store = STORE,
) -> None:
    """Let a coach see an athlete's data.

    Example: trackside users coach eva ada
    """
    from trackside.planner.store.accounts import let_coach

    with _opened(store) as database, database.writing() as connection:
        let_coach(connection, name, runner)
    print(f"{name} coaches {runner}")


@users_app.command("token")
def give_token(
    name: UserName, days: Days = 365, address: Address = ADDRESS, store: Store = STORE
) -> None:
    """Print another token of a user; the ones before stay valid.

    Example: trackside users token ada --days 30
    """
    from trackside.planner.store.accounts import new_token

    with _opened(store) as database, database.writing() as connection:
        token = new_token(connection, name, timedelta(days=days))
    _print_token(name, token, days, address)


@users_app.command("revoke")
def revoke(name: UserName, store: Store = STORE) -> None:
    """End all tokens of a user: lost phones, athletes who left.

    Example: trackside users revoke ada
    """
    from trackside.planner.store.accounts import revoke_tokens

    with _opened(store) as database, database.writing() as connection:
        ended = revoke_tokens(connection, name)
    print(f"{ended} tokens of {name} ended")


def _opened(url: str) -> "Database":
    from trackside.planner.store.opening import open_store

    return open_store(url)


def _stored_profile(connection: object, path: Path) -> str:
    """Store a profile file and return its runner's id."""
    import tomllib

    from sqlalchemy import Connection

    from trackside.planner.profile_file import read_profile
    from trackside.planner.store.runners import save_runner

    assert isinstance(connection, Connection)  # noqa: S101
    profile = read_profile(path)
    save_runner(connection, tomllib.loads(path.read_text(encoding="utf-8")))
    return profile.runner_id


def _print_token(name: str, token: str, days: int, address: str) -> None:
    print(f"{name} signs in with this token, for {days} days; it is not shown again:")
    print(f"  {token}")
    print(f"or with this link: {address}/#token={token}")
