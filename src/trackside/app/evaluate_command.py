"""The command that compares before and after: trackside plan evaluate."""

import csv
from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from trackside.app.display import Report, plain_table, show
from trackside.arrays import Floats
from trackside.errors import FileFormatError, ParameterError

EVERYBODY = "all"


def evaluate(
    table: Annotated[Path, typer.Argument(help="One row a person (.csv with a header).")],
    before: Annotated[str, typer.Option("--before", help="The column before.")] = "pre",
    after: Annotated[str, typer.Option("--after", help="The column after.")] = "post",
    group: Annotated[
        str | None,
        typer.Option("--group", help="The column of groups; default: group, if there is one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Tell whether a training has changed something: paired t test and effect sizes.

    For each group: means and standard deviations, the mean difference with its 95 % interval, t, p,
    Cohen's d of the differences with its interval, Hedges' g. With two groups and more, the
    changes of each pair of groups are compared by Welch's test.

    Examples:

        trackside plan evaluate club.csv

        trackside plan evaluate club.csv --before vo2_march --after vo2_june --group team
    """
    from trackside.planner.group_comparison import compare_changes, paired_comparison

    groups = _groups(table, before, after, group)
    report: Report = {
        "table": str(table),
        "before": before,
        "after": after,
        "groups": {name: _plain(asdict(paired_comparison(*pair))) for name, pair in groups.items()},
        "between": [
            {"groups": [one, two], **_plain(asdict(compare_changes(groups[one], groups[two])))}
            for one, two in combinations(groups, 2)
        ],
    }
    show(report, _tables, as_json)


def _groups(
    path: Path, before: str, after: str, group: str | None
) -> dict[str, tuple[Floats, Floats]]:
    """Before and after of each group; rows without either value are refused by their line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        wanted = [before, after, *([group] if group else [])]
        absent = [name for name in wanted if name not in columns]
        if absent:
            raise FileFormatError(path, "line 1", f"a column {absent[0]!r}; there are {columns}")
        by = group or ("group" if "group" in columns else None)
        found: dict[str, list[tuple[float, float]]] = {}
        for number, row in enumerate(rows, start=2):
            try:
                pair = float(row[before]), float(row[after])
            except (TypeError, ValueError) as error:
                wanted_here = f"numbers in {before!r} and {after!r}; leave out who was not measured"
                raise FileFormatError(path, f"line {number}", wanted_here) from error
            found.setdefault(row[by] if by else EVERYBODY, []).append(pair)
    if not found:
        raise ParameterError(f"{path} has no rows: expected one a person")
    return {name: (np.array(pairs)[:, 0], np.array(pairs)[:, 1]) for name, pairs in found.items()}


def _plain(values: Mapping[str, Any]) -> Report:
    """Values for JSON, which has neither NaN nor infinity."""
    return {
        name: [_finite(one) for one in value] if isinstance(value, tuple) else _finite(value)
        for name, value in values.items()
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _tables(report: Report) -> list[Table]:
    table = plain_table(
        "Group",
        "N",
        "Before",
        "After",
        "Difference [95 %]",
        "t (df)",
        "p",
        "d [95 %]",
        title=f"{report['table']}: {report['before']} and {report['after']}, mean ± SD",
    )
    for name, one in report["groups"].items():
        table.add_row(
            name,
            str(one["count"]),
            f"{_text(one['before'])} ± {_text(one['before_sd'])}",
            f"{_text(one['after'])} ± {_text(one['after_sd'])}",
            f"{_text(one['difference'])}\n{_span(one['interval'])}",
            f"{_text(one['t'])} ({one['freedom']:g})",
            _probability(one["p"]),
            f"{_text(one['d'])}\n{_span(one['d_interval'])}",
        )
    tables = [table]
    if report["between"]:
        between = plain_table(
            "Changes of", "Difference [95 %]", "t (df)", "p", "d [95 %]", title="Between groups"
        )
        for one in report["between"]:
            between.add_row(
                " and ".join(one["groups"]),
                f"{_text(one['difference'])} {_span(one['interval'])}",
                f"{_text(one['t'])} ({one['freedom']:.1f})",
                _probability(one["p"]),
                f"{_text(one['d'])} {_span(one['d_interval'])}",
            )
        tables.append(between)
    return tables


def _span(interval: list[float | None]) -> str:
    return f"[{_text(interval[0])}, {_text(interval[1])}]"


def _probability(p: float | None) -> str:
    return "–" if p is None else "< .001" if p < 0.001 else f"{p:.3f}"


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
