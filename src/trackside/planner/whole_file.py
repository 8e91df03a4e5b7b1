"""Writing a file so that it appears whole or not at all."""

import os
from pathlib import Path
from uuid import uuid4


def write_whole(path: str | Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) to ``path``, replacing what is there in one step.

    The new file is written beside the old one and takes its place after its data reached the
    disk; on any failure it is removed, and ``path`` stays as it was, or absent.

    Raises
    ------
    OSError
        If the folder does not exist, is not writable or full.
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
