"""A calibration inside a recording: the group ``Calibration`` of its derived results."""

from typing import Any

from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import Calibration, StaticPose, Way
from trackside.recordings.reader import Recording

CALIBRATION = "Calibration"


def calibration_to_arrays(
    calibration: Calibration, heading_sd: Floats
) -> tuple[dict[str, NDArray[Any]], dict[str, float | str]]:
    """Arrays and attributes by the names under which a recording keeps them.

    ``heading_sd`` (S,) rad: of the facings.
    """
    arrays = {
        "Mounting": calibration.mountings,
        "Facing": calibration.facings,
        "HeadingDeviation": heading_sd,
    }
    if calibration.sd is not None:
        arrays["MountingDeviation"] = calibration.sd
    attributes: dict[str, float | str] = {
        "way": calibration.way.value,
        "pose": calibration.pose.value,
        "start": calibration.start,
        "end": calibration.end,
        "segments": ",".join(calibration.segments),
    }
    return arrays, attributes


def read_calibration(recording: Recording) -> Calibration:
    """The calibration that ``trackside calibrate`` or ``solve`` left in a recording.

    Raises MissingDataError if there is none.
    """
    if not recording.has_processed(CALIBRATION):
        raise MissingDataError(
            f"{recording.path}: no calibration in it yet: run trackside calibrate {recording.path}"
        )
    arrays = recording.processed(CALIBRATION)
    attributes = recording.processed_attributes(CALIBRATION)
    sd = arrays.get("MountingDeviation")
    return Calibration(
        StaticPose(attributes["pose"]),
        float(attributes["start"]),
        float(attributes["end"]),
        tuple(str(attributes["segments"]).split(",")),
        qt.normalized(arrays["Mounting"]),
        arrays["Facing"].astype(float),
        Way(attributes.get("way", Way.POSE)),
        None if sd is None else sd.astype(float),
    )
