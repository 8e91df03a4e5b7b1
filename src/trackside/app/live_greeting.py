"""What a recorder and its window's process tell each other, apart from the blocks."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from trackside.app.live_options import LiveOptions
from trackside.recordings.block_messages import Head, told_stream
from trackside.recordings.model import Athlete, Stream
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.sensor_state import Health, SensorState

if TYPE_CHECKING:
    from trackside.kinematics.calibration import Calibration


def greeting(
    name: str,
    streams: Sequence[Stream],
    athlete: Athlete,
    start: float,
    options: LiveOptions,
    scheme: str,
) -> Head:
    """What the recorder tells a window first; ``start``: time 0 on the host's clock, s."""
    chosen: Head = {"angle": options.angle, "zones": options.zones, "pose": options.pose}
    chosen["height"] = options.height
    return {
        "name": name,
        "streams": [told_stream(stream) for stream in streams],
        "athlete": asdict(athlete),
        "start": start,
        "options": chosen,
        "earlier": None if options.earlier is None else _told_calibration(options.earlier),
        "scheme": scheme,
    }


def states_head(
    states: Sequence[SensorState], messages: Sequence[str], strides: LastStrides | None = None
) -> Head:
    """The sensors' states, the recorder's messages and the last strides, for the window."""
    return {
        "sensors": [asdict(state) for state in states],
        "messages": list(messages),
        "strides": None if strides is None else asdict(strides),
    }


def states_told(head: Head) -> list[SensorState]:
    """The sensors' states of such a message."""
    return [SensorState(**{**told, "health": Health(told["health"])}) for told in head["sensors"]]


def strides_told(head: Head) -> LastStrides | None:
    """The last strides of such a message; None where no sensor tells any."""
    return None if head["strides"] is None else LastStrides(**head["strides"])


def options_told(hello: Head) -> LiveOptions:
    """The options of a greeting."""
    told = hello["options"]
    return LiveOptions(
        angle=told["angle"],
        zones=tuple(told["zones"]),
        pose=told["pose"],
        height=told["height"],
        earlier=None if hello["earlier"] is None else _calibration_told(hello["earlier"]),
    )


def _told_calibration(calibration: "Calibration") -> Head:
    return {
        "pose": calibration.pose.value,
        "start": calibration.start,
        "end": calibration.end,
        "segments": list(calibration.segments),
        "mountings": calibration.mountings.tolist(),
        "facings": calibration.facings.tolist(),
    }


def _calibration_told(told: Head) -> "Calibration":
    import numpy as np

    from trackside.kinematics.calibration import Calibration, StaticPose

    return Calibration(
        StaticPose(told["pose"]),
        told["start"],
        told["end"],
        tuple(told["segments"]),
        np.array(told["mountings"]),
        np.array(told["facings"]),
    )
