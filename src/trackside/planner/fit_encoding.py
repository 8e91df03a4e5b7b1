"""Writing FIT files: what workouts and activities have in common.

Values are in the units of the library: times of day in ms since 1970, all else in those of the
protocol's profile, unscaled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trackside.errors import TracksideError

Message = tuple[str, Mapping[str, object]]
"""A message's name in the profile, and its fields."""


@dataclass(frozen=True, slots=True)
class FitLibrary:
    """What is used of the library for FIT files."""

    types: Any
    builder: Any
    messages: Mapping[str, Any]

    def file_bytes(self, messages: Iterable[Message], string_size: int = 0) -> bytes:
        """The file of these messages; texts take ``string_size`` bytes at least.

        Raises
        ------
        AttributeError
            For a field that a message does not have; the library would ignore it.
        """
        builder = self.builder(auto_define=True, min_string_size=string_size)
        for name, fields in messages:
            builder.add(_filled(self.messages[name](), fields))
        return bytes(builder.build_bytes())


def fit_library(purpose: str, extra: str) -> FitLibrary:
    """Return the library; ``purpose``, such as "workouts for watches", says what it is for.

    ``extra``: the name of our optional dependencies that have it.

    Raises
    ------
    TracksideError
        If it is not installed.
    """
    try:
        from fit_tool.fit_file_builder import FitFileBuilder
        from fit_tool.profile import profile_type
        from fit_tool.profile.messages.activity_message import ActivityMessage
        from fit_tool.profile.messages.device_info_message import DeviceInfoMessage
        from fit_tool.profile.messages.event_message import EventMessage
        from fit_tool.profile.messages.file_id_message import FileIdMessage
        from fit_tool.profile.messages.hrv_message import HrvMessage
        from fit_tool.profile.messages.lap_message import LapMessage
        from fit_tool.profile.messages.record_message import RecordMessage
        from fit_tool.profile.messages.session_message import SessionMessage
        from fit_tool.profile.messages.workout_message import WorkoutMessage
        from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
    except ImportError as error:
        raise TracksideError(
            f"{purpose} need more than is installed ({error}): pip install 'trackside[{extra}]'"
        ) from error
    return FitLibrary(
        profile_type,
        FitFileBuilder,
        {
            "activity": ActivityMessage,
            "device_info": DeviceInfoMessage,
            "event": EventMessage,
            "file_id": FileIdMessage,
            "hrv": HrvMessage,
            "lap": LapMessage,
            "record": RecordMessage,
            "session": SessionMessage,
            "workout": WorkoutMessage,
            "workout_step": WorkoutStepMessage,
        },
    )


def _filled(message: Any, fields: Mapping[str, object]) -> Any:
    """The message with these fields; setting one that it does not have would be ignored."""
    for name, value in fields.items():
        if not hasattr(type(message), name):
            raise AttributeError(f"{type(message).__name__} has no field {name}")
        setattr(message, name, value)
    return message
