"""All features of an hour of 17 sensors and a strap, from the raw recording.

    python benchmarks/session_features.py [--minutes 60] [--data DATA] [--profile]

The simulated athlete stands, walks and runs for five minutes (realistic sensors at 100 Hz), as
often as the minutes take, with a lap for each time. Measured are wall and processor time of one
thread from opening the raw recording to the finished object, after a first run on five minutes that
loads all kernels.
With DATA, the same for the watches' files. ``--profile`` prints where the time goes.
"""

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from trackside.app.session_features import session_features
from trackside.kinematics.session_features import SessionFeatures
from trackside.recordings.importing import import_recording
from trackside.recordings.model import Annotation, Block
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, stand, walk
from trackside.simulation.session import SimulatedSession

PART = 300.0  # s
GOAL = 5.0  # s


def part() -> SimulatedSession:
    """Five minutes."""
    return simulate(SessionPlan((stand(8.0), walk(40.0, 1.5), run(240.0, 3.3), stand(12.0))))


def write(session: SimulatedSession, path: Path, times: int) -> int:
    """Write the session so often in a row, each time a lap; the number of samples of the IMUs."""
    samples = 0
    with RecordingWriter(path, session.streams, athlete=session.athlete) as writer:
        for number in range(times):
            for name, block in session.arrays().items():
                inside = slice(*np.searchsorted(block.time, [0.0, PART]))
                values = {channel: column[inside] for channel, column in block.values.items()}
                writer.write(Block(name, block.time[inside] + number * PART, values))
                samples += inside.stop - inside.start if name != "heart_rate" else 0
            if number:
                writer.annotate(Annotation(number * PART, "lap", ""))
    return samples


def measured(path: Path) -> tuple[SessionFeatures, float, float]:
    """The features, and the seconds of wall and processor that they took."""
    wall, processor = time.perf_counter(), time.process_time()
    with open_recording(path) as recording:
        features = session_features(recording)
    return features, time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    session = part()
    with tempfile.TemporaryDirectory() as name:
        short, path = Path(name) / "short.h5", Path(name) / "run.h5"
        write(session, short, 1)
        measured(short)
        samples = write(session, path, round(60.0 * arguments.minutes / PART))
        profile = cProfile.Profile(time.process_time)
        if arguments.profile:
            profile.enable()
        features, wall, processor = measured(path)
        profile.disable()
        strides = {kind.value: gait.strides for kind, gait in features.session.gait.items()}
        print(
            f"{arguments.minutes:g} min, {samples} samples, {len(features.laps)} laps: "
            f"{wall:.2f} s, processor {processor:.2f} s, goal {GOAL:g} s; strides {strides}, "
            f"{features.session.distance_m.value} m"
        )
        if arguments.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        if arguments.data is None:
            print("no --data: watches' files left out")
            return
        for source in sorted((arguments.data / "fit").glob("*run*.fit")):
            import_recording(source, path)
            features, wall, _ = measured(path)
            heart, way = features.session.heart_rate, features.session.distance_m.value
            rate = heart.mean_bpm.value if heart else None
            print(f"{source.name}: {wall:.2f} s; {way} m, {rate} bpm, {len(features.laps)} laps")


if __name__ == "__main__":
    main()
