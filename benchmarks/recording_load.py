"""Load on the whole way into the file: 17 virtual BLE IMUs at 60 Hz, a strap and a foot pod.

    python benchmarks/recording_load.py [--seconds 600] [--interval 15]

Records them in real time and prints the samples sent and stored, gaps, the share of one core that
both ends took together (devices, radio and recorder are one process), and how old the newest sample
in the file gets, followed from another process as a live viewer would. ``--interval``: ms between
the links' connection events, 0 for none.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import h5py
import numpy as np

from trackside.capture.connecting import Surroundings
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.live import LiveSource
from trackside.capture.recorder import record
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import Dot, FootPod, HeartRateStrap

RATE = 60.0
ALL_CONNECTED = 20.0
"""s after which everybody is connected; what is measured begins then."""

Peripheral = Dot | HeartRateStrap | FootPod


def worn() -> tuple[Kit, list[Peripheral]]:
    """The kit, and its virtual devices in the same order."""
    session = simulate(running_session(30.0, 3.5), KIT_17, IDEAL, rate=RATE)
    addresses = [f"F0:00:00:00:01:{number:02X}" for number in range(len(KIT_17) + 2)]
    devices: list[Peripheral] = [
        Dot("Movella DOT", address, session.imu(segment))
        for segment, address in zip(KIT_17, addresses, strict=False)
    ]
    devices.append(HeartRateStrap("Strap", addresses[-2], session.truth.beats))
    devices.append(FootPod("Pod", addresses[-1], np.array([[3.5, 168.0, 1.25]])))
    sensors = [
        KitSensor("Movella DOT", segment=segment, address=address)
        for segment, address in zip(KIT_17, addresses, strict=False)
    ]
    sensors.append(KitSensor("Heart rate monitor", role="heart_rate", address=addresses[-2]))
    sensors.append(KitSensor("Foot pod", role="running_speed", address=addresses[-1]))
    return Kit(sensors), devices


def follow(path: Path, start: float, ended: Event) -> None:
    """Print how old the newest sample in the file was: median, percentile and maximum."""
    ages: list[float] = []
    time.sleep(max(0.0, start + ALL_CONNECTED - time.monotonic()))
    with h5py.File(path, "r", swmr=True, locking=False) as file:
        arrivals = [file[f"Sensors/{segment}/HostTime"] for segment in KIT_17[::8]]
        while not ended.is_set():
            for arrival in arrivals:
                arrival.refresh()
                ages.append(time.monotonic() - start - arrival[-1] / 1e9)
            time.sleep(0.02)
    print(
        f"age of the newest sample in the file: p50 {np.median(ages) * 1e3:.0f} ms, "
        f"p99 {np.percentile(ages, 99) * 1e3:.0f} ms, max {max(ages) * 1e3:.0f} ms"
    )


async def run(path: Path, seconds: float, interval: float) -> None:
    """Record, measure, and print."""
    kit, devices = worn()
    radio, loop = VirtualRadio(), asyncio.get_running_loop()
    for device in devices:
        await radio.add(device, LinkQuality(interval, 0.1 if interval else 0.0))
    surroundings = Surroundings(await radio.adapter())
    start = loop.time()
    source = LiveSource([surroundings.live_sensor(sensor) for sensor in kit.sensors], start)
    recording = asyncio.create_task(record(source, path))
    ended = multiprocessing.Event()
    follower = multiprocessing.Process(target=follow, args=(path, start, ended))
    follower.start()
    await asyncio.sleep(ALL_CONNECTED)
    worked = time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - worked) / seconds
    ended.set()
    await asyncio.to_thread(follower.join)
    source.stop()
    await recording
    _print_losses(path, kit, devices)
    print(f"one core, both ends: {100 * share:.0f} %")


def _print_losses(path: Path, kit: Kit, devices: list[Peripheral]) -> None:
    with open_recording(path) as recording:
        stored = [recording.rows(sensor.label) for sensor in kit.sensors]
        missing = sum(gap.missing for sensor in kit.sensors for gap in recording.gaps(sensor.label))
    sent = [device.sent for device in devices]
    unstored = sum(sent) - sum(stored)
    print(f"{len(kit.sensors)} sensors: {sum(sent)} messages sent, {unstored} not in the file")
    print(f"samples missing in gaps: {missing}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--interval", type=float, default=15.0, help="ms")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "load.h5", options.seconds, options.interval / 1e3))


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
