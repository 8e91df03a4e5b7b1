"""What the athlete does, recognised from one sensor at a time: a confusion matrix for each place.

    python benchmarks/activity.py [--data DATA] [--seeds 2]

Simulated: realistic sensors at 100 Hz; standing, sitting, lying, walking (1.0 and 1.8 m/s) with
turns at both ends of a short track, jumping, running (2.5, 3.5 and 5 m/s) and sprinting (8.5 m/s).
A row is what was done, in percent of its half seconds; those within a second of a change are left
out. With DATA, what is recognised in recordings of which only the course is known.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from trackside.app.sensors import turning_imus
from trackside.kinematics.activity import ACTIVITIES, recognised_activities
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.plan import SessionPlan, jump, lie, run, sit, stand, walk

PLACES = {
    "foot": ("right_foot", "left_foot"),
    "shank": ("right_shank", "left_shank"),
    "thigh": ("right_thigh", "left_thigh"),
    "pelvis": ("pelvis",),
    "trunk": ("t8",),
    "head": ("head",),
    "upper arm": ("right_upper_arm", "left_upper_arm"),
    "forearm": ("right_forearm", "left_forearm"),
    "hand": ("right_hand", "left_hand"),
}
SHORT_TRACK = Track(straight=15.0, radius=0.8, easing=0.8)
NEAR = 1.0  # s


def plans() -> tuple[SessionPlan, ...]:
    """Sessions that hold every activity."""
    gaits = [walk(30.0, 1.0), walk(30.0, 1.8), run(30.0, 2.5), run(30.0, 3.5), run(30.0, 5.0)]
    parts = [part for gait in gaits for part in (gait, stand(8.0))]
    still = (sit(20.0), stand(6.0), lie(20.0), stand(6.0), jump(20.0), stand(6.0))
    straight = SessionPlan((stand(8.0), *parts, *still, run(30.0, 8.5), stand(12.0)))
    turning = SessionPlan((stand(6.0), walk(80.0, 1.2), stand(6.0)), SHORT_TRACK)
    return straight, turning


def simulated(seeds: int) -> None:
    """Print a matrix for each place."""
    counts = {place: np.zeros((len(ACTIVITIES), len(ACTIVITIES))) for place in PLACES}
    kit = tuple(segment for segments in PLACES.values() for segment in segments)
    for seed in range(seeds):
        for plan in plans():
            session = simulate(plan, kit, seed=seed)
            time, truth = session.truth.pose.time, session.truth.activities
            changes = time[1:][truth[1:] != truth[:-1]]
            for place, segments in PLACES.items():
                for segment in segments:
                    found = recognised_activities(session.imu(segment))
                    near = np.abs(found.time[:, None] - changes[None]).min(axis=1) < NEAR
                    moments = found.time[~near]
                    true = truth[np.clip(np.searchsorted(time, moments), 0, len(time) - 1)]
                    for was, said in zip(true, found.at(moments), strict=True):
                        counts[place][ACTIVITIES.index(was), ACTIVITIES.index(said)] += 1
    for place, matrix in counts.items():
        right = np.trace(matrix) / matrix.sum()
        balanced = np.mean(np.diag(matrix) / matrix.sum(axis=1))
        print(f"\n{place}: {100 * right:.1f} % right, mean of activities {100 * balanced:.1f} %")
        print(" " * 12 + "".join(f"{activity.value[:7]:>9}" for activity in ACTIVITIES))
        for activity, row in zip(ACTIVITIES, matrix, strict=True):
            shares = "".join(f"{100 * share:9.1f}" for share in row / row.sum())
            print(f"{activity.value:12}{shares}")


def recorded(data: Path) -> None:
    """Print what is recognised in the full-body recording: standing, sitting, walking, turning."""
    source = data / "full_body" / "full_body_example_data.mat"
    if not source.exists():
        print(f"{source}: missing, left out")
        return
    print(f"\n{source.name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.h5"
        import_recording(source, path)
        with open_recording(path) as recording:
            for segment, imu in turning_imus(recording).items():
                spans = recognised_activities(imu).spans()
                told = ", ".join(f"{s.activity.value} to {s.end:.0f}" for s in spans)
                print(f"{segment:16}{told}")


def main() -> None:
    """Run on the simulated athlete, and on the recordings if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    simulated(arguments.seeds)
    if arguments.data is None:
        print("no --data: recordings left out")
    else:
        recorded(arguments.data)


if __name__ == "__main__":
    main()
