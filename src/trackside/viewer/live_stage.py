"""The athlete on the track as the live window shows it: body, lane and a camera that goes along."""

from typing import Final

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.joint_angles import pelvis_angles
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.viewer.camera import VIEWS, Camera, View, camera_for
from trackside.viewer.ground import grid, lane_lines, lane_surface
from trackside.viewer.lane import Lane
from trackside.viewer.limbs import body_for
from trackside.viewer.live_picture import LivePicture
from trackside.viewer.scene import Ground, Scene, scene_of
from trackside.viewer.scheme import Scheme

WAY_INTERVAL: Final = 0.1  # s between two points of the way that are kept
WAY_KEPT: Final = (60.0, 120.0)  # s of the way: when the more is reached, the less is kept
GROUND_INTERVAL: Final = 1.0  # s between two drawings of the lane
LANE_LAG: Final = 0.5  # s; a lane ends a little before the latest moment of its way
FOLLOWING: Final = 0.25  # s in which the camera comes after the athlete
TURNING: Final = 2.0  # s in which it comes after a turn
EYE_HEIGHT: Final = 0.92
"""Where the camera looks, as a share of the standing pelvis' height."""


class LiveStage:
    """Pictures in; scene, camera and, now and then, the ground out."""

    def __init__(self, skeleton: Skeleton, scheme: Scheme, view: str = "side") -> None:
        self.skeleton = skeleton
        self._view = VIEWS[view]
        self._way: list[tuple[float, Floats]] = []
        self._lane_at = -np.inf
        self._target: Floats | None = None
        self._velocity = np.zeros(3)
        self._heading = 0.0
        self._time = -np.inf
        self.use(scheme)

    def use(self, scheme: Scheme) -> None:
        """Draw in these colours from now on."""
        self._scheme = scheme
        self._body = body_for(self.skeleton, scheme)
        self._grid = grid(scheme)
        self._lane_at = -np.inf

    def look_from(self, view: str) -> None:
        """Take one of the camera's presets."""
        self._view = VIEWS[view]

    def turn(self, azimuth: float, elevation: float, distance: float) -> None:
        """Keep what somebody made of the camera: rad, rad and m; it still goes along."""
        self._view = View(azimuth - self._heading, elevation, distance)

    def scene(self, picture: LivePicture) -> Scene:
        """The athlete."""
        body = self._body.capsules(picture.orientations, picture.root, picture.measured)
        self._remember(picture)
        return scene_of([body], [], picture.root)

    def camera(self, picture: LivePicture) -> Camera:
        """From where the athlete is seen now."""
        elapsed = max(picture.time - self._time, 0.0) if np.isfinite(self._time) else 0.0
        self._time = picture.time
        aim = np.array([*picture.root[:2], EYE_HEIGHT * self._hip_height()])
        pelvis = pelvis_angles(picture.orientations[None, INDEX["pelvis"]])
        heading = float(pelvis["pelvis_heading"][0])
        if self._target is None or np.linalg.norm(aim - self._target) > 5.0:
            self._target, self._velocity, self._heading = aim, np.zeros(3), heading
        self._target = self._go_along(self._target, aim, elapsed)
        turned = np.angle(np.exp(1j * (heading - self._heading)))
        self._heading += min(1.0, elapsed / TURNING) * float(turned)
        return camera_for(self._view, self._target, self._heading)

    def ground(self, picture: LivePicture) -> Ground | None:
        """Grid and lane, None while they are as before."""
        if picture.time - self._lane_at < GROUND_INTERVAL:
            return None
        self._lane_at = picture.time
        if not self._way:
            return Ground(self._grid)
        lane = Lane(np.array([time for time, _ in self._way]), np.stack([p for _, p in self._way]))
        nodes, first = lane.about(self._way[-1][0] - LANE_LAG)
        surface = lane_surface(nodes, self._scheme)
        return Ground(self._grid, surface, lane_lines(nodes, self._scheme, first))

    def _go_along(self, target: Floats, aim: Floats, elapsed: float) -> Floats:
        """The next target: an α-β filter, which does not lag behind somebody at a steady pace."""
        if elapsed <= 0.0:
            return target
        share = min(1.0, elapsed / FOLLOWING)
        ahead = target + self._velocity * elapsed
        error = aim - ahead
        self._velocity = self._velocity + share**2 / (2.0 - share) * error / elapsed
        return ahead + share * error

    def _remember(self, picture: LivePicture) -> None:
        if not picture.calibrated:
            return
        if self._way and picture.time - self._way[-1][0] < WAY_INTERVAL:
            return
        self._way.append((picture.time, picture.root))
        if self._way[0][0] < picture.time - WAY_KEPT[1]:
            since = picture.time - WAY_KEPT[0]
            self._way = [point for point in self._way if point[0] >= since]

    def _hip_height(self) -> float:
        """Of somebody who stands, m."""
        leg = ("right_shank", "right_foot", "right_toe")
        return -float(sum(self.skeleton.offsets[INDEX[part], 1] for part in leg))
