"""FIT activities: what watches record, running dynamics, RR intervals and developer fields too.

Fields and units are those of the FIT protocol's profile, which the library applies. A file that is
cut short or fails its checksum gives what could be read; an annotation tells what was wrong.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trackside.errors import TracksideError
from trackside.recordings.importers.activity import Activity, as_steps, session_of
from trackside.recordings.importers.session import Session, modification_time
from trackside.recordings.layout import RESERVED, dataset_name
from trackside.recordings.model import Channel, Device

MAKER = "FIT activity"

SIGNATURE, SIGNATURE_AT = b".FIT", 8
EPOCH = datetime(1989, 12, 31, tzinfo=UTC).timestamp()  # s since 1970; FIT counts from here
NO_CLOCK_BEFORE = datetime.fromtimestamp(EPOCH + 0x10000000, UTC)
"""Smaller times are seconds since the watch was switched on (profile: type date_time)."""
SEMICIRCLE = 180.0 / 2**31  # degrees
FIELDS = {
    "heart_rate": ("heart_rate", 1.0),
    "speed": ("speed", 1.0),
    "enhanced_speed": ("speed", 1.0),
    "distance": ("distance", 1.0),
    "power": ("power", 1.0),
    "stance_time": ("ground_contact_time", 1e-3),
    "stance_time_percent": ("ground_contact_share", 1.0),
    "stance_time_balance": ("ground_contact_balance", 1.0),
    "vertical_oscillation": ("vertical_oscillation", 1e-3),
    "vertical_ratio": ("vertical_ratio", 1.0),
    "step_length": ("step_length", 1e-3),
}
"""Our channel and the factor to SI units, by the profile's name of a field."""


def recognise(path: Path) -> bool:
    """Whether the file begins as FIT files do."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(SIGNATURE_AT + 4)[SIGNATURE_AT:] == SIGNATURE


def read(path: Path) -> Session:
    """The streams of a FIT activity.

    Raises FileFormatError if nothing of an activity can be read, and TracksideError if the library
    for FIT files is not installed.
    """
    activity = Activity(device=Device("FIT file"))
    latest = None
    for message in _messages(path, activity):
        fields = {field.name: field for field in message.fields}
        match message.name:
            case "record":
                moment = _moment(fields, "timestamp")
                if moment is not None:
                    latest = moment
                    _take_record(activity, moment, fields)
            case "hrv" if latest is not None:
                lengths = _value(fields, "time")
                for length in lengths if isinstance(lengths, tuple) else (lengths,):
                    if isinstance(length, int | float):
                        activity.intervals.append((latest, float(length)))
            case "lap":
                moment = _moment(fields, "start_time")
                if moment is not None:
                    activity.laps.append(moment)
            case "file_id":
                activity.device = _device(fields)
    session = session_of(path, activity)
    if session.start_time < NO_CLOCK_BEFORE:
        return replace(session, start_time=modification_time(path))
    return session


def _messages(path: Path, activity: Activity) -> Iterator[Any]:
    """The file's data messages as far as they can be read; faults go to the activity."""
    try:
        import fitdecode
    except ImportError as error:
        raise TracksideError(
            f"FIT files need more than is installed ({error}): pip install 'trackside[files]'"
        ) from error
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with fitdecode.FitReader(path.read_bytes()) as reader:
                for frame in reader:
                    if isinstance(frame, fitdecode.FitDataMessage):
                        yield frame
        except fitdecode.FitError as error:
            activity.faults.append(f"the file is cut short or damaged: {error}")
        except Exception as error:  # the library believes what it reads, and stumbles over anything
            activity.faults.append(f"the file is damaged: {error!r}")
    activity.faults += [f"the file is damaged: {warning.message}" for warning in told]


def _take_record(activity: Activity, moment: float, fields: dict[str, Any]) -> None:
    values: dict[str, float] = {}
    extras: dict[Channel, float] = {}
    for name, field in fields.items():
        value = field.value
        if not isinstance(value, int | float):
            continue
        if field.field_def is not None and field.field_def.is_dev:
            extras[_channel(name, field.units)] = float(value)
        elif name in FIELDS:
            channel, factor = FIELDS[name]
            values[channel] = factor * float(value)
    cadence = _number(fields, "cadence")
    if cadence is not None:
        values["cadence"] = as_steps(cadence + (_number(fields, "fractional_cadence") or 0.0))
    latitude, longitude = _number(fields, "position_lat"), _number(fields, "position_long")
    if latitude is not None and longitude is not None:
        altitude = _number(fields, "enhanced_altitude")
        if altitude is None:
            altitude = _number(fields, "altitude")
        up = float("nan") if altitude is None else altitude
        activity.places[moment] = (SEMICIRCLE * latitude, SEMICIRCLE * longitude, up)
    if values:
        activity.add(moment, values)
    if extras:
        activity.extras.setdefault(moment, {}).update(extras)


def _value(fields: dict[str, Any], name: str) -> Any:
    return fields[name].value if name in fields else None


def _number(fields: dict[str, Any], name: str) -> float | None:
    """A field's number; in damaged files it may be anything."""
    value = _value(fields, name)
    return float(value) if isinstance(value, int | float) else None


def _moment(fields: dict[str, Any], name: str) -> float | None:
    """Seconds since 1970; watches without a clock count from when they were switched on."""
    value = _value(fields, name)
    if isinstance(value, datetime):
        return value.timestamp()
    return EPOCH + value if isinstance(value, int | float) else None


def _device(fields: dict[str, Any]) -> Device:
    maker = _value(fields, "manufacturer")
    product = _value(fields, "garmin_product") or _value(fields, "product")
    model = " ".join(str(part) for part in (maker, product) if part is not None)
    return Device(model or "FIT file", str(_value(fields, "serial_number") or ""))


def _channel(name: object, units: object) -> Channel:
    """The channel of a developer's field: its name in our spelling, its unit as it is.

    Both stand in the file: in a damaged one they may be missing, or no text.
    """
    title, unit = (text if isinstance(text, str) else "" for text in (name, units))
    spelled = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "field"
    unit = unit or "1"
    channel = Channel(spelled, unit)
    return Channel(f"{spelled}_field", unit) if dataset_name(channel) in RESERVED else channel
