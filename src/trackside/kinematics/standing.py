"""The moments that a calibration needs, found in the recording: standing still, and moving."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from trackside.errors import CalibrationError
from trackside.kinematics.common_clock import BodyMotion

SHORTEST = 1.0  # s
LONGEST = 3.0  # s
STILLNESS = (0.15, 0.3, 0.6)
"""rad/s; the quietest of these limits under which somebody stands still is taken."""
MOVING = 0.7
"""rad/s; RMS rate of half of the sensors from which on somebody walks, runs or squats."""
LULL = 3.0  # s; a shorter one does not end a stretch of motion, nor is a shorter stretch one


def find_moving(motion: BodyMotion) -> list[tuple[float, float]]:
    """Starts and ends in s of all stretches of motion, from which axes and headings are found."""
    length = max(1, round(motion.rate))
    square = uniform_filter1d(np.sum(motion.gyr**2, axis=-1), length, axis=-1, mode="nearest")
    moments = motion.time[np.median(np.sqrt(square), axis=0) > MOVING]
    if not len(moments):
        return []
    breaks = np.flatnonzero(np.diff(moments) > LULL)
    starts = moments[np.concatenate([[0], breaks + 1])]
    ends = moments[np.concatenate([breaks, [len(moments) - 1]])]
    return [(float(a), float(b)) for a, b in zip(starts, ends, strict=True) if b - a >= LULL]


def find_standing(motion: BodyMotion) -> tuple[float, float]:
    """Start and end in s of the first stretch in which every sensor is still, 1 to 3 s long.

    Raises CalibrationError if the athlete never stands still for a second.
    """
    rate = motion.rate
    length = max(2, round(SHORTEST * rate))
    speed = np.linalg.norm(motion.gyr, axis=-1)
    smooth = uniform_filter1d(speed, max(1, round(0.2 * rate)), axis=-1, mode="nearest")
    fastest = np.where(motion.measured, smooth, np.inf).max(axis=0)
    # the fastest moment of the second that begins at each sample
    ahead = maximum_filter1d(fastest, length, origin=-((length - 1) // 2) - (length % 2 == 0))
    ahead = ahead[: max(0, len(ahead) - length + 1)]
    for limit in STILLNESS:
        still = np.flatnonzero(ahead < limit)
        if len(still):
            first = int(still[0])
            moving = np.flatnonzero(fastest[first:] >= limit)
            last = first + (int(moving[0]) if len(moving) else len(fastest) - first)
            end = min(motion.time[last - 1], motion.time[first] + LONGEST)
            return float(motion.time[first]), float(end)
    raise CalibrationError(
        f"nobody stands still for {SHORTEST:g} s with all {len(motion.segments)} sensors: "
        "name a stretch to calibrate on, such as --calibrate 2.0:4.0"
    )
