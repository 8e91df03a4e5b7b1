"""The first bytes of an HDF5 file, its superblock, where it says whether it is being written.

HDF5 File Format Specification 4.0, II.A.3, version 3: since HDF5 1.10.
"""

import struct

SUPERBLOCK_BYTES = 48
_VERSION_3 = b"\x89HDF\r\n\x1a\n\x03\x08\x08"  # with addresses and lengths of 8 bytes
_FLAGS = len(_VERSION_3)
_LENGTH = slice(28, 36)
_CHECKSUM = slice(44, 48)
_WRITTEN, _FOLLOWED = 1, 4  # open for writing; in such a way that others can follow (SWMR)


def is_superblock(content: bytes) -> bool:
    """Whether a file's first bytes are a superblock of version 3."""
    return len(content) >= SUPERBLOCK_BYTES and content.startswith(_VERSION_3)


def said_length(superblock: bytes) -> int:
    """How many bytes the file has, according to its superblock."""
    return int.from_bytes(superblock[_LENGTH], "little")


def shown_as_closed(superblock: bytes, length: int) -> bytes:
    """The superblock of a file that was closed with ``length`` bytes."""
    return _changed(superblock, 0, length)


def marked_as_written(content: bytes) -> bytes:
    """A superblock that says that others can follow the writing, also saying that it is written.

    HDF5 sets both marks, and refuses a file that has one; but to a file object it writes one only.
    Anything else is returned as it is.
    """
    if not is_superblock(content) or not content[_FLAGS] & _FOLLOWED:
        return content
    marked = _changed(content[:SUPERBLOCK_BYTES], content[_FLAGS] | _WRITTEN, said_length(content))
    return marked + content[SUPERBLOCK_BYTES:]


def _changed(superblock: bytes, flags: int, length: int) -> bytes:
    changed = bytearray(superblock)
    changed[_FLAGS] = flags
    changed[_LENGTH] = length.to_bytes(8, "little")
    changed[_CHECKSUM] = checksum(bytes(changed[: _CHECKSUM.start])).to_bytes(4, "little")
    return bytes(changed)


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
