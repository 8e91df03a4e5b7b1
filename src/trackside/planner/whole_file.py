"""Content written to a file that appears whole or not at all."""

from pathlib import Path

from trackside.replacing import replacing


def write_whole(path: str | Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) to ``path``, replacing what is there in one step.

    On any failure ``path`` stays as it was, or absent. Raises OSError if the folder does not exist,
    is not writable or full.
    """
    with replacing(Path(path)) as target:
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
