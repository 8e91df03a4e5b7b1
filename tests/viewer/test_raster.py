"""What the processor draws is whole: no limb and no shadow is cut, no line has a seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Booleans, Floats
from trackside.viewer.camera import Camera
from trackside.viewer.ground import LINE_COLUMNS
from trackside.viewer.ground_raster import draw_lines
from trackside.viewer.limbs import CAPSULE_COLUMNS, Capsules
from trackside.viewer.raster import Sight, clear_depth, draw_limbs, draw_shadows

WIDTH, HEIGHT = 90, 70
WHITE = 0xFFFFFFFF
FADE = (1e3, 2e3)  # m: never

places = st.tuples(*[st.floats(-0.7, 0.7)] * 2, st.floats(0.4, 1.6))
sizes = st.tuples(*[st.floats(0.03, 0.2)] * 3)
cameras = st.builds(
    Camera,
    target=st.just((0.0, 0.0, 0.9)),
    distance=st.floats(2.5, 5.0),
    azimuth=st.floats(-3.0, 3.0),
    elevation=st.floats(0.05, 1.5),
)


def limb(start: Floats, end: Floats, radii: tuple[float, float, float]) -> Capsules:
    """A black capsule between two places, with an ellipse as its cross-section."""
    length = np.linalg.norm(end - start)
    y = (end - start) / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])
    x = np.cross(y, [1.0, 0.0, 0.0] if abs(y[0]) < 0.9 else [0.0, 1.0, 0.0])
    x /= np.linalg.norm(x)
    axes = np.array(radii)[:, None] * np.stack([x, y, np.cross(x, y)])
    table = np.zeros((1, CAPSULE_COLUMNS), np.float32)
    table[0, :3], table[0, 3:6], table[0, 6:15] = start, end, axes.ravel()
    table[0, 18] = 1.0
    return table


def sight_of(camera: Camera) -> Sight:
    """As the painter makes it."""
    rays = camera.rays(WIDTH, HEIGHT)
    return Sight(camera.eye, rays[0], rays[1], rays[2], camera.ahead(), camera.light())


def pixel_rays(camera: Camera) -> Floats:
    """The ray through the middle of each pixel (H, W, 3)."""
    corner, right, down = camera.rays(WIDTH, HEIGHT)
    rows, columns = np.indices((HEIGHT, WIDTH))
    return corner + columns[..., None] * right + rows[..., None] * down


def meet(table: Capsules, origins: Floats, directions: Floats) -> Booleans:
    """Whether lines (..., 3) meet a capsule well within its surface, by a search along its axis."""
    row = table[0].astype(float)
    axes = row[6:15].reshape(3, 3)
    inverse = axes / np.sum(axes * axes, axis=1)[:, None]
    found = np.zeros(origins.shape[:-1], bool)
    for share in np.linspace(0.0, 1.0, 60):
        there = (origins - (row[:3] + share * (row[3:6] - row[:3]))) @ inverse.T
        along = directions @ inverse.T
        nearest = np.sum(there * along, -1) / np.sum(along * along, -1)
        found |= np.sum((there - nearest[..., None] * along) ** 2, -1) < 0.95
    return found


@settings(max_examples=60, deadline=None)
@given(places, places, sizes, cameras)
def test_no_part_of_a_limb_is_cut(
    start: Floats, end: Floats, radii: tuple[float, float, float], camera: Camera
) -> None:
    """Each pixel whose ray meets it is drawn, and as far away as its surface is at most."""
    table = limb(np.array(start), np.array(end), radii)
    picture = np.full((HEIGHT, WIDTH), WHITE, np.uint32)
    depth = np.zeros((HEIGHT, WIDTH), np.float32)
    sight = sight_of(camera)
    clear_depth(depth, table, sight)
    draw_limbs(picture, depth, table, sight)
    rays = pixel_rays(camera)
    met = meet(table, np.broadcast_to(camera.eye, rays.shape), rays)
    assert (picture[met] != WHITE).all()
    if met.any():
        middle = 0.5 * (table[0, :3] + table[0, 3:6]) - camera.eye
        reach = 0.5 * np.linalg.norm(table[0, 3:6] - table[0, :3]) + max(radii)
        assert np.abs(depth[met] - middle @ camera.ahead()).max() < reach + 1e-3


@settings(max_examples=60, deadline=None)
@given(places, places, sizes, cameras)
def test_no_part_of_a_shadow_is_cut(
    start: Floats, end: Floats, radii: tuple[float, float, float], camera: Camera
) -> None:
    """Each pixel that sees the ground straight below the limb is darker."""
    table = limb(np.array(start), np.array(end), radii)
    picture = np.full((HEIGHT, WIDTH), WHITE, np.uint32)
    shade = np.zeros((HEIGHT, WIDTH), np.float32)
    draw_shadows(picture, shade, table, sight_of(camera), 0.5)
    rays = pixel_rays(camera)
    far = -camera.eye[2] / np.minimum(rays[..., 2], -1e-6)
    below = camera.eye + far[..., None] * rays
    shaded = (rays[..., 2] < -1e-6) & meet(table, below, np.array([0.0, 0.0, 1.0]))
    assert (picture[shaded] != WHITE).all()


def drawn(*pieces: tuple[tuple[float, float], tuple[float, float]], width: float = 3.0) -> Floats:
    """How black each pixel (H, W) is, 0 to 1, with lines of that width between places in px."""
    lines = np.zeros((len(pieces), LINE_COLUMNS), np.float32)
    lines[:, 9], lines[:, 10] = 1.0, width
    seen = np.ones((len(pieces), 2, 3))
    seen[..., :2] = pieces
    picture = np.full((HEIGHT, WIDTH), WHITE, np.uint32)
    draw_lines(picture, lines, seen, np.zeros((len(pieces), 2, 2)), FADE, 1.0)
    return np.asarray(1.0 - (picture & 0xFF) / 255.0)


@pytest.mark.parametrize("end", [(70.0, 20.3), (20.4, 60.0), (70.0, 50.0), (70.0, 21.0)])
def test_a_line_is_as_wide_as_it_should(end: tuple[float, float]) -> None:
    """Whatever its direction, it covers its length times its width."""
    start = (20.4, 20.3)
    length = np.hypot(end[0] - start[0], end[1] - start[1])
    assert drawn((start, end)).sum() == pytest.approx(3.0 * length, rel=0.03)


@pytest.mark.parametrize("end", [(70.0, 20.3), (20.4, 60.0), (70.0, 50.0), (-40.0, 23.0)])
def test_a_line_in_pieces_is_that_line(end: tuple[float, float]) -> None:
    """Where two pieces meet, no pixel is left out and none is drawn twice."""
    start, share = (20.4, 20.3), 0.37
    middle = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    np.testing.assert_allclose(
        drawn((start, middle), (middle, end)), drawn((start, end)), atol=0.01
    )


def test_what_is_nearer_than_the_near_plane_is_left_out_of_a_line() -> None:
    """A line from behind the eye begins where it comes into sight."""
    lines = np.zeros((1, LINE_COLUMNS), np.float32)
    lines[0, 9:] = 1.0, 2.0
    picture = np.full((HEIGHT, WIDTH), WHITE, np.uint32)
    seen = np.array([[[-40.0, 300.0, -1.0], [40.0, 30.0, 1.0]]])
    draw_lines(picture, lines, seen, np.zeros((1, 2, 2)), FADE, 1.0)
    assert (picture[31:, 39:41] == 0xFF000000).all()
    assert (picture[:29] == WHITE).all()
