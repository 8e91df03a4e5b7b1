"""Changes of a plan's days as a table for the terminal."""

from collections.abc import Sequence
from datetime import date

from rich.table import Table

from trackside.app.display import Report, plain_table
from trackside.planner.workout_text import title
from trackside.planner.workouts import Workout


def change_report(
    day: date, before: Sequence[Workout], after: Sequence[Workout], reason: str
) -> Report:
    """What a day becomes, for a table or for scripts."""
    return {
        "date": day.isoformat(),
        "before": [title(one) for one in before],
        "after": [title(one) for one in after],
        "load_before": round(sum(one.load for one in before)),
        "load_after": round(sum(one.load for one in after)),
        "reason": reason,
    }


def change_table(changes: Sequence[Report], heading: str) -> Table:
    """A row for each :func:`change_report`."""
    table = plain_table("Day", "Load", "Becomes", "Why", title=heading)
    for column in table.columns[2:]:
        column.no_wrap = False
    for change in changes:
        table.add_row(
            f"{date.fromisoformat(change['date']):%a} {change['date'][5:]}",
            f"{change['load_before']} → {change['load_after']}",
            ", ".join(change["after"]),
            change["reason"],
        )
    table.columns[0].no_wrap = True
    return table
