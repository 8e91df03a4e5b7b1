"""Devices on Bluetooth Low Energy: found, started, watched, and reconnected when they are lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.capture.connection import LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Write
from trackside.capture.transports.ble_adapter import (
    GOODBYE,
    SETTLE,
    Adapter,
    FoundDevice,
)
from trackside.errors import TracksideError

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

logger = logging.getLogger(__name__)

SET_UP = 15.0
"""s to wait until notifications are enabled and everything is read and written."""
FIRST_MESSAGE = 10.0
"""s that a device may take from its start to its first message."""
FIRST_DELAY, LONGEST_DELAY = 0.25, 2.0
"""s to wait after a link that failed before it brought a message, doubled each time."""


class AmbiguousNameError(TracksideError):
    """Several devices advertise the name that one is known by."""


class WrongDeviceError(TracksideError):
    """A device lacks what its description says that it has."""


class _SilentError(Exception):
    """A connected device sends nothing."""


@dataclass(frozen=True)
class _Closing:
    """The end of the messages, and what it is owed to."""

    error: BaseException | None = None


class BleConnection:
    """One BLE device; see :class:`trackside.capture.connection.Connection`.

    A device is known by its address (on macOS: by its UUID), or by its advertised name if only one
    device has it; ``name`` can be either, and is what the device is called where ``address`` is
    given. Once it was found it is looked for by its address.

    ``silence``: a link that brings no notification for this many s is taken for lost and made anew,
    because operating systems may report a lost link minutes late. Left out, it is 5 periods of the
    device's fastest stream, where streams without a rate count as 1 Hz, and at least 2 s.

    Messages that wait to be taken are kept, however many they are. ``refused``: the errors with
    which the device answered what starts it, through the present link; it may measure all the same.
    """

    def __init__(
        self,
        name: str,
        description: DeviceDescription,
        adapter: Adapter,
        *,
        address: str | None = None,
        silence: float | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self.state = LinkState.SEARCHING
        self.signal: int | None = None
        self.reconnections = 0
        self.refused: tuple[str, ...] = ()
        self._adapter = adapter
        self._address = address
        self._silence = usual_silence(description) if silence is None else silence
        self._messages: asyncio.Queue[Message | _Closing] = asyncio.Queue()
        self._keeping: asyncio.Task[None] | None = None
        self._client: BleakClient | None = None  # while connected
        self._links = 0  # so far
        self._spoken = False  # a message was taken, through whichever link
        self._restarted = False  # for the next message
        self._heard: float | None = None  # when the last notification came through this link

    async def messages(self) -> AsyncGenerator[Message, None]:
        """Notifications, and what was read on connecting, across reconnections until it is closed.

        To be called once. Before the first link it raises :class:`AmbiguousNameError`,
        :class:`WrongDeviceError` and ``ble_adapter.BluetoothError``; what happens afterwards is
        logged, and tried again.
        """
        if self.state is LinkState.CLOSED:
            return
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(), name=f"link to {self.name}")
            self._keeping.add_done_callback(self._ended)
        try:
            while isinstance(message := await self._messages.get(), Message):
                yield message
        finally:
            await self.close()
        if message.error is not None:
            raise message.error

    async def send(self, write: Write) -> None:
        """Write to the device, if it is connected; a failure is logged."""
        if self._client is not None:
            await self._write(self._client, write)

    async def close(self) -> None:
        """Stop the device and release the link; safe to call twice and at any moment."""
        self.state = LinkState.CLOSED
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})

    def _ended(self, keeping: asyncio.Task[None]) -> None:
        error = None if keeping.cancelled() else keeping.exception()
        self._messages.put_nowait(_Closing(error))

    async def _keep(self) -> None:
        """Make link after link until cancelled."""
        delay = FIRST_DELAY
        while True:
            self._heard = None
            try:
                await self._live()
            except Exception as error:  # systems raise errors of their own kinds
                if isinstance(error, TracksideError) and not self._links:
                    raise
                logger.warning("%s: %s; looking for it", self.name, str(error) or repr(error))
            _heed_cancellation()
            self._enter(LinkState.SEARCHING)
            if self._heard is None:
                await asyncio.sleep(delay)
                delay = min(2 * delay, LONGEST_DELAY)
            else:
                delay = FIRST_DELAY

    async def _live(self) -> None:
        """Find the device and stay with it until the link is lost."""
        device = await self._find()
        self.signal = device.signal
        self._enter(LinkState.CONNECTING)
        lost = asyncio.Event()
        async with self._adapter.link(device, lost.set) as client:
            self._address, self._client = device.address, client
            try:
                async with asyncio.timeout(SET_UP):
                    await self._set_up(client)
                _heed_cancellation()
                self.reconnections = self._links
                self._links += 1
                self._enter(LinkState.STREAMING)
                await self._watch(lost)
            except asyncio.CancelledError:
                await self._write(client, *self.description.stop)
                raise
            finally:
                self._client = None

    async def _find(self) -> FoundDevice:
        if self._address is not None:
            address = self._address.lower()
            return (await self._adapter.search(lambda seen: seen.address.lower() == address))[0]
        found = await self._adapter.search(
            lambda seen: seen.name == self.name or seen.address.lower() == self.name.lower(),
            settle=SETTLE,
        )
        if len(found) > 1:
            addresses = ", ".join(sorted(device.address for device in found))
            raise AmbiguousNameError(
                f"{len(found)} devices are called {self.name}; name one by its address: {addresses}"
            )
        return found[0]

    async def _set_up(self, client: "BleakClient") -> None:
        self._restarted, self.refused = self._spoken, ()
        notifying = [c for c in self._there(client, self.description.notify) if _can_notify(c)]
        if not notifying:
            raise WrongDeviceError(
                f"{self.name} at {client.address} is no {self.description.model}"
            )
        for characteristic in notifying:
            await client.start_notify(characteristic, self._notified)
        for characteristic in self._there(client, self.description.read):
            await self._read(client, characteristic)
        for write in self.description.start:
            await self._start(client, write)

    async def _start(self, client: "BleakClient", write: Write) -> None:
        from bleak.exc import BleakGATTProtocolError

        try:
            await _write(client, write)
        except BleakGATTProtocolError as error:  # it may have measured before, and go on
            self.refused = (*self.refused, f"start: {error}")
            logger.warning("%s refuses %s: %s", self.name, write.data.hex(), error)

    def _there(
        self, client: "BleakClient", uuids: tuple[str, ...]
    ) -> "list[BleakGATTCharacteristic]":
        """Those characteristics that the device has; many lack optional ones, such as battery."""
        found = (client.services.get_characteristic(uuid) for uuid in uuids)
        return [characteristic for characteristic in found if characteristic is not None]

    async def _read(self, client: "BleakClient", characteristic: "BleakGATTCharacteristic") -> None:
        from bleak.exc import BleakGATTProtocolError

        try:
            data = await client.read_gatt_char(characteristic)
        except BleakGATTProtocolError as error:  # the device refuses; it may well stream without
            logger.warning("%s: %s cannot be read: %s", self.name, characteristic.uuid, error)
        else:
            self._take(asyncio.get_running_loop().time(), data, characteristic.uuid)

    def _notified(self, characteristic: "BleakGATTCharacteristic", data: bytearray) -> None:
        arrival = self._heard = asyncio.get_running_loop().time()  # before anything else
        self._take(arrival, data, characteristic.uuid)

    def _take(self, arrival: float, data: bytearray, uuid: str) -> None:
        self._messages.put_nowait(Message(arrival, bytes(data), uuid, self._restarted))
        self._spoken, self._restarted = True, False

    async def _watch(self, lost: asyncio.Event) -> None:
        """Return when the link is lost; raises :class:`_SilentError` if nothing comes through."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while not lost.is_set():
            if self._heard is None:
                patience = 0.0 if self.refused else FIRST_MESSAGE
                until = started + max(patience, self._silence)
            else:
                until = self._heard + self._silence
            if loop.time() >= until:
                self._enter(LinkState.SILENT)
                raise _SilentError("connected, but it has fallen silent")
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(until, loop.time() + self._silence)):
                    await lost.wait()
        logger.warning("%s: the link was lost; looking for it", self.name)

    async def _write(self, client: "BleakClient", *writes: Write) -> None:
        try:
            async with asyncio.timeout(GOODBYE):
                for write in writes:
                    await _write(client, write)
        except Exception as error:  # systems raise errors of their own kinds
            logger.warning("%s: writing failed: %s", self.name, str(error) or repr(error))

    def _enter(self, state: LinkState) -> None:
        if self.state is not LinkState.CLOSED:
            self.state = state


def usual_silence(description: DeviceDescription) -> float:
    """s after which a device of that kind has fallen silent."""
    fastest = max((stream.rate or 1.0 for stream in description.streams), default=1.0)
    return max(2.0, 5.0 / fastest)


def _heed_cancellation() -> None:
    """Be cancelled if a library forgot it, as ``asyncio.wait_for`` may before Python 3.12."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _can_notify(characteristic: "BleakGATTCharacteristic") -> bool:
    return not {"notify", "indicate"}.isdisjoint(characteristic.properties)


async def _write(client: "BleakClient", write: Write) -> None:
    characteristic = client.services.get_characteristic(write.characteristic)
    if characteristic is None:
        raise WrongDeviceError(f"{client.address} has no characteristic {write.characteristic}")
    response = "write" in characteristic.properties
    await client.write_gatt_char(characteristic, write.data, response=response)
