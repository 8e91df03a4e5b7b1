"""From where the scene is seen: a camera that circles a point, and where on the screen things are.

Matrices are those of OpenGL: column vectors, the camera looks along its −z, depth from −1 to 1.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import cos, sin

import numpy as np

from trackside.arrays import Floats

NEAR, FAR = 0.1, 200.0  # m
NEAREST, FARTHEST = 0.8, 60.0  # m from the target
STEEPEST = 0.5 * np.pi

_RIGHT_OF = -0.5 * np.pi  # of somebody who faces the heading


@dataclass(frozen=True)
class View:
    """A direction of view relative to where the athlete is heading.

    ``turn`` rad: how far to the left of the heading the camera stands, π being behind;
    ``elevation`` rad above level; ``distance`` m.
    """

    turn: float
    elevation: float
    distance: float


VIEWS: dict[str, View] = {
    "side": View(_RIGHT_OF, 0.10, 3.9),
    "front": View(0.0, 0.10, 3.9),
    "back": View(np.pi, 0.10, 3.9),
    "top": View(_RIGHT_OF, STEEPEST, 5.5),
    "follow": View(np.pi + 0.65, 0.30, 5.0),
}
"""The presets; from the side and from the top the athlete moves to the right of the picture."""


@dataclass(frozen=True)
class Camera:
    """A camera at ``distance`` m from ``target`` (3,) m in the earth frame, looking at it.

    ``azimuth`` rad: direction from the target to the camera, counter-clockwise from east;
    ``elevation`` rad above level; ``field_of_view`` rad from the lower to the upper edge.
    """

    target: tuple[float, float, float] = (0.0, 0.0, 0.9)
    distance: float = 4.2
    azimuth: float = _RIGHT_OF
    elevation: float = 0.1
    field_of_view: float = 0.55

    @property
    def eye(self) -> Floats:
        """Where the camera is, (3,) m."""
        return np.array(self.target) + self.distance * self._axes[2]

    def rays(self, width: int, height: int) -> Floats:
        """Rays from the eye through the pixels of a picture of that size, (3, 3).

        Through the middle of the upper left one, and what is added for each to the right and
        downwards; 1 m long along the direction of view.
        """
        right, up, backward = self._axes
        pixel = 2.0 * np.tan(0.5 * self.field_of_view) / height
        middle = 0.5 * (height - 1) * pixel * up - 0.5 * (width - 1) * pixel * right
        return np.stack([middle - backward, pixel * right, -pixel * up])

    def view_matrix(self) -> Floats:
        """Earth → camera, (4, 4)."""
        axes = self._axes
        matrix = np.eye(4)
        matrix[:3, :3] = axes
        matrix[:3, 3] = -axes @ self.eye
        return matrix

    def projection_matrix(self, aspect: float) -> Floats:
        """Camera → clip space, (4, 4), for a picture ``aspect`` times as wide as high."""
        scale = 1.0 / np.tan(0.5 * self.field_of_view)
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = scale / aspect, scale
        matrix[2, 2], matrix[2, 3] = (FAR + NEAR) / (NEAR - FAR), 2.0 * FAR * NEAR / (NEAR - FAR)
        matrix[3, 2] = -1.0
        return matrix

    def matrix(self, aspect: float) -> Floats:
        """Earth → clip space, (4, 4)."""
        return self.projection_matrix(aspect) @ self.view_matrix()

    def rightward(self) -> Floats:
        """The direction (3,) that is to the right in the picture."""
        return self._axes[0]

    def ahead(self) -> Floats:
        """The direction (3,) in which the camera looks."""
        return -self._axes[2]

    def light(self) -> Floats:
        """Direction (3,) to a lamp that is carried along, above the camera's right shoulder."""
        right, up, backward = self._axes
        way = 0.35 * right + 0.75 * up + 0.55 * backward
        return np.asarray(way / np.linalg.norm(way))

    def project(self, points: Floats, width: float, height: float) -> Floats:
        """Where points (..., 3) m are on a picture of that size: (..., 2) px from its upper left.

        NaN for points that are not in front of the camera.
        """
        whole = self.matrix(width / height)
        clip = np.asarray(points, float) @ whole[:, :3].T + whole[:, 3]
        depth = np.where(clip[..., 3:] > NEAR, clip[..., 3:], np.nan)
        flat = clip[..., :2] / depth
        return np.stack(
            [0.5 * width * (1.0 + flat[..., 0]), 0.5 * height * (1.0 - flat[..., 1])], axis=-1
        )

    def pixel_size(self, height: float) -> float:
        """How many m a pixel of a picture of that height is, at the target."""
        return float(2.0 * self.distance * np.tan(0.5 * self.field_of_view) / height)

    def orbited(self, turn: float, rise: float) -> "Camera":
        """Moved round the target by rad to the left and upwards, not beyond straight above."""
        elevation = float(np.clip(self.elevation + rise, -0.2, STEEPEST))
        return replace(self, azimuth=self.azimuth + turn, elevation=elevation)

    def zoomed(self, factor: float) -> "Camera":
        """At ``factor`` times the distance, within bounds."""
        distance = float(np.clip(self.distance * factor, NEAREST, FARTHEST))
        return replace(self, distance=distance)

    def aimed(self, target: Floats) -> "Camera":
        """Looking at another point (3,) m from the same direction."""
        x, y, z = (float(value) for value in target)
        return replace(self, target=(x, y, z))

    @cached_property
    def _axes(self) -> Floats:
        """The camera's right, up and backward directions in the earth frame, (3, 3)."""
        east, north = cos(self.azimuth), sin(self.azimuth)
        level, rise = cos(self.elevation), sin(self.elevation)
        return np.array(
            [
                (-north, east, 0.0),
                (-rise * east, -rise * north, level),
                (level * east, level * north, rise),
            ]
        )


def camera_for(view: View, target: Floats, heading: float) -> Camera:
    """The camera of a view on somebody at ``target`` (3,) m who heads to ``heading`` rad."""
    camera = Camera((0.0, 0.0, 0.0), view.distance, heading + view.turn, view.elevation)
    return camera.aimed(target)
