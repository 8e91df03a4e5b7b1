"""GPX activities: tracks with times, and heart rate and cadence in Garmin's extension.

Read by :mod:`~trackside.recordings.importers.track_points`, not by gpxpy: that refuses a file that
is cut short, and resolves the entities of a document type, which could make a small file huge.
"""

import math
from pathlib import Path

from trackside.recordings.importers.activity import Activity, session_of, steps_where_strides
from trackside.recordings.importers.session import Session
from trackside.recordings.importers.track_points import moment_of, number_of, read_points
from trackside.recordings.model import Device

MAKER = "GPX activity"

FIELDS = {"hr": "heart_rate", "cad": "cadence", "speed": "speed", "power": "power"}
"""Our channel by the local name of an element; speed in m/s, cadence in strides or steps/min."""


def recognise(path: Path) -> bool:
    """Whether the file begins with GPX's element."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<gpx" in file.read(2048)


def read(path: Path) -> Session:
    """The streams of a GPX track; FileFormatError if it has no points with a time.

    Without speeds in the file, they and distances come from the positions.
    """
    found = read_points(path, "trkpt")
    activity = Activity(faults=found.faults, device=Device("GPX file"))
    for point in found.points:
        moment = moment_of(point.get("time"))
        if moment is None:
            continue
        values = {FIELDS[name]: number_of(text) for name, text in point.items() if name in FIELDS}
        known = {name: value for name, value in values.items() if math.isfinite(value)}
        if known:
            activity.add(moment, known)
        latitude, longitude = number_of(point.get("lat")), number_of(point.get("lon"))
        if math.isfinite(latitude) and math.isfinite(longitude):
            activity.places[moment] = (latitude, longitude, number_of(point.get("ele")))
    steps_where_strides(activity)
    return session_of(path, activity)
