"""Letting go of an HDF5 file that cannot be written any more: a full disk, an unplugged stick.

HDF5 keeps what it could not write, tries again with every object of the file that is closed, and
crashes the process when it fails once more at the interpreter's end. So the file's descriptor is
turned to the null device, where all of that succeeds. The file stays as the last write that
succeeded left it, which :func:`trackside.recordings.reader.open_recording` reads.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from trackside.errors import TracksideError
from trackside.recordings import layout
from trackside.recordings.replacing import replacing

_REASON = re.compile(r"errno = \d+, error message = '([^']*)'")


class DiskError(TracksideError):
    """A file cannot be written: names it and the reason that the operating system gives."""

    def __init__(self, path: Path, error: Exception) -> None:
        found = _REASON.search(str(error))  # HDF5 tells it in the middle of a long text
        super().__init__(f"{path}: cannot be written: {found[1] if found else error}")


@contextmanager
def abandoning(file: Any, path: Path) -> Iterator[None]:
    """Let go of an open h5py file when writing to it fails in the block.

    Raises :class:`DiskError`, which names ``path``; ``file`` is closed then.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:  # HDF5 raises either
        _turn_to_null_device(file.id.get_vfd_handle())
        file.close()
        raise DiskError(path, error) from error


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An open HDF5 file that appears at ``path`` when the block ends, replacing what is there.

    On any exception ``path`` stays as it was; raises :class:`DiskError`.
    """
    try:
        with (
            replacing(path) as temporary,
            h5py.File(temporary, "w", libver=layout.HDF5_VERSION) as file,
            abandoning(file, path),
        ):
            yield file
            file.close()
    except OSError as error:
        raise DiskError(path, error) from error


def _turn_to_null_device(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, descriptor, inheritable=False)
    os.close(null)
