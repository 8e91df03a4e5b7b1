"""A computer's Bluetooth adapter: who is there, and links to them.

An adapter does one thing at a time: operating systems fail when several connections are made at
once, or while they scan. One scan therefore serves everybody who looks for a device, and it stops
for as long as a connection is being made.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trackside.capture.devices.contract import DeviceDescription
from trackside.errors import TracksideError

if TYPE_CHECKING:  # bleak is imported where it is used: it brings the system's Bluetooth libraries
    from bleak import BleakClient
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

logger = logging.getLogger(__name__)

SCAN = 2.0
"""s that a scan lasts at most, before ..."""
REST = 1.0
"""... the radio is left to the connected sensors for this many s."""
SETTLE = 1.0
"""s to go on looking after a device was found by its name, for others of that name."""
PATIENCE = 10.0
"""s to wait for the operating system to start or stop a scan, or to connect."""
GOODBYE = 3.0
"""s to wait for it to disconnect; Windows may take minutes."""


class BluetoothError(TracksideError):
    """The computer's Bluetooth cannot be used."""


@dataclass(frozen=True)
class FoundDevice:
    """A device that advertises.

    ``name`` is empty if it does not tell. ``address`` is a UUID on macOS, which hides addresses.
    ``signal``: dBm. ``services``: UUIDs in lower case. ``handle`` is bleak's.
    """

    name: str
    address: str
    signal: int
    services: tuple[str, ...]
    handle: "BLEDevice" = field(repr=False, compare=False)

    def model(self, devices: tuple[DeviceDescription, ...]) -> DeviceDescription | None:
        """Which of ``devices`` this is: the first by its name, else the first by its services."""
        by_name = (d for d in devices if d.names and self.name.startswith(d.names))
        by_service = (d for d in devices if not {*self.services}.isdisjoint(d.services))
        return next(by_name, None) or next(by_service, None)


class Adapter:
    """One Bluetooth adapter, shared by all its connections.

    ``scanner`` and ``client`` are given to bleak as its ``backend``; None for the operating
    system's. Make and use an adapter within one event loop.
    """

    def __init__(
        self,
        scanner: "type[BaseBleakScanner] | None" = None,
        client: "type[BaseBleakClient] | None" = None,
    ) -> None:
        self._scanner = scanner
        self._client = client
        self._radio = asyncio.Lock()  # held by who scans or connects
        self._searches: set[_Search] = set()
        self._news = asyncio.Event()  # a search has begun or ended
        self._looking: asyncio.Task[None] | None = None

    async def scan(self, duration: float = 5.0) -> list[FoundDevice]:
        """All devices that advertise within ``duration`` s, the strongest first.

        Raises :class:`BluetoothError`.
        """
        found: dict[str, FoundDevice] = {}
        async with self._radio, self._scanning(lambda seen: found.update({seen.address: seen})):
            await asyncio.sleep(duration)
        return sorted(found.values(), key=lambda device: -device.signal)

    async def search(
        self, wanted: Callable[[FoundDevice], bool], settle: float = 0.0
    ) -> list[FoundDevice]:
        """Look until there is a device that is ``wanted``, and ``settle`` s longer for others.

        Raises :class:`BluetoothError`.
        """
        search = _Search(wanted, settle)
        self._searches.add(search)
        self._news.set()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        search.ended.add_done_callback(lambda _: self._news.set())
        try:
            return await search.ended
        finally:
            self._searches.discard(search)
            search.close()

    @asynccontextmanager
    async def link(
        self, device: FoundDevice, lost: Callable[[], None]
    ) -> "AsyncIterator[BleakClient]":
        """A link to a device; ``lost`` is called when it breaks.

        Raises what bleak raises, and :class:`TimeoutError`.
        """
        from bleak import BleakClient

        client = BleakClient(
            device.handle, lambda _: lost(), timeout=PATIENCE, backend=self._client
        )
        try:
            async with self._radio, asyncio.timeout(PATIENCE):
                await client.connect()
            yield client
        finally:
            await _disconnect(client)

    async def _look(self) -> None:
        """Scan, in turns with connecting, for as long as anybody is searching."""
        try:
            while self._searches:
                self._news.clear()
                async with self._radio, self._scanning(self._show):
                    await self._hear_news(SCAN)
                if not self._news.is_set():
                    await self._hear_news(REST)
        except BluetoothError as error:
            for search in self._searches:
                search.fail(error)
        finally:
            self._looking = None

    async def _hear_news(self, longest: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._news.wait()

    def _show(self, seen: FoundDevice) -> None:
        for search in self._searches:
            search.see(seen)

    @asynccontextmanager
    async def _scanning(self, see: Callable[[FoundDevice], None]) -> AsyncIterator[None]:
        from bleak import BleakScanner
        from bleak.exc import BleakError

        def detected(device: "BLEDevice", advertisement: "AdvertisementData") -> None:
            see(_found(device, advertisement))

        try:
            scanner = BleakScanner(detected, backend=self._scanner)
            async with asyncio.timeout(PATIENCE):
                await scanner.start()
        except (BleakError, OSError) as error:
            raise BluetoothError(
                f"cannot scan for Bluetooth devices: {error}; is Bluetooth there, and switched on?"
            ) from error
        try:
            yield
        finally:
            try:
                async with asyncio.timeout(PATIENCE):
                    await scanner.stop()
            except (BleakError, OSError) as error:
                logger.warning("the Bluetooth scan did not stop: %s", error)


class _Search:
    """Somebody who looks for a device, and what was found so far."""

    def __init__(self, wanted: Callable[[FoundDevice], bool], settle: float) -> None:
        self._wanted = wanted
        self._settle = settle
        self._matches: dict[str, FoundDevice] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[list[FoundDevice]] = self._loop.create_future()

    def see(self, device: FoundDevice) -> None:
        if self.ended.done() or not self._wanted(device):
            return
        self._matches[device.address] = device
        if not self._settle:
            self._end()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._settle, self._end)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(list(self._matches.values()))

    def fail(self, error: BluetoothError) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)

    def close(self) -> None:
        self.ended.cancel()
        if self._timer is not None:
            self._timer.cancel()


def _found(device: "BLEDevice", advertisement: "AdvertisementData") -> FoundDevice:
    services = (uuid.lower() for uuid in advertisement.service_uuids)
    name = advertisement.local_name or device.name or ""
    return FoundDevice(name, device.address, advertisement.rssi, tuple(services), device)


async def _disconnect(client: "BleakClient") -> None:
    """Disconnect if it can be done; a link that cannot be ended is as good as lost."""
    try:
        async with asyncio.timeout(GOODBYE):
            await client.disconnect()
    except Exception as error:  # systems raise errors of their own kinds here
        logger.warning("%s did not disconnect: %r", client.address, error)
