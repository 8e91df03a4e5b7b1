"""How well sensors' clocks are aligned, in a simulated radio with exact truth.

    python benchmarks/clock_alignment.py [--seeds 5] [--minutes 20] [--rate 60]

The radio: sensors with connection intervals of 7.5 to 45 ms. Samples are taken on each sensor's
own clock (skew, slow wander), wait for the next connection event, may be retransmitted or dropped,
and reach a host whose scheduling jitters and stalls. Every sensor has a fixed latency as well, which
no method that sees arrivals only can tell from an offset; the row "fixed latency only" shows what
would be left if all else were perfect. Printed per scenario, mean over the seeds, in ms: mean of
estimated minus true time, standard deviation about each sensor's mean, and the 95th percentile of
the difference between two sensors' errors, over all pairs and for the worst pair.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.clock import ClockFilter
from trackside.capture.clock_fit import fit_clock
from trackside.capture.counters import Timebase

TICK = 1e-6
BITS = 32
MINUTE = 60.0


@dataclass(frozen=True)
class Radio:
    """A scenario. Times in s, probabilities per sample, clock errors in ppm."""

    intervals: tuple[float, ...] = (0.0075, 0.015, 0.015, 0.03, 0.03, 0.045, 0.045)
    retransmission: float = 0.10
    drop: float = 0.02
    skew: float = 25.0
    wander: float = 4.0
    wander_period: float = 600.0
    rate_error: float = 3e-3
    jitter: float = 0.001
    stalls_per_minute: float = 1.0
    stall: float = 0.3
    latency: tuple[float, float] = (0.002, 0.003)


MIXED = Radio()
SCENARIOS = {
    "mixed intervals, drops, stalls": MIXED,
    "mixed intervals, drops, stalls, sampling locked to clock": Radio(rate_error=0.0),
    "equal intervals, no drops": Radio(intervals=(0.015,) * 7, drop=0.0),
    "mixed intervals, no drops": Radio(drop=0.0),
    "harder: 30 % retransmitted, 10 % dropped, 50 ppm, jitter 3 ms, 6 stalls/min": Radio(
        retransmission=0.3, drop=0.1, skew=50.0, wander=8.0, jitter=0.003, stalls_per_minute=6.0
    ),
    "serial and UDP: no intervals, jitter 2 ms": Radio(intervals=(0.0,) * 7, jitter=0.002),
}


@dataclass(frozen=True)
class Link:
    """What one sensor sent: raw pairs, and the true host time of each sample (all (n,))."""

    truth: Floats
    ticks: Integers
    arrival: Floats


def simulate(radio: Radio, duration: float, rate: float, seed: int) -> list[Link]:
    """One link per connection interval, all to the same host."""
    random = np.random.default_rng(seed)
    count = random.poisson(radio.stalls_per_minute * duration / MINUTE)
    stall_start = np.sort(random.uniform(0.0, duration, count))
    stall_end = stall_start + random.uniform(0.1, 1.9, count) * radio.stall
    host_skew = random.normal(0.0, 1e-5)  # of the radio's clock against the host's
    return [
        _link(radio, interval, duration, rate, random, stall_start, stall_end, host_skew)
        for interval in radio.intervals
    ]


def _link(
    radio: Radio,
    interval: float,
    duration: float,
    rate: float,
    random: np.random.Generator,
    stall_start: Floats,
    stall_end: Floats,
    host_skew: float,
) -> Link:
    period = (1.0 + random.normal(0.0, radio.rate_error)) / rate
    device_time = np.arange(random.uniform(0.0, period), duration, period)
    truth = _true_time(radio, device_time, random)
    sent = truth[random.random(len(truth)) >= radio.drop]
    device_time = device_time[np.isin(truth, sent)]
    n = len(sent)
    ready = sent + random.uniform(*radio.latency)
    tries = random.geometric(1.0 - radio.retransmission, n)
    if interval > 0.0:
        grid = interval * (1.0 + host_skew)
        phase = random.uniform(0.0, grid)
        ready = (np.ceil((ready - phase) / grid) + tries - 1) * grid + phase
    arrival = np.maximum.accumulate(ready) + random.exponential(radio.jitter, n)
    for start, end in zip(stall_start, stall_end, strict=True):
        held = (arrival > start) & (arrival < end)
        arrival[held] = end
    offset = random.integers(0, 2**BITS)
    ticks = (np.rint(device_time / TICK).astype(np.int64) + offset) % 2**BITS
    return Link(sent, ticks, np.maximum.accumulate(arrival))


def _true_time(radio: Radio, device_time: Floats, random: np.random.Generator) -> Floats:
    """Host time at which the device's clock showed ``device_time``."""
    skew = random.normal(0.0, radio.skew) * 1e-6
    omega = 2.0 * np.pi / (radio.wander_period * random.uniform(0.5, 2.0))
    phase = random.uniform(0.0, 2.0 * np.pi)
    wander = radio.wander * 1e-6 / omega * np.sin(omega * device_time + phase)
    return device_time * (1.0 + skew) + wander


def arrival_time(link: Link) -> Floats:
    """The time at which the sample came."""
    return link.arrival


def index_dejitter(link: Link, halftime: float = 90.0, rate: float = 60.0) -> Floats:
    """Recursive least squares of arrival on the number of samples received, forgetting.

    What the lab streaming layer's online dejitter does, with its half time of 90 s.
    """
    forgetting = 2.0 ** (-1.0 / (halftime * rate))
    offset, slope = link.arrival[0], 1.0 / rate
    p00, p01, p11 = 1e10, 0.0, 1e10
    estimate = np.empty(len(link.arrival))
    for i, arrival in enumerate(link.arrival.tolist()):
        u0, u1 = p00 + p01 * i, p01 + p11 * i
        gain = 1.0 / (forgetting + u0 + u1 * i)
        innovation = arrival - offset - slope * i
        offset += u0 * gain * innovation
        slope += u1 * gain * innovation
        p00 = (p00 - u0 * u0 * gain) / forgetting
        p01 = (p01 - u0 * u1 * gain) / forgetting
        p11 = (p11 - u1 * u1 * gain) / forgetting
        estimate[i] = offset + slope * i
    return estimate


def regression(link: Link) -> Floats:
    """Ordinary least squares of arrival on the device's clock."""
    unwrapped = np.unwrap(link.ticks.astype(np.float64) * TICK, period=2**BITS * TICK)
    return np.polynomial.Polynomial.fit(unwrapped, link.arrival, 1)(unwrapped)


def live(link: Link) -> Floats:
    """Trackside while recording."""
    return ClockFilter(Timebase(TICK, BITS)).update(link.ticks, link.arrival)


def afterwards(link: Link) -> Floats:
    """Trackside on the stored pairs."""
    return fit_clock(link.ticks, link.arrival, Timebase(TICK, BITS))


def fixed_latency(link: Link) -> Floats:
    """What no method can do better than on arrivals alone."""
    return link.truth + 0.0


ESTIMATORS: Mapping[str, Callable[[Link], Floats]] = {
    "arrival time": arrival_time,
    "least squares on index, forgetting (as LSL)": index_dejitter,
    "least squares on device time": regression,
    "trackside live": live,
    "trackside afterwards": afterwards,
}


def figures(links: list[Link], estimate: Callable[[Link], Floats]) -> Floats:
    """Mean error, jitter, pairwise p95, worst pair's p95; s."""
    errors = [estimate(link) - link.truth for link in links]
    grid = np.arange(1.0, min(link.truth[-1] for link in links), 0.25)
    sampled = np.array(
        [e[np.searchsorted(link.truth, grid)] for e, link in zip(errors, links, strict=True)]
    )
    pairs = [np.abs(a - b) for a, b in itertools.combinations(sampled, 2)]
    return np.array(
        [
            sampled.mean(),
            np.sqrt(sampled.var(axis=1).mean()),
            np.percentile(pairs, 95),
            np.percentile(pairs, 95, axis=1).max(),
        ]
    )
