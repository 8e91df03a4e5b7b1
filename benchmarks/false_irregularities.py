"""How often ``trackside compare`` tells of differences that are not there.

    python benchmarks/false_irregularities.py [--sessions 4] [--duration 30]

The simulated athlete does the same over and over, each time with another set of realistic sensors
(other mountings, biases and noise). Each session is recorded, solved without magnetometers and
compared with the one before, with the default least angle of 5°: every irregularity is false, and
so is every difference between left and right. Printed are the angles compared, and how many of them
had an irregularity.
"""

import argparse
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import Heading, SolveOptions, solve
from trackside.kinematics.comparison import Deviation, asymmetries, deviations, irregularities
from trackside.kinematics.stride_curves import Curve, stride_curves
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate

SPEEDS = (1.3, 3.5, 6.0)  # m/s; the first walks
ARMS = ("shoulder", "elbow", "wrist")
TRUNK = ("pelvis", "trunk", "neck")


def curves_of(speed: float, seed: int, duration: float, folder: Path) -> dict[str, Curve]:
    """Mean angles of one session, as solved from its sensors."""
    path = folder / "session.h5"
    record_session(simulate(plan_for(duration, speed), seed=seed), path)
    with open_recording(path) as recording:
        return stride_curves(solve(recording, SolveOptions(heading=Heading.JOINTS)).pose).curves()


def part_of_body(angle: str) -> str:
    """Where an angle belongs."""
    for name, parts in (("arms", ARMS), ("trunk", TRUNK)):
        if any(part in angle for part in parts):
            return name
    return "legs: flexion" if "flexion" in angle else "legs: others"


def counted(found: list[Deviation]) -> Counter[tuple[str, bool]]:
    """How many angles there are by part of the body, irregular ones and others."""
    false = {item.angle for item in irregularities(found)}
    return Counter((part_of_body(item.angle), item.angle in false) for item in found)


def main() -> None:
    """Print a table per speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=4, help="at each speed")
    parser.add_argument("--duration", type=float, default=30.0, help="s, standing included")
    arguments = parser.parse_args()
    print("false irregularities / angles compared; between sessions, between left and right")
    with tempfile.TemporaryDirectory() as folder:
        for speed in SPEEDS:
            sessions = [
                curves_of(speed, seed, arguments.duration, Path(folder))
                for seed in range(arguments.sessions)
            ]
            between: Counter[tuple[str, bool]] = Counter()
            for before, after in pairwise(sessions):
                between += counted(deviations(after, before))
            sides: Counter[tuple[str, bool]] = Counter()
            for session in sessions:
                sides += counted(asymmetries(session))
            for part in ("legs: flexion", "legs: others", "trunk", "arms"):
                cells = (
                    f"{count[part, True]:>5} / {count[part, True] + count[part, False]}"
                    for count in (between, sides)
                )
                print(f"{speed:>4} m/s  {part:<14}" + "".join(f"{cell:>14}" for cell in cells))


if __name__ == "__main__":
    main()
