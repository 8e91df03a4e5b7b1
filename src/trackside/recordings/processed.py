"""Storing derived results in a recording: orientations, poses, features. All can be recomputed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from trackside.recordings import layout
from trackside.recordings.reader import open_recording
from trackside.recordings.rewriting import copy_measured
from trackside.recordings.tolerant_file import new_file

CHUNK_BYTES = 256 * 1024


def write_processed(
    path: str | Path,
    groups: Mapping[str, Mapping[str, NDArray[Any]]],
    attributes: Mapping[str, Mapping[str, float | str]] | None = None,
) -> None:
    """Store arrays as ``/Processed/<group>/<name>``, replacing the groups of those names.

    Floats of two and more dimensions are stored as float32; one-dimensional arrays, such as time,
    keep their type. ``attributes`` are stored on the groups. The recording is written anew beside
    the old file, which it replaces in one step: on any failure the old one stays as it was. What
    was measured is copied as it is.

    Raises :class:`trackside.errors.FileFormatError` if ``path`` is no recording, and
    :class:`trackside.recordings.tolerant_file.DiskError` if there is no room.
    """
    path = Path(path)
    attributes = attributes or {}
    with open_recording(path) as recording, new_file(path) as new:
        old = recording.file
        copy_measured(old, new)
        processed = new.create_group(layout.PROCESSED)
        for name in set(old.get(layout.PROCESSED, ())) - set(groups):
            old.copy(f"{layout.PROCESSED}/{name}", processed)
        for name, arrays in groups.items():
            _write_group(processed.create_group(name), arrays, attributes.get(name, {}))


def _write_group(
    group: Any, arrays: Mapping[str, NDArray[Any]], attributes: Mapping[str, float | str]
) -> None:
    for name, value in attributes.items():
        group.attrs[name] = value
    for name, array in arrays.items():
        _write_array(group, name, np.asarray(array))


def _write_array(group: Any, name: str, array: NDArray[Any]) -> None:
    if array.dtype.kind == "U":
        array = array.astype(h5py.string_dtype())
    if array.dtype.kind == "f" and array.ndim > 1:
        array = array.astype(np.float32, copy=False)
    if array.size and array.ndim:
        group.create_dataset(name, data=array, chunks=_chunks(array), **layout.COMPRESSION)
    else:
        group[name] = array  # nothing to divide into chunks


def _chunks(array: NDArray[Any]) -> tuple[int, ...]:
    """Chunks along the longest axis, time, so that any moment is read whole with one of them."""
    axis = int(np.argmax(array.shape))
    row_bytes = max(1, array.nbytes // array.shape[axis])
    rows = min(array.shape[axis], max(1, CHUNK_BYTES // row_bytes))
    return (*array.shape[:axis], rows, *array.shape[axis + 1 :])
