"""The scene of a replay at any moment, and the camera that goes along; without any window."""

from dataclasses import dataclass, replace

import numpy as np

from trackside.viewer.camera import VIEWS, Camera, View, camera_for
from trackside.viewer.ghosts import BESIDE, Ghost, Place
from trackside.viewer.ground import grid, lane_lines, lane_surface
from trackside.viewer.lane import Lane
from trackside.viewer.replay import Replay
from trackside.viewer.scene import Ground, Scene, scene_of
from trackside.viewer.scheme import Scheme

_EYE_LEVEL = 0.53  # of the body's height that the camera looks at
_GROUND_EVERY = 1.0  # s after which the lane in sight is another
_TYPICAL_HEIGHT = 1.75  # m that the presets' distances are for


@dataclass
class Stage:
    """Who is drawn how, and from where.

    ``view`` relative to the heading; ``ghost``, put at ``place``, unless that is None.
    """

    replay: Replay
    scheme: Scheme
    view: View = VIEWS["follow"]
    ghost: Ghost | None = None
    place: Place | None = Place.OVER

    def __post_init__(self) -> None:
        actor = self.replay.actor
        self._lane = None if actor is None else Lane(actor.time, actor.root)
        self.ghost = self.ghost or self.replay.ghost

    def look_from(self, name: str) -> None:
        """Take a preset of VIEWS."""
        self.view = VIEWS[name]

    def take_camera(self, moment: float, azimuth: float, elevation: float, distance: float) -> None:
        """Go on from where somebody put the camera, rad and m, at ``moment`` s."""
        height = self._height
        turn = azimuth - self._guide(moment)[1]
        self.view = View(turn, elevation, distance * _TYPICAL_HEIGHT / height)

    def camera(self, moment: float) -> Camera:
        """The camera at ``moment`` s."""
        place, heading = self._guide(moment)
        scale = self._height / _TYPICAL_HEIGHT
        view = replace(self.view, distance=self.view.distance * scale)
        camera = camera_for(view, place + np.array([0.0, 0.0, _EYE_LEVEL * self._height]), heading)
        if self.ghost is None or self.place is not Place.BESIDE:
            return camera
        return camera.aimed(np.array(camera.target) + 0.5 * BESIDE * camera.rightward())

    def scene(self, moment: float, camera: Camera) -> Scene:
        """The scene at ``moment`` s as that camera wants it."""
        actor = self.replay.actor
        if actor is None:
            return Scene()
        bodies = [actor.body(moment, self.scheme)]
        ghosts = []
        if self.ghost is not None and self.place is not None:
            ghosts.append(self.ghost.body(moment, self.place, actor, camera, self.scheme))
        return scene_of(bodies, ghosts, self._guide(moment)[0])

    def ground_key(self, moment: float) -> tuple[str, int]:
        """Changes when the ground has to be drawn anew."""
        return self.scheme.name, int(moment / _GROUND_EVERY)

    def ground(self, moment: float) -> Ground:
        """The ground about where the athlete is at ``moment`` s."""
        if self._lane is None:
            return Ground(grid(self.scheme))
        nodes, first = self._lane.about(moment)
        return Ground(
            grid(self.scheme),
            lane_surface(nodes, self.scheme),
            lane_lines(nodes, self.scheme, first),
        )

    def has_body(self, moment: float) -> bool:
        """Whether there is a pose at ``moment`` s."""
        actor = self.replay.actor
        return actor is not None and len(actor.body(moment, self.scheme)) > 0

    @property
    def _height(self) -> float:
        return self.replay.actor.height if self.replay.actor is not None else _TYPICAL_HEIGHT

    def _guide(self, moment: float) -> tuple[np.ndarray, float]:
        if self.replay.actor is None:
            return np.zeros(3), 0.0
        return self.replay.actor.guide(moment)
