"""The way of the simulated athlete round a 400 m track, with ideal and real sensors, few and many.

    python benchmarks/root_path.py speeds|kits|time [--seeds 2]

Headings come from the joints alone (no magnetometer). For each speed, or for each choice of
sensors, it prints

- the closing error: how far the pelvis ends from where the lap began, of 400 m;
- the error of the distance, without the sway of steps;
- the foot skate: how far the feet slip in the stances that were found, median and 95 %, and of the
  time that a foot is truly on the ground, how much was found;
- how much of the time sensors tell the way at all.

Closing errors are means over the seeds, distance errors the worst, all others medians. The
time is that per frame of the root path, and of the whole solver from the filtered sensors on.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from trackside.app.simulating import record_session
from trackside.app.solving import Heading, Solution, SolveOptions, solve
from trackside.arrays import Booleans, Floats
from trackside.kinematics.common_clock import on_common_clock
from trackside.kinematics.root_path import distance, root_path
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.kits import KIT_17
from trackside.simulation.plan import WALKING_SPEEDS, SessionPlan, run, stand, walk
from trackside.simulation.sensor_errors import IDEAL, REALISTIC, SensorErrors
from trackside.simulation.session import SimulatedSession

SPEEDS = (1.3, 3.5, 6.0, 9.0)  # m/s; the first walks
KIT_SPEEDS = (1.3, 3.5)
LAP = 400.0  # m
STANDING = 6.0  # s
MOSTLY = 0.9  # share of the time; a way that is known for less is none
STEADY = 11.0  # s; by then the athlete runs at speed
RIGHT_LEG = ("right_thigh", "right_shank", "right_foot")
LEGS = (*RIGHT_LEG, "left_thigh", "left_shank", "left_foot")
KITS = {
    "17 sensors": KIT_17,
    "legs and pelvis": ("pelvis", *LEGS),
    "legs, no trunk": LEGS,
    "pelvis and feet": ("pelvis", "right_foot", "left_foot"),
    "no feet": ("pelvis", *(part for part in LEGS if not part.endswith("foot"))),
    "one leg and pelvis": ("pelvis", *RIGHT_LEG),
    "one leg": RIGHT_LEG,
    "feet": ("right_foot", "left_foot"),
    "one foot": ("right_foot",),
    "pelvis": ("pelvis",),
}


@dataclass(frozen=True)
class Figures:
    """What one lap showed: lengths in m, and shares of one."""

    closing: float
    distance: float
    skate: float
    skate_95: float
    found: float
    known: float


def lap(
    speed: float, kit: tuple[str, ...], sensors: SensorErrors, seed: int, folder: Path
) -> tuple[SimulatedSession, Solution]:
    """Run or walk more than a lap, and solve it."""
    move = walk if speed <= WALKING_SPEEDS[1] else run
    plan = SessionPlan((stand(STANDING), move(LAP / speed + 12.0, speed)), Track())
    session = simulate(plan, kit, sensors, seed=seed)
    path = folder / "lap.h5"
    record_session(session, path)
    with open_recording(path) as recording:
        return session, solve(recording, SolveOptions(heading=Heading.JOINTS))


def figures_of(session: SimulatedSession, solution: Solution) -> Figures:
    """The lap of a solution against the truth."""
    truth, pose = session.truth, solution.pose
    along = np.cumsum(truth.speed) / truth.pose.rate
    start = float(np.interp(STEADY, truth.pose.time, along))
    end = float(np.interp(start + LAP, along, truth.pose.time))
    own, true = pose.span(STEADY, end), truth.pose.at(pose.time).span(STEADY, end)
    way = distance(true.time, true.root)
    skates = np.concatenate(solution.way.skates)
    inside = slice(*np.searchsorted(pose.time, [STEADY, end]))
    contacts = solution.way.contacts[:, inside]
    known = float(np.mean(solution.way.known[inside]))
    standing = true_contacts(session, own.time)
    return Figures(
        float(np.hypot(*(own.root[-1] - own.root[0])[:2])) if known > MOSTLY else np.nan,
        distance(own.time, own.root) / way - 1.0 if known > MOSTLY else np.nan,
        float(np.median(skates)) if len(skates) else np.nan,
        float(np.percentile(skates, 95)) if len(skates) else np.nan,
        float(np.mean(contacts[standing])),
        known,
    )


def true_contacts(session: SimulatedSession, moments: Floats) -> Booleans:
    """Whether the right and the left foot truly are on the ground, (2, N)."""
    on_ground = np.zeros((2, len(moments)), bool)
    for foot, side in enumerate(SIDES):
        steps = session.truth.steps[side]
        for contact, off in zip(steps.initial_contact, steps.toe_off, strict=True):
            on_ground[foot] |= (moments >= contact) & ~(moments >= off)
    return on_ground


def times(solution: Solution) -> tuple[float, float]:
    """Time in µs per frame of the root path, and of the chain and the root path together."""
    motion = on_common_clock(solution.tracks, solution.pose.rate)
    calibration, drifts = solution.calibration, solution.facing.drifts
    began = time.perf_counter()
    orientations = segment_orientations(motion, calibration, drifts)
    whole, _ = solve_chain(motion.segments, orientations, motion.measured)
    middle = time.perf_counter()
    root_path(solution.pose.skeleton, whole, motion, calibration.mountings)
    end = time.perf_counter()
    per_frame = 1e6 / len(motion.time)
    return per_frame * (end - middle), per_frame * (end - began)


def show(name: str, laps: list[Figures]) -> None:
    """One row of a table."""
    figures = {field.name: [getattr(lap, field.name) for lap in laps] for field in fields(Figures)}
    middle = {name: float(np.median(values)) for name, values in figures.items()}
    closing = float(np.mean(figures["closing"]))
    off = max(figures["distance"], key=abs)
    cells = (
        f"{closing:>8.2f}",
        f"{100 * closing / LAP:>7.2f}",
        f"{100 * off:>+10.2f}",
        f"{100 * middle['skate']:>9.1f}",
        f"{100 * middle['skate_95']:>6.1f}",
        f"{100 * middle['found']:>8.0f}",
        f"{100 * middle['known']:>8.0f}",
    )
    print(f"{name:<22}" + "".join(c.replace("+nan", "nan").replace("nan", "  –") for c in cells))


HEADER = (
    f"{'':<22}{'closing error':>15}{'distance':>10}{'foot skate':>15}{'found':>8}{'known':>8}\n"
    f"{'':<22}{'m':>8}{'%':>7}{'%':>10}{'cm':>9}{'95 %':>6}{'%':>8}{'%':>8}"
)


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speeds", "kits", "time"))
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def row(name: str, speed: float, kit: tuple[str, ...], sensors: SensorErrors) -> None:
            laps = [lap(speed, kit, sensors, seed, folder) for seed in range(arguments.seeds)]
            show(name, [figures_of(*each) for each in laps])

        if arguments.what == "speeds":
            for kind, sensors in (("ideal", IDEAL), ("realistic", REALISTIC)):
                print(f"\n{kind} sensors, {len(KIT_17)} of them\n{HEADER}")
                for speed in SPEEDS:
                    row(f"{speed} m/s", speed, KIT_17, sensors)
        elif arguments.what == "kits":
            for speed in KIT_SPEEDS:
                print(f"\nrealistic sensors, {speed} m/s\n{HEADER}")
                for kit, worn in KITS.items():
                    row(kit, speed, worn, REALISTIC)
        else:
            _, solution = lap(3.5, KIT_17, REALISTIC, 0, folder)
            root, solver = np.min([times(solution) for _ in range(20)], axis=0)
            print(
                f"{len(KIT_17)} sensors, best of 20: root path {root:.1f} µs, all {solver:.1f} µs"
            )


if __name__ == "__main__":
    main()
