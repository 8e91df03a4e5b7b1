"""Which streams of the Lab Streaming Layer (LSL) are on the network, and what they send.

What blocks is meant for a thread. Source: the documentation of liblsl; XDF's page on meta-data for
``synchronization/can_drop_samples``.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from trackside.capture.devices.contract import DeviceDescription
from trackside.capture.devices.lsl_stream import LSL_TEXT, lsl_device
from trackside.capture.lsl_library import is_installed, load
from trackside.capture.lsl_metadata import channels_understood, read_channels
from trackside.errors import TracksideError
from trackside.recordings.model import Kind

LOOK: Final = 1.0
"""s that the network has for answering the question who is there."""
PATIENCE: Final = 5.0
"""s that a stream may take to be found, and to tell its channels."""

_KINDS: Final = {"ECG": Kind.ECG}
"""Of streams that are not ours; all else is auxiliary, or without a rate events."""


class LslStreamError(TracksideError):
    """An LSL stream is not there, is there twice, or does not answer."""


@dataclass(frozen=True)
class LslStream:
    """A stream that is on the network. ``rate`` in Hz, None if it has none."""

    name: str
    content: str
    source_id: str
    host: str
    channels: int
    rate: float | None
    is_text: bool
    info: Any = field(repr=False, compare=False)
    """pylsl's ``StreamInfo``, with which it is opened."""


Look = Callable[[float], Sequence[LslStream]]
"""Tells which streams are there, within so many s; blocks."""


def streams_there(seconds: float = LOOK) -> list[LslStream]:
    """The LSL streams on the network, looking for ``seconds`` (blocks); none without pylsl."""
    if not is_installed():
        return []
    found = (_stream(info) for info in load().resolve_streams(seconds))
    return sorted(found, key=lambda stream: (stream.name, stream.source_id, stream.host))


def _stream(info: Any) -> LslStream:
    pylsl = load()
    return LslStream(
        info.name(),
        info.type(),
        info.source_id(),
        info.hostname(),
        info.channel_count(),
        info.nominal_srate() or None,
        info.channel_format() == pylsl.cf_string,
        info,
    )


@dataclass(frozen=True)
class Wanted:
    """Which stream is meant: by ``name``, ``source_id``, or both."""

    name: str | None = None
    source_id: str | None = None

    def __str__(self) -> str:
        return " and ".join(f"{key} '{value}'" for key, value in vars(self).items() if value)

    def fits(self, stream: LslStream) -> bool:
        """Whether it may be this one."""
        return all(value in (None, getattr(stream, key)) for key, value in vars(self).items())


def find_streams(
    wanted: Mapping[str, Wanted], patience: float = PATIENCE, look: Look = streams_there
) -> dict[str, LslStream]:
    """The stream that each is meant by, under its label; looks for at most ``patience`` s (blocks).

    Raises :class:`LslStreamError` if one is not there, or there are several that fit, and
    :class:`~trackside.capture.lsl_library.LslMissingError`.
    """
    load()
    end = time.monotonic() + patience
    while True:
        there = look(min(LOOK, patience))
        fitting = {label: [s for s in there if one.fits(s)] for label, one in wanted.items()}
        if all(fitting.values()) or time.monotonic() >= end:
            return {label: _only(label, wanted[label], found) for label, found in fitting.items()}


def _only(label: str, wanted: Wanted, found: Sequence[LslStream]) -> LslStream:
    if not found:
        raise LslStreamError(
            f"{label}: there is no LSL stream with {wanted}: start it before the recording, whose "
            "file has to know its channels; who is there: trackside scan"
        )
    if len(found) > 1:
        ids = ", ".join(f'source_id = "{stream.source_id}" on {stream.host}' for stream in found)
        raise LslStreamError(f"{label}: {len(found)} LSL streams have {wanted}: choose by {ids}")
    return found[0]


def description_of(stream: LslStream, patience: float = PATIENCE) -> DeviceDescription:
    """How a stream is read, from what it tells of its channels (blocks).

    Raises :class:`LslStreamError` if it does not answer within ``patience`` s.
    """
    pylsl = load()
    if stream.is_text:
        return LSL_TEXT
    inlet = pylsl.StreamInlet(stream.info, recover=False)
    try:
        told = inlet.info(patience).desc()
    except RuntimeError as error:  # pylsl's errors are
        raise LslStreamError(f"LSL stream '{stream.name}' does not answer: {error}") from error
    return lsl_device(
        channels_understood(read_channels(told, stream.channels), stream.content),
        _kind(told, stream),
        stream.rate,
        can_drop_samples=_can_drop_samples(told),
    )


def _kind(told: Any, stream: LslStream) -> Kind:
    ours = told.child("trackside").child_value("kind")
    if ours in [*Kind]:
        return Kind(ours)
    return _KINDS.get(stream.content, Kind.EVENT if stream.rate is None else Kind.AUXILIARY)


def _can_drop_samples(told: Any) -> bool:
    return str(told.child("synchronization").child_value("can_drop_samples")).lower() == "true"


def is_same(one: LslStream, other: LslStream) -> bool:
    """Whether one is the other come back: by source id, or without one by name and host."""
    if one.channels != other.channels or one.source_id != other.source_id:
        return False
    told = (one.name, one.content, one.host)
    return bool(one.source_id) or told == (other.name, other.content, other.host)
