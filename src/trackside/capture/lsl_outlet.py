"""Recorded streams offered on the Lab Streaming Layer (LSL) while they are recorded.

Other programs of the laboratory see each stream with its channels, units and aligned times. LSL
takes samples into queues of its own, so a slow or missing listener makes nothing wait.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from trackside.capture.lsl_library import load, lsl_minus_host
from trackside.capture.lsl_metadata import add_channels, channels_told, content_type
from trackside.recordings.model import Annotation, Block, Stream

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
