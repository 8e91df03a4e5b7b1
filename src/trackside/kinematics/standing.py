"""The moments that a calibration needs, found in the recording: standing still, and moving."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from trackside.arrays import Booleans, Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.common_clock import BodyMotion

SHORTEST = 1.0  # s
LONGEST = 3.0  # s
STILLNESS = (0.15, 0.3, 0.6)
"""rad/s; the quietest of these limits under which somebody stands still is taken."""
MOVING = 0.7
"""rad/s; RMS rate of half of the sensors from which on somebody walks, runs or squats."""
LEVEL = np.cos(np.deg2rad(50.0))
"""Thighs at rest count as level if they are turned by 50° or more from their mean in motion."""
LULL = 3.0  # s; a shorter one does not end a stretch of motion, nor is a shorter stretch one


def find_moving(motion: BodyMotion) -> list[tuple[float, float]]:
    """Starts and ends in s of all stretches of motion, from which axes and headings are found."""
    length = max(1, round(motion.rate))
    square = uniform_filter1d(np.sum(motion.gyr**2, axis=-1), length, axis=-1, mode="nearest")
    rates = np.sqrt(np.maximum(square, 0.0))  # as running sums are rounded
    moments = motion.time[np.median(rates, axis=0) > MOVING]
    if not len(moments):
        return []
    breaks = np.flatnonzero(np.diff(moments) > LULL)
    starts = moments[np.concatenate([[0], breaks + 1])]
    ends = moments[np.concatenate([breaks, [len(moments) - 1]])]
    return [(float(a), float(b)) for a, b in zip(starts, ends, strict=True) if b - a >= LULL]


def find_standing(motion: BodyMotion, pose: StaticPose = StaticPose.N) -> tuple[float, float]:
    """Start and end in s of the first stretch in which every sensor is still, 1 to 3 s long.

    Of several such stretches the first in which the thighs stand, or lie in a sitting ``pose``, as
    far as they tell. Raises CalibrationError if the athlete is never still for a second, or never
    sits still.
    """
    found = _still_stretches(motion)
    if not found:
        raise CalibrationError(
            f"nobody stands still for {SHORTEST:g} s with all {len(motion.segments)} sensors: "
            "name a stretch to calibrate on, such as --calibrate 2.0:4.0, or calibrate by walking "
            "or running, --by movement"
        )
    sits = pose is StaticPose.SIT
    fitting = [stretch for stretch in found if thighs_level(motion, *stretch) in (None, sits)]
    if sits and not fitting:
        raise CalibrationError(
            f"nobody sits still for {SHORTEST:g} s: whenever all sensors rest, the thighs are as "
            "upright as in motion: use --pose n, or name when the athlete sits, such as "
            "--calibrate 2.0:4.0"
        )
    return (fitting or found)[0]


def thighs_level(motion: BodyMotion, start: float, end: float) -> bool | None:
    """Whether thighs lie across how they stand in motion, from start to end in s.

    None if nobody can tell, as without sensors on them.
    """
    thighs = [i for i, segment in enumerate(motion.segments) if segment.endswith("thigh")]
    spans = find_moving(motion)
    if not thighs or not spans:
        return None
    up = qt.to_matrix(motion.orientations[thighs])[:, :, 2]
    then = up[:, _within(motion.time, [(start, end)])].mean(axis=1)
    usually = up[:, _within(motion.time, spans)].mean(axis=1)
    lengths = np.linalg.norm(then, axis=1) * np.linalg.norm(usually, axis=1)
    return bool(np.sum(then * usually) < LEVEL * np.sum(lengths))


def _within(time: Floats, spans: list[tuple[float, float]]) -> Booleans:
    inside = [(time >= start) & (time <= end) for start, end in spans]
    return np.any(inside, axis=0)


def _still_stretches(motion: BodyMotion) -> list[tuple[float, float]]:
    """Stretches in which every sensor is still, 1 to 3 s long; the quietest kind comes first."""
    rate = motion.rate
    length = max(2, round(SHORTEST * rate))
    speed = np.linalg.norm(motion.gyr, axis=-1)
    smooth = uniform_filter1d(speed, max(1, round(0.2 * rate)), axis=-1, mode="nearest")
    fastest = np.where(motion.measured, smooth, np.inf).max(axis=0)
    # the fastest moment of the second that begins at each sample
    ahead = maximum_filter1d(fastest, length, origin=-((length - 1) // 2) - (length % 2 == 0))
    ahead = ahead[: max(0, len(ahead) - length + 1)]
    found = []
    for limit in STILLNESS:
        still = np.flatnonzero(ahead < limit)
        while len(still):
            first = int(still[0])
            moving = np.flatnonzero(fastest[first:] >= limit)
            last = first + (int(moving[0]) if len(moving) else len(fastest) - first)
            end = min(motion.time[last - 1], motion.time[first] + LONGEST)
            found.append((float(motion.time[first]), float(end)))
            still = still[still >= last]
    return found
