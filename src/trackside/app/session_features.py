"""What ``trackside features`` tells of a recording: gait and heart rate, each if there is any."""

from typing import Any

from rich.table import Table

from trackside.app.display import gait_table, plain_table
from trackside.app.heart_report import heart_report, heart_table
from trackside.app.heart_signals import heart_signals
from trackside.app.reports import gait_report
from trackside.app.sensors import turning_imus
from trackside.errors import MissingDataError, SignalError
from trackside.filters.heart_rate_session import heart_session
from trackside.kinematics.gait import GaitFeatures, gait_features
from trackside.planner.athlete import Athlete
from trackside.recordings.reader import Recording

Report = dict[str, Any]

FAULT = "fault"
"""Kind of the annotations that importers leave of what was wrong with a file."""


def session_report(
    recording: Recording, athlete: Athlete | None, thresholds: tuple[float, float] | None
) -> Report:
    """Gait, heart rate, and what was wrong with an imported file; reasons for what is missing.

    Raises MissingDataError if there is neither gait nor heart rate.
    """
    gait, no_gait = gait_or_reason(recording)
    heart: Report = {}
    try:
        session = heart_session(heart_signals(recording, gait))
        heart = heart_report(session, athlete, thresholds)
    except SignalError as error:
        if gait is None:
            raise MissingDataError(f"{no_gait}; {error}") from error
        heart = {"reason": str(error)}
    return {
        **({"gait_reason": no_gait} if gait is None else gait_report(gait)),
        "heart_rate": heart,
        "file_faults": [note.text for note in recording.annotations if note.kind == FAULT],
    }


def session_tables(report: Report) -> list[Table]:
    """Tables of :func:`session_report`."""
    tables = []
    no_gait, no_heart = report.get("gait_reason"), report["heart_rate"].get("reason")
    if no_gait is None:
        tables += gait_table(report)
    if no_heart is None:
        tables += heart_table(report["heart_rate"])
    for heading, reason in [
        *(("Not shown", reason) for reason in (no_gait, no_heart) if reason),
        *(("Imported from a faulty file", fault) for fault in report["file_faults"]),
    ]:
        table = plain_table(heading, title="")
        table.add_row(reason)
        tables.append(table)
    return tables


def gait_or_reason(recording: Recording) -> tuple[GaitFeatures | None, str]:
    """The gait, or None and why there is none."""
    try:
        return gait_features(turning_imus(recording)), ""
    except MissingDataError as error:
        return None, str(error)
