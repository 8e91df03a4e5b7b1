"""A file for HDF5 that takes the failing of a disk upon itself.

HDF5 does not cope with a write that fails: it goes on with what else it has to write, so that rows
are counted that are not there, and it crashes the process when the file is closed. So it writes
through a file object that keeps the first error to itself. From then on nothing reaches the disk,
HDF5 is left in the belief that all is well, and the file's owner asks for the error. The file is
then as a kill at that moment would have left it.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from trackside.errors import TracksideError
from trackside.recordings import layout
from trackside.recordings.superblock import marked_as_written
from trackside.replacing import replacing


class DiskError(TracksideError):
    """A file cannot be written: names it and the reason that the operating system gives."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path}: cannot be written: {error.strerror or error}")
        self.reason = error


class TolerantFile(io.FileIO):
    """A file whose writes never fail; ``error`` is the first one that did, or None."""

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(path, mode)
        self.error: OSError | None = None

    def write(self, content: Any) -> int:
        """Write all of a buffer at the present position, or nothing after an error."""
        whole = bytes(content)
        rest = marked_as_written(whole) if self.error is None and self.tell() == 0 else whole
        while rest and self.error is None:
            try:
                rest = rest[super().write(rest) :]
            except OSError as error:
                self.error = error
        return len(whole)

    def check(self, path: Path) -> None:
        """Raise :class:`DiskError`, which names ``path``, if not all could be written."""
        if self.error:
            raise DiskError(path, self.error)

    def sync(self) -> None:
        """Wait until all that was written is on the disk."""
        if self.error is None:
            try:
                os.fsync(self.fileno())
            except OSError as error:
                self.error = error

    def truncate(self, size: int | None = None) -> int:
        """Set the file's length, or leave it after an error."""
        if self.error is None:
            try:
                return super().truncate(size)
            except OSError as error:
                self.error = error
        return self.tell() if size is None else size


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An open HDF5 file that appears at ``path`` when the block ends, replacing what is there.

    On any exception ``path`` stays as it was; raises :class:`DiskError`.
    """
    try:
        with replacing(path) as temporary, TolerantFile(temporary, "w+b") as disk:
            with h5py.File(disk, "w", libver=layout.HDF5_VERSION) as file:
                yield file
            disk.check(path)
    except OSError as error:
        raise DiskError(path, error) from error


_FAILURES = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def replacing_on_disk(target: Path) -> Iterator[Path]:
    """Like :func:`~trackside.replacing.replacing`, for writers of recordings.

    A disk that is full or gone is a :class:`DiskError` that names ``target``: nobody knows the file
    beside it by name, and it is removed.
    """
    try:
        with replacing(target) as temporary:
            yield temporary
    except DiskError as error:
        raise DiskError(target, error.reason) from error
    except OSError as error:
        if error.errno not in _FAILURES:
            raise
        raise DiskError(target, error) from error
