"""One stream as it lies in a recording file: its description, and its samples by row."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats, Integers
from trackside.errors import FileFormatError
from trackside.recordings import layout
from trackside.recordings.chunks import readable_rows, whole_parts
from trackside.recordings.model import Block, Channel, Device, Kind, Stream


@contextmanager
def naming_failures(path: Path, place: str) -> Iterator[None]:
    """Turn what h5py raises for missing or damaged parts into a :class:`FileFormatError`."""
    try:
        yield
    except (KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise FileFormatError(path, place, f"readable data of a recording ({error})") from error


class StoredStream:
    """A stream's group in an open file.

    ``start``: the recording's start, µs Unix. ``live``: whether the file is being written, or was
    when its writer died; then rows may come, and the last chunks may be unreadable.
    """

    def __init__(self, path: Path, group: Any, start: int, *, live: bool) -> None:
        self._path = path
        self._group = group
        self._start = start
        self._live = live
        with naming_failures(path, group.name):
            self.order = int(group.attrs["order"])
            self.stream = _description(group)
            self._columns = [layout.TIME, *map(layout.dataset_name, self.stream.channels)]
            self._datasets = {name: group[name] for name in (*self._columns, *layout.STAMPS)}

    def rows(self) -> int:
        """How many samples are there whole; in damaged files, some before them may be missing."""
        with naming_failures(self._path, self._group.name):
            return min(map(self._readable_rows, self._present_columns()))

    def promised_rows(self) -> int:
        """How many samples the file says it has, whole or not."""
        with naming_failures(self._path, self._group.name):
            return max(len(self._dataset(column)) for column in self._present_columns())

    def whole_parts(self) -> list[slice]:
        """The ranges of rows that can be read; every chunk of the file is looked at."""
        with naming_failures(self._path, self._group.name):
            datasets = [self._dataset(column) for column in self._present_columns()]
            return whole_parts(datasets, self.rows())

    def read(self, start: int, stop: int) -> Block:
        """The samples from row ``start`` to before row ``stop``."""
        host_time = self._stamps(layout.HOST_TIME, start, stop)
        return Block(
            self.stream.name,
            time=self.time(start, stop),
            values=self.values(start, stop),
            host_time=None if host_time is None else host_time / 1e9,
            device_time=self._stamps(layout.DEVICE_TIME, start, stop),
            sequence=self.sequence(start, stop),
        )

    def time(self, start: int, stop: int) -> Floats:
        """Time of rows, in s since the recording's start."""
        since = self._slice(layout.TIME, start, stop).astype(np.int64) - self._start
        return np.asarray(since / 1e6)

    def values(
        self, start: int, stop: int, channels: Collection[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """What the channels of these names (default all) measured in rows, by their names."""
        return {
            channel.name: self._slice(layout.dataset_name(channel), start, stop)
            for channel in self.stream.channels
            if channels is None or channel.name in channels
        }

    def sequence(self, start: int, stop: int) -> Integers | None:
        """Running sample numbers of rows, None if the stream has none."""
        return self._stamps(layout.SEQUENCE, start, stop)

    def _stamps(self, column: str, start: int, stop: int) -> Integers | None:
        with naming_failures(self._path, f"{self._group.name}/{column}"):
            if len(self._dataset(column)) == 0:
                return None
        return self._slice(column, start, stop)

    def _slice(self, column: str, start: int, stop: int) -> NDArray[Any]:
        with naming_failures(self._path, f"{self._group.name}/{column}"):
            values: NDArray[Any] = self._dataset(column)[start:stop]
        return values

    def _dataset(self, column: str) -> Any:
        return refreshed(self._datasets[column]) if self._live else self._datasets[column]

    def _present_columns(self) -> list[str]:
        """The columns that every sample has; the stamps that the source has not are empty."""
        return self._columns + [stamp for stamp in layout.STAMPS if len(self._dataset(stamp))]

    def _readable_rows(self, column: str) -> int:
        dataset = self._dataset(column)
        return readable_rows(dataset) if self._live else len(dataset)


def refreshed(dataset: Any) -> Any:
    """The dataset with the rows that others wrote meanwhile.

    It must be the only open handle of the dataset: refreshing one of two makes HDF5 (1.14, 2.0)
    return the rows of the first chunk for all others.
    """
    dataset.refresh()
    return dataset


def _description(group: Any) -> Stream:
    attributes = group.attrs
    return Stream(
        name=group.name.rpartition("/")[2],
        kind=Kind(attributes["kind"]),
        channels=tuple(_channel(group[dataset]) for dataset in attributes["channels"]),
        rate=known_float(attributes, "rate"),
        device=Device(
            attributes["device_model"],
            attributes["device_serial"],
            attributes["device_firmware"],
        ),
        placement=attributes.get("placement"),
        tick=known_float(attributes, "tick"),
        tick_bits=_known_int(attributes, "tick_bits"),
        sequence_bits=_known_int(attributes, "sequence_bits"),
    )


def _channel(dataset: Any) -> Channel:
    attributes = dataset.attrs
    return Channel(attributes["name"], attributes["unit"], tuple(attributes["columns"]))


def _known_int(attributes: Any, name: str) -> int | None:
    value = attributes.get(name)
    return None if value is None else int(value)


def known_float(attributes: Any, name: str) -> float | None:
    """An attribute as a float, None if it is not there."""
    value = attributes.get(name)
    return None if value is None else float(value)
