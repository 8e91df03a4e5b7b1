"""Swapped, misplaced and slipped sensors of simulated kits: how many are recognised.

    python benchmarks/sensor_check.py [--kits 200] [--seed 1000000] [--processes 2] [--places]

Each kit is a random subset of the 17 sensors of a full body, every one mounted at random, on an
athlete of random height who stands, then walks or runs at 1.2 to 6 m/s for one to three minutes, at
one pace or several, along a straight or round a track. Sensors are the simulation's realistic ones,
without magnetometer. Every kit is checked four times: as it is, with one sensor and its opposite
exchanged (or all of both legs, arms or both), with two other sensors exchanged, and with one that
slipped by 15 to 60° about a random axis at a random moment.

A fault is recognised if the check names exactly the sensors concerned, of a slip also its time
within 5 s. Some cannot be recognised because another sensor would fit there nearly as well: the
check names those as unchecked; they are counted apart. A false alarm is anything else that a check
reports: of a kit as it is, or besides the fault.
"""

import argparse
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np

from trackside.app.tracks import filtered_track
from trackside.kinematics.common_clock import BodyMotion, SensorTrack, on_common_clock
from trackside.kinematics.placement_check import check_placement
from trackside.kinematics.skeleton import skeleton_for
from trackside.kinematics.slip import check_slips
from trackside.recordings.placements import PAIRED
from trackside.simulation.athlete import simulate
from trackside.simulation.course import StraightLine, Track
from trackside.simulation.kits import KIT_17
from trackside.simulation.plan import WALKING_SPEEDS, Phase, SessionPlan, run, stand, walk
from trackside.simulation.session import SimulatedSession
from trackside.simulation.slips import Slip

RATE = 100.0  # Hz
STANDING = 6.0  # s
MARGIN = 12.0  # s; no slip nearer to the beginning of motion or to the end
ON_TIME = 5.0  # s
FAULTS = ("swapped", "misplaced", "slipped")


class Kit:
    """A random kit, athlete, session and fault of each kind, from one seed."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.seed = seed
        self.height = float(rng.uniform(1.5, 2.0))
        count = int(rng.integers(4, len(KIT_17) + 1))
        chosen = set(rng.choice(KIT_17, count, replace=False))
        self.segments = tuple(segment for segment in KIT_17 if segment in chosen)
        self.plan = _plan(rng)
        segment = str(rng.choice(self.segments))
        axis = rng.standard_normal(3)
        turn = np.deg2rad(rng.uniform(15.0, 60.0)) * axis / np.linalg.norm(axis)
        moment = rng.uniform(STANDING + MARGIN, self.plan.duration - MARGIN)
        self.slip = Slip(segment, float(moment), turn)
        self.swap = self._swap(rng)
        self.misplaced = self._misplaced(rng)

    def _swap(self, rng: np.random.Generator) -> tuple[tuple[str, str], ...] | None:
        """Left and right exchanged: of one part, or of all in legs, arms or both."""
        sided = [
            (f"right_{part}", f"left_{part}")
            for part in PAIRED
            if {f"right_{part}", f"left_{part}"} <= set(self.segments)
        ]
        if not sided:
            return None
        legs = tuple(pair for pair in sided if pair[0].endswith(("thigh", "shank", "foot")))
        arms = tuple(pair for pair in sided if pair not in legs)
        choices = [(pair,) for pair in sided] + [c for c in (legs, arms) if len(c) > 1]
        return choices[int(rng.integers(len(choices)))]

    def _misplaced(self, rng: np.random.Generator) -> tuple[tuple[str, str], ...]:
        """Two sensors exchanged that are not each other's opposite."""
        while True:
            a, b = rng.choice(self.segments, 2, replace=False)
            if opposite(a) != b:
                return ((str(a), str(b)),)

    def session(self, slips: tuple[Slip, ...] = ()) -> SimulatedSession:
        """What the kit's sensors see."""
        return simulate(
            self.plan, self.segments, height=self.height, rate=RATE, seed=self.seed, slips=slips
        )


def opposite(segment: str) -> str | None:
    """The same segment of the other side."""
    side, _, part = segment.partition("_")
    return {"right": f"left_{part}", "left": f"right_{part}"}.get(side)


def _plan(rng: np.random.Generator) -> SessionPlan:
    speeds = rng.uniform(1.2, 6.0, size=rng.choice([1, 1, 2, 3]))
    share = rng.uniform(60.0, 180.0) / len(speeds)
    phases: list[Phase] = [stand(STANDING)]
    phases += [
        (walk if speed <= WALKING_SPEEDS[1] else run)(float(share), float(speed))
        for speed in speeds
    ]
    course = Track() if rng.random() < 0.5 else StraightLine()
    return SessionPlan(tuple(phases), course, float(rng.uniform(-np.pi, np.pi)))


def tracks_of(kit: Kit) -> dict[str, SensorTrack]:
    """A kit's sensors by segment, filtered without magnetometer."""
    session = kit.session()
    return {segment: filtered_track(segment, session.imu(segment))[0] for segment in kit.segments}


def slipped_track(kit: Kit) -> SensorTrack:
    """The sensor that slips, alone: to all other sensors nothing happens."""
    segment = kit.slip.segment
    return filtered_track(segment, kit.session((kit.slip,)).imu(segment))[0]


def on_one_clock(tracks: dict[str, SensorTrack]) -> BodyMotion:
    """The motion of a kit's sensors."""
    return on_common_clock(list(tracks.values()), RATE)


def exchanged(motion: BodyMotion, pairs: tuple[tuple[str, str], ...]) -> BodyMotion:
    """The same motion with the sensors of each pair of segments said to sit on the other one."""
    order = list(range(len(motion.segments)))
    for a, b in pairs:
        i, j = motion.segments.index(a), motion.segments.index(b)
        order[i], order[j] = order[j], order[i]
    return replace(
        motion,
        orientations=motion.orientations[order],
        gyr=motion.gyr[order],
        acc=motion.acc[order],
        measured=motion.measured[order],
    )


def placement_outcome(
    motion: BodyMotion, height: float, fault: tuple[tuple[str, str], ...]
) -> tuple[str, str]:
    """How an exchange fares: recognised, missed or unchecked; and what else was reported."""
    check = check_placement(motion, skeleton=skeleton_for(height))
    true = {(a, b) for pair in fault for a, b in (pair, pair[::-1])}
    found = {(sensor.segment, sensor.really) for sensor in check.misplaced}
    wrong = ", ".join(f"{segment} on {really}" for segment, really in sorted(found - true))
    if not fault:
        return ("alarm" if found else "quiet"), wrong
    if true == found:
        return "recognised", ""
    concerned = {segment for segment, _ in true}
    return ("missed" if concerned <= set(check.checked) else "unchecked"), wrong


def slip_outcome(motion: BodyMotion, slip: Slip | None) -> tuple[str, str]:
    """How a slip fares, and what else was reported."""
    check = check_slips(motion)
    right = [
        s
        for s in check.slips
        if slip and s.segment == slip.segment and abs(s.time - slip.time) < ON_TIME
    ]
    wrong = ", ".join(
        f"{s.segment} at {s.time:.0f} s by {np.rad2deg(s.angle):.0f}°"
        for s in check.slips
        if s not in right
    )
    if slip is None:
        return ("alarm" if check.slips else "quiet"), wrong
    if right:
        return "recognised", wrong
    return ("unchecked" if slip.segment in check.unchecked else "missed"), wrong


def place_outcomes(seed: int) -> list[tuple[str, str, str]]:
    """(kind of fault, outcome, what was reported wrongly) of where a kit's sensors sit."""
    kit = Kit(seed)
    return _place_outcomes(kit, on_one_clock(tracks_of(kit)))


def _place_outcomes(kit: Kit, motion: BodyMotion) -> list[tuple[str, str, str]]:
    result = [("no fault", *placement_outcome(motion, kit.height, ()))]
    for kind, fault in (("swapped", kit.swap), ("misplaced", kit.misplaced)):
        if fault is not None:
            result.append((kind, *placement_outcome(exchanged(motion, fault), kit.height, fault)))
    return result


def outcomes(seed: int) -> list[tuple[str, str, str]]:
    """As place_outcomes, and of slips, for the kit of a seed."""
    kit = Kit(seed)
    tracks = tracks_of(kit)
    motion = on_one_clock(tracks)
    result = _place_outcomes(kit, motion)
    alarms = ", ".join(words for *_, words in (result[0], slip_outcome(motion, None)) if words)
    result[0] = ("no fault", "alarm" if alarms else "quiet", alarms)
    tracks[kit.slip.segment] = slipped_track(kit)
    return [*result, ("slipped", *slip_outcome(on_one_clock(tracks), kit.slip))]


def print_summary(rows: list[tuple[str, str, str]]) -> None:
    """Share recognised of each kind of fault, and share of false alarms."""
    counts = Counter((kind, outcome) for kind, outcome, _ in rows)
    print(f"\n{'fault':<12}{'kits':>6}{'recognised':>12}{'of those checked':>18}")
    for kind in FAULTS:
        found, missed, unchecked = (
            counts[kind, outcome] for outcome in ("recognised", "missed", "unchecked")
        )
        every = found + missed + unchecked
        if not every:
            continue
        print_shares(kind, found, every, unchecked)
    found, unchecked, every = (
        sum(count for (kind, outcome), count in counts.items() if kind in FAULTS and outcome in of)
        for of in (("recognised",), ("unchecked",), ("recognised", "missed", "unchecked"))
    )
    print_shares("all", found, every, unchecked)
    clean = counts["no fault", "alarm"] + counts["no fault", "quiet"]
    beside = sum(bool(words) for kind, _, words in rows if kind in FAULTS)
    print(f"false alarms: {counts['no fault', 'alarm']} of {clean} kits without a fault; ", end="")
    print(f"{beside} of {every} with one name other sensors as well or instead")


def print_shares(kind: str, found: int, every: int, unchecked: int) -> None:
    """A row: how many kits, the share recognised of all and of those that could be checked."""
    of_all, of_checked = (100 * found / max(1, whole) for whole in (every, every - unchecked))
    print(f"{kind:<12}{every:>6}{of_all:>10.1f} %{of_checked:>16.1f} %")


def main() -> None:
    """Print every kit that is not as it should be, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1_000_000, help="of the first kit")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--places", action="store_true", help="no slips: half of the time")
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + arguments.kits)
    rows = []
    with ProcessPoolExecutor(arguments.processes) as pool:
        judged = pool.map(place_outcomes if arguments.places else outcomes, seeds)
        for seed, found in zip(seeds, judged, strict=True):
            rows += found
            for kind, outcome, wrong in found:
                if outcome in ("missed", "alarm") or wrong:
                    print(f"kit {seed}, {kind}: {outcome} {wrong}", flush=True)
    print_summary(rows)


if __name__ == "__main__":
    main()
