"""A recorder in a process of its own, to be killed or to run out of disk, and what survives of it.

    python -m trackside.simulation.dying_recorder session.h5 --seconds 3

records 17 IMUs at 100 Hz whose samples follow from stream and row alone, in blocks of 50 ms at real
speed. Before the recorder gets a block, one line tells on the standard output: the stream's number,
its rows sent so far, and the time on the system's monotonic clock.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trackside.capture.recorder import record
from trackside.errors import TracksideError
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, MAGNETOMETER, Block, Kind, Stream
from trackside.recordings.reader import open_recording

RATE = 100.0  # Hz
BLOCK_ROWS = 5
STREAMS = tuple(
    Stream(f"imu_{number:02}", Kind.IMU, (ACCELEROMETER, GYROSCOPE, MAGNETOMETER), RATE, tick=1e-6)
    for number in range(17)
)


def known_samples(number: int, start: int, stop: int) -> Block:
    """Rows of a stream: values like noise, by Knuth's multiplicative hash of stream, row, column.

    Integers only until the last step, so that the same row has the same bits in every block.
    """
    stream, row = STREAMS[number], np.arange(start, stop)
    place = np.add.outer(row, 1_000_003 * np.arange(9)) + 7_919 * number
    noise = ((2_654_435_761 * place % 2**32) / 2**31 - 1).astype(np.float32)
    values = {
        channel.name: part
        for channel, part in zip(stream.channels, np.hsplit(noise, 3), strict=True)
    }
    return Block(
        stream.name,
        row / RATE,
        values,
        host_time=(row + 2) / RATE,
        device_time=10_000 * row % 2**32,
        sequence=row,
    )


class KnownSignal:
    """A source of the known samples, at real speed; it tells what it sends before it does."""

    streams = STREAMS

    def __init__(self, seconds: float) -> None:
        self._rows = round(seconds * RATE)

    async def blocks(self) -> AsyncIterator[Block]:
        """Blocks of all streams in turn."""
        began = time.monotonic()
        for end in range(BLOCK_ROWS, self._rows + 1, BLOCK_ROWS):
            await asyncio.sleep(max(0.0, began + end / RATE - time.monotonic()))
            for number in range(len(STREAMS)):
                print(number, end, time.monotonic(), flush=True)
                yield known_samples(number, end - BLOCK_ROWS, end)


@dataclass(frozen=True)
class Survival:
    """What a file holds of the samples that were sent.

    ``rows``: samples of all streams; ``identical``: whether they are, bit by bit, the first ones
    that were sent; ``missing``: how long before the death the first sample that is not in the file
    was sent, s, 0 if all are there.
    """

    complete: bool
    rows: int
    identical: bool
    missing: float


def survival(path: Path, sent: Iterable[str], died: float) -> Survival:
    """Compare a file with the lines that its recorder wrote; it ``died`` at that monotonic time.

    Raises :class:`trackside.errors.FileFormatError` if the file cannot be opened.
    """
    total, identical, missing = 0, True, 0.0
    with open_recording(path) as recording:
        rows = [recording.rows(stream.name) for stream in STREAMS]
        for number, count in enumerate(rows):
            stored = recording.read(STREAMS[number].name)
            identical &= _identical(stored, known_samples(number, 0, count))
            total += count
        for number, end, moment in _sent_blocks(sent):
            if end > rows[number]:
                missing = max(missing, died - moment)
        return Survival(recording.complete, total, identical, missing)


def _sent_blocks(lines: Iterable[str]) -> Iterator[tuple[int, int, float]]:
    """Stream's number, rows sent so far, and when; a line that the kill cut short is left out."""
    for line in lines:
        if line.endswith("\n"):
            number, end, moment = line.split()
            yield int(number), int(end), float(moment)


def _identical(stored: Block, sent: Block) -> bool:
    if not len(sent):
        return not len(stored)
    stamps = zip(
        (stored.time, stored.host_time, stored.device_time, stored.sequence),
        (sent.time, sent.host_time, sent.device_time, sent.sequence),
        strict=True,
    )
    return all(
        stored.values[name].tobytes() == values.tobytes() for name, values in sent.values.items()
    ) and all(
        mine is not None and theirs is not None and np.array_equal(mine, theirs)
        for mine, theirs in stamps
    )


def main() -> None:
    """Record the known signal; an error that is told ends the process with exit code 2."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    try:
        asyncio.run(record(KnownSignal(arguments.seconds), arguments.path))
    except TracksideError as error:
        print(f"recorder: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
