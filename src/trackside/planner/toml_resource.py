"""TOML files checked against a type, with errors that say where and what."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from trackside.errors import FileFormatError

T = TypeVar("T")


def parse_toml(text: str, kind: type[T], path: Path) -> T:
    """Return what ``text`` holds as a ``kind``; ``path`` is for the message.

    Raises :class:`FileFormatError` that names the place and the value that is wrong.
    """
    try:
        return TypeAdapter(kind).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FileFormatError(path, "syntax", f"valid TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        expected = f"something else ({first['msg']}, but it is {first['input']!r})"
        raise FileFormatError(path, place, expected) from error
