"""Which chunks of a dataset are in the file, and whole.

Their checksums are looked at here without HDF5: once a read through it has failed, later reads of
the dataset can return rows of another chunk.
"""

from collections.abc import Sequence
from typing import Any

from trackside.recordings.growing_column import is_whole_chunk


def readable_rows(dataset: Any) -> int:
    """Rows of a dataset before those at its end whose chunks are not in the file, or not whole."""
    rows = len(dataset)
    while rows and not _is_whole(dataset, rows - 1):
        rows = (rows - 1) // dataset.chunks[0] * dataset.chunks[0]
    return rows


def whole_parts(datasets: Sequence[Any], rows: int) -> list[slice]:
    """The ranges among the first ``rows`` rows whose chunks are whole in all of the datasets.

    The datasets have chunks of the same number of rows.
    """
    size = datasets[0].chunks[0]
    parts: list[slice] = []
    for start in range(0, rows, size):
        if all(_is_whole(dataset, start) for dataset in datasets):
            continues = parts and parts[-1].stop == start
            first = parts.pop().start if continues else start
            parts.append(slice(first, min(start + size, rows)))
    return parts


def _is_whole(dataset: Any, row: int) -> bool:
    """Whether the chunk with that row is in the file and whole."""
    size, *width = dataset.chunks
    try:
        mask, stored = dataset.id.read_direct_chunk((row // size * size, *(0 for _ in width)))
    except (OSError, RuntimeError, ValueError):
        return False
    return is_whole_chunk(stored, mask)
