"""A virtual radio: a computer's Bluetooth adapter and the devices in its reach, without hardware.

Packets wait for the connection events of their link, may have to be sent again, and stay in order.
Links break, devices leave and return when told to. Everything follows from the seed and the event
loop's clock.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bumble import data_types, hci, ll
from bumble.controller import Connection, Controller
from bumble.core import UUID, AdvertisingData, PhysicalTransport
from bumble.device import Device
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from trackside.capture.transports.ble_adapter import Adapter
from trackside.simulation.bleak_bumble import bleak_backend
from trackside.simulation.virtual_peripherals import VirtualPeripheral

ADVERTISING_INTERVAL = 100.0  # ms
CENTRAL = "F0:00:00:00:00:00"


@dataclass(frozen=True)
class LinkQuality:
    """How a link carries packets.

    ``interval`` s between connection events, of which 7.5 to 45 ms is usual; 0 carries packets at
    once. ``retransmissions``: the probability that a packet has to wait for another event.
    """

    interval: float = 0.0
    retransmissions: float = 0.0


PERFECT = LinkQuality()


class VirtualRadio:
    """The air around one central, and the devices in it. Make it within a running event loop."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._epoch = asyncio.get_running_loop().time()
        self._link = _Link()
        self._central, central_controller = _bumble_device("central", CENTRAL, self._link)
        self._controllers: dict[VirtualPeripheral, Controller] = {}
        self._central_controller = central_controller

    async def adapter(self) -> Adapter:
        """The adapter for connections to the devices."""
        return Adapter(*await self.backend())

    async def backend(self) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
        """Switch the central on: the scanner and the client to give bleak as ``backend``."""
        await self._central.power_on()
        return bleak_backend(self._central)

    @property
    def connected(self) -> set[str]:
        """The addresses that the central is connected to."""
        peers = self._central_controller.le_connections
        return {address.to_string(with_type_qualifier=False) for address in peers}

    async def add(self, peripheral: VirtualPeripheral, quality: LinkQuality = PERFECT) -> None:
        """Switch a device on: it advertises from now on whenever it is not connected."""
        device, controller = _bumble_device(peripheral.name, peripheral.address, self._link)
        rng = np.random.default_rng([self._seed, len(self._controllers)])
        self._link.set_quality(controller, quality, rng)
        self._controllers[peripheral] = controller
        central = Address(CENTRAL)

        def transmit(packet: bytes) -> None:
            self._link.send_acl_data(controller, central, PhysicalTransport.LE, packet)

        peripheral.attach(device, self._epoch, transmit)
        await device.power_on()
        await device.start_advertising(
            auto_restart=True,
            advertising_data=_advertisement(peripheral),
            advertising_interval_min=ADVERTISING_INTERVAL,
            advertising_interval_max=ADVERTISING_INTERVAL,
        )

    def break_link(self, peripheral: VirtualPeripheral) -> None:
        """Lose the link to a device, as both ends notice."""
        controller = self._controllers[peripheral]
        _time_out(controller, self._central_controller)
        _time_out(self._central_controller, controller)

    def take_away(self, peripheral: VirtualPeripheral) -> None:
        """Take a device out of reach. The central does not notice by itself.

        Operating systems may take minutes for that; break the link first if it is to notice.
        """
        controller = self._controllers[peripheral]
        self._link.away.add(controller)
        _time_out(controller, self._central_controller)

    def bring_back(self, peripheral: VirtualPeripheral) -> None:
        """Bring a device that was taken away into reach again."""
        self._link.away.discard(self._controllers[peripheral])

    def reset(self, peripheral: VirtualPeripheral) -> None:
        """Let a device crash and boot: the link is lost and its clock starts anew."""
        self.break_link(peripheral)
        peripheral.boot()


class _Link(LocalLink):
    """Carries packets between controllers, with each peripheral's link quality."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.away: set[Controller] = set()
        self._by_address: dict[Address, Controller] = {}
        self._qualities: dict[Controller, tuple[LinkQuality, np.random.Generator]] = {}
        self._queues: dict[tuple[Controller, Controller], _PacketQueue] = {}

    def set_quality(
        self, controller: Controller, quality: LinkQuality, rng: np.random.Generator
    ) -> None:
        self._qualities[controller] = (quality, rng)

    def on_address_changed(self, controller: Controller) -> None:
        self._by_address[controller.random_address] = controller

    def find_le_controller(self, address: Address) -> Controller | None:
        return self._by_address.get(address)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        sender, receiver = sender_controller, self._by_address.get(destination_address)
        if receiver is None or not self.away.isdisjoint((sender, receiver)):
            return
        source = sender.random_address
        connection = receiver.le_connections.get(source)

        def deliver() -> None:
            # packets of a link that broke meanwhile are lost with it
            if receiver.le_connections.get(source) is connection is not None:
                receiver.on_link_acl_data(source, transport, data)

        self._queue(sender, receiver).put(deliver)

    def _queue(self, sender: Controller, receiver: Controller) -> "_PacketQueue":
        queue = self._queues.get((sender, receiver))
        if queue is None:
            peripheral = sender if sender in self._qualities else receiver
            queue = _PacketQueue(*self._qualities[peripheral])
            self._queues[sender, receiver] = queue
        return queue

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        if sender_controller in self.away:
            return
        loop = asyncio.get_running_loop()
        for controller in self._by_address.values():
            listens = controller.le_scan_enable or controller.pending_le_connection
            if listens or isinstance(packet, ll.ConnectInd):
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(
        self, sender_address: Address, receiver_address: Address, packet: ll.ControlPdu
    ) -> None:
        ends = {self._by_address[sender_address], self._by_address[receiver_address]}
        if self.away.isdisjoint(ends):
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


class _PacketQueue:
    """One direction of a link: packets wait for connection events, and none overtakes another.

    One timer serves the whole queue: timers of their own for packets that go out in the same event
    would fire in any order.
    """

    def __init__(self, quality: LinkQuality, rng: np.random.Generator) -> None:
        self._quality = quality
        self._rng = rng
        self._phase = rng.uniform(0.0, quality.interval) if quality.interval else 0.0
        self._loop = asyncio.get_running_loop()
        self._packets: deque[tuple[float, Callable[[], None]]] = deque()
        self._last = 0.0

    def put(self, deliver: Callable[[], None]) -> None:
        """Have a packet delivered when its turn has come."""
        if not self._quality.interval:
            self._loop.call_soon(deliver)
            return
        self._last = max(self._next_event(self._loop.time()), self._last) + self._delay()
        self._packets.append((self._last, deliver))
        if len(self._packets) == 1:
            self._loop.call_at(self._last, self._carry)

    def _next_event(self, now: float) -> float:
        interval = self._quality.interval
        return self._phase + interval * math.ceil((now - self._phase) / interval)

    def _delay(self) -> float:
        attempts = int(self._rng.geometric(1 - self._quality.retransmissions))
        return (attempts - 1) * self._quality.interval

    def _carry(self) -> None:
        event = self._packets[0][0]
        while self._packets and self._packets[0][0] <= event:
            self._packets.popleft()[1]()
        if self._packets:
            self._loop.call_at(self._packets[0][0], self._carry)


class _Controller(Controller):
    """bumble's controller, with packets of full length, and with connecting that can be cancelled.

    Received data goes to the host at once: on the way between the two, bumble writes and parses
    every packet, and describes it for its log.
    """

    le_acl_data_packet_length = 251

    def on_link_acl_data(
        self, sender_address: Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        connection = self.le_connections.get(sender_address)
        connections = self.host.connections if isinstance(self.host, Host) else {}
        known = connections.get(connection.handle) if connection else None
        if known is None:
            super().on_link_acl_data(sender_address, transport, data)
        else:
            known.on_acl_pdu(data)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            self.send_hci_packet(_connection_cancelled(pending.peer_address))
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


def _connection_cancelled(peer: Address) -> hci.HCI_LE_Connection_Complete_Event:
    return hci.HCI_LE_Connection_Complete_Event(
        status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
        connection_handle=0,
        role=hci.Role.CENTRAL,
        peer_address_type=peer.address_type,
        peer_address=peer,
        connection_interval=0,
        peripheral_latency=0,
        supervision_timeout=0,
        central_clock_accuracy=0,
    )


def _bumble_device(name: str, address: str, link: LocalLink) -> tuple[Device, Controller]:
    controller = _Controller(name, link=link)
    host = Host(controller, AsyncPipeSink(controller))
    return Device(name=name, address=Address(address), host=host), controller


def _advertisement(peripheral: VirtualPeripheral) -> bytes:
    short = [UUID.from_16_bits(int(uuid[4:8], 16)) for uuid in peripheral.advertised]
    return bytes(
        AdvertisingData(
            [
                data_types.Flags(AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE),
                data_types.CompleteLocalName(peripheral.name),
                *([data_types.CompleteListOf16BitServiceUUIDs(short)] if short else []),
            ]
        )
    )


def _time_out(controller: Controller, peer: Controller) -> None:
    """End a controller's connection to a peer, as if nothing had come for too long."""
    connection: Connection | None = controller.le_connections.get(peer.random_address)
    if connection is not None:
        controller.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)
