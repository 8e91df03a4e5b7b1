"""Pixels of limbs, shadows, lines and surfaces in a picture in memory, without a graphics card.

A picture is (H, W) of 0xFFRRGGBB. Edges are smooth: a pixel takes as much of a colour as is covered
of it. Who prepares what is drawn here is ``software_painter.py``.

A limb is the sphere of radius 1 swept along y in a frame of its own, in which rays of sight, and
the vertical lines of its shadow, are as straight as in the world. How far inside a line comes is 1
less the square of its distance from the axis.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.kernels import kernel

Picture = NDArray[np.uint32]
Singles = NDArray[np.float32]
Vector = tuple[float, float, float]

NEAR = 0.1  # m ahead of the eye; what is nearer is not drawn
FULLY_LIT = 0.45  # cosine between normal and ray, below which limbs get darker towards their edge
_BY_FULLY_LIT = np.float32(1.0 / FULLY_LIT)
PENUMBRA = 0.3
"""How far inside a limb its shadow is full: no edge of a shadow is sharp."""
_AT_ONCE = 8
"""Pixels that are computed at once; the last ones of a row are not alone either."""
_TINY = np.float32(1e-12)


class Limbs(NamedTuple):
    """Capsules in frames of their own, farthest first.

    ``eye`` (K, 3); ``rays`` (K, 9): from the eye through the middle of the upper left pixel, and
    what is added for each pixel to the right and down, 1 being 1 m ahead of the eye; ``start``
    (K,): how far along them the limb is about; ``upward`` (K, 3): the earth's; ``length`` (K,) of
    the axis. ``lights`` (K, 9): directions to the lamp, to the eye, and between them; ``sizes`` (K,
    3): squared lengths in the world of normals along the axes; ``colours`` (K, 3) from 0 to 1.
    ``strokes`` (K, 5): covered at most, from one point of the picture to another, and how far about
    them, px.
    """

    eye: Floats
    rays: Floats
    start: Floats
    upward: Floats
    length: Floats
    lights: Singles
    sizes: Singles
    colours: Floats
    strokes: Floats


@kernel
def _mix(old: np.int64, new: np.int64 | int, share: float) -> np.int64:
    """A colour with a share of another one, from 0 to 1."""
    part = int(256.0 * share + 0.5)
    rest = 256 - part
    outer = ((old & 0xFF00FF) * rest + (new & 0xFF00FF) * part) >> 8
    inner = ((old & 0x00FF00) * rest + (new & 0x00FF00) * part) >> 8
    return 0xFF000000 | (outer & 0xFF00FF) | (inner & 0x00FF00)


@kernel
def _packed(red: float, green: float, blue: float) -> int:
    """A colour from parts of 255, as a picture has it."""
    return (
        0xFF000000
        | (min(int(red + 0.5), 255) << 16)
        | (min(int(green + 0.5), 255) << 8)
        | min(int(blue + 0.5), 255)
    )


@kernel
def _box(stroke: Floats, width: int, height: int) -> tuple[int, int, int, int]:
    """Columns from the first to before the last, and rows likewise, that a stroke may cover."""
    reach = stroke[4]
    return (
        int(min(max(min(stroke[0], stroke[2]) - reach, 0.0), float(width))),
        int(min(max(max(stroke[0], stroke[2]) + reach + 2.0, 0.0), float(width))),
        int(min(max(min(stroke[1], stroke[3]) - reach, 0.0), float(height))),
        int(min(max(max(stroke[1], stroke[3]) + reach + 2.0, 0.0), float(height))),
    )


@kernel
def _span(row: int, left: int, right: int, stroke: Floats) -> tuple[int, int]:
    """Columns of a row that a stroke may cover."""
    dx, dy = stroke[2] - stroke[0], stroke[3] - stroke[1]
    if abs(dy) < 1e-3:
        return left, right
    middle = stroke[0] + (row - stroke[1]) * dx / dy
    half = stroke[4] * np.sqrt(dx * dx + dy * dy) / abs(dy)
    begin = max(float(left), middle - half)
    return int(begin), int(max(begin, min(float(right), middle + half + 2.0)))


@kernel
def draw_limbs(picture: Picture, depth: Singles, limbs: Limbs) -> None:
    """Draw solid limbs; ``depth`` (H, W): m ahead of the eye of what is drawn so far."""
    height, width = picture.shape
    room = width + _AT_ONCE
    columns = np.arange(room).astype(np.float32)
    cover, distance = np.empty(room, np.float32), np.empty(room, np.float32)
    nx, ny, nz = np.empty(room, np.float32), np.empty(room, np.float32), np.empty(room, np.float32)
    body, shine = np.empty(room, np.float32), np.empty(room, np.float32)
    for k in range(len(limbs.length)):
        stroke = limbs.strokes[k]
        red, green, blue = 255.0 * limbs.colours[k]
        left, right, up, down = _box(stroke, width, height)
        for row in range(up, down):
            begin, end = _span(row, left, right, stroke)
            count = (end - begin + _AT_ONCE - 1) // _AT_ONCE * _AT_ONCE
            ours = columns[begin : begin + count]
            _meet(limbs, k, row, ours, cover, distance, nx, ny, nz)
            _light(limbs.lights[k], limbs.sizes[k], ours, nx, ny, nz, body, shine)
            for n in range(end - begin):
                share, column = cover[n], begin + n
                if share <= 0.0 or not NEAR < distance[n] < depth[row, column]:
                    continue
                own, white = body[n], shine[n]
                colour: int | np.int64 = _packed(
                    own * red + white, own * green + white, own * blue + white
                )
                if share < 1.0:
                    colour = _mix(np.int64(picture[row, column]), colour, share)
                picture[row, column] = colour
                if share > 0.5:
                    depth[row, column] = distance[n]


@kernel
def _meet(
    limbs: Limbs,
    k: int,
    row: int,
    columns: Singles,
    cover: Singles,
    distance: Singles,
    normal_x: Singles,
    normal_y: Singles,
    normal_z: Singles,
) -> None:
    """Find how much of a row's pixels a limb covers, and where their rays meet it.

    No branches and single precision, so that several pixels are computed at once. Rays begin
    beside the limb, as single precision needs it.
    """
    rays, eye, start = limbs.rays[k], limbs.eye[k], limbs.start[k]
    one, half, none, two = np.float32(1.0), np.float32(0.5), np.float32(0.0), np.float32(2.0)
    ax, ay, az = np.float32(rays[3]), np.float32(rays[4]), np.float32(rays[5])
    bx, by, bz = np.float32(rays[6]), np.float32(rays[7]), np.float32(rays[8])
    fx, fy, fz = rays[0] + row * rays[6], rays[1] + row * rays[7], rays[2] + row * rays[8]
    ex, ey, ez = eye[0] + start * fx, eye[1] + start * fy, eye[2] + start * fz
    fx, fy, fz = np.float32(fx), np.float32(fy), np.float32(fz)
    ex, ey, ez = np.float32(ex), np.float32(ey), np.float32(ez)
    start, length = np.float32(start), np.float32(limbs.length[k])
    for n in range(len(columns)):
        c = columns[n]
        rx, ry, rz = fx + c * ax, fy + c * ay, fz + c * az
        c *= start
        x, y, z = ex + c * ax, ey + c * ay, ez + c * az
        # The place of the axis that the ray passes nearest to, and how far inside it comes there:
        flat = rx * rx + rz * rz + _TINY
        whole = flat + ry * ry
        by_flat, by_whole = one / flat, one / whole
        ahead, away = x * rx + z * rz, x * x + z * z - one
        above = y - min(max(y - ry * ahead * by_flat, none), length)
        along = (ahead + above * ry) * by_whole
        inside = along * along * whole - away - above * above
        # It changes by so much to the next pixel, of which a part is covered at the edge:
        nx, ny, nz = x - along * rx, above - along * ry, z - along * rz
        across, below = nx * ax + ny * ay + nz * az, nx * bx + ny * by + nz * bz
        slope = two * (start - along) * np.sqrt(across * across + below * below) + _TINY
        cover[n] = min(max(half + inside / slope, none), one)
        # Where it enters the endless cylinder, it also enters a ball at that place of the axis:
        entry = ahead + np.sqrt(max(ahead * ahead - flat * away, none))
        above = y - min(max(y - ry * entry * by_flat, none), length)
        ahead, away = ahead + above * ry, away + above * above
        entry = (ahead + np.sqrt(max(ahead * ahead - whole * away, none))) * by_whole
        distance[n] = start - entry
        normal_x[n], normal_y[n], normal_z[n] = x - entry * rx, above - entry * ry, z - entry * rz


@kernel
def _light(
    lights: Singles,
    sizes: Singles,
    columns: Singles,
    normal_x: Singles,
    normal_y: Singles,
    normal_z: Singles,
    body: Singles,
    shine: Singles,
) -> None:
    """Find how a limb is lit where it has these normals, as in the programs for OpenGL.

    ``body``: how much of its own colour is seen; ``shine``: how much white of 255 beside it.
    """
    one, none = np.float32(1.0), np.float32(0.0)
    for n in range(len(columns)):
        x, y, z = normal_x[n], normal_y[n], normal_z[n]
        size = one / np.sqrt(x * x * sizes[0] + y * y * sizes[1] + z * z * sizes[2])
        lit = size * (x * lights[0] + y * lights[1] + z * lights[2])
        edge = size * (x * lights[3] + y * lights[4] + z * lights[5]) * _BY_FULLY_LIT
        edge = min(max(edge, none), one)
        edge = edge * edge * (np.float32(1.35) - np.float32(0.90) * edge)
        gloss = size * (x * lights[6] + y * lights[7] + z * lights[8])
        gloss = max(gloss, np.float32(0.1))  # less would be too small a number to be fast
        for _ in range(5):
            gloss *= gloss  # its 32nd power
        body[n] = (np.float32(0.81) + np.float32(0.31) * lit) * (np.float32(0.55) + edge)
        shine[n] = np.float32(25.5) * gloss


@kernel
def draw_shadows(
    picture: Picture,
    shade: Singles,
    limbs: Limbs,
    strokes: Floats,
    rows: Floats,
    distances: Floats,
    darkness: float,
) -> None:
    """Darken the ground below limbs, wherever the sun above sees any of them.

    ``strokes`` (K, 5) and ``rows`` (K, 2): what each shadow covers at most. ``distances`` (H,): how
    far along their rays a row's pixels see the ground, not more than 0 if they do not. ``shade``
    (H, W) is written over.
    """
    height, width = picture.shape
    first = int(min(max(rows[:, 0].min(), 0.0), float(height)))
    last = int(min(max(rows[:, 1].max() + 1.0, float(first)), float(height)))
    shade[first:last] = 0.0
    for k in range(len(limbs.length)):
        x, y, z = limbs.eye[k]
        ux, uy, uz = limbs.upward[k]
        length, stroke, rays = limbs.length[k], strokes[k], limbs.rays[k]
        left, right, up, down = _box(stroke, width, height)
        up, down = int(max(float(up), rows[k, 0])), int(min(float(down), rows[k, 1]))
        flat = ux * ux + uz * uz + _TINY
        whole = flat + uy * uy
        for row in range(up, down):
            distance = distances[row]
            if distance <= 0.0:
                continue
            begin, end = _span(row, left, right, stroke)
            for column in range(begin, end):
                gx = x + distance * (rays[0] + column * rays[3] + row * rays[6])
                gy = y + distance * (rays[1] + column * rays[4] + row * rays[7])
                gz = z + distance * (rays[2] + column * rays[5] + row * rays[8])
                gy -= min(max(gy - uy * (gx * ux + gz * uz) / flat, 0.0), length)
                along = gx * ux + gy * uy + gz * uz
                inside = 1.0 - gx * gx - gy * gy - gz * gz + along * along / whole
                if inside > shade[row, column]:
                    shade[row, column] = inside
    for row in range(first, last):
        for column in range(width):
            if shade[row, column] > 0.0:
                share = darkness * min(shade[row, column] / PENUMBRA, 1.0)
                picture[row, column] = _mix(np.int64(picture[row, column]), 0, share)


@kernel
def draw_lines(picture: Picture, lines: Floats) -> None:
    """Draw lines (L, 12).

    Each a row of its two ends in px, how far ahead of the eye they are, how opaque there, half its
    width in px, and red, green, blue from 0 to 1.
    """
    for k in range(len(lines)):
        line = lines[k]
        colour = _packed(255.0 * line[9], 255.0 * line[10], 255.0 * line[11])
        _draw_line(picture, line, colour, abs(line[3] - line[1]) > abs(line[2] - line[0]))


@kernel
def _draw_line(picture: Picture, line: Floats, colour: int, upright: bool) -> None:
    """Draw a line step by step: row by row if it is upright, else column by column."""
    n = 1 if upright else 0
    x0, y0, x1, y1 = line[n], line[1 - n], line[2 + n], line[3 - n]
    steps, places = picture.shape[1 - n], picture.shape[n]
    dx, dy, half_width = x1 - x0, y1 - y0, line[8]
    if abs(dx) < 1e-9:
        return
    slant = abs(dx) / np.sqrt(dx * dx + dy * dy)
    reach = (half_width + 0.5) / slant
    begin = int(np.ceil(min(max(min(x0, x1), 0.0), float(steps)) - 0.5))
    end = int(np.ceil(min(max(x0, x1, 0.0), float(steps)) - 0.5))
    for step in range(begin, end):
        share = (step + 0.5 - x0) / dx
        centre = y0 + share * dy
        if not -reach < centre < places + reach:
            continue
        # How opaque it is goes by the place in the world, and nearer parts look longer:
        there = share * line[4] / (share * line[4] + (1.0 - share) * line[5])
        opacity = line[6] + there * (line[7] - line[6])
        low = max(int(np.ceil(centre - reach - 0.5)), 0)
        high = min(int(np.floor(centre + reach - 0.5)), places - 1)
        for place in range(low, high + 1):
            cover = half_width + 0.5 - abs(place + 0.5 - centre) * slant
            share = opacity * min(max(cover, 0.0), 1.0)
            row, column = (step, place) if upright else (place, step)
            picture[row, column] = _mix(np.int64(picture[row, column]), colour, share)


@kernel
def draw_surface(picture: Picture, quads: Floats, opacities: Floats, colour: Floats) -> None:
    """Fill convex quadrangles (Q, 4, 2) px; those that share an edge share no pixel.

    ``opacities`` (Q,); ``colour`` (3,) from 0 to 1.
    """
    height, width = picture.shape
    paint = _packed(255.0 * colour[0], 255.0 * colour[1], 255.0 * colour[2])
    for k in range(len(quads)):
        low = min(quads[k, 0, 1], quads[k, 1, 1], quads[k, 2, 1], quads[k, 3, 1])
        high = max(quads[k, 0, 1], quads[k, 1, 1], quads[k, 2, 1], quads[k, 3, 1])
        up = int(np.ceil(min(max(low, 0.0), float(height)) - 0.5))
        down = int(np.ceil(min(max(high, 0.0), float(height)) - 0.5))
        for row in range(up, down):
            left, right = float(width), 0.0
            for n in range(4):
                x0, y0 = quads[k, n, 0], quads[k, n, 1] - row - 0.5
                x1, y1 = quads[k, n - 3, 0], quads[k, n - 3, 1] - row - 0.5
                if (y0 <= 0.0) != (y1 <= 0.0):
                    x = x0 + y0 / (y0 - y1) * (x1 - x0)
                    left, right = min(left, x), max(right, x)
            begin = int(np.ceil(max(left, 0.0) - 0.5))
            end = int(np.ceil(min(right, float(width)) - 0.5))
            if opacities[k] > 0.998:
                picture[row, begin : max(begin, end)] = paint
                continue
            for column in range(begin, end):
                picture[row, column] = _mix(np.int64(picture[row, column]), paint, opacities[k])


@kernel
def mix_pictures(picture: Picture, before: Picture, share: float) -> None:
    """Leave only a share of what was drawn since ``before``."""
    height, width = picture.shape
    for row in range(height):
        for column in range(width):
            old, new = np.int64(before[row, column]), np.int64(picture[row, column])
            if old != new:
                picture[row, column] = _mix(old, new, share)
