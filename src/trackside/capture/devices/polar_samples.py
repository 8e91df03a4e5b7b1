"""The two ways in which Polar's measurement frames hold samples: raw, and delta-compressed.

Source: Polar's description of online measurement (``online_measurement.pdf`` of its BLE SDK).
"""

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Integers
from trackside.capture.devices.gatt import NotificationError

MAX_WIDTH = 32
"""The widest delta in bits."""


def raw_samples(content: bytes, columns: int, bits: int) -> Integers:
    """Samples one after the other: (n, columns) signed little-endian integers of 8 to 32 bits.

    Raises :class:`NotificationError` if the last sample is cut off.
    """
    size = bits // 8
    if len(content) % (columns * size):
        raise NotificationError(f"raw samples: {len(content)} bytes, a cut-off sample")
    padded = np.zeros((len(content) // size, 4), np.uint8)
    padded[:, 4 - size :] = np.frombuffer(content, np.uint8).reshape(-1, size)
    values = padded.view("<i4") >> (32 - bits)  # the shift back down carries the sign along
    return values.reshape(-1, columns).astype(np.int64)


def delta_samples(content: bytes, columns: int, bits: int) -> Integers:
    """A raw reference sample, then blocks of differences: (n, columns) integers.

    A block is the width of a difference in bits, the number of samples, and the differences of all
    columns of each sample as little-endian two's complement, bit by bit, filled up to whole bytes.
    Differences add up over all blocks. Raises :class:`NotificationError` for what is cut off.
    """
    start = columns * bits // 8
    if len(content) < start:
        raise NotificationError("delta samples: the reference sample is cut off")
    steps = [raw_samples(content[:start], columns, bits)]
    while start < len(content):
        width, count = content[start], content[start + 1] if start + 1 < len(content) else 0
        end = start + 2 + (count * columns * width + 7) // 8
        if width > MAX_WIDTH or end > len(content):
            raise NotificationError(f"delta samples: no block of differences at byte {start}")
        packed = np.frombuffer(content[start + 2 : end], np.uint8)
        steps.append(_differences(packed, count * columns, width).reshape(-1, columns))
        start = end
    return np.cumsum(np.concatenate(steps), axis=0)


def _differences(packed: NDArray[np.uint8], count: int, width: int) -> Integers:
    """(count,) two's complement integers of ``width`` bits each."""
    bits = np.unpackbits(packed, count=count * width, bitorder="little").reshape(count, width)
    weights = np.left_shift(np.int64(1), np.arange(width, dtype=np.int64))
    weights[-1:] *= -1
    return np.asarray(bits @ weights, dtype=np.int64)
