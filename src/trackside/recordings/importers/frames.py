"""Makers' earth frames in terms of ours: x east, y north, z up."""

import numpy as np

from trackside.arrays import Floats


def enu_from_nwu(quaternions: Floats) -> Floats:
    """Orientations (N, 4) that a maker gives with x north, y west, z up, in our earth frame.

    It is the product with a turn of 90° about the vertical from the left.
    """
    w, x, y, z = quaternions.T
    return np.sqrt(0.5) * np.column_stack([w - z, x - y, y + x, z + w])
