"""Copying what was measured from one recording file to another, chunk by chunk as stored."""

from typing import Any

from trackside.recordings import layout


def copy_measured(old: Any, new: Any) -> None:
    """Copy attributes, samples and annotations, all but derived results, without recompressing.

    ``old`` and ``new`` are open h5py files.
    """
    for name, value in old.attrs.items():
        new.attrs[name] = value
    for name in old:
        if name != layout.PROCESSED:
            old.copy(name, new)
