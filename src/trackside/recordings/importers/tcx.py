"""TCX activities: Garmin's Training Center XML, version 2, with the activity extension.

Read by :mod:`~trackside.recordings.importers.track_points`, not by python-tcxparser: that refuses a
file that is cut short, knows neither speeds nor running cadences, and lists each quantity without
the point that it belongs to.
"""

import math
from pathlib import Path

from trackside.recordings.importers.activity import Activity, session_of, steps_where_strides
from trackside.recordings.importers.session import Session
from trackside.recordings.importers.track_points import moment_of, number_of, read_points
from trackside.recordings.model import Device

MAKER = "TCX activity"

FIELDS = {
    "HeartRateBpm": "heart_rate",
    "Speed": "speed",
    "DistanceMeters": "distance",
    "Watts": "power",
    "Cadence": "cadence",
    "RunCadence": "cadence",
}
"""Our channel by the local name of an element; all in SI units but for cadence, in strides/min."""


def recognise(path: Path) -> bool:
    """Whether the file begins with Training Center's element."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<TrainingCenterDatabase" in file.read(2048)


def read(path: Path) -> Session:
    """The streams of a TCX activity; FileFormatError if it has no points with a time."""
    found = read_points(path, "Trackpoint", "Lap")
    activity = Activity(faults=found.faults, device=Device("TCX file"))
    for point in found.points:
        moment = moment_of(point.get("Time"))
        if moment is None:
            continue
        values = {FIELDS[name]: number_of(text) for name, text in point.items() if name in FIELDS}
        activity.add(moment, {name: x for name, x in values.items() if math.isfinite(x)})
        place = [
            number_of(point.get(name))
            for name in ("LatitudeDegrees", "LongitudeDegrees", "AltitudeMeters")
        ]
        if math.isfinite(place[0]) and math.isfinite(place[1]):
            activity.places[moment] = (place[0], place[1], place[2])
    starts = (moment_of(lap.get("StartTime")) for lap in found.laps)
    activity.laps = [start for start in starts if start is not None]
    steps_where_strides(activity)
    return session_of(path, activity)
