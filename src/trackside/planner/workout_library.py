"""The library of workouts: templates, still without a size."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass as validated

from trackside.planner.toml_resource import parse_toml
from trackside.planner.workouts import Intensity, SessionType

Pace = Literal["easy", "long", "marathon", "threshold", "interval", "repetition", "race"]

STRICT = ConfigDict(extra="forbid")


@validated(frozen=True, config=STRICT)
class StepTemplate:
    """A step: ends after ``distance_m``, ``duration_s`` or a ``share`` of what others leave."""

    name: str
    intensity: Intensity
    pace: Pace | None = None
    share: Annotated[float, Field(gt=0.0)] | None = None
    distance_m: Annotated[float, Field(gt=0.0)] | None = None
    duration_s: Annotated[float, Field(gt=0.0)] | None = None

    @model_validator(mode="after")
    def _ends_once(self) -> Self:
        ends = (self.share, self.distance_m, self.duration_s)
        if sum(end is not None for end in ends) != 1:
            raise ValueError(f"step {self.name!r}: expected one of share, distance_m, duration_s")
        if self.pace is None and self.duration_s is None:
            raise ValueError(f"step {self.name!r}: a step without a pace needs duration_s")
        return self


@validated(frozen=True, config=STRICT)
class RepeatTemplate:
    """Steps done a number of times, between two bounds."""

    repeats: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
    steps: Annotated[tuple[StepTemplate, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        if self.repeats[0] > self.repeats[1]:
            raise ValueError(f"repeats {list(self.repeats)}: expected the least first")
        if any(step.share is not None for step in self.steps):
            raise ValueError("a step that is repeated cannot have a share")
        return self


def _part_kind(part: object) -> str:
    return "repeat" if isinstance(part, dict) and "repeats" in part else "step"


PartTemplate = Annotated[
    Annotated[StepTemplate, Tag("step")] | Annotated[RepeatTemplate, Tag("repeat")],
    Discriminator(_part_kind),
]


@validated(frozen=True, config=STRICT)
class WorkoutTemplate:
    """A workout without a size. ``work``: part of the distance for repeats, at most.

    ``by_heart_rate``: its speeds may be chosen anew by :mod:`~trackside.planner.session`.
    """

    code: Annotated[str, Field(pattern="^[A-Z][A-Z0-9]*$")]
    type: SessionType
    name: str
    definition: str
    steps: Annotated[tuple[PartTemplate, ...], Field(min_length=1)]
    work: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    by_heart_rate: bool = False

    @property
    def is_run(self) -> bool:
        """Whether it is cut to a distance; else it is as long as its steps."""
        return any(isinstance(step, RepeatTemplate) or step.share for step in self.steps)


Library = Mapping[str, WorkoutTemplate]
"""Templates by code."""


@validated(frozen=True, config=STRICT)
class _LibraryFile:
    workout: list[WorkoutTemplate]


@cache
def workout_library() -> Library:
    """The workouts that ship with Trackside."""
    resource = files("trackside.planner") / "workout_library.toml"
    return _parsed(resource.read_text(encoding="utf-8"), Path("workout_library.toml"))


def read_library(path: Path) -> Library:
    """The workouts of a file in the form of the one that ships, added to those.

    Raises :class:`FileFormatError` that names the workout and the value that is wrong.
    """
    return {**workout_library(), **_parsed(path.read_text(encoding="utf-8"), path)}


def _parsed(text: str, path: Path) -> Library:
    return {workout.code: workout for workout in parse_toml(text, _LibraryFile, path).workout}
