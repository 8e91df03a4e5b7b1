"""Draw docs/joint-angles.svg: every joint angle, positive, on our own skeleton; and the poses.

    python scripts/joint_angle_picture.py

Writes docs/joint-angles.svg, docs/calibration-poses.svg and docs/functional-movements.svg. Grey is
the athlete before, orange what has moved; a tick on the moved segment shows its forward axis, so
that turns about the long axis are seen. Everybody faces to the right and a little towards the
reader.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose, segment_in_pose
from trackside.kinematics.joint_angles import JOINTS, Joint
from trackside.kinematics.range_of_motion import published_limits
from trackside.kinematics.skeleton import (
    INDEX,
    PARENTS,
    STANDING_FACING_EAST,
    end_positions,
    joint_positions,
    skeleton_for,
)
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, functional_movements, stand

DOCS = Path(__file__).parent.parent / "docs"
SKELETON = skeleton_for(1.75)
WIDTH, HEIGHT, SCALE = 132, 236, 100.0  # px of a panel, px/m
BEFORE, AFTER = "#b0b0b0", "#D55E00"
VIEW = np.deg2rad(-55.0), np.deg2rad(12.0)  # azimuth and height of the reader
TURN = np.deg2rad(40.0)
MOVEMENT = 8.0  # s
X, Y, Z = np.eye(3)
SHOWN = (
    "trunk",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
)


def standing() -> Floats:
    """Orientations (23, 4) of the neutral pose, facing east."""
    return np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))


def turned(pose: Floats, segment: str, turn: Floats, share: float = 1.0) -> Floats:
    """A pose (23, 4) with a segment, and what hangs on it, turned in the segment's own frame."""
    after = pose.copy()
    frame = pose[INDEX[segment]]
    vector = share * qt.rotate(frame, qt.to_rotation_vector(turn))
    for name in _below(segment):
        after[INDEX[name]] = qt.multiply(qt.from_rotation_vector(vector), pose[INDEX[name]])
    return after


def _below(segment: str) -> list[str]:
    children = [name for name in SEGMENTS if PARENTS[name] == segment]
    return [segment, *(name for child in children for name in _below(child))]


def bent(pose: Floats, joint: Joint, turn: Floats) -> Floats:
    """A pose with a joint turned; segments between its two share that evenly."""
    row, limits = JOINTS.index(joint), published_limits()
    moved = [name for name in SEGMENTS if limits.joint[INDEX[name]] == row]
    after = pose
    for name in moved:
        after = turned(after, name, turn, 1.0 / len(moved))
    return after


def segments_of(pose: Floats, root: Floats | None = None) -> tuple[Floats, Floats]:
    """Beginnings and ends (23, 2) px of all segments on the page; ``root`` (3,) m."""
    whole = pose[:, None]
    joints = joint_positions(SKELETON, whole, np.zeros((1, 3)) if root is None else root[None])
    ends = end_positions(SKELETON, whole, joints)
    return _seen(joints[:, 0]), _seen(ends[:, 0])


def _seen(points: Floats) -> Floats:
    azimuth, height = VIEW
    across = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    toward = np.array(
        [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)]
    )
    up = np.cross(toward, across)
    page = np.stack([points @ across, -points @ up], axis=-1) * SCALE
    return page + np.array([WIDTH / 2, 100.0])


def _path(beginnings: Floats, ends: Floats, colour: str, width: float) -> str:
    lines = "".join(
        f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"
        for a, b in zip(beginnings, ends, strict=True)
    )
    return f'<path d="{lines}" stroke="{colour}" stroke-width="{width}"/>'


def figure(before: Floats, after: Floats, child: str) -> str:
    """One athlete before, and what has moved afterwards, with the forward axis of one segment."""
    a0, b0 = segments_of(before)
    a1, b1 = segments_of(after)
    moved = np.linalg.norm(np.concatenate([a1 - a0, b1 - b0], axis=1), axis=1) > 0.2
    moved[INDEX[child]] = True
    parts = [_path(a0, b0, BEFORE, 3), _path(a1[moved], b1[moved], AFTER, 3)]
    row = INDEX[child]
    for pose, begin, end, colour in ((before, a0, b0, BEFORE), (after, a1, b1, AFTER)):
        middle = 0.5 * (begin[row] + end[row])
        tick = _seen(0.14 * qt.rotate(pose[row], X)[None])[0] - _seen(np.zeros((1, 3)))[0]
        parts.append(_path(middle[None], (middle + tick)[None], colour, 1.6))
    return "".join(parts)


def panel(column: int, row: int, titles: Sequence[str], drawing: str) -> str:
    """A drawing with its titles at a place in the grid."""
    texts = "".join(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 18 + 12 * k}" stroke="none">{title}</text>'
        for k, title in enumerate(titles)
    )
    return f'<g transform="translate({column * WIDTH} {row * (HEIGHT + 6)})">{drawing}{texts}</g>'


def write(name: str, columns: int, rows: int, panels: Sequence[str]) -> None:
    """Write an SVG of panels in a grid."""
    size = columns * WIDTH, rows * (HEIGHT + 6)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" fill="none" '
        'stroke-linecap="round" font-family="sans-serif" font-size="10" text-anchor="middle">'
        f'<rect width="{size[0]}" height="{size[1]}" fill="white"/><g fill="black">'
    )
    body = "\n".join(panels).replace("<path ", '<path fill="none" ')
    (DOCS / name).write_text(f"{head}\n{body}\n</g></svg>\n", encoding="utf-8")


def joint_angle_panels() -> list[str]:
    """Each joint's three angles, one below the other, and the shoulder's by ISB last."""
    panels = []
    axes = (Z, X, Y)
    shown = [joint for joint in JOINTS if joint.name in SHOWN]
    for column, joint in enumerate(shown):
        for row, (angle, sign) in enumerate(zip(joint.angles, joint.signs, strict=True)):
            turn = qt.about_axis(axes[row], sign * TURN)
            drawing = figure(standing(), bent(standing(), joint, turn), joint.child)
            name = joint.name.removeprefix("right_")
            panels.append(panel(column, row, (name, angle.replace("_", " ")), drawing))
    arm = "right_upper_arm"
    level = turned(standing(), "right_forearm", qt.about_axis(Z, np.pi / 2))

    def raised(plane: float, elevation: float, axial: float) -> Floats:
        turns = (qt.about_axis(Y, plane), qt.about_axis(X, -elevation), qt.about_axis(Y, axial))
        return turned(level, arm, qt.multiply(qt.multiply(turns[0], turns[1]), turns[2]))

    third = np.pi / 3
    pairs = (
        ("plane of elevation", raised(0, third, 0), raised(TURN, third, 0)),
        ("elevation", raised(0.6, 0.0, -0.6), raised(0.6, third, -0.6)),
        ("axial rotation", raised(0, third, 0), raised(0, third, TURN)),
    )
    for row, (name, before, after) in enumerate(pairs):
        drawing = figure(before, after, arm)
        panels.append(panel(len(shown), row, ("shoulder, ISB", name), drawing))
    return panels


def pose_panels() -> list[str]:
    """The three calibration poses."""
    names = {StaticPose.N: "N", StaticPose.T: "T", StaticPose.SIT: "sitting"}
    panels = []
    for column, (pose, name) in enumerate(names.items()):
        whole = np.stack([segment_in_pose(segment, pose) for segment in SEGMENTS])
        drawing = _path(*segments_of(whole), AFTER, 3)
        panels.append(panel(column, 0, (name,), drawing))
    return panels


def movement_panels() -> list[str]:
    """The simulated athlete at both ends of each functional movement."""
    moments = {  # s within each movement of MOVEMENT s
        "squats": (0.0, 1.25),
        "arm swings": (3.4, 4.1),
        "elbow bends": (4.0, 5.0),
        "palms down and up": (3.4, 4.1),
    }
    plan = SessionPlan((stand(2.0), *functional_movements(MOVEMENT), stand(3.0)), heading=0.0)
    pose = simulate(plan, ("pelvis",)).truth.pose
    panels = []
    for column, (name, ends) in enumerate(moments.items()):
        times = 2.0 + MOVEMENT * column + np.array(ends)
        shown = pose.at(times)
        roots = shown.root - pose.root[0]
        lines = [
            _path(*segments_of(shown.orientations[:, k], roots[k]), colour, 3)
            for k, colour in enumerate((BEFORE, AFTER))
        ]
        panels.append(panel(column, 0, (name,), "".join(lines)))
    return panels


if __name__ == "__main__":
    write("joint-angles.svg", len(SHOWN) + 1, 3, joint_angle_panels())
    write("calibration-poses.svg", 3, 1, pose_panels())
    write("functional-movements.svg", 4, 1, movement_panels())
