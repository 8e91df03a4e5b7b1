"""Strides of simulated athletes and of real recordings against their references.

    python benchmarks/strides.py [--data DATA] [--seeds 4]

Simulated: realistic sensors on both feet at 100 and 200 Hz, walking and running; errors of
stride length, contact time, initial contact and toe-off over all strides that both know. What is
wrong with a sensor is wrong with all of its strides: how sure the mean error is follows from how
the means of the seeds differ, each with athletes' sensors of its own.

With DATA, each against its goal:

foot_pair: two foot-worn IMUs and optical markers (mad-lab-fau/gaitmap). Stride length against the
way of the markers, the mean of heel, ball and toes, between the same moments. Initial contact
against the heel marker's speed falling below 0.5 m/s, toe-off against the toe marker's lowest
point.

foot_walk: one foot-worn IMU on a closed walk (xioTechnologies/Gait-Tracking): the closing error.

sacral_running: acceleration of the sacrum on a treadmill and the force under the feet
(alcantarar/Recurrent_GRF_Prediction): cadence and mean contact time of each trial.

lower_back: an IMU on the lower back (mobilise-d/mobgap): cadence and stride length of straight
walks against the reference's.
"""

import argparse
import json
import time as clock
from pathlib import Path

import numpy as np

from trackside.app.simulating import plan_for
from trackside.arrays import Floats
from trackside.kinematics.foot_path import FootPath, foot_paths
from trackside.kinematics.foot_strides import strides_of_foot
from trackside.kinematics.gait import trunk_steps
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.kinematics.sacrum_contact import sacrum_contacts
from trackside.kinematics.shank_strides import strides_of_shank
from trackside.kinematics.stride_events import foot_events
from trackside.kinematics.thigh_strides import strides_of_thigh
from trackside.kinematics.trunk_strides import strides_of_trunk
from trackside.recordings.model import ACCELEROMETER, Imu, Kind, Stream
from trackside.recordings.placements import SIDES
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import WALKING_SPEEDS

SPEEDS = (1.3, 2.5, 3.5, 5.0, 6.0, 7.5, 9.5)  # m/s; the first walks and is not judged
DURATION = 40.0  # s
HEIGHT = 1.75  # m, of the simulated athlete
FOOT_PAIR_RATE, MARKER_RATE = 204.8, 100.0  # Hz
LANDED, FLYING = 0.5, 1.5  # m/s
SACRAL_RATE, SACRAL_SAMPLES = 500.0, 2480
CONTACT_FORCE = 0.05  # of body weight
SHORTEST_STEP, SHORTEST_CONTACT = 0.15, 0.1  # s; what is shorter is the force plate's noise
GRAVITY = 9.81


def main() -> None:
    """Run on the simulated athlete, and on whatever of the data there is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=4)
    arguments = parser.parse_args()
    simulated(arguments.seeds)
    without_feet(arguments.seeds)
    if arguments.data is None:
        print("no --data: recordings with a reference left out")
        return
    for run in (foot_pair, foot_walk, sacral_running, lower_back):
        folder = arguments.data / run.__name__
        if folder.is_dir():
            run(folder)
        else:
            print(f"{folder}: missing, left out")


def simulated(seeds: int) -> None:
    """Errors by speed and rate, and over all."""
    print("simulated feet, realistic sensors; goal: length 0.010 ± 0.050 m, contact time 6 ms RMS")
    print(" m/s   Hz strides, true   length ± SD [m] (mean ±)   contact, IC, TO RMS [ms]")
    running: list[list[Floats]] = [[] for _ in range(seeds)]
    for speed in SPEEDS:
        for rate in (100.0, 200.0):
            everything: list[Floats] = []
            true = 0
            for seed in range(seeds):
                errors = []
                session = simulate(
                    plan_for(DURATION, speed), ("right_foot", "left_foot"), rate=rate, seed=seed
                )
                for side in SIDES:
                    found = strides_of_foot(session.imu(f"{side}_foot"))
                    truth = session.truth.steps[side]
                    true += len(truth.stride_length)
                    near = _nearest(truth.stride_start, found.start)
                    known = np.isfinite(found.start)
                    contact = (truth.toe_off - truth.initial_contact)[near]
                    rows = (
                        found.length - truth.stride_length[near],
                        found.toe_off - found.start - contact,
                        found.start - truth.initial_contact[near],
                        found.toe_off - truth.toe_off[near],
                    )
                    errors.append(np.stack(rows)[:, known])
                everything.append(np.concatenate(errors, axis=1))
                if speed > WALKING_SPEEDS[1]:
                    running[seed].append(everything[-1])
            found_count = sum(error.shape[1] for error in everything)
            print(f"{speed:4.1f}{rate:5.0f}{found_count:8d}{true:6d}" + _errors(everything))
    print("running" + " " * 16 + _errors([np.concatenate(errors, axis=1) for errors in running]))


def without_feet(seeds: int) -> None:
    """What shank and thigh tell of the times, and the pelvis of the lengths."""
    print("simulated, 100 Hz, bias ± SD; the pelvis' lengths are the model's own")
    print(
        " m/s   strides  shank: IC, TO, contact [ms]  strides  thigh: the same   true   pelvis [m]"
    )
    ways = {"shank": strides_of_shank, "thigh": strides_of_thigh}
    for speed in SPEEDS:
        lengths, true = [], 0
        times: dict[str, list[Floats]] = {part: [] for part in ways}
        for seed in range(seeds):
            kit = (*(f"right_{part}" for part in ways), "pelvis")
            session = simulate(plan_for(DURATION, speed), kit, rate=100.0, seed=seed)
            truth = session.truth.steps["right"]
            true += len(truth.stride_start)
            for part, strides_of in ways.items():
                found = strides_of(session.imu(f"right_{part}"))
                near = _nearest(truth.initial_contact, found.start)
                contact = found.start - truth.initial_contact[near]
                leave = found.toe_off - truth.toe_off[near]
                times[part].append(np.stack([contact, leave, leave - contact]))
            trunk = strides_of_trunk(session.imu("pelvis"), HEIGHT)
            near = _nearest(truth.stride_start, trunk.start)
            lengths.append(trunk.length - truth.stride_length[near])
        cells = []
        for parts in times.values():
            error = 1000 * np.concatenate(parts, axis=1)
            shown = "".join(f"{np.nanmean(row):+6.0f} ± {np.nanstd(row):2.0f}" for row in error)
            cells.append(f"{error.shape[1]:6d}{shown}")
        length = np.concatenate(lengths)
        print(f"{speed:4.1f}{''.join(cells)}{true:6d}{length.mean():+12.2f} ± {length.std():.2f}")


def _errors(seeds: list[Floats]) -> str:
    """In words, of the errors (4, K) of each seed."""
    error = np.concatenate(seeds, axis=1)
    rms = 1000 * np.sqrt(np.nanmean(error[1:] ** 2, axis=1))
    means = [one[0].mean() for one in seeds]
    unsure = np.std(means, ddof=1) / np.sqrt(len(means)) if len(means) > 1 else np.nan
    length = f"{error[0].mean():+10.3f} ± {error[0].std():.3f} ({unsure:.3f})"
    return length + "".join(f"{value:8.1f}" for value in rms)


def _nearest(moments: Floats, found: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    distance = np.abs(moments[:, None] - np.nan_to_num(found)[None])
    return np.argmin(distance, axis=0)


def foot_pair(folder: Path) -> None:
    """Lengths and events against the markers."""
    import pandas as pd

    imus = pd.read_csv(folder / "imu_sample.csv", header=[0, 1], index_col=0)
    markers = pd.read_csv(folder / "mocap_sample.csv", header=[0, 1], index_col=0) / 1000.0
    lengths, contacts, leaves, elapsed = [], [], [], 0.0
    for side in SIDES:
        sensor = imus[f"{side}_sensor"]
        time = np.arange(len(sensor)) / FOOT_PAIR_RATE
        gyr = np.deg2rad(sensor[["gyr_x", "gyr_y", "gyr_z"]].to_numpy())
        acc = sensor[["acc_x", "acc_y", "acc_z"]].to_numpy()
        foot_paths(time, gyr, acc)  # compiled once
        start = clock.perf_counter()
        (foot,) = foot_paths(time, gyr, acc)
        events = foot_events(foot)
        elapsed += clock.perf_counter() - start
        letter = side[0].upper()
        heel, ball, toe = (markers[f"{letter}_{name}"].to_numpy() for name in ("FCC", "FM5", "TOE"))
        lengths.append(_length_errors(foot, (heel + ball + toe) / 3.0))
        contacts.append(_contact_errors(foot, events.initial_contact, heel))
        leaves.append(_toe_off_errors(events.toe_off, toe))
    error = 1000 * np.concatenate(lengths)
    print(f"foot_pair: {len(error)} strides, goal 52; {elapsed:.3f} s, goal 0.2")
    print(
        f"  stride length: bias {error.mean():+.1f} mm, goal 8; MAE {np.abs(error).mean():.1f}, "
        f"goal 20; RMSE {np.sqrt(np.mean(error**2)):.1f}, goal 28; worst {np.abs(error).max():.0f}"
    )
    for name, errors in (("initial contact", contacts), ("toe-off", leaves)):
        event = 1000 * np.concatenate(errors)
        rms = np.sqrt(np.mean(event**2))
        print(f"  {name}: {len(event)}, bias {event.mean():+.1f} ms, RMSE {rms:.1f}, goal 12")


def _length_errors(foot: FootPath, marker: Floats) -> Floats:
    moments = foot.time[foot.rests]
    place = np.stack([_at(moments, column) for column in marker.T[:2]], axis=-1)
    own = foot.position(foot.lever)[foot.rests, :2]
    strides = np.diff(moments) < SLOWEST_STRIDE
    ways = (np.linalg.norm(np.diff(path, axis=0), axis=1)[strides] for path in (own, place))
    return next(ways) - next(ways)


def _at(moments: Floats, column: Floats) -> Floats:
    return np.interp(moments, np.arange(len(column)) / MARKER_RATE, column)


def _contact_errors(foot: FootPath, contacts: Floats, heel: Floats) -> Floats:
    speed = np.linalg.norm(np.gradient(heel, 1 / MARKER_RATE, axis=0), axis=1)
    errors = []
    for contact, rest in zip(contacts, foot.time[foot.rests], strict=True):
        end = int(rest * MARKER_RATE)
        flew = np.flatnonzero(speed[:end] > FLYING)
        if np.isnan(contact) or not len(flew) or end >= len(speed):
            continue
        n = int(flew[-1]) + int(np.argmax(speed[flew[-1] :] < LANDED))
        after = (LANDED - speed[n]) / (speed[n - 1] - speed[n])
        errors.append(contact - (n - after) / MARKER_RATE)
    return np.array(errors)


def _toe_off_errors(moments: Floats, toe: Floats) -> Floats:
    errors = []
    for moment in moments:
        n, reach = int(moment * MARKER_RATE), 12
        if reach < n < len(toe) - reach - 1:
            k = n - reach + int(np.argmin(toe[n - reach : n + reach, 2]))
            before, at, after = toe[k - 1 : k + 2, 2]
            offset = 0.5 * (before - after) / (before - 2 * at + after)
            errors.append(moment - (k + offset) / MARKER_RATE)
    return np.array(errors)


def foot_walk(folder: Path) -> None:
    """How far from its start the walk ends."""
    table = np.genfromtxt(folder / "short_walk.csv", delimiter=",", skip_header=1)
    table = table[np.diff(np.maximum.accumulate(table[:, 0]), prepend=-1.0) > 0]
    (foot,) = foot_paths(table[:, 0], np.deg2rad(table[:, 1:4]), GRAVITY * table[:, 4:7])
    end, level = (1000 * (way[-1] - way[0]) for way in (foot.path.positions, foot.levelled()))
    print(
        f"foot_walk: closing error {np.linalg.norm(level):.0f} mm on level ground, goal 60; "
        f"{np.linalg.norm(end):.0f} mm if nothing is known of the ground"
    )


def _trunk(time: Floats, acc: Floats, rate: float) -> Imu:
    stream = Stream("pelvis", Kind.IMU, (ACCELEROMETER,), rate, placement="pelvis")
    return Imu(stream, time, None, acc, None)


def _cadence(steps: Floats) -> float:
    """Steps/min from the first step to the last."""
    return float(60 * (len(steps) - 1) / (steps[-1] - steps[0]))


def sacral_running(folder: Path) -> None:
    """Cadence against the force plate's."""
    table = np.loadtxt(folder / "acceleration.csv", delimiter=",")
    forces = np.loadtxt(folder / "vertical_grf.csv", delimiter=",")
    time = np.arange(SACRAL_SAMPLES) / SACRAL_RATE
    errors, contacts = [], []
    for row, force in zip(table, forces, strict=True):
        up, forward = GRAVITY * row[:SACRAL_SAMPLES], GRAVITY * row[SACRAL_SAMPLES:]
        sacrum = _trunk(time, np.stack([forward, 0 * up, up], axis=-1), SACRAL_RATE)
        steps = trunk_steps(sacrum)
        edges = np.diff((force > CONTACT_FORCE).astype(int))
        landings, leaves = time[np.flatnonzero(edges > 0)], time[np.flatnonzero(edges < 0)]
        landings = landings[np.diff(landings, prepend=-1.0) > SHORTEST_STEP]
        stances = leaves[np.searchsorted(leaves[:-1], landings)] - landings
        true = float(np.mean(stances[stances > SHORTEST_CONTACT]))
        found = sacrum_contacts(sacrum, up=np.array([0.0, 0.0, 1.0])).contact_time
        contacts.append(float(np.mean(found)) - true)
        errors.append(_cadence(steps) - _cadence(landings))
    error, contact = np.abs(errors), 1000 * np.array(contacts)
    print(
        f"sacral_running: cadence off by {error.mean():.2f} steps/min, at most {error.max():.2f}, "
        f"goal 1; contact time of a trial: bias {contact.mean():+.1f} ms, goal 6; "
        f"RMSE {np.sqrt(np.mean(contact**2)):.1f}, goal 15"
    )


def lower_back(folder: Path) -> None:
    """Cadence and mean stride length against the reference's, on straight walks."""
    from scipy.io import loadmat

    people = json.loads((folder / "participant_metadata.json").read_text())["HA"]
    cadences, lengths = [], []
    for table in sorted(folder.glob("HA/*/TimeMeasure1_Test5_Trial*.csv")):
        values = np.genfromtxt(table, delimiter=",", skip_header=1)
        _, test, trial = table.stem.split("_")
        person = table.parent.name
        data = loadmat(folder / "mat" / "HA" / person / "data.mat", simplify_cells=True)["data"]
        bouts = data["TimeMeasure1"][test][trial]["Standards"]["INDIP"]["ContinuousWalkingPeriod"]
        time = values[:, 0] / 100.0
        back = _trunk(time, GRAVITY * values[:, 1:4], 100.0)
        steps = trunk_steps(back)
        strides = strides_of_trunk(back, people[person]["height_m"])
        for bout in np.atleast_1d(bouts):
            inside = steps[(steps > bout["Start"]) & (steps < bout["End"])]
            if len(inside) > 4:
                cadences.append(100 * (_cadence(inside) / bout["Cadence"] - 1))
                walked = (strides.start > bout["Start"]) & (strides.end < bout["End"])
                lengths.append(strides.length[walked].mean() - bout["AverageStrideLength"])
    if cadences:
        print(
            f"lower_back: {len(cadences)} walks, cadence off by {np.abs(cadences).mean():.1f} %, "
            f"at most {np.abs(cadences).max():.1f}, goal 2; stride length off by "
            f"{np.abs(lengths).mean():.3f} m, at most {np.abs(lengths).max():.3f}, goal 0.10"
        )


if __name__ == "__main__":
    main()
