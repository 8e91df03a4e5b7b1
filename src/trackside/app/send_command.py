"""The command that brings a session to the service: trackside plan send."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from trackside.app.display import Report, plain_table, show
from trackside.app.service_options import Token

if TYPE_CHECKING:
    from trackside.app.session_sending import Sent


def send(
    session: Annotated[
        Path,
        typer.Argument(
            help="A session done: a recording, a watch's file (.fit, .tcx, .gpx), or features "
            "(.json)."
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="The service's address.")],
    runner: Annotated[
        str | None,
        typer.Option("--runner", help="Whose session. Default: the only one you may see."),
    ] = None,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Send a session's summary to the service, and show what it proposes to change.

    Only the summary goes there: what was measured, each value with its standard deviation. Sending
    it twice changes nothing. A proposal is confirmed or rejected on the service's page.

    Examples:

        trackside plan send session.h5 --to http://127.0.0.1:8765 --runner ada

        TRACKSIDE_TOKEN=trackside_… trackside plan send run.fit --to https://plans.example.org
    """
    from trackside.app.service_client import ServiceClient
    from trackside.app.session_files import summary_of_file
    from trackside.app.session_sending import (
        athlete_of,
        recording_to_send,
        runner_of,
        send_session,
    )

    client = ServiceClient(to, token)
    runner_id = runner_of(client, runner)
    summary = summary_of_file(session, athlete_of(client, runner_id))
    sent = send_session(client, recording_to_send(summary, runner_id))
    show(_report(sent, session, client.address), _tables, as_json)


def _report(sent: "Sent", session: Path, address: str) -> Report:
    from pydantic import TypeAdapter

    from trackside.app.change_table import change_report
    from trackside.planner.plan_documents import DayDocument

    day = TypeAdapter(DayDocument).validate_python
    recording, proposal = sent.recording, sent.proposal
    changes = []
    for one in proposal["changes"] if proposal else ():
        before, after = day(one["before"]), day(one["after"])
        changes.append(change_report(after.date, before.steps, after.steps, one["reason"]))
    return {
        "session": str(session),
        "page": f"{address}/",
        "runner": recording.runner_id,
        "recording_id": recording.recording_id,
        "started_at": recording.started_at.isoformat(timespec="seconds"),
        "is_new": sent.is_new,
        "features": {
            name: {"value": one.value, "sd": one.sd} for name, one in recording.features.items()
        },
        "remarks": list(recording.remarks),
        "summary": proposal["summary"] if proposal else sent.why_none,
        "changes": changes,
    }


def _tables(report: Report) -> list[Table]:
    from trackside.app.change_table import change_table

    done = "is with" if report["is_new"] else "was already with"
    head = (
        f"{report['session']} {done} {report['page']}\n"
        f"{report['runner']}, began {report['started_at']}, as {report['recording_id']}"
    )
    table = plain_table("Measured", "Value", "±", title="")
    for name, one in report["features"].items():
        sd = "–" if one["sd"] is None else f"{one['sd']:.3g}"
        table.add_row(name.replace("_", " "), f"{one['value']:.4g}", sd)
    if not report["changes"]:
        return [_lines(head), table, _lines(f"Nothing is proposed: {report['summary']}")]
    heading = f"Proposed: {report['summary']}\nconfirm or reject it on {report['page']}"
    return [_lines(head), table, change_table(report["changes"], heading)]


def _lines(text: str) -> Table:
    """Text as wide as the terminal."""
    grid = Table.grid()
    grid.add_column(overflow="fold")
    grid.add_row(text)
    return grid
