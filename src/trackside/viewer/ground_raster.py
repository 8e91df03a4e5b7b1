"""Pixels of the ground's lines and surfaces in a picture in memory, without a graphics card.

A picture is (H, W) of 0xFFRRGGBB. Corners are (3,): columns and rows from the picture's upper left
corner in px, both times m ahead of the eye, and these m.

Whatever the direction of a line, it is drawn row by row, so that the many pixels which a level one
has in a row are computed at once.
"""

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.kernels import pixel_kernel
from trackside.viewer.ground import Corners, Lines

Picture = NDArray[np.uint32]
Fade = tuple[float, float]
Pair = tuple[np.float32, np.float32]

NEAR = 0.1  # m ahead of the eye; what is nearer is not drawn
_OPAQUE = 0.998
_AT_ONCE = 8
"""Pixels that are computed at once; the last ones of a row are not alone either."""
_TINY, _FAR = 1e-6, 1e9  # px
_ONE, _HALF, _NONE = np.float32(1.0), np.float32(0.5), np.float32(0.0)
_PARTS = np.float32(256.0)


@pixel_kernel
def draw_lines(
    picture: Picture, lines: Lines, seen: Floats, away: Floats, fade: Fade, ratio: float
) -> None:
    """Draw lines (L, 11), of whose widths a px is ``ratio`` px.

    ``seen`` (L, 2, 3): their ends in the picture; ``away`` (L, 2, 2) m: these from the middle of
    the scene, about which they are drawn whole up to ``fade[0]`` m and not at all from ``fade[1]``.
    """
    clipped, opacity = np.empty((2, 3)), np.empty(2)
    for k in range(len(lines)):
        ahead = seen[k, 1, 2] - seen[k, 0, 2]
        for i in range(2):
            opacity[i] = lines[k, 9] * _share_seen(away[k, i], fade)
            clipped[i] = seen[k, i]
        if max(opacity[0], opacity[1]) <= 0.0 or max(clipped[0, 2], clipped[1, 2]) <= NEAR:
            continue
        for i in range(2):
            if seen[k, i, 2] < NEAR:
                share = (NEAR - seen[k, 0, 2]) / ahead
                clipped[i] = seen[k, 0] + share * (seen[k, 1] - seen[k, 0])
                opacity[i] = opacity[0] + share * (opacity[1] - opacity[0])
        colour = _packed(lines[k, 6], lines[k, 7], lines[k, 8])
        _draw_line(picture, clipped, opacity, 0.5 * ratio * lines[k, 10], colour)


@pixel_kernel
def draw_surface(
    picture: Picture, corners: Corners, seen: Floats, away: Floats, fade: Fade
) -> None:
    """Fill triangles (T · 3, 7); those that share an edge share no pixel.

    ``seen`` (T · 3, 3), ``away`` (T · 3, 2) and ``fade`` as for lines.
    """
    height, width = picture.shape
    polygon = np.empty((4, 2))
    for k in range(0, len(corners), 3):
        opacity = 0.0
        for i in range(k, k + 3):
            opacity += corners[i, 6] * _share_seen(away[i], fade) / 3.0
        count = _ahead_of_eye(seen[k : k + 3], polygon) if opacity > 0.0 else 0
        if not count:
            continue
        colour = _packed(corners[k, 3], corners[k, 4], corners[k, 5])
        up, down = height, 0
        for i in range(count):
            up = min(up, _first_from(polygon[i, 1], height))
            down = max(down, _first_from(polygon[i, 1], height))
        for row in range(up, down):
            left, right = float(width), 0.0
            for i in range(count):
                x0, y0 = polygon[i, 0], polygon[i, 1] - row - 0.5
                x1, y1 = polygon[i - 1, 0], polygon[i - 1, 1] - row - 0.5
                if i == 0:
                    x1, y1 = polygon[count - 1, 0], polygon[count - 1, 1] - row - 0.5
                if (y0 <= 0.0) != (y1 <= 0.0):
                    x = x0 + y0 / (y0 - y1) * (x1 - x0)
                    left, right = min(left, x), max(right, x)
            begin, end = _first_from(left, width), _first_from(right, width)
            if opacity > _OPAQUE:
                picture[row, begin : max(begin, end)] = colour
            else:
                _fill_row(picture[row, begin : max(begin, end)], colour, np.float32(opacity))


@pixel_kernel
def _share_seen(away: Floats, fade: Fade) -> float:
    """How much is seen of a place: a smooth step."""
    share = (np.sqrt(away[0] * away[0] + away[1] * away[1]) - fade[0]) / (fade[1] - fade[0])
    share = min(max(share, 0.0), 1.0)
    return 1.0 - share * share * (3.0 - 2.0 * share)


@pixel_kernel
def _first_from(place: float, count: int) -> int:
    """The first of so many pixels in a row whose middle is at a place or beyond it."""
    return int(np.ceil(min(max(place, 0.0), float(count)) - 0.5))


@pixel_kernel
def _ahead_of_eye(triangle: Floats, polygon: Floats) -> int:
    """Write the corners, px, of the part of a triangle (3, 3) that is ahead; return how many."""
    count = 0
    for i in range(3):
        a, b = triangle[i], triangle[(i + 1) % 3]
        if a[2] >= NEAR:
            polygon[count, 0], polygon[count, 1] = a[0] / a[2], a[1] / a[2]
            count += 1
        if (a[2] >= NEAR) != (b[2] >= NEAR):
            share = (NEAR - a[2]) / (b[2] - a[2])
            for j in range(2):
                polygon[count, j] = (a[j] + share * (b[j] - a[j])) / NEAR
            count += 1
    return count


@pixel_kernel
def _draw_line(
    picture: Picture, ends: Floats, opacity: Floats, half_width: float, colour: np.uint32
) -> None:
    """Draw a line between two places in the picture, and as opaque as it is there."""
    height, width = picture.shape
    x0, y0 = ends[0, 0] / ends[0, 2], ends[0, 1] / ends[0, 2]
    along, down = ends[1, 0] / ends[1, 2] - x0, ends[1, 1] / ends[1, 2] - y0
    length = np.sqrt(along * along + down * down)
    if length < _TINY:
        return
    along, down, reach = along / length, down / length, half_width + 0.5
    half = lean = slant = 0.0
    start, end = -_FAR, _FAR
    if abs(down) > _TINY:  # the columns of a row that are near the endless line
        half, lean = reach / abs(down), along / down
    else:
        half = _FAR
    if abs(along) > _TINY:  # those that are between its ends
        start, end = min(0.0, length / along), max(0.0, length / along)
        slant = down / along
    depths = np.float32(ends[0, 2]), np.float32(ends[1, 2])
    opacities = np.float32(opacity[0]), np.float32(opacity[1])
    first = _first_from(min(y0, y0 + length * down) - reach, height)
    last = _first_from(max(y0, y0 + length * down) + reach, height)
    for row in range(first, last):
        below = row + 0.5 - y0
        left = x0 + max(below * lean - half, start - below * slant)
        right = x0 + min(below * lean + half, end - below * slant)
        if left >= right or right < 0.0 or left > width:
            continue
        column, before = _widened(_first_from(left, width), _first_from(right, width), width)
        beside = column + 0.5 - x0
        aside, share = beside * down - below * along, (beside * along + below * down) / length
        _draw_row(
            picture[row, column:before],
            (np.float32(aside), np.float32(down)),
            (np.float32(share), np.float32(along / length)),
            np.float32(reach),
            depths,
            opacities,
            colour,
        )


@pixel_kernel
def _widened(begin: int, end: int, width: int) -> tuple[int, int]:
    """Columns of which none is left over when so many are drawn at once."""
    count = (end - begin + _AT_ONCE - 1) // _AT_ONCE * _AT_ONCE
    end = min(begin + count, width)
    return max(end - count, 0), end


@pixel_kernel
def _draw_row(
    pixels: Picture,
    aside: Pair,
    along: Pair,
    reach: np.float32,
    depths: Pair,
    opacity: Pair,
    colour: np.uint32,
) -> None:
    """Draw what is in some pixels of a row of a line.

    ``aside``: how far the first pixel is from it, px, and what is added for each; ``along``: at
    which share of its length, likewise; ``reach``: half its width and half a pixel; ``depths`` and
    ``opacity`` of its ends.
    """
    for n in range(len(pixels)):
        far = np.float32(n)
        cover = min(max(reach - abs(aside[0] + far * aside[1]), _NONE), _ONE)
        # How opaque it is goes by the place in the world, and nearer parts look longer:
        share = along[0] + far * along[1]
        near = share * depths[0]
        there = near / (near + (_ONE - share) * depths[1])
        seen = cover * (opacity[0] + there * (opacity[1] - opacity[0]))
        pixels[n] = _mix(pixels[n], colour, seen if _NONE <= share < _ONE else _NONE)


@pixel_kernel
def _fill_row(pixels: Picture, colour: np.uint32, opacity: np.float32) -> None:
    for n in range(len(pixels)):
        pixels[n] = _mix(pixels[n], colour, opacity)


@pixel_kernel
def _packed(red: float, green: float, blue: float) -> np.uint32:
    """A colour from parts of 1, as a picture has it."""
    whole = int(255.0 * red + 0.5) << 16 | int(255.0 * green + 0.5) << 8 | int(255.0 * blue + 0.5)
    return np.uint32(0xFF000000 | whole)


@pixel_kernel
def _mix(old: np.uint32, new: np.uint32, share: np.float32) -> np.uint32:
    """A colour with a share of another one, as in ``raster.py``.

    Numba's cache would not notice edits there (:func:`~trackside.kernels.kernel`).
    """
    outer, inner = np.uint32(0xFF00FF), np.uint32(0x00FF00)
    part = np.uint32(np.int32(share * _PARTS + _HALF))
    rest = np.uint32(np.uint32(256) - part)
    both = np.uint32(np.uint32((old & outer) * rest) + np.uint32((new & outer) * part))
    green = np.uint32(np.uint32((old & inner) * rest) + np.uint32((new & inner) * part))
    both, green = np.uint32(both >> np.uint32(8)), np.uint32(green >> np.uint32(8))
    return np.uint32(np.uint32(0xFF000000) | (both & outer) | (green & inner))
