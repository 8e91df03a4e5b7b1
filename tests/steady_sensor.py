"""A virtual sensor that lies still and goes on sending."""

import asyncio
import itertools

from trackside.simulation.virtual_udp import VirtualXImu3

RATE = 200  # Hz


async def send_steadily(device: VirtualXImu3) -> None:
    """Send what a level sensor measures, until cancelled."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in itertools.count():
        await asyncio.sleep(start + number / RATE - loop.time())
        device.send_inertial(number * 1_000_000 // RATE, (0.0, 0.0, 1.0), (0.0, 0.0, 1.0))
