"""What a comparison of two gaits found, as plain values for print and JSON, and as tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from trackside.app.display import Report, plain_table
from trackside.app.gait_words import angle_in_words, asymmetry_in_words, in_words
from trackside.kinematics.comparison import (
    Deviation,
    Irregularity,
    Stretch,
    asymmetries,
    deviations,
    irregularities,
)
from trackside.kinematics.stride_curves import Curve, StrideCurves

SHOWN = 10
"""Lines of irregularities on a terminal; JSON has all."""


@dataclass(frozen=True)
class Reference:
    """What a session is compared with: whose curves, and where they are from."""

    title: str
    source: str
    walking: bool
    curves: Mapping[str, Curve]
    shape_only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """A session's curves and what was found against a reference, and between left and right."""

    title: str
    own: StrideCurves
    reference: Reference
    deviations: list[Deviation]
    irregularities: list[Irregularity]
    asymmetries: list[Irregularity]


def compare_with(
    title: str, own: StrideCurves, reference: Reference, least_angle: float
) -> Comparison:
    """Compare a session with a reference; ``least_angle`` in rad is the least that is told."""
    curves = own.curves()
    found = deviations(curves, reference.curves, reference.shape_only)
    return Comparison(
        title,
        own,
        reference,
        found,
        irregularities(found, least_angle),
        irregularities(asymmetries(curves), least_angle),
    )


def comparison_report(comparison: Comparison) -> Report:
    """What ``trackside compare`` shows."""
    own, reference = comparison.own, comparison.reference
    return {
        "session": comparison.title,
        "reference": reference.title,
        "source": reference.source,
        "strides": strides_report(own),
        "notes": list(_notes(comparison)),
        "irregularities": [
            _item(item, in_words(item, _stance(own, item))) for item in comparison.irregularities
        ],
        "asymmetries": [
            _item(item, asymmetry_in_words(item, _stance(own, item)))
            for item in comparison.asymmetries
        ],
        "deviations": [_deviation(deviation) for deviation in comparison.deviations],
    }


def strides_report(curves: StrideCurves) -> Report:
    """How many strides were taken, by side."""
    return {
        side: {
            "gait": "walking" if strides.walking else "running",
            "strides": len(strides.start),
            "left_out": strides.left_out,
            "stride_time_s": round(float(np.mean(strides.end - strides.start)), 4),
            "stance_percent": round(100.0 * strides.stance, 1),
        }
        for side, strides in curves.strides.items()
    }


def strides_in_words(report: Report) -> str:
    """One line about the strides of :func:`strides_report`."""
    return "; ".join(
        f"{side}: {row['strides']} strides {row['gait']}, {row['stride_time_s']:.3f} s each, "
        f"{row['stance_percent']:.0f} % stance, {row['left_out']} left out"
        for side, row in report.items()
    )


def comparison_tables(report: Report) -> list[Table]:
    """Tables of :func:`comparison_report`."""
    title = f"{report['session']}\ncompared with {report['reference']}\n"
    if report["source"]:
        title += f"({report['source']})\n"
    title += strides_in_words(report["strides"])
    title += "".join(f"\nNote: {note}" for note in report["notes"])
    return [
        _list_table("Irregularities, the most severe first", report["irregularities"], title),
        _list_table("Left against right", report["asymmetries"], ""),
        _deviation_table(report["deviations"]),
    ]


def _notes(comparison: Comparison) -> Iterable[str]:
    gaits = {strides.walking for strides in comparison.own.strides.values()}
    if gaits != {comparison.reference.walking}:
        kind = "walking" if comparison.reference.walking else "running"
        yield f"the reference is {kind}, the session is not: expect large differences"
    shapes = sorted(item.angle for item in comparison.deviations if item.shape_only)
    if shapes:
        names = ", ".join(angle_in_words(angle) for angle in shapes)
        yield f"only the shape of {names} is compared: the reference has another zero"


def _stance(own: StrideCurves, item: Irregularity) -> float:
    return own.strides[own.side_of(item.angle)].stance


def _item(item: Irregularity, text: str) -> dict[str, Any]:
    report: dict[str, Any] = {"angle": item.angle, "text": text}
    if isinstance(item, Stretch):
        report |= {
            "difference_deg": _degrees(item.difference),
            "from_percent": item.start,
            "to_percent": item.end,
        }
    else:
        report |= {"later_by_percent": round(item.shift, 1)}
    return report


def _deviation(deviation: Deviation) -> dict[str, Any]:
    return {
        "angle": deviation.angle,
        "rms_deg": _degrees(deviation.rms),
        "mean_deg": _degrees(deviation.mean),
        "largest_deg": _degrees(deviation.largest),
        "largest_at_percent": deviation.largest_at,
        "later_by_percent": round(deviation.shift, 1) + 0.0,
        "shape_only": deviation.shape_only,
    }


def _degrees(angle: float) -> float:
    return round(float(np.rad2deg(angle)), 1) + 0.0


def _list_table(heading: str, items: list[Report], title: str) -> Table:
    table = plain_table(heading, title=title)
    for number, item in enumerate(items[:SHOWN], start=1):
        table.add_row(f"{number}. {item['text']}")
    if len(items) > SHOWN:
        table.add_row(f"… and {len(items) - SHOWN} more, with --json")
    if not items:
        table.add_row("none")
    return table


def _deviation_table(rows: list[Report]) -> Table:
    table = plain_table(
        "Angle", "RMS [°]", "Mean [°]", "Largest [°]", "at [%]", "Later by [%]", title=""
    )
    for row in rows:
        numbers = ("rms_deg", "mean_deg", "largest_deg")
        table.add_row(
            angle_in_words(row["angle"]),
            *(f"{row[name]:.1f}" for name in numbers),
            f"{row['largest_at_percent']:.0f}",
            f"{row['later_by_percent']:.1f}",
        )
    return table
