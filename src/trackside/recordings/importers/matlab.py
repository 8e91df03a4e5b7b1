"""MATLAB files, versions 5 to 7.2: whole or refused, with arrays checked by name and shape."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError

_MAGIC = b"MATLAB 5.0 MAT-file"
_HEADER_BYTES = 128
_TAG_BYTES = 8
_KINDS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 18})
"""Of data elements ("MAT-File Format", table 1-1); scipy crashes on others."""
_ARRAY, _COMPRESSED = 14, 15


def variable_names(path: Path) -> set[str]:
    """Names of the variables in a MATLAB file; none if it is no MATLAB file.

    Raises :class:`FileFormatError` if the file is cut short or damaged.
    """
    if not _is_matlab(path):
        return set()
    from scipy.io import whosmat

    _check_whole(path)
    try:
        return {name for name, _, _ in whosmat(path)}
    except Exception as error:  # scipy raises whatever a damaged byte leads to
        raise FileFormatError(
            path, "list of variables", f"a whole MATLAB file ({error})"
        ) from error


def load(path: Path) -> dict[str, Any]:
    """The variables of a MATLAB file, singleton dimensions removed."""
    from scipy.io import loadmat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            variables: dict[str, Any] = loadmat(path, squeeze_me=True)
    except Exception as error:  # scipy raises whatever a damaged byte leads to
        raise FileFormatError(path, "variables", f"a whole MATLAB file ({error})") from error
    return {name: value for name, value in variables.items() if not name.startswith("__")}


def numbers(
    path: Path, variables: Mapping[str, Any], name: str, unit: str, shape: tuple[int, ...]
) -> Floats:
    """A numeric variable of the given shape, in which -1 stands for any length.

    Raises :class:`FileFormatError` if it is missing or something else.
    """
    wanted = f"numbers of shape ({', '.join('N' if n < 0 else str(n) for n in shape)}) in {unit}"
    if name not in variables:
        raise FileFormatError(path, f"variable '{name}'", f"{wanted}; it is missing")
    array = np.asarray(variables[name])
    if array.dtype.kind not in "fiub":
        raise FileFormatError(path, f"variable '{name}'", f"{wanted}, found {array.dtype}")
    fits = len(array.shape) == len(shape) and all(
        want in (-1, have) for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits or array.size == 0:
        raise FileFormatError(path, f"variable '{name}'", f"{wanted}, found shape {array.shape}")
    return np.asarray(array, dtype=np.float64)


def _is_matlab(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _check_whole(path: Path) -> None:
    """Walk the file's elements by their declared sizes; the last must end where the file ends."""
    size = path.stat().st_size
    with path.open("rb") as file:
        order = _byte_order(path, file.read(_HEADER_BYTES))
        end = _check_elements(path, file, order, _HEADER_BYTES, size)
    if end != size:
        raise FileFormatError(path, f"byte {size}", f"{end} bytes; the file is cut short")


def _check_elements(path: Path, file: BinaryIO, order: Any, start: int, end: int) -> int:
    """Walk the elements between two bytes, and those of arrays among them; where the last ends."""
    while start < end:
        file.seek(start)
        tag = file.read(_TAG_BYTES)
        kind, size = (int.from_bytes(half, order) for half in (tag[:4], tag[4:]))
        if kind >> 16:  # a small one, whose size and data are in the tag
            kind, size = kind & 0xFFFF, 0
        if kind not in _KINDS:
            raise FileFormatError(path, f"byte {start}", f"a type of MATLAB data, found {kind}")
        within, start = start + _TAG_BYTES, start + _TAG_BYTES + size
        if kind == _ARRAY and _check_elements(path, file, order, within, min(start, end)) != start:
            raise FileFormatError(path, f"byte {within}", f"an array of {size} bytes")
        if kind != _COMPRESSED:
            start += -size % _TAG_BYTES
    return start


def _byte_order(path: Path, header: bytes) -> Any:
    """The byte order that a MATLAB header declares ("MI" as written by the machine)."""
    orders = {b"IM": "little", b"MI": "big"}
    if header[126:128] not in orders:
        raise FileFormatError(path, "byte 126", "the byte order mark of a MATLAB 5 file")
    return orders[header[126:128]]
