"""A backend for bleak on bumble: the same code that talks to real devices talks to virtual ones.

bumble is a Bluetooth stack in Python. Its central may sit on a virtual radio, or on a real adapter
that bumble opens itself (``usb:0``).
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import att, core, gatt_client, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device, Peer

MTU = 247  # bytes: what fits one packet of the longest kind

_SERVICE_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def bleak_backend(central: Device) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """The scanner and the client to give bleak as ``backend``, on a bumble device that is on."""
    scanner = type("BumbleScanner", (_Scanner,), {"central": central})
    client = type("BumbleClient", (_Client,), {"central": central})
    return scanner, client


class _Scanner(BaseBleakScanner):
    central: Device

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_: Any,
    ) -> None:
        uuids = service_uuids and [normalize_uuid_str(uuid) for uuid in service_uuids]
        super().__init__(detection_callback, uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.seen_devices = {}
        self.central.on(Device.EVENT_ADVERTISEMENT, self._heard)
        async with _bleak_errors():
            await self.central.start_scanning(active=self._active)

    async def stop(self) -> None:
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, self._heard)
        async with _bleak_errors():
            await self.central.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        data = _advertisement_data(advertisement)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        address = advertisement.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(
            address, address, data.local_name, advertisement.address, data
        )
        self.call_detection_callbacks(device, data)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    data = advertisement.data
    names = data.get_all(AdvertisingData.COMPLETE_LOCAL_NAME)
    lists = itertools.chain.from_iterable(data.get_all(kind) for kind in _SERVICE_LISTS)
    uuids = itertools.chain.from_iterable(cast("list[list[core.UUID]]", list(lists)))
    return AdvertisementData(
        local_name=str(names[0]) if names else None,
        manufacturer_data={},
        service_data={},
        # the scan response repeats what the advertisement said
        service_uuids=list(dict.fromkeys(_uuid(uuid) for uuid in uuids)),
        tx_power=None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )


class _Client(BaseBleakClient):
    central: Device

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=kwargs["disconnected_callback"],
            timeout=kwargs["timeout"],
        )
        if isinstance(address_or_ble_device, BLEDevice):
            self._peer_address = address_or_ble_device.details
        else:
            self._peer_address = hci.Address(address_or_ble_device)
        self._connection: Connection | None = None

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return self._connected().att_mtu

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        if pair:
            raise NotImplementedError("virtual devices need no pairing")
        async with _bleak_errors():
            connection = await self._link()
            connection.gatt_client = _GattClient(connection)
            peer = Peer(connection)
            await peer.request_mtu(MTU)
            await peer.discover_services()
            for service in peer.services:
                await service.discover_characteristics()
        self.services = _services(peer.services, connection)

    async def _link(self) -> Connection:
        linking = asyncio.create_task(
            self.central.connect(self._peer_address, timeout=self._timeout)
        )
        try:
            connection = await asyncio.shield(linking)
        except asyncio.CancelledError:
            await self._take_back(linking)
            raise
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._gone)
        return connection

    async def _take_back(self, linking: asyncio.Task[Connection]) -> None:
        """End an attempt to connect, or the connection if it was made meanwhile."""
        with suppress(core.BaseBumbleError, hci.HCI_Error):  # nothing to end
            await self.central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        with suppress(core.BaseBumbleError, hci.HCI_Error, TimeoutError):
            async with asyncio.timeout(1.0):
                await (await linking).disconnect()

    def _gone(self, _reason: int) -> None:
        self._connection = None
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is not None:
            async with _bleak_errors():
                await self._connection.disconnect()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise BleakError(f"{self.address} is not connected")
        return self._connection

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        raise NotImplementedError("virtual devices need no pairing")

    async def unpair(self) -> None:
        raise NotImplementedError("virtual devices need no pairing")

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return await self._read(characteristic.obj)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        return await self._read(descriptor.obj)

    async def _read(self, attribute: gatt_client.AttributeProxy[bytes]) -> bytearray:
        async with _bleak_errors():
            return bytearray(await self._connected().gatt_client.read_value(attribute))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        await self._write(characteristic.obj, data, response)

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._write(descriptor.obj, data, response=True)

    async def _write(
        self, attribute: gatt_client.AttributeProxy[bytes], data: SizedBuffer, response: bool
    ) -> None:
        async with _bleak_errors():
            await self._connected().gatt_client.write_value(attribute, bytes(data), response)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        def notified(value: bytes) -> None:
            callback(bytearray(value))

        async with _bleak_errors():
            await self._connected().gatt_client.subscribe(characteristic.obj, notified)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        async with _bleak_errors():
            await self._connected().gatt_client.unsubscribe(characteristic.obj)


class _GattClient(gatt_client.Client):
    """bumble's, without the description of every notification that it makes for its log."""

    def on_gatt_pdu(self, att_pdu: att.ATT_PDU) -> None:
        if isinstance(att_pdu, att.ATT_Handle_Value_Notification):
            self.on_att_handle_value_notification(att_pdu)
        else:
            super().on_gatt_pdu(att_pdu)


def _services(
    found: list[gatt_client.ServiceProxy], connection: Connection
) -> BleakGATTServiceCollection:
    services = BleakGATTServiceCollection()
    for proxy in found:
        service = BleakGATTService(proxy, proxy.handle, _uuid(proxy.uuid))
        services.add_service(service)
        for characteristic in proxy.characteristics:
            services.add_characteristic(
                BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    _uuid(characteristic.uuid),
                    sorted(gatt_char_props_to_strs(characteristic.properties)),
                    lambda: connection.att_mtu - 3,
                    service,
                )
            )
    return services


def _uuid(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))


@asynccontextmanager
async def _bleak_errors() -> AsyncIterator[None]:
    """Turn bumble's errors into those that bleak's backends raise."""
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except (core.BaseBumbleError, hci.HCI_Error) as error:
        raise BleakError(repr(error)) from error
    except asyncio.CancelledError as error:
        # bumble cancels requests that are open when the link breaks
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BleakError("the link broke") from error
