"""Orientation error on BROAD trials: trackside, vqf and imufusion, causal and smoothed, in one run.

    python benchmarks/orientation_accuracy.py --data FOLDER

FOLDER holds BROAD's .mat files and trials.json (Laidig et al. 2021, data_mat in
https://github.com/dlaidig/broad). The metric is BROAD's: with e = q_estimate ⊗ q_reference*,
total 2 acos|w|, heading 2 atan|z/w| and inclination 2 acos √(w² + z²), as root mean square over
the samples with movement. 9D is scored as it is; in 6D the heading's zero is arbitrary, so the
constant that fits best is removed. Printed per trial, then as means over each group of trials.

BROAD's gyroscope shows the motion later than the optical reference, by some 4 ms (printed per
trial: the least-squares fit of the reference's rates to the gyroscope's, below 8 Hz). Trackside's
default ``sensor_delay`` makes up for it; the rows "delay 0" do not. The rows "leading" turn vqf's
result on alike, by as much less half a sample, by which its integration leads anyway.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imufusion
import numpy as np
import scipy.io
import scipy.signal
import vqf

from trackside.arrays import Booleans, Floats
from trackside.filters.orientation import OrientationParameters, estimate_orientation
from trackside.kinematics import quaternions as qt

STANDARD_GRAVITY = 9.80665
SENSOR_DELAY = OrientationParameters().sensor_delay  # s
DELAY_BAND = 8.0  # Hz


@dataclass(frozen=True)
class Trial:
    """One BROAD trial; the reference is NaN where the optical system lost the sensor."""

    name: str
    groups: tuple[str, ...]
    gyr: Floats
    acc: Floats
    mag: Floats
    rate: float
    reference: Floats
    movement: Booleans


Estimator = Callable[[Trial, bool], Floats]


def load_trials(folder: Path) -> Iterator[Trial]:
    """All trials in the folder, in the order of their numbers."""
    described = json.loads((folder / "trials.json").read_text())["trials"]
    for path in sorted(folder.glob("*.mat")):
        content = scipy.io.loadmat(path)
        gyr, acc, mag, reference = (
            np.ascontiguousarray(content[key], float)
            for key in ("imu_gyr", "imu_acc", "imu_mag", "opt_quat")
        )
        movement = content["movement"].ravel().astype(bool)
        rate = float(content["sampling_rate"].item())
        groups = tuple(described[path.stem]["groups"])
        yield Trial(path.stem, groups, gyr, acc, mag, rate, reference, movement)


def trackside(smooth: bool, delay: float) -> Estimator:
    """Trackside's filter or smoother, told the sensor's delay."""
    parameters = OrientationParameters(sensor_delay=delay)

    def run(trial: Trial, magnetic: bool) -> Floats:
        mag = trial.mag if magnetic else None
        return estimate_orientation(
            trial.gyr, trial.acc, mag, rate=trial.rate, smooth=smooth, parameters=parameters
        ).quaternions

    return run


def run_vqf(trial: Trial, magnetic: bool) -> Floats:
    """Quaternions of VQF (Laidig & Seel 2023)."""
    orientation = vqf.VQF(1.0 / trial.rate)
    if magnetic:
        return np.asarray(orientation.updateBatch(trial.gyr, trial.acc, trial.mag)["quat9D"])
    return np.asarray(orientation.updateBatch(trial.gyr, trial.acc)["quat6D"])


def run_offline_vqf(trial: Trial, magnetic: bool) -> Floats:
    """Quaternions of VQF's offline variant."""
    mag = trial.mag if magnetic else None
    found = vqf.offlineVQF(trial.gyr, trial.acc, mag, 1.0 / trial.rate)
    return np.asarray(found["quat9D" if magnetic else "quat6D"])


def leading(estimator: Estimator) -> Estimator:
    """A variant of VQF, turned on by the rate over what its integration lacks of the delay."""

    def run(trial: Trial, magnetic: bool) -> Floats:
        lead = SENSOR_DELAY - 0.5 / trial.rate
        return qt.multiply(estimator(trial, magnetic), qt.from_rotation_vector(lead * trial.gyr))

    return run


def run_imufusion(trial: Trial, magnetic: bool) -> Floats:
    """Quaternions of x-io's Fusion (revised Madgwick) with its offset estimate and rejection on."""
    ahrs, bias = imufusion.Ahrs(), imufusion.Bias()
    bias.set_settings(imufusion.BiasSettings(sample_rate=trial.rate))
    settings = imufusion.AhrsSettings(
        sample_rate=trial.rate,
        gain=0.5,
        gyroscope_range=2000.0,
        acceleration_rejection=10.0,
        magnetic_rejection=10.0,
        rejection_timeout=5.0 * trial.rate,  # samples
    )
    settings.convention = imufusion.CONVENTION_ENU  # the constructor's argument is ignored (1.3.3)
    ahrs.set_settings(settings)
    quaternions = np.empty((len(trial.gyr), 4))
    rates, forces = np.rad2deg(trial.gyr), trial.acc / STANDARD_GRAVITY
    for k, (gyr, acc, mag) in enumerate(zip(rates, forces, trial.mag, strict=True)):
        if magnetic:
            ahrs.update(bias.update(gyr), acc, mag)
        else:
            ahrs.update_no_magnetometer(bias.update(gyr), acc)
        quaternions[k] = ahrs.get_quaternion()
    return quaternions


ESTIMATORS: dict[str, Estimator] = {
    "causal, delay 0: trackside": trackside(smooth=False, delay=0.0),
    "causal: vqf": run_vqf,
    "causal: imufusion": run_imufusion,
    "causal: trackside": trackside(smooth=False, delay=SENSOR_DELAY),
    "causal, leading: vqf": leading(run_vqf),
    "smooth, delay 0: trackside": trackside(smooth=True, delay=0.0),
    "smooth: offlineVQF": run_offline_vqf,
    "smooth: trackside": trackside(smooth=True, delay=SENSOR_DELAY),
    "smooth, leading: offlineVQF": leading(run_offline_vqf),
}


def delay_behind_reference(trial: Trial) -> float:
    """By how much the gyroscope is behind the optical reference, s: in its longest stretch."""
    q = trial.reference
    turn = qt.multiply(qt.conjugate(q[:-1]), q[1:])
    rates = 2.0 * trial.rate * turn[:, 1:] * np.sign(turn[:, :1])
    seen = np.flatnonzero(~(np.isfinite(rates).all(axis=1) & trial.movement[1:]))
    edges = np.concatenate([[-1], seen, [len(rates)]])
    longest = int(np.argmax(np.diff(edges)))
    inside = slice(edges[longest] + 1, edges[longest + 1])
    low_pass = scipy.signal.butter(2, DELAY_BAND, fs=trial.rate, output="sos")
    between = 0.5 * (trial.gyr[1:] + trial.gyr[:-1])[inside]
    gyr, true = (scipy.signal.sosfiltfilt(low_pass, v, axis=0) for v in (between, rates[inside]))
    slope = np.gradient(true, axis=0) * trial.rate
    columns = [slope.ravel()]
    for axis in np.eye(3):
        columns += [(true * axis).ravel(), np.tile(axis, len(true))]
    fit = np.linalg.lstsq(np.stack(columns, axis=1), (gyr - true).ravel(), rcond=None)[0]
    return -float(fit[0])


def rms_deg(angle: Floats) -> float:
    """Root mean square in degrees, without the samples that have no reference."""
    return float(np.rad2deg(np.sqrt(np.nanmean(angle**2))))


def without_best_heading(error: Floats) -> Floats:
    """The error rotations (M, 4) with the mean heading error removed."""
    heading = 2.0 * np.arctan2(error[:, 3], error[:, 0])
    seen = heading[~np.isnan(heading)]
    offset = np.angle(np.mean(np.exp(1j * seen)))
    for _ in range(10):  # from the circular mean to the least-squares mean
        offset += np.mean(np.angle(np.exp(1j * (seen - offset))))
    return qt.multiply(qt.about_axis(np.array([0.0, 0.0, 1.0]), -offset), error)


def score(estimate: Floats, trial: Trial, magnetic: bool) -> tuple[float, float, float]:
    """BROAD's total, heading and inclination RMSE in degrees."""
    if not np.isfinite(estimate).all():
        raise ValueError(f"{trial.name}: the estimate is not finite everywhere")
    error = qt.multiply(qt.normalized(estimate), qt.conjugate(qt.normalized(trial.reference)))
    error = error[trial.movement]
    if not magnetic:
        error = without_best_heading(error)
    w, z = error[:, 0], error[:, 3]
    return (
        rms_deg(2.0 * np.arccos(np.clip(np.abs(w), 0.0, 1.0))),
        rms_deg(2.0 * np.arctan(np.abs(z / w))),
        rms_deg(2.0 * np.arccos(np.clip(np.hypot(w, z), 0.0, 1.0))),
    )


def scores(trial: Trial, estimator: Estimator) -> list[float]:
    """9D total, heading, inclination, then the same in 6D, all in degrees."""
    return [
        angle
        for magnetic in (True, False)
        for angle in score(estimator(trial, magnetic), trial, magnetic)
    ]


def main() -> None:
    """Print the table of RMSE per trial and estimator, and the means over each group."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="folder with BROAD's .mat files"
    )
    folder = parser.parse_args().data
    if folder is None:
        print("no --data FOLDER with BROAD trials given: nothing was measured")
        return
    results: dict[str, dict[str, list[list[float]]]] = {}
    print(
        f"{'RMSE in degrees':<58}{'9D total  heading  incl.':>26}{'6D total  heading  incl.':>28}"
    )
    for trial in load_trials(folder):
        late = 1000.0 * delay_behind_reference(trial)
        print(f"{trial.name}: gyroscope {late:.1f} ms behind the reference")
        for name, estimator in ESTIMATORS.items():
            row = scores(trial, estimator)
            for group in trial.groups:
                results.setdefault(group, {}).setdefault(name, []).append(row)
            print_row(trial.name, name, row)
    if not results:
        sys.exit(f"{folder}: no .mat file in it")
    for group, by_name in results.items():
        for name, rows in by_name.items():
            print_row(f"{group}: mean over {len(rows)}", name, list(np.mean(rows, axis=0)))


def print_row(trial: str, name: str, row: list[float]) -> None:
    """One line of the table."""
    print(f"{trial[:30]:<31}{name:<28}" + "".join(f"{a:9.2f}" for a in row), flush=True)


if __name__ == "__main__":
    main()
