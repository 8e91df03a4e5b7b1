"""The panels of a session report: each draws one thing on one axis, or says why it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from trackside.app.figures import CENTRE_COLOUR, SIDE_COLOUR, draw_band
from trackside.app.gait_words import angle_in_words
from trackside.app.report_content import AROUND, Content, rolling_median
from trackside.app.stride_pictures import LEAST_RANGE
from trackside.arrays import Floats
from trackside.filters.heart_rate_session import Series
from trackside.kinematics.comparison import BAND, Deviation
from trackside.kinematics.stride_curves import PERCENT
from trackside.kinematics.stride_summary import summarised
from trackside.planner.heart_rate_zones import maximum_zones
from trackside.recordings.placements import SIDES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LONG = 180.0  # s; sessions that last longer are drawn over minutes
ZONE_COLOUR = ("#E8EEF2", "#CFE3EE", "#CDE8D6", "#FBEBC1", "#F8D3B4", "#F1B9AE")
"""Below and in zones 1 to 5."""
HEART_COLOUR = "#B3123C"
SYMMETRY = {
    "stride_time_s": "stride time",
    "contact_time_s": "contact time",
    "flight_time_s": "flight time",
    "stride_length_m": "stride length",
    "clearance_m": "clearance",
}
SIDE_ANGLES = (
    "hip_flexion",
    "knee_flexion",
    "ankle_dorsiflexion",
    "shoulder_flexion",
    "elbow_flexion",
)


@dataclass(frozen=True)
class Panel:
    """``paint`` puts it onto an axis, unless ``missing`` has a reason; ``wide``: how many columns.

    There are three columns in a row.
    """

    title: str
    paint: Callable[["Axes", Content], None]
    missing: Callable[[Content], str]
    wide: int = 1

    def draw(self, axis: "Axes", content: Content) -> None:
        """Draw the panel, or say why there is none."""
        reason = self.missing(content)
        if reason:
            _say(axis, reason)
        else:
            self.paint(axis, content)
        axis.tick_params(length=2)


def rows_of(content: Content) -> list[tuple[Panel, ...]]:
    """The rows of panels in which there is something to see."""
    return [row for row in ROWS if not all(panel.missing(content) for panel in row)]


def _angle_panel(angle: str) -> Panel:
    return Panel(
        angle_in_words(angle).capitalize(),
        lambda axis, content: _draw_angle(axis, content, angle),
        lambda content: _no_angle(content, angle),
    )


def _no_angle(content: Content, angle: str) -> str:
    if content.form.curves is None:
        return "no joint angles: see below"
    if any(f"{side}_{angle}" in content.form.curves.angles for side in SIDES):
        return ""
    return f"no {angle.partition('_')[0]} has sensors on both its segments"


def _draw_angle(axis: "Axes", content: Content, angle: str) -> None:
    form = content.form
    if form.curves is None:
        return
    own = form.curves.curves()
    names = {side: f"{side}_{angle}" for side in SIDES if f"{side}_{angle}" in own}
    norm = form.norm
    if norm is not None and angle in norm.curves and angle not in norm.shape_only:
        mean, sd = np.rad2deg(norm.curves[angle].mean), np.rad2deg(norm.curves[angle].sd)
        low, high = mean - BAND * sd, mean + BAND * sd
        axis.fill_between(PERCENT, low, high, color="#E2E2E2", lw=0, label=f"norm ± {BAND:g} SD")
    for side, name in names.items():
        draw_band(axis, own[name], SIDE_COLOUR[side], f"{side}, ± 1 SD")
        cut = form.curves.strides.get(form.curves.side_of(name))
        if cut is not None:
            axis.axvline(100 * cut.stance, color=SIDE_COLOUR[side], ls="--", lw=0.7)
    _widen(axis, LEAST_RANGE)
    axis.set(xlim=(0, 100), xlabel="stride [%], toe-off dashed", ylabel="angle [°]")
    axis.legend(loc="best")


def _no_cadence(content: Content) -> str:
    return "" if (_cadence(content).values > 0.0).any() else "no cadence: see below"


def _cadence(content: Content) -> Series:
    return content.measured.signals.cadence.increasing() if content.measured else Series()


def _draw_cadence(axis: "Axes", content: Content) -> None:
    cadence = _cadence(content)
    values = np.where(cadence.values > 0.0, cadence.values, np.nan)
    axis.plot(_clock(axis, content, cadence.time), values, ".", ms=1.5, color="#9AA4AE")
    axis.plot(
        _clock(axis, content, cadence.time),
        np.where(np.isnan(values), np.nan, rolling_median(values)),
        color=CENTRE_COLOUR,
        label=f"median of {AROUND}",
    )
    axis.set(ylabel="cadence [steps/min]")
    _widen(axis, 20.0)
    _laps(axis, content)
    axis.legend(loc="best")


def _per_foot_panel(title: str, column: str, scale: float, unit: str) -> Panel:
    return Panel(
        title,
        lambda axis, content: _draw_per_foot(axis, content, column, scale, unit),
        lambda content: "" if len(_sound(content, column)) else f"no {title.lower()}: see below",
    )


def _sound(content: Content, column: str) -> "pd.DataFrame":
    """The sound strides of which a column is known."""
    import pandas as pd

    rows = content.measured.rows if content.measured else None
    if rows is None or column not in rows.table:
        return pd.DataFrame()
    table = summarised(rows.table)
    return table[np.isfinite(table[column].to_numpy(float))]


def _draw_per_foot(axis: "Axes", content: Content, column: str, scale: float, unit: str) -> None:
    """A column of the strides' table for each foot over time, with its running median."""
    sound = _sound(content, column)
    feet = sound["foot"].where(sound["foot"].isin(SIDES), "both feet")
    for foot in dict.fromkeys(feet):
        own = sound[feet == foot]
        time = _clock(axis, content, own["start_s"].to_numpy(float))
        values = scale * own[column].to_numpy(float)
        colour = SIDE_COLOUR.get(foot, CENTRE_COLOUR)
        axis.plot(time, values, ".", ms=1.5, color=colour, alpha=0.35)
        axis.plot(time, rolling_median(values), color=colour, label=foot)
    axis.set(ylabel=unit)
    _laps(axis, content)
    axis.legend(loc="best")


def _no_heart(content: Content) -> str:
    return "" if content.measured and content.measured.heart else "no heart rate: see below"


def _draw_heart(axis: "Axes", content: Content) -> None:
    session = content.measured.heart if content.measured else None
    if session is None:
        return
    axis.plot(_clock(axis, content, session.rate.time), session.rate.bpm, color=HEART_COLOUR, lw=1)
    _widen(axis, 20.0)
    if content.athlete is not None:
        low, high = axis.get_ylim()
        for zone in maximum_zones(content.athlete):
            axis.axhspan(zone.lower, zone.upper, color=ZONE_COLOUR[zone.number], lw=0, zorder=0)
            middle = 0.5 * (max(zone.lower, low) + min(zone.upper, high))
            if low < zone.upper and zone.lower < high:
                right = axis.get_xlim()[1]
                axis.text(right, middle, f"zone {zone.number} ", ha="right", va="center", size=6)
        axis.set_ylim(low, high)
    axis.set(ylabel="heart rate [bpm]")
    _laps(axis, content)


def _no_zones(content: Content) -> str:
    return _no_heart(content) or ("" if content.athlete else "needs the athlete's --profile")


def _draw_zones(axis: "Axes", content: Content) -> None:
    minutes = (content.heart.zone_minutes if content.heart else None) or ()
    names = ["below", *(f"zone {number}" for number in range(1, 6))]
    bars = axis.barh(names, minutes, color=ZONE_COLOUR, edgecolor="#8A949E", lw=0.5)
    axis.bar_label(bars, [f" {value:.1f}" for value in minutes], fontsize=7)
    axis.margins(x=0.15)
    axis.set(xlabel="time [min]")


def _symmetry(content: Content) -> dict[str, float]:
    """Symmetry indices in % by what they are of."""
    if content.gait is None:
        return {}
    found = {words: getattr(content.gait[1], name) for name, words in SYMMETRY.items()}
    return {
        words: feature.symmetry_percent
        for words, feature in found.items()
        if feature.symmetry_percent is not None
    }


def _no_symmetry(content: Content) -> str:
    return "" if _symmetry(content) else "needs strides of both feet"


def _draw_symmetry(axis: "Axes", content: Content) -> None:
    found = _symmetry(content)
    values = [*found.values()]
    colours = [SIDE_COLOUR["right" if value > 0 else "left"] for value in values]
    bars = axis.barh([*found], values, color=colours, height=0.6)
    axis.bar_label(bars, [f" {value:+.1f} " for value in values], fontsize=7)
    reach = 1.35 * max(5.0, *(abs(value) for value in values))
    axis.axvline(0.0, color=CENTRE_COLOUR, lw=0.8)
    axis.set(xlim=(-reach, reach), xlabel="symmetry index [%], + right larger")
    axis.invert_yaxis()


def _sides(content: Content) -> list[Deviation]:
    found = {item.angle: item for item in content.form.sides}
    return [found[angle] for angle in SIDE_ANGLES if angle in found]


def _no_sides(content: Content) -> str:
    return "" if _sides(content) else "needs joint angles of both sides"


def _draw_sides(axis: "Axes", content: Content) -> None:
    shown = _sides(content)
    names = [angle_in_words(item.angle) for item in shown]
    values = [float(np.rad2deg(item.rms)) for item in shown]
    bars = axis.barh(names, values, color="#8A949E", height=0.6)
    axis.bar_label(bars, [f" {value:.1f}" for value in values], fontsize=7)
    axis.set(xlim=(0, 1.25 * max(5.0, *values)), xlabel="left against right, RMS [°]")
    axis.invert_yaxis()


def _no_sensors(content: Content) -> str:
    return "" if content.sensors else "the file does not tell"


def _draw_sensors(axis: "Axes", content: Content) -> None:
    axis.set_axis_off()
    lines = [line for text in content.sensors for line in [*wrap(text, 42), ""]]
    axis.text(0.0, 1.0, "\n".join(lines), va="top", size=7, transform=axis.transAxes)


ROWS = (
    tuple(_angle_panel(angle) for angle in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")),
    (
        Panel("Cadence", _draw_cadence, _no_cadence),
        _per_foot_panel("Stride length", "stride_length_m", 1.0, "stride length [m]"),
        _per_foot_panel("Contact time", "contact_time_s", 1000.0, "contact time [ms]"),
    ),
    (
        Panel("Heart rate", _draw_heart, _no_heart, wide=2),
        Panel("Time in heart-rate zones", _draw_zones, _no_zones),
    ),
    (
        Panel("Symmetry of strides", _draw_symmetry, _no_symmetry),
        Panel("Symmetry of joint angles", _draw_sides, _no_sides),
        Panel("Sensors", _draw_sensors, _no_sensors),
    ),
)


def _clock(axis: "Axes", content: Content, time: Floats) -> Floats:
    """Times as they are drawn; names the axis' unit."""
    minutes = content.duration > LONG
    axis.set_xlabel("time [min]" if minutes else "time [s]")
    scale = 60.0 if minutes else 1.0
    axis.set_xlim(0.0, content.duration / scale)
    return time / scale


def _laps(axis: "Axes", content: Content) -> None:
    for lap in content.laps:
        axis.axvline(float(_clock(axis, content, np.array(lap))), color="#8A949E", ls=":", lw=0.8)


def _widen(axis: "Axes", least: float) -> None:
    """Make a panel show ``least`` or more, so that noise does not look like motion."""
    low, high = axis.get_ylim()
    missing = max(least - (high - low), 0.0) / 2
    axis.set_ylim(low - missing, high + missing)


def _say(axis: "Axes", reason: str) -> None:
    """Words in place of a picture."""
    axis.set(xticks=[], yticks=[])
    for edge in axis.spines.values():
        edge.set_color("#C8CED4")
    text = "\n".join(wrap(f"{reason[0].upper()}{reason[1:]}", 30))
    axis.text(
        0.5, 0.5, text, ha="center", va="center", size=8, color="#56616C", transform=axis.transAxes
    )
