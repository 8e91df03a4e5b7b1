"""Writing a file so that it appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` to write to; what lies there replaces ``target`` at the end.

    The replacement is one atomic step after the data reached the disk. On any exception the new
    file is removed and ``target`` stays as it was, or absent.
    """
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until the file's data is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
