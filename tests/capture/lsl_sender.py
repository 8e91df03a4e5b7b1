"""Other programs on the Lab Streaming Layer: real outlets and inlets on this computer."""

import asyncio
from typing import Any

import pylsl

from trackside.capture.lsl_metadata import LslChannel, add_channels

LOOK = 0.2
"""s in which everybody on this computer has answered."""


class Sender:
    """A program that sends a stream."""

    def __init__(
        self,
        name: str,
        channels: list[LslChannel],
        *,
        content: str = "EEG",
        rate: float = 100.0,
        source_id: str = "",
        form: str = "float32",
        can_drop_samples: bool = False,
    ) -> None:
        info = pylsl.StreamInfo(name, content, len(channels), rate, form, source_id)
        add_channels(info.desc(), channels)
        if can_drop_samples:
            info.desc().append_child("synchronization").append_child_value(
                "can_drop_samples", "true"
            )
        self._outlet: Any = pylsl.StreamOutlet(info)

    async def heard(self) -> None:
        """Wait until somebody listens."""
        assert await asyncio.to_thread(self._outlet.wait_for_consumers, 20.0)

    def send(self, values: list[Any], stamps: list[float]) -> None:
        """Send samples with these time stamps."""
        self._outlet.push_chunk(values, stamps)

    def quit(self) -> None:
        """End as a program that crashes does."""
        self._outlet = None


def inlet_of(name: str) -> Any:
    """An open inlet of the stream of that name."""
    (found,) = pylsl.resolve_byprop("name", name, 1, 20.0)
    inlet = pylsl.StreamInlet(found, recover=False)
    inlet.open_stream(20.0)
    return inlet
