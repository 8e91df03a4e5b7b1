"""Reports as tables for the terminal, or as JSON."""

import json
from collections.abc import Callable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

Report = dict[str, Any]

POSES = {
    "n": "standing still in the N-pose",
    "t": "standing still in the T-pose",
    "sit": "sitting still",
}
_ALL = 0.995
"""What rounds to all of the time."""


def show(report: Report, tables: Callable[[Report], list[Table]], as_json: bool) -> None:
    """Print a report as JSON, or as the tables that are made of it."""
    if as_json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return
    console = Console(markup=False, highlight=False)
    for table in tables(report):
        console.print(table)


def recording_table(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.reports.recording_report`."""
    state = "complete" if report["complete"] else "incomplete: the recorder did not close it"
    if report["recovered_from"]:
        state = f"recovered from {report['recovered_from']}"
    height = f", {report['height_m']:g} m" if report["height_m"] else ""
    athlete = f"{report['athlete'] or 'athlete unknown'}{height}"
    table = plain_table(
        "Stream",
        "Kind",
        "Segment",
        "Rate [Hz]",
        "Samples",
        "Missing",
        title=f"{report['file']}: {report['duration_s']:.1f} s, {state}\n{athlete}, "
        f"started {report['started'][:19]}, {'solved' if report['solved'] else 'not solved yet'}",
    )
    for stream in report["streams"]:
        if not stream["samples"]:
            continue
        missing = f"{stream['missing_samples']} in {stream['gaps']} gaps" if stream["gaps"] else "0"
        table.add_row(
            stream["name"],
            stream["kind"],
            stream["placement"] or "–",
            f"{stream['rate_hz']:g}" if stream["rate_hz"] else "–",
            str(stream["samples"]),
            missing,
        )
    return [table]


def solution_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.reports.solution_report`."""
    rate, height = report["rate_hz"], report["height_m"]
    lines = [
        f"{report['frames']} frames at {rate:g} Hz, body height {height:g} m",
        _calibrated_by(report),
        f"headings from {report['headings_from']}",
        *_way_lines(report["way"]),
    ]
    if makers := report["makers_orientations"]:
        lines.append(f"no gyroscope, so the maker's own orientations: {', '.join(makers)}")
    table = plain_table(
        "Segment",
        "Measured [%]",
        "Joint ± [°]",
        "Heading ± [°]",
        "Drift [°/min]",
        title="\n".join(lines),
    )
    for segment, row in report["segments"].items():
        table.add_row(
            segment,
            f"{100 * row['measured_share']:.1f}",
            _text(row["joint_sd_deg"], 1),
            f"{row['heading_sd_deg']:.1f}",
            f"{row['heading_drift_deg_per_min']:.2f}",
        )
    return [table, *_warning_tables(report)]


def calibration_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.sensor_reports.calibration_report`."""
    told = any(row["mounting_sd_deg"] for row in report["segments"].values())
    posed = report["calibration_pose"] is not None
    unit = "" if told else " [°]"  # there is no room for it in every column
    moving = ", ".join(f"{a:.1f} to {b:.1f} s" for a, b in report["moving_s"])
    table = plain_table(
        "Segment",
        f"Axis off{unit}",
        *((f"Swayed{unit}",) if posed else ()),
        f"Heading ±{unit}",
        *(("Mount ±",) if told else ()),
        "Not checked",
        title=f"{_calibrated_by(report)}\n"
        f"in motion: {moving or 'never, so little can be told'}"
        + (f"\nshown: {', '.join(report['movements_shown'])}" if report["movements_shown"] else "")
        + ("\nmount: how sure, sideways, in turn and forwards; all in degrees" if told else ""),
    )
    for segment, row in report["segments"].items():
        unchecked = [what for what in ("place", "hold") if not row[f"{what}_checked"]]
        table.add_row(
            segment,
            _text(row["residual_deg"], 1),
            *((_text(row["sway_deg"], 1),) if posed else ()),
            _text(row["heading_sd_deg"], 1),
            *((", ".join(f"{sd:.0f}" for sd in row["mounting_sd_deg"].values()),) if told else ()),
            ", ".join(unchecked),
        )
    return [table, *_warning_tables(report)]


def _calibrated_by(report: Report) -> str:
    """By what and when the sensors were calibrated."""
    start, end = report["calibration_s"]
    if report["calibrated_by"] == "movement":
        return f"calibrated by movement, straight ahead from {start:.2f} to {end:.2f} s"
    pose = POSES[report["calibration_pose"]]
    refined = ", refined by movement" if report["calibrated_by"] == "both" else ""
    return f"calibrated {pose} from {start:.2f} to {end:.2f} s{refined}"


def _warning_tables(report: Report) -> list[Table]:
    if not report["warnings"]:
        return []
    table = Table(box=SIMPLE_HEAD, title="To be looked at", title_justify="left", pad_edge=False)
    for column in ("Segment", "What", "What to do"):
        table.add_column(column, overflow="fold")
    for warning in report["warnings"]:
        table.add_row(warning["segment"], warning["found"], warning["do"])
    return [table]


def _way_lines(way: Report) -> list[str]:
    """What the root path says, in plain words."""
    if way["known_share"] == 0.0:
        return ["no sensor on a leg tells the way: the skeleton stands"]
    speed = way["belt_speed_m_per_s"]
    if way["ground"] == "level":
        lines = [f"{way['distance_m']:g} m over level ground"]
    else:
        belt = "it stood still" if speed is None else f"mostly at {speed:g} m/s"
        lines = [f"{way['distance_m']:g} m of the treadmill's belt, {belt}"]
    if way["known_share"] < _ALL:
        lines.append(
            f"for {100 * (1 - way['known_share']):.0f} % of the time no sensor tells the way, and "
            "the skeleton stands"
        )
    if way["stances"]:
        lines.append(
            f"in {way['stances']} stances a foot slips {way['foot_skate_median_cm']:.1f} cm "
            f"(median), in 95 % less than {way['foot_skate_95_percent_cm']:.1f} cm"
        )
    return lines


def plain_table(*columns: str, title: str) -> Table:
    """A table narrow enough for a terminal of 80 columns."""
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number > 0)
    return table


def _text(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
