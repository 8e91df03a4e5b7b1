"""Building a kit by moving: "move the left foot now", and the sensor that moves is the one.

Limbs are asked for from the outside in, because who moves a shank moves the foot as well.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from trackside.app.scanning import Sighting
from trackside.capture.connecting import Surroundings
from trackside.capture.devices import describe
from trackside.capture.devices.contract import Transport
from trackside.capture.kit import KitSensor
from trackside.capture.live import LiveSource
from trackside.capture.movement import Movement, most_moved
from trackside.recordings.model import GYROSCOPE, Block

USUAL_SEGMENTS: Final = (
    *(f"{side}_{part}" for part in ("foot", "shank", "thigh") for side in ("left", "right")),
    "pelvis",
)
OUTSIDE_IN: Final = ("foot", "shank", "thigh", "hand", "forearm", "upper_arm", "shoulder", "head")


def asking_order(segments: Sequence[str]) -> list[str]:
    """Segments from the outside in; the trunk comes last."""

    def depth(segment: str) -> int:
        part = segment.removeprefix("left_").removeprefix("right_")
        return OUTSIDE_IN.index(part) if part in OUTSIDE_IN else len(OUTSIDE_IN)

    return sorted(segments, key=depth)


def provisional(sightings: Sequence[Sighting]) -> list[KitSensor]:
    """The sensors of known models, each under a role: what it measures first, such as ``imu``.

    A second one of a kind has a number behind its role: ``imu_2``. LSL streams are left out: most
    of those on a laboratory's network are not worn.
    """
    sensors = []
    seen: Counter[str] = Counter()
    for sighting in sightings:
        if sighting.model and sighting.transport is not Transport.LSL:
            kind = str(describe(sighting.model, sighting.transport).streams[0].kind)
            seen[kind] += 1
            role = kind if seen[kind] == 1 else f"{kind}_{seen[kind]}"
            transport = str(sighting.transport)
            sensors.append(
                KitSensor(sighting.model, role=role, transport=transport, **sighting.reach)
            )
    return sensors


async def assign_by_moving(
    sensors: Sequence[KitSensor],
    segments: Sequence[str],
    surroundings: Surroundings,
    say: Callable[[str], None],
    *,
    patience: float = 30.0,
) -> list[KitSensor]:
    """Those sensors that were moved, on their segments; the ones that cannot turn stay as they are.

    ``say`` tells the person what to do, and what was found. A segment is left out if nothing moves
    for ``patience`` s. Raises :class:`~trackside.capture.live.NoSensorError` if all are lost.
    """
    turning = {sensor.label: sensor for sensor in sensors if _gyroscopes([sensor])}
    if not turning:
        return list(sensors)
    start = asyncio.get_running_loop().time()
    source = LiveSource([surroundings.live_sensor(sensor) for sensor in turning.values()], start)
    movement, news = Movement(_gyroscopes(turning.values())), asyncio.Event()
    watching = asyncio.create_task(_watch(source, movement, news), name="watch what moves")
    asking = asyncio.create_task(_ask(segments, turning, movement, news, say, patience))
    try:
        await asyncio.wait({watching, asking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asking.cancel()
        source.stop()
        await watching
    return [*asking.result(), *(sensor for sensor in sensors if sensor.label not in turning)]


async def _ask(
    segments: Sequence[str],
    sensors: Mapping[str, KitSensor],
    movement: Movement,
    news: asyncio.Event,
    say: Callable[[str], None],
    patience: float,
) -> list[KitSensor]:
    """Ask for one segment after the other, until every sensor is on one."""
    placed: dict[str, KitSensor] = {}
    for segment in asking_order(segments):
        if len(placed) == len(sensors):
            break
        say(f"Move the {segment.replace('_', ' ')} now, and only it")
        mover = await _next_mover(movement, news, placed, patience)
        if mover is None:
            say(f"  nothing clearly moved for {patience:g} s: left out")
        else:
            placed[mover] = replace(sensors[mover], role=None, segment=segment)
            say(f"  {segment}: {sensors[mover].model}, {sensors[mover].reach}")
    return list(placed.values())


def _gyroscopes(sensors: Iterable[KitSensor]) -> dict[str, str]:
    """The sensor of each stream that has an angular rate, by the stream's name."""
    return {
        stream.name: sensor.label
        for sensor in sensors
        for stream in sensor.streams.values()
        if GYROSCOPE in stream.channels
    }


async def _watch(source: LiveSource, movement: Movement, news: asyncio.Event) -> None:
    async for item in source.blocks():
        if isinstance(item, Block):
            movement.add(item)
            news.set()


async def _next_mover(
    movement: Movement, news: asyncio.Event, known: Collection[str], patience: float
) -> str | None:
    """The next sensor that clearly moves, None if none does for ``patience`` s."""
    movement.forget()  # what moved before was another segment
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while (mover := most_moved(movement.rates(known))) is None:
                news.clear()
                await news.wait()
            return mover
    return None
