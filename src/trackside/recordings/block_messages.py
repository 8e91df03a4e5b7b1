"""Blocks, remarks and streams as bytes, for another process on the same computer.

A message is two numbers (32 bits, little-endian: the sizes of head and body), a head in JSON, and a
body of arrays one after the other, whose types and shapes the head names.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from math import prod
from struct import Struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trackside.errors import SignalError
from trackside.recordings.model import Annotation, Block, Channel, Device, Kind, Stream

LARGEST: Final = 1 << 26
"""Bytes; what claims to be larger is no message."""
_SIZES = Struct("<II")
_BLOCK = b'{"block"'
_STAMPS = ("host_time", "device_time", "sequence")

Head = dict[str, Any]


def packed(head: Head, arrays: Sequence[NDArray[Any]] = ()) -> bytes:
    """A message of a head, which JSON can hold, and arrays."""
    return _message(_text(head), arrays)


class MessageReader:
    """Takes bytes as they come and gives whole messages: heads and bodies."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    @property
    def is_amid_message(self) -> bool:
        """Whether a message has begun to come and is not whole yet."""
        return bool(self._waiting)

    def feed(self, data: bytes) -> Iterator[tuple[Head, bytes]]:
        """The messages that are whole now; heads are to be left as they are.

        Raises SignalError for what is no message; after it nothing that follows can be read.
        """
        self._waiting += data
        place = 0
        while len(self._waiting) - place >= _SIZES.size:
            head_size, body_size = _SIZES.unpack_from(self._waiting, place)
            if max(head_size, body_size) > LARGEST:
                raise SignalError(f"no message of blocks: {head_size} and {body_size} bytes")
            start = place + _SIZES.size
            end = start + head_size + body_size
            if len(self._waiting) < end:
                break
            head = _head(bytes(self._waiting[start : start + head_size]))
            body = bytes(self._waiting[start + head_size : end])
            place = end
            yield head, body
        del self._waiting[:place]


def item_message(item: Block | Annotation) -> bytes:
    """A block or a remark as a message."""
    if isinstance(item, Annotation):
        return packed({"remark": [item.time, item.kind, item.text]})
    arrays = {"time": item.time}
    for name in _STAMPS:
        stamps = getattr(item, name)
        if stamps is not None:
            arrays[name] = stamps
    arrays |= {f"={name}": np.asarray(array) for name, array in item.values.items()}
    told = tuple((name, array.dtype.str, array.shape) for name, array in arrays.items())
    return _message(_block_text(item.stream, told), arrays.values())


def item_of(head: Head, body: bytes) -> Block | Annotation | None:
    """The block or remark of a message, None if it is another one."""
    if "remark" in head:
        time, kind, text = head["remark"]
        return Annotation(float(time), str(kind), str(text))
    if "block" not in head:
        return None
    arrays = dict(_arrays(head["arrays"], body))
    values = {name[1:]: array for name, array in arrays.items() if name.startswith("=")}
    stamps = {name: arrays.get(name) for name in _STAMPS}
    return Block(head["block"], arrays["time"], values, **stamps)


def _arrays(
    told: Sequence[tuple[str, str, Sequence[int]]], body: bytes
) -> Iterator[tuple[str, NDArray[Any]]]:
    start = 0
    for name, kind, shape in told:
        array = np.frombuffer(body, np.dtype(kind), prod(shape), start).reshape(shape)
        start += array.nbytes
        yield name, array


def _message(text: bytes, arrays: Iterable[NDArray[Any]]) -> bytes:
    body = b"".join([array.tobytes() for array in arrays])
    return _SIZES.pack(len(text), len(body)) + text + body


def _text(head: Head) -> bytes:
    return json.dumps(head, separators=(",", ":")).encode()


# Nothing in a block's head changes from one to the next of a stream but how many samples it has, so
# that most heads have been written and read before.


@lru_cache(maxsize=1024)
def _block_text(stream: str, told: tuple[tuple[str, str, tuple[int, ...]], ...]) -> bytes:
    return _text({"block": stream, "arrays": told})


def _head(text: bytes) -> Head:
    if text.startswith(_BLOCK):
        return _block_head(text)
    head: Head = json.loads(text)
    return head


@lru_cache(maxsize=1024)
def _block_head(text: bytes) -> Head:
    head: Head = json.loads(text)
    return head


def told_stream(stream: Stream) -> Head:
    """A stream's description as JSON can hold it."""
    return asdict(stream)


def stream_told(told: Mapping[str, Any]) -> Stream:
    """The stream of such a description."""
    channels = tuple(
        Channel(each["name"], each["unit"], tuple(each["columns"])) for each in told["channels"]
    )
    whole = dict(told) | {
        "kind": Kind(told["kind"]),
        "channels": channels,
        "device": Device(**told["device"]),
    }
    return Stream(**whole)
