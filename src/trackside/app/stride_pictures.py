"""Pictures of joint angles: over the stride or in time, and beside a reference."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.app.comparison_report import Comparison
from trackside.app.figures import CENTRE_COLOUR, SIDE_COLOUR, draw_band
from trackside.app.gait_words import angle_in_words
from trackside.arrays import Floats
from trackside.kinematics.comparison import BAND, Deviation, Irregularity, Stretch, without_side
from trackside.kinematics.stride_curves import PERCENT, StrideCurves
from trackside.recordings.placements import SIDES
from trackside.replacing import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3  # panels in a row
FIRST_SHOWN = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
MOST_SHOWN = 6
LEAST_RANGE = 15.0  # °
OUTSIDE_COLOUR = "#CC79A7"
REFERENCE_COLOUR = "#666666"


def draw_stride_angles(path: Path, title: str, curves: StrideCurves) -> None:
    """Draw mean ± SD of every angle over the stride, right and left in one panel, as PNG."""
    averages = curves.curves()
    with _picture(path, title, len(_panels(averages))) as axes:
        for axis, (bare, names) in zip(axes, _panels(averages).items(), strict=True):
            for name in names:
                draw_band(axis, averages[name], _colour(name), _label(name))
            for side, strides in curves.strides.items():
                axis.axvline(100 * strides.stance, color=SIDE_COLOUR[side], ls="--", lw=0.8)
            axis.set(title=angle_in_words(bare), xlim=(0, 100))
            axis.set_xlabel("stride [%], toe-off dashed", fontsize=8)


def draw_angles_in_time(path: Path, title: str, time: Floats, angles: Mapping[str, Floats]) -> None:
    """Draw angles (N,) rad at ``time`` (N,) s, right and left in one panel, as PNG."""
    with _picture(path, title, len(_panels(angles))) as axes:
        for axis, (bare, names) in zip(axes, _panels(angles).items(), strict=True):
            for name in names:
                axis.plot(
                    time, np.rad2deg(angles[name]), color=_colour(name), lw=0.8, label=_label(name)
                )
            axis.set(title=angle_in_words(bare), xlim=(time[0], time[-1]))
            axis.set_xlabel("time [s]", fontsize=8)


def draw_comparison(path: Path, comparison: Comparison) -> None:
    """Draw a session's curves on the reference's band, irregular stretches marked, as PNG.

    Hip, knee and ankle come first, then the angles with the most severe irregularities.
    """
    chosen = _chosen(comparison)
    with _figure(path) as figure:
        figure.set_size_inches(max(3.4 * len(chosen), 6.8), 7.2)
        figure.suptitle(f"{comparison.title}\ncompared with {comparison.reference.title}")
        axes = figure.subplots(len(SIDES), len(chosen), squeeze=False, sharex=True, sharey="col")
        by_angle = {deviation.angle: deviation for deviation in comparison.deviations}
        for column, bare in enumerate(chosen):
            for row, side in enumerate(SIDES):
                deviation = by_angle.get(f"{side}_{bare}") or (
                    by_angle.get(bare) if not row else None
                )
                if deviation is None:
                    axes[row, column].set_axis_off()
                    continue
                _draw_deviation(axes[row, column], deviation, comparison)
        for axis in axes[-1]:
            axis.set_xlabel("stride [%], toe-off dashed")
        axes[0, 0].legend(loc="best", fontsize=7)


def _draw_deviation(axis: "Axes", deviation: Deviation, comparison: Comparison) -> None:
    own, reference = deviation.own, deviation.reference
    mean, reach = np.rad2deg(reference.mean), BAND * np.rad2deg(reference.sd)
    axis.fill_between(
        PERCENT, mean - reach, mean + reach, color="#DDDDDD", lw=0, label=f"± {BAND:g} SD"
    )
    axis.plot(PERCENT, mean, color=REFERENCE_COLOUR, ls=":", label="reference")
    draw_band(axis, own, _colour(deviation.angle), "session, ± 1 SD")
    strides = comparison.own.strides[comparison.own.side_of(deviation.angle)]
    axis.axvline(100 * strides.stance, color=CENTRE_COLOUR, ls="--", lw=0.8)
    for item in comparison.irregularities:
        if item.angle == deviation.angle:
            _mark(axis, item, np.rad2deg(own.mean))
    _widen(axis)
    axis.set_title(angle_in_words(deviation.angle), fontsize=10)
    axis.set(xlim=(0, 100))
    axis.grid(alpha=0.3)
    axis.set_ylabel("[°]", fontsize=8)


def _mark(axis: "Axes", item: Irregularity, mean: Floats) -> None:
    """Shade an irregular stretch and say by how much; a time shift is said in the corner."""
    if not isinstance(item, Stretch):
        text = f"{item.shift:+.0f} % in time"
        axis.text(0.02, 0.02, text, transform=axis.transAxes, fontsize=8, color=OUTSIDE_COLOUR)
        return
    around = item.end < item.start
    spans = [(item.start, 100.0), (0.0, item.end)] if around else [(item.start, item.end)]
    for start, end in spans:
        axis.axvspan(start, end, color=OUTSIDE_COLOUR, alpha=0.25, lw=0)
    first, last = max(spans, key=lambda span: span[1] - span[0])
    middle = 0.5 * (first + last)
    axis.annotate(
        f"{np.rad2deg(item.difference):+.0f}°",
        (middle, float(mean[round(middle)])),
        (0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )


def _chosen(comparison: Comparison) -> list[str]:
    """Which angles, without sides, are drawn."""
    there = {without_side(deviation.angle): None for deviation in comparison.deviations}
    severe = [without_side(item.angle) for item in comparison.irregularities]
    order = [name for name in (*FIRST_SHOWN, *severe) if name in there] or [*there]
    return list(dict.fromkeys(order))[:MOST_SHOWN]


def _widen(axis: "Axes") -> None:
    """Make a panel show LEAST_RANGE or more, so that noise does not look like motion."""
    low, high = axis.get_ylim()
    missing = max(LEAST_RANGE - (high - low), 0.0) / 2
    axis.set_ylim(low - missing, high + missing)


def _panels(names: Mapping[str, Any]) -> dict[str, list[str]]:
    """The angles of both sides by their name without a side, in their order."""
    panels: dict[str, list[str]] = {}
    for name in names:
        panels.setdefault(without_side(name), []).append(name)
    return panels


def _colour(name: str) -> str:
    return SIDE_COLOUR.get(name.partition("_")[0], CENTRE_COLOUR)


def _label(name: str) -> str:
    side = name.partition("_")[0]
    return side if side in SIDES else "mean"


@contextmanager
def _figure(path: Path) -> Iterator["Figure"]:
    """Yield a figure that is written as PNG at the end."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    yield figure
    with replacing(path) as target:
        figure.savefig(target, format="png", dpi=110)


@contextmanager
def _picture(path: Path, title: str, panels: int) -> Iterator[Sequence["Axes"]]:
    """Yield axes for that many panels of one angle each."""
    rows = -(-panels // ACROSS)
    with _figure(path) as figure:
        figure.set_size_inches(12, 0.6 + 2.2 * rows)
        figure.suptitle(title)
        axes = list(figure.subplots(rows, ACROSS, squeeze=False).flat)
        yield axes[:panels]
        for axis in axes[:panels]:
            axis.title.set_fontsize(10)
            axis.grid(alpha=0.3)
            axis.set_ylabel("[°]", fontsize=8)
            _widen(axis)
        for axis in axes[panels:]:
            axis.set_axis_off()
        keys = max(axes[:panels], key=lambda axis: len(axis.get_legend_handles_labels()[0]))
        keys.legend(loc="best", fontsize="small")
