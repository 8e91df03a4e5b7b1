"""Pixels of limbs and of their shadows in a picture in memory, without a graphics card.

A picture is (H, W) of 0xFFRRGGBB. Edges are smooth: a pixel takes as much of a colour as is covered
of it. Who draws with this is ``software_painter.py``.

A limb is the sphere of radius 1 swept along y in a frame of its own, in which rays of sight, and
the vertical lines of its shadow, are as straight as in the world. How far inside a line comes is 1
less the square of its distance from the axis.

Rows of pixels are drawn in single precision and without branches, so that several are computed at
once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats, Integers
from trackside.kernels import pixel_kernel

Picture = NDArray[np.uint32]
Singles = NDArray[np.float32]
Vector = tuple[np.float32, np.float32, np.float32]

NEAR = 0.1  # m ahead of the eye; what is nearer is not drawn
FULLY_LIT = 0.45  # cosine between normal and ray, below which limbs get darker towards their edge
PENUMBRA = 0.3
"""How far inside a limb its shadow is full: no edge of a shadow is sharp."""
_AT_ONCE = 8
"""Pixels that are computed at once; the last ones of a row are not alone either."""
_ONE, _HALF, _NONE, _TWO = np.float32(1.0), np.float32(0.5), np.float32(0.0), np.float32(2.0)
_TINY, _NEAR = np.float32(1e-12), np.float32(NEAR)
_FAR = np.float32(1e9)  # m
_BY_FULLY_LIT, _BY_PENUMBRA = np.float32(1.0 / FULLY_LIT), np.float32(1.0 / PENUMBRA)
_FULL, _PARTS = np.float32(255.0), np.float32(256.0)

_EYE, _CORNER, _RIGHT, _DOWN, _UPWARD, _LAMP, _GAZE, _HALFWAY, _SIZES = range(9)
"""Rows of a limb's frame (9, 3): the eye as seen from the limb's start, and a Sight's rays; the
earth's upward; directions to the lamp, to the eye, and between them; what squares of a normal are
multiplied with for its squared length in the world."""


class Sight(NamedTuple):
    """From where a picture is seen, (3,) each in the earth frame.

    ``eye`` m; ``corner``: the ray through the middle of the upper left pixel, ``right`` and
    ``down``: what is added for each pixel, 1 being 1 m ahead of the eye; ``ahead``: the direction
    of view; ``lamp``: the direction to the light.
    """

    eye: Floats
    corner: Floats
    right: Floats
    down: Floats
    ahead: Floats
    lamp: Floats


@pixel_kernel
def clear_depth(depth: Singles, capsules: Singles, sight: Sight) -> None:
    """Say that nothing is drawn yet wherever capsules (K, 19) may be."""
    left, right, up, down = _box_of_all(capsules, 1.0, sight, depth.shape[1], depth.shape[0])
    depth[up:down, max(left - _AT_ONCE, 0) : right + _AT_ONCE] = _FAR


@pixel_kernel
def draw_limbs(picture: Picture, depth: Singles, capsules: Singles, sight: Sight) -> None:
    """Draw capsules (K, 19) solid; ``depth`` (H, W): m ahead of the eye of what is drawn so far."""
    height, width = picture.shape
    columns, frame = _columns(width), np.empty((9, 3))
    for k in _farthest_first(capsules, sight):
        limb = capsules[k]
        left, right, up, down = _box(limb, 1.0, sight, width, height)
        length = _put_into_frame(limb, sight, frame)
        start = _distance(limb, sight)
        for row in range(up, down):
            begin, end = _strip(frame, row, start, left, right)
            begin, end = _widened(begin, end, width)
            _draw_row(
                picture[row, begin:end],
                depth[row, begin:end],
                columns[begin:end],
                frame,
                row,
                start,
                np.float32(length),
                limb[15:18],
            )


@pixel_kernel
def draw_see_through(
    picture: Picture, depth: Singles, capsules: Singles, sight: Sight, share: float
) -> None:
    """Draw capsules like solid ones, and leave only a share of what is new, from 0 to 1."""
    height, width = picture.shape
    left, right, up, down = _box_of_all(capsules, 1.0, sight, width, height)
    before = picture[up:down, left:right].copy()
    draw_limbs(picture, depth, capsules, sight)
    part = np.uint32(256.0 * share + 0.5)
    for row in range(up, down):
        old, new = before[row - up], picture[row, left:right]
        for n in range(len(new)):
            new[n] = _mix(old[n], new[n], part)


@pixel_kernel
def draw_shadows(
    picture: Picture, shade: Singles, capsules: Singles, sight: Sight, darkness: float
) -> None:
    """Darken the ground below limbs, wherever the sun above sees any of them.

    ``shade`` (H, W) is written over.
    """
    height, width = picture.shape
    left, right, first, last = _box_of_all(capsules, 0.0, sight, width, height)
    shade[first:last, left:right] = _NONE
    columns, frame = _columns(width), np.empty((9, 3))
    for k in range(len(capsules)):
        begin, end, up, down = _box(capsules[k], 0.0, sight, width, height)
        length = _put_into_frame(capsules[k], sight, frame)
        for row in range(up, down):
            sinking = sight.corner[2] + row * sight.down[2]
            if sinking * sight.eye[2] < 0.0:
                far = -sight.eye[2] / sinking
                _shade_row(shade[row, begin:end], columns[begin:end], frame, row, far, length)
    full = np.float32(darkness)
    for row in range(first, last):
        pixels, dark = picture[row, left:right], shade[row, left:right]
        for n in range(len(pixels)):
            share = full * min(max(dark[n], _NONE) * _BY_PENUMBRA, _ONE)
            pixels[n] = _mix(pixels[n], np.uint32(0xFF000000), _parts(share))


@pixel_kernel
def _columns(width: int) -> Singles:
    """The numbers of a row's columns."""
    return np.arange(width).astype(np.float32)


@pixel_kernel
def _widened(begin: int, end: int, width: int) -> tuple[int, int]:
    """Columns of which none is left over when so many are drawn at once."""
    count = (end - begin + _AT_ONCE - 1) // _AT_ONCE * _AT_ONCE
    end = min(begin + count, width)
    return max(end - count, 0), end


@pixel_kernel
def _farthest_first(capsules: Singles, sight: Sight) -> Integers:
    """The order in which edges can be mixed with what is behind them."""
    order, away = np.arange(len(capsules)), np.zeros(len(capsules))
    for k in range(len(capsules)):
        for i in range(3):
            away[k] += (0.5 * (capsules[k, i] + capsules[k, 3 + i]) - sight.eye[i]) ** 2
        place = k
        while place > 0 and away[order[place - 1]] < away[k]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = k
    return order


@pixel_kernel
def _distance(limb: Singles, sight: Sight) -> float:
    """How far ahead of the eye the middle of a limb is, m."""
    distance = 0.0
    for i in range(3):
        distance += (0.5 * (limb[i] + limb[3 + i]) - sight.eye[i]) * sight.ahead[i]
    return distance


@pixel_kernel
def _seen(x: float, y: float, z: float, sight: Sight) -> tuple[float, float, float]:
    """How far ahead a vector leads, m, and by how many columns and rows times that."""
    corner, right, down, ahead = sight.corner, sight.right, sight.down, sight.ahead
    far = x * ahead[0] + y * ahead[1] + z * ahead[2]
    x, y, z = x - far * corner[0], y - far * corner[1], z - far * corner[2]
    square = right[0] * right[0] + right[1] * right[1] + right[2] * right[2]
    across = x * right[0] + y * right[1] + z * right[2]
    return far, across / square, (x * down[0] + y * down[1] + z * down[2]) / square


@pixel_kernel
def _box(
    limb: Singles, upright: float, sight: Sight, width: int, height: int
) -> tuple[int, int, int, int]:
    """Columns from the first to before the last, and rows likewise, that a limb may cover.

    Or, with 0 instead of 1 for ``upright``, its shadow. Both ends are ellipsoids, s + the axes
    times a unit vector; upright and level lines that touch an ellipse are where its dual conic is
    zero.
    """
    dd = dx = xx = dy = yy = 0.0
    for i in (6, 9, 12):
        d, x, y = _seen(limb[i], limb[i + 1], upright * limb[i + 2], sight)
        dd, dx, xx, dy, yy = dd + d * d, dx + d * x, xx + x * x, dy + d * y, yy + y * y
    left, right, up, down = float(width), 0.0, float(height), 0.0
    nearest, farthest = _FAR, -_FAR
    eye = sight.eye
    for i in (0, 3):
        z = upright * limb[i + 2] - eye[2]
        d, x, y = _seen(limb[i] - eye[0], limb[i + 1] - eye[1], z, sight)
        nearest, farthest = min(nearest, d - np.sqrt(dd)), max(farthest, d + np.sqrt(dd))
        whole, column, line = max(d * d - dd, 1e-9), d * x - dx, d * y - dy
        half = np.sqrt(max(column * column - whole * (x * x - xx), 0.0))
        left, right = min(left, (column - half) / whole), max(right, (column + half) / whole)
        half = np.sqrt(max(line * line - whole * (y * y - yy), 0.0))
        up, down = min(up, (line - half) / whole), max(down, (line + half) / whole)
    if nearest < NEAR:
        return 0, width, 0, height if farthest > NEAR else 0
    return (
        int(min(max(left - 1.0, 0.0), float(width))),
        int(min(max(right + 3.0, 0.0), float(width))),
        int(min(max(up - 1.0, 0.0), float(height))),
        int(min(max(down + 3.0, 0.0), float(height))),
    )


@pixel_kernel
def _box_of_all(
    capsules: Singles, upright: float, sight: Sight, width: int, height: int
) -> tuple[int, int, int, int]:
    """As :func:`_box`, of all limbs."""
    left, right, up, down = width, 0, height, 0
    for k in range(len(capsules)):
        begin, end, first, last = _box(capsules[k], upright, sight, width, height)
        left, right, up, down = min(left, begin), max(right, end), min(up, first), max(down, last)
    return min(left, right), right, min(up, down), down


@pixel_kernel
def _put_into_frame(limb: Singles, sight: Sight, frame: Floats) -> float:
    """Write what is seen, and how it is lit, in a limb's frame; return the length of its axis."""
    gaze, halfway = np.empty(3), np.empty(3)
    for i in range(3):
        gaze[i] = sight.eye[i] - 0.5 * (limb[i] + limb[3 + i])
    gaze /= np.sqrt(np.sum(gaze * gaze))
    for i in range(3):
        halfway[i] = sight.lamp[i] + gaze[i]
    halfway /= np.sqrt(np.sum(halfway * halfway))
    frame[:] = 0.0
    length = 0.0
    for i in range(3):
        axis = limb[6 + 3 * i : 9 + 3 * i]
        size = 1.0 / (axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2])
        for j in range(3):
            part = size * axis[j]
            frame[_EYE, i] += part * (sight.eye[j] - limb[j])
            frame[_CORNER, i] += part * sight.corner[j]
            frame[_RIGHT, i] += part * sight.right[j]
            frame[_DOWN, i] += part * sight.down[j]
            frame[_LAMP, i] += part * sight.lamp[j]
            frame[_GAZE, i] += part * gaze[j]
            frame[_HALFWAY, i] += part * halfway[j]
            length += part * (limb[3 + j] - limb[j]) if i == 1 else 0.0
        frame[_UPWARD, i] = size * axis[2]
        frame[_SIZES, i] = size
    return length


@pixel_kernel
def _strip(frame: Floats, row: int, start: float, left: int, right: int) -> tuple[int, int]:
    """Columns of a row where rays meet a limb's endless cylinder, or pass it by a pixel.

    They do where a quadratic of the column is positive.
    """
    x, z = frame[_EYE, 0], frame[_EYE, 2]
    fx = frame[_CORNER, 0] + row * frame[_DOWN, 0]
    fz = frame[_CORNER, 2] + row * frame[_DOWN, 2]
    ax, az = frame[_RIGHT, 0], frame[_RIGHT, 2]
    bx, bz = frame[_DOWN, 0], frame[_DOWN, 2]
    room = 1.0 + 1.5 * start * np.sqrt(max(ax * ax + az * az, bx * bx + bz * bz))
    away = x * x + z * z - room * room
    f, a = x * fx + z * fz, x * ax + z * az
    square = a * a - away * (ax * ax + az * az)
    if square >= 0.0:
        return left, right
    middle = f * a - away * (fx * ax + fz * az)
    inner = middle * middle - square * (f * f - away * (fx * fx + fz * fz))
    if inner <= 0.0:
        return left, left
    middle, half = -middle / square, -np.sqrt(inner) / square
    begin = min(max(middle - half, float(left)), float(right))
    return int(begin), int(min(max(middle + half + 1.0, begin), float(right)))


@pixel_kernel
def _draw_row(
    picture: Picture,
    depth: Singles,
    columns: Singles,
    frame: Floats,
    row: int,
    start: float,
    length: np.float32,
    colour: Singles,
) -> None:
    """Draw what is seen of a limb in some pixels of a row.

    Rays begin beside the limb, ``start`` m ahead of the eye, as single precision needs it.
    """
    right, down = _single(frame[_RIGHT]), _single(frame[_DOWN])
    lamp, gaze, halfway = _single(frame[_LAMP]), _single(frame[_GAZE]), _single(frame[_HALFWAY])
    sizes = _single(frame[_SIZES])
    first = _ray(frame, row, 0.0, 1.0)
    beside = _ray(frame, row, 1.0, start)
    ahead = np.float32(start)
    red, green, blue = _FULL * colour[0], _FULL * colour[1], _FULL * colour[2]
    for n in range(len(columns)):
        ray = _plus(first, columns[n], right)
        eye = _plus(beside, columns[n] * ahead, right)
        cover, distance, normal = _meet(eye, ray, ahead, length, right, down)
        body, shine = _light(normal, lamp, gaze, halfway, sizes)
        nearer = (distance > _NEAR) & (distance < depth[n])
        share = cover if nearer else _NONE
        paint = _packed(body * red + shine, body * green + shine, body * blue + shine)
        picture[n] = _mix(picture[n], paint, _parts(share))
        depth[n] = distance if share > _HALF else depth[n]


@pixel_kernel
def _single(vector: Floats) -> Vector:
    return np.float32(vector[0]), np.float32(vector[1]), np.float32(vector[2])


@pixel_kernel
def _plus(a: Vector, share: np.float32, b: Vector) -> Vector:
    return a[0] + share * b[0], a[1] + share * b[1], a[2] + share * b[2]


@pixel_kernel
def _dot(a: Vector, b: Vector) -> np.float32:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@pixel_kernel
def _ray(frame: Floats, row: int, from_eye: float, distance: float) -> Vector:
    """A place on the ray of a row's first pixel, in a limb's frame: from the eye, or the ray."""
    return (
        np.float32(
            from_eye * frame[_EYE, 0] + distance * (frame[_CORNER, 0] + row * frame[_DOWN, 0])
        ),
        np.float32(
            from_eye * frame[_EYE, 1] + distance * (frame[_CORNER, 1] + row * frame[_DOWN, 1])
        ),
        np.float32(
            from_eye * frame[_EYE, 2] + distance * (frame[_CORNER, 2] + row * frame[_DOWN, 2])
        ),
    )


@pixel_kernel
def _meet(
    eye: Vector, ray: Vector, start: np.float32, length: np.float32, right: Vector, down: Vector
) -> tuple[np.float32, np.float32, Vector]:
    """Find how much of a pixel a limb covers, how far its ray goes until there, and the normal."""
    x, y, z = eye
    rx, ry, rz = ray
    # The place of the axis that the ray passes nearest to, and how far inside it comes there:
    flat = rx * rx + rz * rz + _TINY
    whole = flat + ry * ry
    by_flat, by_whole = _ONE / flat, _ONE / whole
    ahead, away = x * rx + z * rz, x * x + z * z - _ONE
    above = y - min(max(y - ry * ahead * by_flat, _NONE), length)
    along = (ahead + above * ry) * by_whole
    inside = along * along * whole - away - above * above
    # It changes by so much to the next pixel, of which a part is covered at the edge:
    nearest = x - along * rx, above - along * ry, z - along * rz
    across, below = _dot(nearest, right), _dot(nearest, down)
    slope = _TWO * (start - along) * np.sqrt(across * across + below * below) + _TINY
    cover = min(max(_HALF + inside / slope, _NONE), _ONE)
    # Where it enters the endless cylinder, it also enters a ball at that place of the axis:
    entry = ahead + np.sqrt(max(ahead * ahead - flat * away, _NONE))
    above = y - min(max(y - ry * entry * by_flat, _NONE), length)
    ahead, away = ahead + above * ry, away + above * above
    entry = (ahead + np.sqrt(max(ahead * ahead - whole * away, _NONE))) * by_whole
    return cover, start - entry, (x - entry * rx, above - entry * ry, z - entry * rz)


@pixel_kernel
def _light(
    normal: Vector, lamp: Vector, gaze: Vector, halfway: Vector, sizes: Vector
) -> tuple[np.float32, np.float32]:
    """How a limb is lit where it has that normal, as in the programs for OpenGL.

    How much of its own colour is seen, and how much white of 255 beside it.
    """
    x, y, z = normal
    size = _ONE / np.sqrt(x * x * sizes[0] + y * y * sizes[1] + z * z * sizes[2])
    lit = size * _dot(normal, lamp)
    edge = min(max(size * _dot(normal, gaze) * _BY_FULLY_LIT, _NONE), _ONE)
    edge = edge * edge * (np.float32(1.35) - np.float32(0.90) * edge)
    gloss = max(size * _dot(normal, halfway), np.float32(0.1))  # less would be too small to be fast
    gloss *= gloss
    gloss *= gloss
    gloss *= gloss
    gloss *= gloss
    gloss *= gloss  # its 32nd power
    body = (np.float32(0.81) + np.float32(0.31) * lit) * (np.float32(0.55) + edge)
    return body, np.float32(25.5) * gloss


@pixel_kernel
def _shade_row(
    shade: Singles, columns: Singles, frame: Floats, row: int, far: float, length: float
) -> None:
    """Note how far inside a limb the vertical lines come that rise from some pixels of a row.

    These see the ground as far along their rays as ``far``.
    """
    first = _ray(frame, row, 1.0, far)
    step, up = np.float32(far), np.float32(length)
    right, upward = _single(frame[_RIGHT]), _single(frame[_UPWARD])
    flat = upward[0] * upward[0] + upward[2] * upward[2] + _TINY
    by_flat, by_whole = upward[1] / flat, _ONE / (flat + upward[1] * upward[1])
    for n in range(len(columns)):
        x, y, z = _plus(first, columns[n] * step, right)
        y -= min(max(y - by_flat * (x * upward[0] + z * upward[2]), _NONE), up)
        along = x * upward[0] + y * upward[1] + z * upward[2]
        inside = _ONE - x * x - y * y - z * z + along * along * by_whole
        shade[n] = max(shade[n], inside)


@pixel_kernel
def _parts(share: np.float32) -> np.uint32:
    """A share from 0 to 1 in parts of 256."""
    return np.uint32(np.int32(share * _PARTS + _HALF))


@pixel_kernel
def _packed(red: np.float32, green: np.float32, blue: np.float32) -> np.uint32:
    """A colour from parts of 255, as a picture has it."""
    r = np.uint32(np.int32(min(red + _HALF, _FULL)))
    g = np.uint32(np.int32(min(green + _HALF, _FULL)))
    b = np.uint32(np.int32(min(blue + _HALF, _FULL)))
    return np.uint32(np.uint32(0xFF000000) | (r << np.uint32(16)) | (g << np.uint32(8)) | b)


@pixel_kernel
def _mix(old: np.uint32, new: np.uint32, part: np.uint32) -> np.uint32:
    """A colour with parts of 256 of another one; red and blue at once, and all in 32 bits."""
    outer, inner = np.uint32(0xFF00FF), np.uint32(0x00FF00)
    rest = np.uint32(np.uint32(256) - part)
    both = np.uint32(np.uint32((old & outer) * rest) + np.uint32((new & outer) * part))
    green = np.uint32(np.uint32((old & inner) * rest) + np.uint32((new & inner) * part))
    both, green = np.uint32(both >> np.uint32(8)), np.uint32(green >> np.uint32(8))
    return np.uint32(np.uint32(0xFF000000) | (both & outer) | (green & inner))
