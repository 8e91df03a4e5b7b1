"""The strides of a recording as tables on the screen, as JSON and as a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.app.display import plain_table, show

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = {
    "start_s": ("Start", 2),
    "stride_time_s": ("Time", 3),
    "contact_time_s": ("Contact", 3),
    "stride_length_m": ("Length", 2),
    "speed_m_per_s": ("Speed", 2),
}
"""The columns that fit on a screen, with their digits."""

WORDS = {
    "stride_time_s": "Stride time [s]",
    "cadence_steps_per_min": "Cadence [1/min]",
    "contact_time_s": "Contact time [s]",
    "flight_time_s": "Flight time [s]",
    "duty_factor": "Duty factor",
    "stride_length_m": "Stride length [m]",
    "speed_m_per_s": "Speed [m/s]",
    "clearance_m": "Clearance [m]",
    "strike_angle_deg": "Strike angle [°]",
}
"""What the summary's columns are called."""


def show_strides(recording: Path, output: Path | None, as_json: bool) -> None:
    """Print the strides of a recording; with ``output``, write all of their columns.

    Raises MissingDataError if nothing tells of strides.
    """
    from trackside.app.session_features import stride_rows
    from trackside.app.table_files import write_table
    from trackside.kinematics.stride_summary import stride_summary
    from trackside.recordings.reader import open_recording

    with open_recording(recording) as opened:
        table = stride_rows(opened).table
    if output is not None:
        write_table(output, table)
    rows = json.loads(table.to_json(orient="records", double_precision=6))
    report = {"strides": rows, "summary": _without_nan(stride_summary(table))}
    show(report, _stride_tables, as_json)


def _without_nan(summary: dict[str, dict[str, float]]) -> dict[str, dict[str, float | None]]:
    """For JSON, which has no NaN."""
    return {
        name: {key: None if value != value else round(value, 5) for key, value in values.items()}
        for name, values in summary.items()
    }


def _stride_tables(report: dict[str, Any]) -> "list[Table]":
    return [_rows_table(report["strides"]), _summary_table(report)]


def _rows_table(rows: list[dict[str, Any]]) -> "Table":
    headings = [heading for heading, _ in SHOWN.values()]
    title = f"{len(rows)} strides; s and m"
    table = plain_table("Foot", "Activity", *headings, "Quality", title=title)
    for row in rows:
        cells = [_text(row[name], digits) for name, (_, digits) in SHOWN.items()]
        table.add_row(row["foot"] or "–", row["activity"] or "–", *cells, row["quality"])
    return table


def _summary_table(report: dict[str, Any]) -> "Table":
    table = plain_table(
        "Feature", "Mean", "SD", "CV [%]", "Right", "Left", "SI [%]", title="Of all sound strides"
    )
    keys = ("mean", "sd", "variation_percent", "right", "left", "symmetry_percent")
    for name, values in report["summary"].items():
        digits = (3, 3, 1, 3, 3, 1)
        cells = (_text(values.get(key), d) for key, d in zip(keys, digits, strict=True))
        table.add_row(WORDS[name], *cells)
    return table


def _text(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
