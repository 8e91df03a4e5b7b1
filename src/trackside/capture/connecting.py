"""From a kit's sensors to connections, over whatever Bluetooth, ports and network there are."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trackside.capture.connection import Connection
from trackside.capture.devices.contract import DeviceDescription, Transport
from trackside.capture.kit import KitSensor
from trackside.capture.live import LiveSensor
from trackside.capture.lsl_inlet import LslConnection
from trackside.capture.lsl_streams import (
    PATIENCE,
    Look,
    LslStream,
    Wanted,
    description_of,
    find_streams,
    streams_there,
)
from trackside.capture.transports.ble import BleConnection
from trackside.capture.transports.ble_adapter import Adapter
from trackside.capture.transports.serial_port import SerialConnection
from trackside.capture.transports.udp import UdpConnection
from trackside.capture.transports.udp_hub import EVERY_INTERFACE, UdpHub
from trackside.capture.transports.usb_ports import SerialPort, list_serial_ports
from trackside.errors import ParameterError


@dataclass
class Surroundings:
    """Where sensors are looked for; by default, this computer's own adapter, ports and network.

    To be made and used within one event loop. ``host``: the interface that UDP devices send to.
    ``lsl_streams`` tells which LSL streams are there.
    """

    adapter: Adapter = field(default_factory=Adapter)
    list_ports: Callable[[], Sequence[SerialPort]] = list_serial_ports
    host: str = EVERY_INTERFACE
    lsl_streams: Look = streams_there
    _hubs: dict[tuple[str, int | None], UdpHub] = field(default_factory=dict, init=False)

    async def live_sensors(
        self, sensors: Iterable[KitSensor], patience: float = PATIENCE
    ) -> list[LiveSensor]:
        """The sensors, ready to be listened to; LSL streams were found, the others need not be.

        Raises :class:`~trackside.capture.lsl_streams.LslStreamError` if one is not there within
        ``patience`` s, and :class:`~trackside.capture.lsl_library.LslMissingError`.
        """
        sensors = list(sensors)
        wanted = {
            sensor.label: Wanted(sensor.name, sensor.source_id)
            for sensor in sensors
            if sensor.description.transport is Transport.LSL
        }
        found = await asyncio.to_thread(self._lsl_sources, wanted, patience) if wanted else {}
        return [
            self._lsl_sensor(sensor, *found[sensor.label])
            if sensor.label in found
            else self.live_sensor(sensor)
            for sensor in sensors
        ]

    def _lsl_sources(
        self, wanted: Mapping[str, Wanted], patience: float
    ) -> dict[str, tuple[LslStream, DeviceDescription]]:
        found = find_streams(wanted, patience, self.lsl_streams)
        return {
            label: (stream, description_of(stream, patience)) for label, stream in found.items()
        }

    def _lsl_sensor(
        self, sensor: KitSensor, stream: LslStream, description: DeviceDescription
    ) -> LiveSensor:
        connection = LslConnection(sensor.label, stream, description, look=self.lsl_streams)
        return LiveSensor(sensor.label, connection, sensor.streams_of(description))

    def live_sensor(self, sensor: KitSensor) -> LiveSensor:
        """One sensor, ready to be listened to; nothing is opened before.

        Raises :class:`ParameterError` if it is an LSL stream: those have to be found first.
        """
        return LiveSensor(sensor.label, self._connection(sensor), sensor.streams)

    def _connection(self, sensor: KitSensor) -> Connection:
        description = sensor.description
        if description.transport is Transport.LSL:
            raise ParameterError(f"{sensor.label}: an LSL stream has to be found; use live_sensors")
        if description.transport is Transport.BLE:
            known_as = sensor.name if sensor.name and not sensor.address else sensor.label
            return BleConnection(known_as, description, self.adapter, address=sensor.address)
        if description.transport is Transport.SERIAL:
            return SerialConnection(
                sensor.label,
                description,
                port=sensor.port,
                serial_number=sensor.serial_number,
                list_ports=self.list_ports,
            )
        return UdpConnection(
            sensor.label,
            description,
            hub=self._hub(description, sensor.udp_port),
            device=sensor.serial_number or sensor.host,
            command_port=sensor.command_port,
        )

    def _hub(self, description: DeviceDescription, port: int | None) -> UdpHub:
        """The socket that all devices of a model on a port share."""
        key = (description.model, port or description.port)
        if key not in self._hubs:
            self._hubs[key] = UdpHub(description, port=port, host=self.host)
        return self._hubs[key]
