"""The check of sensors on real recordings: as they are, and with any two sensors exchanged.

    python benchmarks/sensor_check_recordings.py --data FOLDER

FOLDER holds full_body, ximu3, opensense and neura_walk. What is reported of a recording as it is
counts as a false alarm; an exchange is recognised if exactly its two sensors are named.
"""

import argparse
import tempfile
from itertools import combinations
from pathlib import Path

from sensor_check import exchanged

from trackside.app.sensors import placed_imus
from trackside.app.tracks import recorded_tracks
from trackside.kinematics.common_clock import BodyMotion, on_common_clock
from trackside.kinematics.placement_check import check_placement
from trackside.kinematics.slip import check_slips
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording

LEGS = ("right_thigh", "left_thigh", "right_shank", "left_shank", "right_foot", "left_foot")
OPENSENSE = ("7C", "EE", "7D", "ED", "EF", "E6")
NEURA = ("C3C", "C45", "C4A", "C49", "C48", "C55")
RECORDINGS: dict[str, dict[str, str]] = {
    "full_body/full_body_example_data.mat": {},
    "ximu3": {},
    "opensense": {"00B42279": "pelvis", "00B42268": "t8"}
    | {
        f"00B42{'2' if end.startswith('7') else '1'}{end}": segment
        for end, segment in zip(OPENSENSE, LEGS, strict=True)
    },
    "neura_walk/imu": {"00B40B91": "pelvis"}
    | {f"00B40{end}": segment for end, segment in zip(NEURA, LEGS, strict=True)},
}


def motion_of(source: Path, placements: dict[str, str], folder: Path) -> BodyMotion:
    """What the placed sensors of another maker's recording saw."""
    path = folder / f"{source.name}.h5"
    import_recording(source, path, placements=placements)
    with open_recording(path) as recording:
        imus = placed_imus(recording)
        tracks, _, _ = recorded_tracks(recording, imus, False, lambda *_: None)
    return on_common_clock(tracks, max(imu.rate for imu in imus.values()))


def print_row(name: str, motion: BodyMotion) -> None:
    """Sensors, minutes, false alarms, and exchanges recognised."""
    alarms = [sensor.segment for sensor in check_placement(motion).misplaced]
    alarms += [slip.segment for slip in check_slips(motion).slips]
    pairs = list(combinations(motion.segments, 2))
    recognised = 0
    for a, b in pairs:
        check = check_placement(exchanged(motion, ((a, b),)))
        recognised += {(s.segment, s.really) for s in check.misplaced} == {(a, b), (b, a)}
    seconds = motion.time[-1] - motion.time[0]
    print(
        f"{name:<40}{len(motion.segments):>3} sensors, {seconds:.0f} s: "
        f"false alarms {', '.join(alarms) or 'none'}; {recognised} of {len(pairs)} exchanges"
    )


def main() -> None:
    """Print a row per recording."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, placements in RECORDINGS.items():
            source = arguments.data / name
            if source.exists():
                print_row(name, motion_of(source, placements, Path(folder)))
            else:
                print(f"{source} is not there: nothing measured")


if __name__ == "__main__":
    main()
