"""How long the check of sensors takes: 17 of them, filtered already.

python benchmarks/sensor_check_speed.py [--minutes 10]
"""

import argparse
import time

from trackside.app.simulating import plan_for
from trackside.app.tracks import filtered_track
from trackside.kinematics.common_clock import on_common_clock
from trackside.kinematics.placement_check import check_placement
from trackside.kinematics.slip import check_slips
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17


def main() -> None:
    """Print the time of each check, the second time it runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    session = simulate(plan_for(60 * arguments.minutes, 3.0), KIT_17)
    tracks = [filtered_track(segment, session.imu(segment))[0] for segment in KIT_17]
    motion = on_common_clock(tracks, 100.0)
    for name, check in (("placement", check_placement), ("slips", check_slips)):
        check(motion.until(30.0))
        start = time.perf_counter()
        check(motion)
        print(f"{name}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
