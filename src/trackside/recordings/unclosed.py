"""Opening an HDF5 file that was never closed and is damaged: its tail is missing, or zeros.

The file's superblock (HDF5 File Format Specification 4.0, II.A.3, version 3) says that the file is
open for writing and how long it should be. Opened in SWMR mode, HDF5 takes what is missing for
something that is about to be written and waits for it without end. So such a file is shown to HDF5
with a superblock that says: closed, and as long as it is. Then what is missing is an error at once.
"""

import io
import struct
from pathlib import Path
from typing import Any

import h5py

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SUPERBLOCK_BYTES = 48
_LENGTH = slice(28, 36)
_CHECKSUM = slice(44, 48)
_FLAGS = 11
_VERSION = b"\x03\x08\x08"  # version 3, addresses and lengths of 8 bytes


def is_damaged(path: Path) -> bool:
    """Whether an HDF5 file of version 3 is shorter than it says, or its structure broken.

    Raises OSError if HDF5 cannot open it at all.
    """
    with path.open("rb") as file:
        superblock = file.read(_SUPERBLOCK_BYTES)
    if len(superblock) < _SUPERBLOCK_BYTES or superblock[:_FLAGS] != _SIGNATURE + _VERSION:
        return False
    if path.stat().st_size < int.from_bytes(superblock[_LENGTH], "little"):
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
        size = path.stat().st_size
        superblock = bytearray(super().read(_SUPERBLOCK_BYTES))
        superblock[_FLAGS] = 0
        superblock[_LENGTH] = size.to_bytes(8, "little")
        superblock[_CHECKSUM] = checksum(bytes(superblock[: _CHECKSUM.start])).to_bytes(4, "little")
        self._superblock = bytes(superblock)

    def readinto(self, buffer: Any) -> int:
        """Read at the present position, the superblock as changed."""
        position = self.tell()
        count = super().readinto(buffer) or 0
        changed = self._superblock[position : position + count]
        memoryview(buffer).cast("B")[: len(changed)] = changed
        return count


def checksum(content: bytes) -> int:
    """HDF5's metadata checksum: Bob Jenkins' lookup3 (hashlittle, 2006) with initial value 0."""
    a = b = c = (0xDEADBEEF + len(content)) & 0xFFFFFFFF
    padded = content + bytes(-len(content) % 12)
    blocks = list(struct.iter_unpack("<III", padded))
    for i, (x, y, z) in enumerate(blocks, start=1):
        a, b, c = (a + x) & 0xFFFFFFFF, (b + y) & 0xFFFFFFFF, (c + z) & 0xFFFFFFFF
        a, b, c = _mix(a, b, c) if i < len(blocks) else _finish(a, b, c)
    return c


def _rotate(x: int, bits: int) -> int:
    return ((x << bits) | (x >> (32 - bits))) & 0xFFFFFFFF


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & 0xFFFFFFFF) ^ _rotate(c, bits)
        c = (c + b) & 0xFFFFFFFF
        a, b, c = b, c, a
    return a, b, c


def _finish(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotate(b, bits)) & 0xFFFFFFFF
        a, b, c = b, c, a
    return c, a, b
