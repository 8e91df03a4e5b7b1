"""Kit files: kits as TOML.

For example::

    [athlete]
    name = "Ada"
    height = 1.72  # m

    [[sensor]]
    segment = "left_shank"
    model = "Movella DOT"
    address = "D4:22:CD:00:10:01"

``docs/recording.md`` describes them for the coach.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from trackside.capture.kit import Kit, KitSensor
from trackside.errors import FileFormatError, ParameterError
from trackside.recordings.model import Athlete
from trackside.replacing import replacing

HEIGHTS: Final = (1.0, 2.3)  # m

_FILE_KEYS: Final = {"athlete": dict, "sensor": list}
_ATHLETE_KEYS: Final = {"name": str, "height": float}
_SENSOR_KEYS: Final = {
    key.name: int if key.name in ("udp_port", "command_port", "rate") else str
    for key in fields(KitSensor)
}
_KINDS: Final = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    dict: "a table: [athlete]",
    list: "tables: [[sensor]]",
}


def read_kit(path: str | Path) -> Kit:
    """The kit in a file.

    Raises :class:`FileFormatError` if it is no TOML, and :class:`ParameterError` naming the file,
    the entry, and what was expected of it.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(path, "the whole file", f"a TOML file ({error})") from error
    place = "the file"
    try:
        _check_keys(content, _FILE_KEYS)
        place = "[athlete]"
        athlete = _athlete(content.get("athlete", {}))
        sensors = []
        for number, entry in enumerate(content.get("sensor", []), start=1):
            place = f"[[sensor]] number {number}"
            sensors.append(_sensor(entry))
        place = "the kit"
        return Kit(sensors, athlete)
    except ParameterError as error:
        raise ParameterError(f"{path}: {place}: {error}") from error


def _athlete(entry: Mapping[str, Any]) -> Athlete:
    _check_keys(entry, _ATHLETE_KEYS)
    height = entry.get("height")
    if height is not None and not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise ParameterError(f"height {height}: expected the body height in m, such as 1.72")
    return Athlete(entry.get("name", ""), height)


def _sensor(entry: Any) -> KitSensor:
    if not isinstance(entry, dict):
        raise ParameterError('expected keys and values, such as segment = "left_shank"')
    _check_keys(entry, _SENSOR_KEYS)
    if "model" not in entry:
        raise ParameterError('expected a model, such as model = "Movella DOT"')
    return KitSensor(**entry)


def _check_keys(entry: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    for key, value in entry.items():
        if key not in kinds:
            raise ParameterError(f"{key}: expected one of the keys {', '.join(kinds)}")
        kind = kinds[key]
        number = kind is float and isinstance(value, int)
        if isinstance(value, bool) or not (number or isinstance(value, kind)):
            raise ParameterError(f"{key} = {value!r}: expected {_KINDS[kind]}")


def write_kit(path: str | Path, kit: Kit) -> None:
    """Write a kit file that :func:`read_kit` reads."""
    with replacing(Path(path)) as target:
        target.write_text(kit_text(kit), encoding="utf-8")


def kit_text(kit: Kit) -> str:
    """A kit as TOML."""
    athlete = {"name": kit.athlete.name or None, "height": kit.athlete.height}
    tables = [("[athlete]", athlete)]
    tables += [
        ("[[sensor]]", {key.name: getattr(sensor, key.name) for key in fields(sensor)})
        for sensor in kit.sensors
    ]
    return "\n".join("".join(_lines(head, entry)) for head, entry in tables)


def _lines(head: str, entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"{head}\n"
    for key, value in entry.items():
        if value is not None:
            yield f"{key} = {_toml(value)}\n"


def _toml(value: str | float) -> str:
    # JSON's strings and numbers are TOML's, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
