"""The command ``trackside recover``: a clean file of a recording that a crash left behind."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from trackside.recordings.recovery import Recovery


def recover(
    broken: Annotated[Path, typer.Argument(help="A recording that a crash left behind (.h5).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The clean recording to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Make a clean file of a recording after a crash, a full disk or a power failure.

    Keeps every sample that can be read, bit by bit, counts what is lost, and leaves the broken
    file as it is. The other commands read a broken recording too; the clean one is also read by
    other programs.

    Example: trackside recover broken.h5 -o clean.h5
    """
    from trackside.app.display import show
    from trackside.recordings.recovery import recover as recover_recording

    recovery = recover_recording(broken, output)
    show(_report(recovery), _tables, as_json)


def _report(recovery: "Recovery") -> dict[str, Any]:
    return {
        "source": str(recovery.source),
        "file": str(recovery.path),
        "was_whole": recovery.was_whole,
        "streams": {
            name: {"kept": rows.kept, "lost": rows.lost} for name, rows in recovery.streams.items()
        },
        "annotations": {"kept": recovery.annotations.kept, "lost": recovery.annotations.lost},
    }


def _tables(report: dict[str, Any]) -> "list[Table]":
    from trackside.app.display import plain_table

    title = f"{report['file']}: recovered from {report['source']}"
    if report["was_whole"]:
        title = f"{report['file']}: a copy of {report['source']}, which was whole"
    table = plain_table("Stream", "Kept", "Lost", title=title)
    for name, rows in {**report["streams"], "(annotations)": report["annotations"]}.items():
        table.add_row(name, str(rows["kept"]), str(rows["lost"]))
    return [table]
