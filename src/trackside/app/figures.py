"""One picture of a solved recording: a strip of the skeleton and joint angles over the stride."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import PARENT_INDEX, end_positions
from trackside.kinematics.stride_curves import (
    PERCENT,
    Curve,
    mean_curve,
    measured_angles,
    normalised,
)
from trackside.recordings.placements import SEGMENTS
from trackside.replacing import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito's palette: told apart by the colour-blind, on paper and on screens.
SIDE_COLOUR = {"right": "#D55E00", "left": "#0072B2"}
CENTRE_COLOUR = "#333333"
ANGLES = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion", "elbow_flexion")
FIGURES_IN_STRIP = 12
STRIP_GAP = 0.55  # m between two figures of the strip
LONGEST_STRIDE = 2.5  # s


LEAST_RANGE = 10.0
"""° that the axis of an angle spans at least."""


def draw_session(
    path: Path, pose: Pose, stride_events: Mapping[str, Floats], truth: Pose | None = None
) -> None:
    """Draw the strip over two strides and the mean angles over all strides, left and right.

    ``stride_events``: for each side moments (K,) s of the same event of successive strides.
    ``truth`` on the same skeleton is drawn dotted beside the solved angles.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    strip, curves = figure.subfigures(2, 1, squeeze=False, height_ratios=[1.1, 1]).flat
    _draw_strip(strip.subplots(), pose, stride_events)
    axes = curves.subplots(1, len(ANGLES))
    solved, true = measured_angles(pose), joint_angles(truth) if truth else None
    for axis, angle in zip(axes, ANGLES, strict=True):
        for side, events in stride_events.items():
            own = solved.get(f"{side}_{angle}")
            curve = None if own is None else stride_curve(pose.time, own, events)
            if curve is None:
                continue
            draw_band(axis, curve, SIDE_COLOUR[side], side)
            if truth is not None and true is not None:
                exact = stride_curve(truth.time, true[f"{side}_{angle}"], events)
                if exact is not None:
                    axis.plot(PERCENT, np.rad2deg(exact.mean), ":", color="black", lw=1.2)
        if not axis.lines:
            axis.text(50, 0.5, "not measured", transform=axis.get_xaxis_transform(), ha="center")
        axis.set(title=angle.replace("_", " "), xlabel="stride [%]", xlim=(0, 100))
        axis.grid(alpha=0.3)
        low, high = axis.get_ylim()
        if high - low < LEAST_RANGE:  # what does not move must not look as if it trembled
            axis.set_ylim((low + high - LEAST_RANGE) / 2, (low + high + LEAST_RANGE) / 2)
    axes[0].set_ylabel("angle [°], mean ± SD")
    if truth is not None:
        axes[0].plot([], [], ":", color="black", label="truth")
    if axes[0].get_lines():
        axes[0].legend(loc="best", fontsize="small")
    with replacing(path) as target:
        figure.savefig(target, format="png", dpi=110)


def stride_curve(time: Floats, angle: Floats, events: Floats) -> Curve | None:
    """An angle (N,) over 0–100 % of all strides between ``events`` (K,) s; None without any."""
    start, end = events[:-1], events[1:]
    kept = end - start < LONGEST_STRIDE
    if not kept.any():
        return None
    return mean_curve(normalised(time, angle, start[kept], end[kept]))


def draw_band(axis: "Axes", curve: Curve, colour: str, label: str) -> None:
    """Draw the mean of an angle over the stride in degrees, and the band of ± one SD."""
    mean, sd = np.rad2deg(curve.mean), np.rad2deg(curve.sd)
    axis.plot(PERCENT, mean, color=colour, label=label)
    axis.fill_between(PERCENT, mean - sd, mean + sd, color=colour, alpha=0.2, lw=0)


def _draw_strip(axis: "Axes", pose: Pose, stride_events: Mapping[str, Floats]) -> None:
    """Side views of the skeleton at even moments over two strides in the middle, left to right."""
    start, end = _middle_strides(pose, stride_events)
    moments = np.linspace(start, end, FIGURES_IN_STRIP)
    joints = pose.joints()
    tips = end_positions(pose.skeleton, pose.orientations, joints)
    for place, moment in enumerate(moments):
        frame = min(int(np.searchsorted(pose.time, moment)), len(pose.time) - 1)
        ahead = _forward(pose, frame)
        for segment, name in enumerate(SEGMENTS):
            line = np.stack([joints[segment, frame], tips[segment, frame]])
            if name.endswith(("thigh", "shoulder")):  # draw the way from the trunk to the limb
                origin = joints[max(PARENT_INDEX[segment], 0), frame]
                line = np.concatenate([origin[None], line])
            along = (line - pose.root[frame])[:, :2] @ ahead + STRIP_GAP * place
            axis.plot(along, line[:, 2], **_style(name))
    axis.axhline(0.0, color="#888888", lw=1)
    axis.set_aspect("equal")
    axis.set(ylabel="height [m]", xticks=[], title=f"{start:.2f} s to {end:.2f} s")
    for edge in ("top", "right", "bottom"):
        axis.spines[edge].set_visible(False)


def _style(segment: str) -> dict[str, Any]:
    side = segment.split("_", maxsplit=1)[0]
    colour = SIDE_COLOUR.get(side, CENTRE_COLOUR)
    return {"color": colour, "lw": 2.2, "solid_capstyle": "round"}


def _forward(pose: Pose, frame: int) -> Floats:
    """The pelvis' forward direction (2,) on the ground."""
    ahead = qt.rotate(pose.segment("pelvis")[frame], [1.0, 0.0, 0.0])[:2]
    return ahead / max(float(np.linalg.norm(ahead)), 1e-9)


def _middle_strides(pose: Pose, stride_events: Mapping[str, Floats]) -> tuple[float, float]:
    """Start and end in s of two strides in the middle; of two seconds if there are none."""
    events = next((moments for moments in stride_events.values() if len(moments) > 4), None)
    if events is None:
        middle = float(pose.time[len(pose.time) // 2])
        return middle - 1.0, middle + 1.0
    first = len(events) // 2 - 1
    return float(events[first]), float(events[first + 2])
