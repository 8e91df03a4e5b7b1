"""How well sensors' clocks are aligned, in a simulated radio with exact truth, and at what cost.

    python benchmarks/clock_alignment.py [--seeds 5] [--minutes 20]

The radio: samples are taken at about 60 Hz on each sensor's own clock (skew, slow wander), wait for
the next connection event of 7.5 to 45 ms, are retransmitted or dropped, and reach a host whose
scheduling jitters and stalls. Each sensor has a constant latency besides, which no method that sees
arrivals only can tell from an offset: the row "constant latency" is what would be left if all else
were perfect. By default a sensor's rate is off by 0.3 % (sd), as where the sensing chip has an
oscillator of its own; where sampling is locked to the clock, the waits for the radio repeat and the
least of them stays above zero for minutes.

Printed per scenario, mean over the seeds and then the worst seed of the third, in ms: mean of
estimated minus true time; standard deviation about each sensor's mean; 95th percentile of the
difference between two sensors' errors over all pairs; the same of the worst pair. All is from 1 s
after the start on.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.clock import StreamClock
from trackside.capture.clock_fit import fit_clock
from trackside.capture.counters import Timebase
from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.recordings.model import Kind

RATE = 60.0
TICK = 1e-6
BITS = 32
STREAM = StreamDescription("imu", Kind.IMU, (), RATE, TICK, BITS)


@dataclass(frozen=True)
class Radio:
    """A scenario. Times in s, probabilities per sample, clock errors in ppm, the rest relative."""

    intervals: tuple[float, ...] = (0.0075, 0.015, 0.015, 0.03, 0.03, 0.045, 0.045)
    retransmission: float = 0.10
    drop: float = 0.02
    skew: float = 25.0
    wander: float = 4.0
    wander_period: float = 600.0
    rate_error: float = 3e-3
    jitter: float = 0.001
    stalls_per_minute: float = 1.0
    longest_stall: float = 0.6
    latency: tuple[float, float] = (0.002, 0.003)


MIXED = Radio()
SCENARIOS = {
    "mixed intervals, losses, stalls": MIXED,
    "the same, sampling locked to the clock": replace(MIXED, rate_error=0.0),
    "mixed intervals, no losses": replace(MIXED, drop=0.0),
    "equal intervals, no losses": replace(MIXED, intervals=(0.015,) * 7, drop=0.0),
    "harder: 30 % retransmitted, 10 % lost, skew 50 ± 8 ppm, jitter 3 ms, 6 stalls/min": replace(
        MIXED,
        retransmission=0.3,
        drop=0.1,
        skew=50.0,
        wander=8.0,
        jitter=0.003,
        stalls_per_minute=6.0,
    ),
    "serial or UDP: no intervals, jitter 2 ms": replace(MIXED, intervals=(0.0,) * 7, jitter=0.002),
}


@dataclass(frozen=True)
class Link:
    """What one sensor sent: true time of each sample, its raw pair (all (n,)), and the latency."""

    truth: Floats
    ticks: Integers
    arrival: Floats
    latency: float


def simulate(radio: Radio, duration: float, seed: int) -> list[Link]:
    """One link per connection interval, all into the same host."""
    random = np.random.default_rng(seed)
    count = random.poisson(radio.stalls_per_minute * duration / 60.0)
    begin = random.uniform(0.0, duration, count)
    stalls = np.stack([begin, begin + random.uniform(0.0, radio.longest_stall, count)], axis=1)
    radio_skew = random.normal(0.0, 1e-5)  # the host's radio has a crystal of its own
    return [
        simulate_link(radio, interval * (1.0 + radio_skew), duration, stalls, random)
        for interval in radio.intervals
    ]


def simulate_link(
    radio: Radio, interval: float, duration: float, stalls: Floats, random: np.random.Generator
) -> Link:
    """One sensor's samples that arrive, through ``stalls`` (k, 2) of the host from and to, s."""
    period = (1.0 + random.normal(0.0, radio.rate_error)) / RATE
    device_time = np.arange(random.uniform(0.0, period), duration, period)
    truth = true_time(radio, device_time, random)
    arrives = random.random(len(truth)) >= radio.drop
    device_time, truth = device_time[arrives], truth[arrives]
    latency = random.uniform(*radio.latency)
    ready = truth + latency
    if interval > 0.0:
        phase = random.uniform(0.0, interval)
        late = random.geometric(1.0 - radio.retransmission, len(ready)) - 1.0
        ready = phase + interval * (np.ceil((ready - phase) / interval) + late)
    arrival = np.maximum.accumulate(ready) + random.exponential(radio.jitter, len(ready))
    for begin, end in stalls[np.argsort(stalls[:, 0])]:
        arrival[(arrival > begin) & (arrival < end)] = end
    ticks = np.rint(device_time / TICK).astype(np.int64) + random.integers(0, 2**BITS)
    return Link(truth, ticks % 2**BITS, np.maximum.accumulate(arrival), latency)


def true_time(radio: Radio, device_time: Floats, random: np.random.Generator) -> Floats:
    """Host time at which the device's clock showed ``device_time``: (n,) s."""
    skew = float(random.normal(0.0, radio.skew))
    frequency = 2.0 * np.pi / (radio.wander_period * random.uniform(0.5, 2.0))
    phase = random.uniform(0.0, 2.0 * np.pi)
    wander = radio.wander / frequency * np.sin(frequency * device_time + phase)
    return device_time + 1e-6 * (skew * device_time + wander)


def index_regression(link: Link) -> Floats:
    """Recursive least squares of arrival on the number of samples received, forgetting in 90 s.

    The method of the lab streaming layer's online dejitter, with the half time it has by default.
    """
    forgetting = 2.0 ** (-1.0 / (90.0 * RATE))
    offset, slope = link.arrival[0], 1.0 / RATE
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


def clock_regression(link: Link) -> Floats:
    """Ordinary least squares of arrival on the device's clock."""
    unwrapped = np.unwrap(link.ticks * TICK, period=2**BITS * TICK)
    return np.polynomial.Polynomial.fit(unwrapped, link.arrival, 1)(unwrapped)


def live(link: Link) -> Floats:
    """Trackside while recording, one notification after the other."""
    clock = StreamClock(STREAM)
    values = {"accelerometer": np.zeros((1, 3))}
    estimate = np.empty(len(link.ticks))
    for i, arrival in enumerate(link.arrival.tolist()):
        samples = Samples("imu", values, link.ticks[i : i + 1])
        estimate[i : i + 1] = clock.update(samples, arrival)
    return estimate


def afterwards(link: Link) -> Floats:
    """Trackside on the stored pairs."""
    return fit_clock(link.ticks, link.arrival, Timebase(TICK, BITS))


ESTIMATORS: Mapping[str, Callable[[Link], Floats]] = {
    "arrival time": lambda link: link.arrival,
    "least squares on index, forgetting": index_regression,
    "least squares on device time": clock_regression,
    "trackside live": live,
    "trackside afterwards": afterwards,
    "constant latency": lambda link: link.truth + link.latency,
}


def figures(links: list[Link], estimate: Callable[[Link], Floats]) -> Floats:
    """Mean error, jitter, pairwise 95th percentile, that of the worst pair: (4,) ms."""
    moments = np.arange(1.0, min(link.truth[-1] for link in links), 0.25)
    errors = np.array(
        [(estimate(link) - link.truth)[np.searchsorted(link.truth, moments)] for link in links]
    )
    pairs = [np.abs(first - second) for first, second in itertools.combinations(errors, 2)]
    jitter = np.sqrt(errors.var(axis=1).mean())
    worst_pair = np.percentile(pairs, 95, axis=1).max()
    return 1e3 * np.array([errors.mean(), jitter, np.percentile(pairs, 95), worst_pair])


def print_accuracy(duration: float, seeds: int) -> None:
    """One table per scenario."""
    for name, radio in SCENARIOS.items():
        runs = [simulate(radio, duration, seed) for seed in range(seeds)]
        print(f"\n{name}\n{'ms':36}{'bias':>8}{'jitter':>8}{'p95':>8}{'pair':>8}{'seed':>8}")
        for estimator, estimate in ESTIMATORS.items():
            table = np.array([figures(links, estimate) for links in runs])
            row = [*table.mean(axis=0), table[:, 2].max()]
            print(f"{estimator:36}" + "".join(f"{value:8.2f}" for value in row))


def print_cost() -> None:
    """Live as a share of one core for 17 sensors, and afterwards for an hour at 100 Hz."""
    link = simulate(MIXED, 300.0, 0)[3]
    hour = np.arange(360_000, dtype=np.int64)
    arrival = hour / 100.0 + np.random.default_rng(0).uniform(0.0, 0.03, len(hour))
    live(link)  # loads the compiled kernels
    begin = time.process_time()
    live(link)
    each = (time.process_time() - begin) / len(link.ticks)
    begin = time.process_time()
    fit_clock(hour, np.maximum.accumulate(arrival), Timebase(0.01))
    fit = time.process_time() - begin
    print(f"\nlive: {1e6 * each:.1f} µs per notification, ", end="")
    print(f"{100.0 * 17 * RATE * each:.2f} % of a core for 17 sensors at {RATE:.0f} Hz")
    print(f"afterwards: {fit:.3f} s for one hour at 100 Hz")


def main() -> None:
    """Print accuracy and cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=20.0)
    arguments = parser.parse_args()
    print_accuracy(60.0 * arguments.minutes, arguments.seeds)
    print_cost()


if __name__ == "__main__":
    main()
