"""From a kit's sensors to connections, over whatever Bluetooth, ports and network there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trackside.capture.connection import Connection
from trackside.capture.devices.contract import DeviceDescription, Transport
from trackside.capture.kit import KitSensor
from trackside.capture.live import LiveSensor
from trackside.capture.transports.ble import BleConnection
from trackside.capture.transports.ble_adapter import Adapter
from trackside.capture.transports.serial_port import SerialConnection
from trackside.capture.transports.udp import UdpConnection
from trackside.capture.transports.udp_hub import EVERY_INTERFACE, UdpHub
from trackside.capture.transports.usb_ports import SerialPort, list_serial_ports


@dataclass
class Surroundings:
    """Where sensors are looked for; by default, this computer's own adapter, ports and network.

    To be made and used within one event loop. ``host``: the interface that UDP devices send to.
    """

    adapter: Adapter = field(default_factory=Adapter)
    list_ports: Callable[[], Sequence[SerialPort]] = list_serial_ports
    host: str = EVERY_INTERFACE
    _hubs: dict[tuple[str, int | None], UdpHub] = field(default_factory=dict, init=False)

    def live_sensor(self, sensor: KitSensor) -> LiveSensor:
        """The sensor, ready to be listened to; nothing is opened before."""
        return LiveSensor(sensor.label, self._connection(sensor), sensor.streams)

    def _connection(self, sensor: KitSensor) -> Connection:
        description = sensor.description
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
        )

    def _hub(self, description: DeviceDescription, port: int | None) -> UdpHub:
        """The socket that all devices of a model on a port share."""
        key = (description.model, port or description.port)
        if key not in self._hubs:
            self._hubs[key] = UdpHub(description, port=port, host=self.host)
        return self._hubs[key]
