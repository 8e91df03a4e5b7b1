"""Load on the BLE part: 17 virtual DOTs at 60 Hz, a heart rate strap and a foot pod, in real time.

    python benchmarks/ble_load.py [--seconds 60] [--interval 0] [--ceiling]

Prints what each device sent and what arrived, the share of one core that both ends took together
(devices, radio, connections and decoders run in this one process), the time from arrival until the
consumer has it, and the time from when a sample was due until then. ``--interval``: ms between the
links' connection events, 0 for none. ``--ceiling`` raises the DOTs' rate step by step until a
sample is lost, or half of them are more than 300 ms late (single ones may be late because the
machine does something else).
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from trackside.capture.devices.contract import DeviceDescription
from trackside.capture.devices.heart_rate import HEART_RATE_MONITOR
from trackside.capture.devices.movella_dot import MOVELLA_DOT
from trackside.capture.devices.running_speed import FOOT_POD
from trackside.capture.transports.ble import BleConnection
from trackside.capture.transports.ble_adapter import Adapter
from trackside.recordings.model import Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import REALISTIC
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import (
    Dot,
    FootPod,
    HeartRateStrap,
    VirtualPeripheral,
)

LATEST = 0.3  # s
STEPS = (60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 700, 800, 900, 1000)  # Hz


@dataclass
class Tally:
    """What one device's consumer saw: samples, bytes rejected, waits and delays in s."""

    received: int = 0
    samples: int = 0
    rejected: int = 0
    waits: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """A run's outcome: the devices and their tallies, and the share of a core while it lasted."""

    devices: Sequence[VirtualPeripheral]
    tallies: Sequence[Tally]
    cpu: float

    @property
    def lost(self) -> int:
        """Samples that were sent and did not arrive."""
        pairs = zip(self.devices, self.tallies, strict=True)
        return sum(device.sent - tally.received for device, tally in pairs)

    def percentiles(self, what: str) -> tuple[float, float, float]:
        """Median, 99th percentile and maximum of all waits or delays, in ms."""
        values = np.concatenate([getattr(tally, what) for tally in self.tallies])
        median, high, most = 1e3 * np.percentile(values, (50, 99, 100))
        return median, high, most


async def consume(
    device: VirtualPeripheral, connection: BleConnection, first: asyncio.Event
) -> Tally:
    """Take and decode everything a device sends, until its connection is closed."""
    loop, tally = asyncio.get_running_loop(), Tally()
    decoder = connection.description.decoder()
    async for message in connection.messages():
        tally.samples += len(decoder.feed(message.data, message.channel))
        if message.channel != device.measurement_uuid:
            continue
        first.set()
        tally.received += 1
        tally.waits.append(loop.time() - message.arrival)
        if isinstance(device, Dot):
            due = int.from_bytes(message.data[:4], "little") * 1e-6
            tally.delays.append(device.time - due)
    tally.rejected = decoder.rejected
    return tally


async def run(
    kit: Sequence[tuple[VirtualPeripheral, DeviceDescription]], seconds: float, quality: LinkQuality
) -> Load:
    """Connect all devices of a kit and consume what they send for ``seconds``."""
    radio = VirtualRadio()
    adapter: Adapter = await radio.adapter()
    consumers, connections, started = [], [], []
    for device, description in kit:
        await radio.add(device, quality)
        connection = BleConnection(device.name, description, adapter, address=device.address)
        first = asyncio.Event()
        started.append(first)
        connections.append(connection)
        consumers.append(asyncio.create_task(consume(device, connection, first)))
    await asyncio.gather(*(event.wait() for event in started))
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    for device, _ in kit:
        device.end()
    await asyncio.sleep(1.0)  # what is on its way arrives
    await asyncio.gather(*(connection.close() for connection in connections))
    return Load([device for device, _ in kit], await asyncio.gather(*consumers), share)


def dots(imus: Sequence[Imu], rate: float) -> list[tuple[VirtualPeripheral, DeviceDescription]]:
    """A DOT for each IMU, which sends its samples at ``rate`` Hz."""
    made: list[tuple[VirtualPeripheral, DeviceDescription]] = []
    for number, imu in enumerate(imus):
        faster = replace(imu.stream, rate=rate)
        samples = Imu(faster, imu.time * imu.rate / rate, imu.gyr, imu.acc, imu.mag)
        made.append((Dot("Movella DOT", f"C0:00:00:00:01:{number:02X}", samples), MOVELLA_DOT))
    return made


def heart_and_foot() -> list[tuple[VirtualPeripheral, DeviceDescription]]:
    """A heart rate strap and a foot pod."""
    strap = HeartRateStrap("Strap", "C0:00:00:00:02:00", np.cumsum(np.full(100, 0.41)))
    pod = FootPod("Pod", "C0:00:00:00:02:01", np.full((10, 3), (4.0, 180.0, 1.33)))
    return [(strap, HEART_RATE_MONITOR), (pod, FOOT_POD)]


def report(load: Load, seconds: float) -> None:
    """Print a run's outcome."""
    print(f"{'device':<20}{'sent':>9}{'received':>10}{'rejected':>10}")
    for device, tally in zip(load.devices, load.tallies, strict=True):
        name = f"{device.name} {device.address[-5:]}"
        print(f"{name:<20}{device.sent:>9}{tally.received:>10}{tally.rejected:>10}")
    received = sum(tally.received for tally in load.tallies)
    print(f"{received} messages, {load.lost} lost, in {seconds:g} s")
    print(f"both ends: {100 * load.cpu:.1f} % of one core")
    for what, name in (("waits", "arrival to consumer"), ("delays", "due to consumer")):
        median, high, most = load.percentiles(what)
        print(f"{name}: median {median:.2f} ms, 99 % {high:.2f} ms, most {most:.1f} ms")


def find_ceiling(imus: Sequence[Imu], seconds: float, quality: LinkQuality) -> None:
    """Print how the load is carried at rising rates until a sample is lost or late."""
    for rate in STEPS:
        load = asyncio.run(run(dots(imus, rate), seconds, quality))
        median, high, most = load.percentiles("delays")
        print(
            f"{len(imus)} x {rate:>4} Hz: {load.lost} lost, {100 * load.cpu:.0f} % of one core, "
            f"due to consumer: median {median:.1f} ms, 99 % {high:.1f} ms, most {most:.1f} ms"
        )
        if load.lost or median > 1e3 * LATEST:
            print(f"ceiling: below {len(imus)} x {rate} Hz = {len(imus) * rate} samples/s")
            return
    print(f"ceiling: above {len(imus)} x {STEPS[-1]} Hz")


def main() -> None:
    """Run and print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--interval", type=float, default=0.0, help="ms between connection events")
    parser.add_argument("--ceiling", action="store_true")
    arguments = parser.parse_args()
    quality = LinkQuality(1e-3 * arguments.interval)
    errors = replace(REALISTIC, loss=0.0)
    session = simulate(running_session(20.0), errors=errors, rate=60.0)
    imus = [session.imu(stream.placement) for stream in session.streams if stream.placement]
    if arguments.ceiling:
        find_ceiling(imus, arguments.seconds, quality)
    else:
        kit = [*dots(imus, 60.0), *heart_and_foot()]
        report(asyncio.run(run(kit, arguments.seconds, quality)), arguments.seconds)


if __name__ == "__main__":
    main()
