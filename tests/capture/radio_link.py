"""A simulated radio link with known truth, for the tests of clocks."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers

TICK = 1e-6
LATENCY = 0.002
"""The least delay from sample to arrival, s."""


@dataclass(frozen=True)
class Link:
    """True times of samples, the device's counts (without wrap), arrivals; all (n,)."""

    truth: Floats
    ticks: Integers
    arrival: Floats

    def part(self, chosen: slice | Integers | np.ndarray) -> "Link":
        """Only these samples."""
        return Link(self.truth[chosen], self.ticks[chosen], self.arrival[chosen])


def radio_link(
    seconds: float,
    *,
    skew: float = 20e-6,
    interval: float = 0.03,
    rate: float = 59.7,
    seed: int = 0,
    start: float = 0.0,
) -> Link:
    """Samples that wait for the radio's turn, one in ten of them for more than one turn.

    ``skew``: how much longer the device's second is than the host's. ``interval`` s between turns.
    """
    random = np.random.default_rng(seed)
    device_time = np.arange(0.0, seconds, 1.0 / rate)
    truth = start + device_time * (1.0 + skew)
    turns = np.ceil((truth + LATENCY) / interval) + random.geometric(0.9, len(truth)) - 1
    arrival = turns * interval + random.exponential(3e-4, len(truth))
    ticks = np.rint(device_time / TICK).astype(np.int64)
    return Link(truth, ticks, np.maximum.accumulate(arrival))


def stalled(link: Link, begin: float, length: float) -> Link:
    """The same link into a host that hears nothing for a while, then all at once."""
    held = (link.arrival > begin) & (link.arrival < begin + length)
    return Link(link.truth, link.ticks, np.where(held, begin + length, link.arrival))
