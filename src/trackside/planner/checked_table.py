"""Reading documents such as TOML so that every error names key, value and what was expected."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn, TypeVar

from trackside.errors import ParameterError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Reader = Callable[[object], T]


class UnexpectedValueError(ValueError):
    """Raised by a reader: its text says what the value should have been."""


class CheckedTable:
    """A table of a document: refuses values that are wrong, keys that are missing or unknown.

    ``place`` stands before each key in messages. Every method raises :class:`ParameterError`.
    """

    def __init__(self, place: str, values: Mapping[str, object]) -> None:
        self._place = place
        self._values = values
        self._known: list[str] = []

    def optional(self, key: str, read: Reader[T]) -> T | None:
        """Return the value of a key as ``read`` has it; None if the key is not there."""
        self._known.append(key)
        if key not in self._values:
            return None
        try:
            return read(self._values[key])
        except UnexpectedValueError as error:
            self.refuse(key, str(error))

    def required(self, key: str, read: Reader[T]) -> T:
        """Return the value of a key that must be there."""
        value = self.optional(key, read)
        if value is None:
            raise ParameterError(f"{self._place}{key} is missing")
        return value

    def table(self, key: str) -> "CheckedTable | None":
        """Return the table under a key; None if the key is not there."""

        def read(value: object) -> CheckedTable:
            if not isinstance(value, Mapping):
                raise UnexpectedValueError(f"a table: [{self._place}{key}]")
            return CheckedTable(f"{self._place}{key}.", value)

        return self.optional(key, read)

    def tables(self, key: str) -> "Sequence[CheckedTable]":
        """Return the list of tables under a key; an empty one if the key is not there."""

        def read(value: object) -> list[CheckedTable]:
            if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
                raise UnexpectedValueError(f"tables: [[{self._place}{key}]]")
            places = (
                f"{self._place}{key} number {number}: " for number in range(1, len(value) + 1)
            )
            return [CheckedTable(place, row) for place, row in zip(places, value, strict=True)]

        return self.optional(key, read) or []

    def refuse(self, key: str, expected: str) -> NoReturn:
        """Raise the error for the value of a key."""
        value = self._values[key]
        shown = f'"{value}"' if isinstance(value, str) else value
        raise ParameterError(f"{self._place}{key} = {shown}: expected {expected}")

    def finish(self) -> None:
        """Refuse every key that was not asked for."""
        for key in self._values:
            if key not in self._known:
                close = difflib.get_close_matches(key, self._known, n=1) or self._known
                raise ParameterError(
                    f"{self._place}{key}: no such key; expected {' or '.join(close)}"
                )


def text(value: object) -> str:
    """Read a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise UnexpectedValueError("text in quotes")
    return value


def identifier(value: object) -> str:
    """Read a name that can be part of a file name."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value):
        raise UnexpectedValueError("up to 64 letters, digits and . _ - in quotes")
    return value


def number(low: float, high: float, unit: str = "", *, si: float = 1.0) -> Reader[float]:
    """Return a reader of numbers from ``low`` to ``high`` in ``unit``; one unit is ``si`` in SI."""

    def read(value: object) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise UnexpectedValueError(f"a number from {low:g} to {high:g} {unit}".rstrip())
        return value * si

    return read


def list_of(read_one: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return a reader of lists, each value of which ``read_one`` reads."""

    def read(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise UnexpectedValueError("a list in square brackets")
        return tuple(map(read_one, value))

    return read


def choice(kind: type[E]) -> Reader[E]:
    """Return a reader of the values of an enumeration."""

    def read(value: object) -> E:
        if value not in list(kind):
            raise UnexpectedValueError(" or ".join(f'"{member}"' for member in kind))
        return kind(str(value))

    return read


def day(value: object) -> date:
    """Read a date, or the text of one."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, date) or isinstance(found, datetime):
        raise UnexpectedValueError("a date such as 2030-04-28")
    return found


def duration(value: object) -> float:
    """Read a time such as "3:45:00" or "49:30", in s."""
    found = isinstance(value, str) and re.fullmatch(
        r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d(?:\.\d+)?)", value
    )
    if not found:
        raise UnexpectedValueError('h:mm:ss or mm:ss in quotes, such as "3:45:00"')
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600.0 + int(minutes) * 60.0 + float(seconds)
