"""Opening an HDF5 file that was never closed and is damaged: its tail is missing, or zeros.

Its superblock says that the file is open for writing. Opened in SWMR mode, HDF5 takes what is
missing for something that is about to be written and waits for it without end. So such a file is
shown to HDF5 with a superblock that says: closed, and as long as it is. Then what is missing is an
error at once.
"""

import io
from pathlib import Path
from typing import Any

import h5py

from trackside.recordings.superblock import (
    SUPERBLOCK_BYTES,
    is_superblock,
    said_length,
    shown_as_closed,
)


def is_damaged(path: Path) -> bool:
    """Whether an HDF5 file of version 3 is shorter than it says, or its structure broken.

    Raises OSError if HDF5 cannot open it at all.
    """
    with path.open("rb") as file:
        superblock = file.read(SUPERBLOCK_BYTES)
    if not is_superblock(superblock):
        return False
    if path.stat().st_size < said_length(superblock):
        return True
    with ShownAsClosed(path) as content, h5py.File(content, "r") as file:
        try:
            file.visititems(_visit_chunks)
        except (OSError, RuntimeError):
            return True
    return False


def _visit_chunks(_: str, entry: Any) -> None:
    """Go through the whole index of a dataset's chunks."""
    if isinstance(entry, h5py.Dataset) and entry.chunks:
        entry.id.get_num_chunks()


class ShownAsClosed(io.FileIO):
    """A file that was not closed, read only, as one that was closed with the present length."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        superblock = super().read(SUPERBLOCK_BYTES)
        self._superblock = shown_as_closed(superblock, path.stat().st_size)

    def readinto(self, buffer: Any) -> int:
        """Read at the present position, the superblock as changed."""
        position = self.tell()
        count = super().readinto(buffer) or 0
        changed = self._superblock[position : position + count]
        memoryview(buffer).cast("B")[: len(changed)] = changed
        return count
