"""Every real recording with a full set of sensors from import to picture and BVH, for the eye.

    python benchmarks/skeleton_pictures.py --data FOLDER --output PICTURES

FOLDER holds full_body, ximu3, opensense and neura_walk. For each a picture of the skeleton over two
strides with the mean angles of both sides, and a BVH, are written to PICTURES; what `solve` has to
say about the sensors is printed.
"""

import argparse
from pathlib import Path

from sensor_check_recordings import RECORDINGS

from trackside.app.figures import draw_session
from trackside.app.sensor_reports import sensor_warnings
from trackside.app.solving import solve
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.gait_events import foot_motion, initial_contacts
from trackside.recordings.importing import import_recording
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import open_recording


def main() -> None:
    """Solve and draw all recordings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for source, placements in RECORDINGS.items():
        name = Path(source).parts[0]
        session = options.output / f"{name}.h5"
        import_recording(options.data / source, session, placements=placements)
        with open_recording(session) as recording:
            solution = solve(recording)
        contacts = {side: initial_contacts(foot_motion(solution.pose, side)) for side in SIDES}
        draw_session(options.output / f"{name}.png", solution.pose, contacts)
        write_bvh(options.output / f"{name}.bvh", solution.pose)
        said = [warning["found"] for warning in sensor_warnings(solution.check)]
        print(f"{name}, {solution.pose.time[-1]:.0f} s: {'; '.join(said) or 'no warning'}")


if __name__ == "__main__":
    main()
