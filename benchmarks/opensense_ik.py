"""Runs OpenSense on our orientations: run by an interpreter that has the package ``opensim``.

    python opensense_ik.py MODEL.osim SENSORS.sto FOLDER

Places the sensors by the first row, in which the athlete stands with the palms in, and leaves the
motion that the inverse kinematics found in FOLDER. Prints the CPU seconds it took.
"""

import math
import sys
import time
from pathlib import Path

# only where opensim is installed, and it has no types
import opensim  # type: ignore[import-not-found, unused-ignore]

model_path, sensors, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
opensim.Logger.setLevelString("error")
model = opensim.Model(model_path)
for coordinate in model.updCoordinateSet():
    if coordinate.getName().startswith("pro_sup"):
        coordinate.setDefaultValue(0.5 * math.pi)
standing, placed = str(folder / "standing.osim"), str(folder / "placed.osim")
model.printToXML(standing)

placer = opensim.IMUPlacer()
placer.set_model_file(standing)
placer.set_orientation_file_for_calibration(sensors)
placer.set_sensor_to_opensim_rotations(opensim.Vec3(0, 0, 0))
placer.set_base_imu_label("pelvis_imu")
placer.set_base_heading_axis("x")
placer.set_output_model_file(placed)
placer.run(False)

solver = opensim.IMUInverseKinematicsTool()
solver.set_model_file(placed)
solver.set_orientations_file(sensors)
solver.set_sensor_to_opensim_rotations(opensim.Vec3(0, 0, 0))
solver.set_results_directory(str(folder))
solver.set_time_range(0, 0.0)
solver.set_time_range(1, math.inf)
began = time.process_time()
solver.run(False)
print(time.process_time() - began)
