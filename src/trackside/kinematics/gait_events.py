"""Initial contacts and stance of a leg, from a pose alone, whatever it was measured with.

Seen from the pelvis, a foot swings forward as far as it reaches, is lowered and meets the ground;
from then on the pelvis sinks towards it. In running, initial contact is where the lower one of heel
and ball stops going down. In walking, where the heel is set down softly, that is a little late and
the farthest reach (J. A. Zeni et al., Gait & Posture 27, 2008) a little early: the middle of the
two is taken. Neither the way of the body nor the height of the ground is needed, so that treadmills
and BVH files do as well.

Stance ends in walking where the foot is farthest back (Zeni et al. 2008), in running where the knee
is straightest before (R. E. Fellin et al., J. Sci. Med. Sport 13, 2010).
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from trackside.arrays import Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import FORWARD
from trackside.kinematics.leg_swings import FASTEST_STRIDE, SLOWEST_STRIDE
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, joint_positions
from trackside.recordings.placements import SIDES

LEAST_REACH = 0.2  # m, that a heel comes forward and goes back in a stride at least
LONGEST_LOWERING = 0.25  # of the stride, from the farthest reach to initial contact
WALKING_SHARE = 0.54
"""Part of the stride, from the farthest reach forward to that back, above which a gait is a walk.

The simulated athlete has 0.64 or more in walking and 0.49 or less in running.
"""


@dataclass(frozen=True)
class FootMotion:
    """A foot seen from the pelvis, at ``time`` (N,) s, evenly spaced.

    ``reach`` (N,) m: how far the heel is ahead; ``height`` (N,) m: that of heel or ball, whichever
    is lower. ``swings`` (S,): frames at which the heel is farthest ahead, one a stride.
    """

    time: Floats
    reach: Floats
    height: Floats
    swings: Integers

    @property
    def walking(self) -> bool:
        """Whether most strides are walked; without two swings nobody knows, and it counts as so."""
        shares = [
            np.argmin(self.reach[a:b]) / (b - a)
            for a, b in zip(self.swings, self.swings[1:], strict=False)
            if self.time[b] - self.time[a] <= SLOWEST_STRIDE
        ]
        return not shares or float(np.median(shares)) > WALKING_SHARE


def foot_motion(pose: Pose, side: str) -> FootMotion:
    """How the foot of a side moves under the pelvis."""
    joints = joint_positions(pose.skeleton, pose.orientations, np.zeros_like(pose.root))
    foot = INDEX[f"{side}_foot"]
    heel = joints[foot] + qt.rotate(pose.orientations[foot], pose.skeleton.heels[SIDES.index(side)])
    forward = qt.rotate(pose.segment("pelvis"), FORWARD)[:, :2]
    forward /= np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-9)
    reach = np.sum(heel[:, :2] * forward, axis=1)
    height = np.minimum(heel[:, 2], joints[INDEX[f"{side}_toe"], :, 2])
    apart = max(1, int(FASTEST_STRIDE * pose.rate))
    swings, _ = find_peaks(reach, prominence=LEAST_REACH, distance=apart)
    return FootMotion(pose.time, reach, height, swings)


def initial_contacts(foot: FootMotion) -> Floats:
    """Moments (S,) s at which a foot meets the ground, between frames."""
    if not len(foot.swings):
        return np.empty(0)
    pace = foot.time[1] - foot.time[0]
    longest = SLOWEST_STRIDE / pace
    usual = np.median(np.diff(foot.swings)) if len(foot.swings) > 1 else longest
    window = max(2, int(LONGEST_LOWERING * min(usual, longest)))
    landings = np.array([_landing(foot, frame, window) for frame in foot.swings])
    return 0.5 * (landings + foot.time[foot.swings]) if foot.walking else landings


def stance_share(foot: FootMotion, start: Floats, end: Floats, knee: Floats) -> float:
    """Which part of its strides from ``start`` to ``end`` (K,) s a foot is typically on the ground.

    ``knee`` (P,): the mean flexion from 0 to 100 % of the stride.
    """
    share = np.linspace(0.0, 1.0, len(knee))
    moments = start[:, None] + (end - start)[:, None] * share
    farthest_back = int(np.argmin(np.interp(moments, foot.time, foot.reach).mean(axis=0)))
    if foot.walking:
        return float(share[farthest_back])
    loaded = len(knee) // 6  # before, the knee is straight too
    straightest = loaded + int(np.argmin(knee[loaded : max(farthest_back, loaded) + 1]))
    return float(share[straightest])


def _landing(foot: FootMotion, first: int, window: int) -> float:
    """The moment within ``window`` frames after the farthest reach when the foot stops falling."""
    part = foot.height[first : first + window + 1]
    rates = np.diff(part)
    turns = np.flatnonzero((rates[:-1] < 0) & (rates[1:] >= 0))
    if not len(turns):
        return float(foot.time[first + int(np.argmin(part))])
    frame = int(turns[0])
    share = rates[frame] / (rates[frame] - rates[frame + 1])  # from middle to middle of two frames
    pace = foot.time[1] - foot.time[0]
    return float(foot.time[first + frame] + pace * (0.5 + share))
