"""Prints how OpenSim places a model's bodies through our files: run by an interpreter that has it.

    python opensim_bodies.py MODEL.osim MOTION.mot SENSORS.sto BODY...

JSON: ``bodies`` (rows × bodies × 9, rotation matrices body → ground) with every coordinate of the
motion set, locks open; ``unknown``, the motion's columns that the model has not; ``sensors``
(rows × columns × 4) and their ``labels``, as OpenSim reads the orientations.
"""

import json
import sys

# only where opensim is installed, and it has no types
import opensim  # type: ignore[import-not-found, unused-ignore]

model_path, motion, sensors, *bodies = sys.argv[1:]
opensim.Logger.setLevelString("error")
model = opensim.Model(model_path)
coordinates = model.updCoordinateSet()
for coordinate in coordinates:
    coordinate.set_locked(False)
    coordinate.set_clamped(False)
state = model.initSystem()

table = opensim.TimeSeriesTable(motion)
in_degrees = table.getTableMetaDataAsString("inDegrees") == "yes"
columns = [(n, label) for n, label in enumerate(table.getColumnLabels())]
known = [(n, label) for n, label in columns if coordinates.contains(label)]
unknown = [label for _, label in columns if not coordinates.contains(label)]
shown = []
for row in range(table.getNumRows()):
    values = table.getRowAtIndex(row)
    for n, label in known:
        length = label.startswith("pelvis_t") and label != "pelvis_tilt"
        scale = opensim.SimTK_DEGREE_TO_RADIAN if in_degrees and not length else 1.0
        coordinates.get(label).setValue(state, scale * values[n], False)
    model.realizePosition(state)
    turns = [model.getBodySet().get(body).getTransformInGround(state).R() for body in bodies]
    shown.append([[turn.get(i, j) for i in range(3) for j in range(3)] for turn in turns])

quaternions = opensim.TimeSeriesTableQuaternion(sensors)
rows = []
for row in range(quaternions.getNumRows()):
    values = quaternions.getRowAtIndex(row)
    rows.append(
        [[values.getElt(0, n).get(k) for k in range(4)] for n in range(quaternions.getNumColumns())]
    )
print(
    json.dumps(
        {
            "bodies": shown,
            "unknown": unknown,
            "sensors": rows,
            "labels": list(quaternions.getColumnLabels()),
        }
    )
)
