"""Copying what was measured from one recording file to another, chunk by chunk as stored."""

import logging
from pathlib import Path
from typing import Any

import h5py

from trackside.recordings import layout
from trackside.recordings.tolerant_file import DiskError, new_file

logger = logging.getLogger(__name__)

DEAD_SPACE = 1.5
"""A closed file larger than this many times its data is rewritten without the dead space."""


def copy_measured(old: Any, new: Any) -> None:
    """Copy attributes, samples and annotations, all but derived results, without recompressing.

    ``old`` and ``new`` are open h5py files.
    """
    for name, value in old.attrs.items():
        new.attrs[name] = value
    for name in old:
        if name != layout.PROCESSED:
            old.copy(name, new)


def remove_dead_space(path: Path) -> None:
    """Write a closed recording anew if it holds much dead space; without room it stays as it is.

    The new file replaces the old one in one step: whatever happens, one of them is there, whole.
    """
    if path.stat().st_size <= DEAD_SPACE * _stored_bytes(path):
        return
    try:
        with new_file(path) as new, h5py.File(path, "r") as old:
            copy_measured(old, new)
    except DiskError as error:
        logger.warning("no room to make the recording smaller; it is whole. %s", error)


def _stored_bytes(path: Path) -> int:
    """Bytes that the samples take in the file, without structure and dead space."""
    sizes: list[int] = []

    def add(_: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset):
            sizes.append(entry.id.get_storage_size())

    with h5py.File(path, "r") as file:
        file.visititems(add)
    return sum(sizes)
