"""Which sensors are there: on Bluetooth, serial ports, the network and LSL."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trackside.capture.connecting import Surroundings
from trackside.capture.devices import DEVICES
from trackside.capture.devices.contract import Transport
from trackside.capture.devices.lsl_stream import LSL_STREAM
from trackside.capture.devices.slimevr import SLIMEVR
from trackside.capture.devices.ximu3 import XIMU3_UDP
from trackside.capture.lsl_streams import LslStream
from trackside.capture.transports.ble_adapter import FoundDevice
from trackside.capture.transports.udp import find_announced, find_senders
from trackside.errors import TracksideError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sighting:
    """A sensor that is there.

    ``model`` is empty for serial ports, which do not tell what hangs on them. ``reach``: the keys
    and values that name it in a kit file. ``name`` is its own, ``signal`` in dBm.
    """

    transport: Transport
    model: str
    reach: Mapping[str, Any]
    name: str = ""
    signal: int | None = None

    @property
    def found_by(self) -> str:
        """How the kit file names it, such as ``address = "…"``."""
        return ", ".join(f"{key} = {json.dumps(value)}" for key, value in self.reach.items())


async def scan(surroundings: Surroundings, duration: float) -> list[Sighting]:
    """Look everywhere for ``duration`` s. What cannot be searched is logged, and left out."""
    found = await asyncio.gather(
        _bluetooth(surroundings, duration),
        _serial(surroundings),
        _announced(surroundings, duration),
        _trackers(surroundings, duration),
        _lsl_streams(surroundings, duration),
        return_exceptions=True,
    )
    sightings: list[Sighting] = []
    for result in found:
        if isinstance(result, TracksideError):
            logger.warning("%s", result)
        elif isinstance(result, BaseException):
            raise result
        else:
            sightings += result
    return sightings


async def _bluetooth(surroundings: Surroundings, duration: float) -> list[Sighting]:
    return [_advertiser(device) for device in await surroundings.adapter.scan(duration)]


def _advertiser(device: FoundDevice) -> Sighting:
    model = device.model(DEVICES)
    return Sighting(
        Transport.BLE,
        model.model if model else "",
        {"address": device.address},
        device.name,
        device.signal,
    )


async def _serial(surroundings: Surroundings) -> list[Sighting]:
    ports = await asyncio.to_thread(surroundings.list_ports)
    return [
        Sighting(
            Transport.SERIAL,
            "",
            {"serial_number": port.serial_number} if port.serial_number else {"port": port.path},
            f"{port.description} at {port.path}",
        )
        for port in ports
    ]


async def _announced(surroundings: Surroundings, duration: float) -> list[Sighting]:
    return [
        Sighting(
            Transport.UDP,
            XIMU3_UDP.model,
            {
                "serial_number": device.serial,
                "udp_port": device.data_port,
                "command_port": device.command_port,
            },
            device.name,
        )
        for device in await find_announced(duration, host=surroundings.host)
    ]


async def _trackers(surroundings: Surroundings, duration: float) -> list[Sighting]:
    found = await find_senders(SLIMEVR, duration, host=surroundings.host)
    return [
        Sighting(Transport.UDP, SLIMEVR.model, {"serial_number": device.serial})
        for device in found.values()
    ]


async def _lsl_streams(surroundings: Surroundings, duration: float) -> list[Sighting]:
    streams = await asyncio.to_thread(surroundings.lsl_streams, duration)
    return [
        Sighting(
            Transport.LSL, LSL_STREAM.model, _reach(stream), f"{stream.content} of {stream.host}"
        )
        for stream in streams
    ]


def _reach(stream: LslStream) -> dict[str, str]:
    return {"name": stream.name} | ({"source_id": stream.source_id} if stream.source_id else {})
