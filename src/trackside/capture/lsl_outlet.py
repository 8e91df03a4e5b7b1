"""Recorded streams offered on the Lab Streaming Layer (LSL) while they are recorded.

Other programs of the laboratory see each stream with its channels, units and aligned times. LSL
takes samples into queues of its own, so a slow or missing listener makes nothing wait.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, Final

import numpy as np

from trackside.capture.lsl_library import load, lsl_minus_host
from trackside.capture.lsl_metadata import add_channels, channels_told, content_type
from trackside.capture.recorder import Source
from trackside.recordings.model import Annotation, Block, Stream

logger = logging.getLogger(__name__)

MARKERS: Final = "trackside_markers"
"""The name of the stream of laps and marks."""


class LslOutlets:
    """One LSL stream for each of ``streams``, and one of markers for the remarks.

    ``start``: time 0 of the blocks on the host's clock, s. Raises
    :class:`~trackside.capture.lsl_library.LslMissingError`.
    """

    def __init__(self, streams: Sequence[Stream], start: float) -> None:
        self._pylsl = load()
        self._start = start
        self._streams = {stream.name: stream for stream in streams}
        self._outlets = {stream.name: self._outlet(stream) for stream in streams}
        self._markers = self._pylsl.StreamOutlet(
            self._pylsl.StreamInfo(
                MARKERS, "Markers", 1, self._pylsl.IRREGULAR_RATE, "string", f"trackside:{MARKERS}"
            )
        )

    def put(self, item: Block | Annotation) -> None:
        """Offer samples, or a remark, at their times on LSL's clock."""
        to_lsl = self._start + lsl_minus_host()
        if isinstance(item, Annotation):
            self._markers.push_sample([f"{item.kind}: {item.text}"], item.time + to_lsl)
        elif len(item):
            channels = self._streams[item.stream].channels
            values = np.hstack([item.values[channel.name] for channel in channels])
            stamps = (item.time + to_lsl).tolist()
            self._outlets[item.stream].push_chunk(values.astype(np.float32), stamps)

    def close(self) -> None:
        """Withdraw the streams; who listens notices at once."""
        self._outlets.clear()
        self._markers = None

    def _outlet(self, stream: Stream) -> Any:
        channels = channels_told(stream.channels)
        info = self._pylsl.StreamInfo(
            stream.name,
            content_type(stream),
            len(channels),
            stream.rate or self._pylsl.IRREGULAR_RATE,
            "float32",
            source_id(stream),
        )
        description = info.desc()
        add_channels(description, channels)
        acquisition = description.append_child("acquisition")
        for name, value in (
            ("model", stream.device.model),
            ("serial_number", stream.device.serial),
            ("firmware", stream.device.firmware),
        ):
            if value:
                acquisition.append_child_value(name, value)
        # Radio links lose samples, so nobody may take the samples for evenly spaced.
        description.append_child("synchronization").append_child_value("can_drop_samples", "true")
        ours = description.append_child("trackside")
        ours.append_child_value("kind", stream.kind.value)
        if stream.placement:
            ours.append_child_value("placement", stream.placement)
        return self._pylsl.StreamOutlet(info)


def source_id(stream: Stream) -> str:
    """What LSL knows a stream by: the same in every recording, so that listeners find it again."""
    return f"trackside:{stream.device.model}:{stream.device.serial}:{stream.name}"


class OfferedSource:
    """A :class:`~trackside.capture.recorder.Source` whose blocks are offered on LSL as they pass.

    ``start``: time 0 of the source on the host's clock, s. The recording comes first: what LSL
    cannot take is logged once, and the blocks go on. Raises
    :class:`~trackside.capture.lsl_library.LslMissingError`.
    """

    def __init__(self, source: Source, start: float) -> None:
        self._source = source
        self._outlets = LslOutlets(source.streams, start)
        self._failed = False

    @property
    def streams(self) -> Sequence[Stream]:
        """The source's streams."""
        return self._source.streams

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The source's blocks and remarks."""
        blocks = self._source.blocks()
        try:
            async for item in blocks:
                self._offer(item)
                yield item
        finally:
            self._outlets.close()
            if isinstance(blocks, AsyncGenerator):
                await blocks.aclose()

    def _offer(self, item: Block | Annotation) -> None:
        try:
            self._outlets.put(item)
        except Exception:
            if not self._failed:
                logger.exception("a block could not be offered on LSL; the recording goes on")
            self._failed = True
