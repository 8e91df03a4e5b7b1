"""A dataset that grows by rows while its file is followed, and what its last chunk looks like then.

HDF5 compresses a chunk anew whenever it is flushed, and each time puts it in another place. So the
chunk that is still being filled is written here as it is, always in the same place, past HDF5's
cache; when it is full it is compressed, once. Until then its last row is not in use, and its last
bytes hold a checksum of the others.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

AS_IT_IS = 0b11
"""The filter mask of a chunk that is neither shuffled nor compressed (HDF5 format, IV.A.1)."""

CHECKSUM_BYTES = 4


class GrowingColumn:
    """Adds rows to an empty dataset of an h5py file that is shuffled and compressed with gzip.

    Its chunks are of whole rows, of at least four bytes each.
    """

    def __init__(self, dataset: Any) -> None:
        self._id = dataset.id
        self._level = dataset.compression_opts
        self._width = dataset.shape[1:]
        self._chunk = np.zeros(dataset.chunks, dataset.dtype)
        self._bytes = self._chunk.reshape(-1).view(np.uint8)
        self._start = 0
        """The row that the last chunk begins with."""
        self._filled = 0
        """Rows in the last chunk."""

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows at the end."""
        self._id.set_extent((self._start + self._filled + len(rows), *self._width))
        while len(rows):
            taken = min(len(rows), len(self._chunk) - self._filled)
            self._chunk[self._filled : self._filled + taken] = rows[:taken]
            self._filled += taken
            rows = rows[taken:]
            if self._filled == len(self._chunk):
                self._close_chunk()
        if self._filled:
            self._bytes[-CHECKSUM_BYTES:] = _checksum(self._bytes)
            self._write(self._bytes, AS_IT_IS)

    def finish(self) -> None:
        """Compress the last chunk, too: no more rows will come."""
        if self._filled:
            self._chunk[self._filled :] = np.zeros((), self._chunk.dtype)
            self._close_chunk()

    def _close_chunk(self) -> None:
        """Compress the chunk, and begin the next one."""
        shuffled = self._bytes.reshape(-1, self._chunk.itemsize).T.tobytes()
        self._write(zlib.compress(shuffled, self._level), 0)
        self._start += self._filled
        self._filled = 0

    def _write(self, content: Any, mask: int) -> None:
        self._id.write_direct_chunk((self._start, *(0 for _ in self._width)), content, mask)


def is_whole_chunk(stored: bytes, mask: int) -> bool:
    """Whether a chunk, as it is in a file with its filter mask, agrees with its checksum.

    A compressed chunk carries one of zlib's own (Adler-32).
    """
    if mask == AS_IT_IS:
        content = np.frombuffer(stored, np.uint8)
        return content[-CHECKSUM_BYTES:].tobytes() == _checksum(content).tobytes()
    try:
        zlib.decompress(stored)
    except zlib.error:
        return False
    return True


def _checksum(content: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CRC-32 of all but the last bytes, where it is kept."""
    return np.frombuffer(zlib.crc32(content[:-CHECKSUM_BYTES].data).to_bytes(4, "little"), np.uint8)
