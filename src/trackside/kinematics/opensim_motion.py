"""Joint angles as the generalised coordinates of OpenSim's full-body models, and back.

OpenSim's ground is x forward, y up, z to the right of an athlete who faces east; bodies have the
axes of our segments. The pelvis turns in ground by tilt about z, list about x and rotation about y,
in that order, and so do hip, lumbar joint and shoulder from parent to child: the same Z–X–Y
sequence as ours, hence the same angles but for signs. Positive are

- ``pelvis_tilt`` backwards, ``pelvis_list`` right side down, ``pelvis_rotation`` to the left,
  counter-clockwise from east; ``lumbar_extension`` backwards, ``lumbar_bending`` to the right,
  ``lumbar_rotation`` to the left;
- ``hip_flexion``, ``hip_adduction``, inward ``hip_rotation``; ``knee_angle`` in flexion (gait2392:
  in extension); ``ankle_angle`` in dorsiflexion, ``subtalar_angle`` in inversion;
- ``arm_flex`` forwards, ``arm_add`` towards the body, ``arm_rot`` inwards, ``elbow_flex``,
  ``pro_sup`` in pronation, ``wrist_flex``, ``wrist_dev`` to the little finger.

All are zero upright with hanging arms, but ``pro_sup``: zero with the palms forward, 90° with the
palms in. A model's knee, ankle and elbow bend about oblique axes and have one coordinate: it gets
our flexion, and what the model's joint cannot do is left out.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.euler import tait_bryan_angles
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.opensim_table import (
    OpenSimTable,
    read_opensim_table,
    write_opensim_table,
)
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST

GROUND_FROM_EARTH: Floats = qt.conjugate(STANDING_FACING_EAST)
"""Rotation (4,) of ENU vectors into OpenSim's ground: (x, y, z) → (x, z, −y)."""


class OpenSimModel(StrEnum):
    """Models whose coordinates are known."""

    RAJAGOPAL = "rajagopal"  # Rajagopal et al. 2016 and its descendants: knee flexion positive
    GAIT2392 = "gait2392"  # Delp et al. 1990 with a torso, no arms: knee flexion negative


@dataclass(frozen=True)
class CoordinateMotion:
    """``time`` (N,) s, and coordinates (N,) by OpenSim's names: rad, translations m."""

    time: Floats
    coordinates: dict[str, Floats]


@dataclass(frozen=True)
class _Coordinate:
    """coordinate = sign · our angle + zero, in rad."""

    angle: str
    sign: float = 1.0
    zero: float = 0.0


_LEG = {
    "hip_flexion": _Coordinate("hip_flexion"),
    "hip_adduction": _Coordinate("hip_adduction"),
    "hip_rotation": _Coordinate("hip_rotation"),
    "knee_angle": _Coordinate("knee_flexion"),
    "ankle_angle": _Coordinate("ankle_dorsiflexion"),
    "subtalar_angle": _Coordinate("ankle_inversion"),
}
_BACKWARD_KNEE = {"knee_angle": _Coordinate("knee_flexion", -1.0)}
_ARM = {
    "arm_flex": _Coordinate("shoulder_flexion"),
    "arm_add": _Coordinate("shoulder_abduction", -1.0),
    "arm_rot": _Coordinate("shoulder_rotation"),
    "elbow_flex": _Coordinate("elbow_flexion"),
    "pro_sup": _Coordinate("elbow_pronation", zero=0.5 * np.pi),
    "wrist_flex": _Coordinate("wrist_flexion"),
    "wrist_dev": _Coordinate("wrist_radial_deviation", -1.0),
}
_TRUNK = {
    "lumbar_extension": _Coordinate("trunk_flexion", -1.0),
    "lumbar_bending": _Coordinate("trunk_bending"),
    "lumbar_rotation": _Coordinate("trunk_rotation", -1.0),
}


def _both_sides(limb: dict[str, _Coordinate]) -> dict[str, _Coordinate]:
    return {
        f"{name}_{side[0]}": _Coordinate(f"{side}_{joint.angle}", joint.sign, joint.zero)
        for side in ("right", "left")
        for name, joint in limb.items()
    }


_COORDINATES = {
    OpenSimModel.RAJAGOPAL: _both_sides(_LEG) | _TRUNK | _both_sides(_ARM),
    OpenSimModel.GAIT2392: _both_sides(_LEG | _BACKWARD_KNEE) | _TRUNK,
}
_PELVIS_FROM_HIPS = {  # m in the pelvis' frame, as in the generic model for 1.7 and 1.8 m of height
    OpenSimModel.RAJAGOPAL: (np.array([0.056276, 0.07849, 0.0]), 1.70),
    OpenSimModel.GAIT2392: (np.array([0.0707, 0.0661, 0.0]), 1.80),
}
_ROTATIONS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
_TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


def coordinates_of(pose: Pose, model: OpenSimModel = OpenSimModel.RAJAGOPAL) -> dict[str, Floats]:
    """The coordinates (N,) of a pose by OpenSim's names, in rad and m.

    The translation is that of the model's own pelvis origin, which lies between the front spines of
    the pelvis, scaled from the generic model by body height.
    """
    pelvis = qt.multiply(GROUND_FROM_EARTH, pose.segment("pelvis"))
    generic, height = _PELVIS_FROM_HIPS[model]
    hips = pose.skeleton.offsets[[INDEX["right_thigh"], INDEX["left_thigh"]]].mean(axis=0)
    origin = qt.rotate(GROUND_FROM_EARTH, pose.root)
    origin = origin + qt.rotate(pelvis, hips + generic * pose.skeleton.height / height)
    coordinates = dict(zip(_ROTATIONS, tait_bryan_angles(pelvis, "zxy").T, strict=True))
    coordinates |= dict(zip(_TRANSLATIONS, origin.T, strict=True))
    angles = joint_angles(pose)
    for name, joint in _COORDINATES[model].items():
        coordinates[name] = joint.sign * angles[joint.angle] + joint.zero
    return coordinates


def joint_angles_from(
    coordinates: dict[str, Floats], model: OpenSimModel = OpenSimModel.RAJAGOPAL
) -> dict[str, Floats]:
    """Our joint angles (N,) in rad by name, of those coordinates that have one."""
    return {
        joint.angle: joint.sign * (coordinates[name] - joint.zero)
        for name, joint in _COORDINATES[model].items()
        if name in coordinates
    }


def write_mot(path: Path | str, pose: Pose, model: OpenSimModel = OpenSimModel.RAJAGOPAL) -> None:
    """Write a pose as a motion of that model: degrees and metres, all of it or nothing.

    Raises MissingDataError where a frame is not finite.
    """
    columns = {
        name: values if name in _TRANSLATIONS else np.rad2deg(values)
        for name, values in coordinates_of(pose, model).items()
    }
    header = {
        "version": "1",
        "nRows": str(len(pose.time)),
        "nColumns": str(1 + len(columns)),
        "inDegrees": "yes",
    }
    write_opensim_table(path, "Coordinates", OpenSimTable(header, pose.time, columns))


def read_mot(path: Path | str) -> CoordinateMotion:
    """The coordinates in a motion file, ``.mot`` or ``.sto``, in rad and m.

    Raises FileFormatError where the file does not say whether it is in degrees, or is no table.
    """
    table = read_opensim_table(path)
    unit = table.header.get("inDegrees", "").lower()
    if unit not in ("yes", "no"):
        raise FileFormatError(path, "header", "a line inDegrees=yes or inDegrees=no")
    return CoordinateMotion(
        table.time,
        {
            name: np.deg2rad(values) if unit == "yes" and not _is_length(name) else values
            for name, values in table.columns.items()
        },
    )


def _is_length(coordinate: str) -> bool:
    return coordinate.endswith(("_tx", "_ty", "_tz"))
