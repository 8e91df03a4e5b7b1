"""Workouts as FIT files for watches, one file per run.

Values follow the profile of the FIT protocol: times in ms, distances in cm, speeds in mm/s; a
heart rate is told as bpm + 100, as numbers up to 100 are percent of the maximum; a target of
one's own has zone 0. A repeat is a step after those repeated: it names the first of them by its
index, and how often they are done in all.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from trackside.errors import ParameterError
from trackside.planner.fit_encoding import FitLibrary, fit_library
from trackside.planner.training_plan import TrainingPlan
from trackside.planner.whole_file import write_whole
from trackside.planner.workout_text import title
from trackside.planner.workouts import Intensity, Repeat, SessionType, Step, Workout

RUNS = frozenset(
    {
        SessionType.EASY,
        SessionType.LONG,
        SessionType.TEMPO,
        SessionType.INTERVALS,
        SessionType.HILLS,
        SessionType.RACE_PACE,
        SessionType.STRIDES,
        SessionType.RACE,
        SessionType.TRIAL,
    }
)
LONGEST_NAME = 15  # bytes; older watches show no more
NAME_FIELD = LONGEST_NAME + 1  # with the closing zero
HEART_RATE_OFFSET = 100
MOST = {"duration": 4_000_000.0, "distance": 40_000_000.0}  # s, m: what the fields can hold
INTENSITIES = {
    Intensity.WARM_UP: "WARMUP",
    Intensity.ACTIVE: "ACTIVE",
    Intensity.RECOVERY: "RECOVERY",
    Intensity.COOL_DOWN: "COOLDOWN",
}


def write_workouts(
    plan: TrainingPlan, folder: str | Path, first_day: date | None = None
) -> list[Path]:
    """Write a file ``<date>-<code>.fit`` for each run of a plan, in order; return their paths.

    Runs before ``first_day`` are left out, and those without steps, distance and duration. The
    folder is made if it is missing. Files of that name are replaced, others are left alone.

    Raises
    ------
    ParameterError
        If a step cannot be: see :func:`workout_bytes`.
    TracksideError
        If the library for FIT files is not installed.
    OSError
        If a file cannot be written.
    """
    runs = list(_runs(plan, first_day))
    contents = [
        workout_bytes(workout, round(plan.created_at.timestamp()), _serial_number(plan, name))
        for name, workout in runs
    ]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.fit" for name, _ in runs]
    for path, content in zip(paths, contents, strict=True):
        write_whole(path, content)
    return paths


def workout_bytes(workout: Workout, created_at: int, serial_number: int) -> bytes:
    """Return a FIT file of a run; ``created_at`` in s since 1970.

    Watches tell workouts apart by time and serial number: no two should have the same of both.
    A speed is a step's target, a heart rate the second one; without a speed it is the first.

    Raises
    ------
    ParameterError
        If a step does not have a duration or a distance, exactly one of them and above 0, or a
        repeat does not repeat anything.
    TracksideError
        If the library for FIT files is not installed.
    """
    library = fit_library("workouts for watches", "plan")
    steps = list(_step_fields(library, _parts(workout)))
    fields = {
        "sport": library.types.Sport.RUNNING,
        "num_valid_steps": len(steps),
        "workout_name": short_name(title(workout)),
    }
    identity = {
        "type": library.types.FileType.WORKOUT,
        "manufacturer": library.types.Manufacturer.DEVELOPMENT.value,
        "product": 0,
        "serial_number": serial_number,
        "time_created": 1000 * created_at,
    }
    # Names of one size, so that one definition holds for the messages of all steps alike.
    return library.file_bytes(
        [
            ("file_id", identity),
            ("workout", fields),
            *(("workout_step", step) for step in steps),
        ],
        string_size=NAME_FIELD,
    )


def short_name(name: str) -> str:
    """Return the beginning of a name that fits on a watch: 15 bytes at most, whole characters."""
    return name.encode("utf-8")[:LONGEST_NAME].decode("utf-8", errors="ignore").rstrip()


def _runs(plan: TrainingPlan, first_day: date | None) -> Iterator[tuple[str, Workout]]:
    """Names of files, without their endings, and the runs to write to them."""
    used: set[str] = set()
    for day in plan.days:
        if first_day is not None and day.date < first_day:
            continue
        for workout in day.workouts:
            if workout.type in RUNS and _parts(workout):
                name = _unused(f"{day.date.isoformat()}-{_file_part(workout.code)}", used)
                used.add(name)
                yield name, workout


def _unused(name: str, used: set[str]) -> str:
    """The name, numbered from 2 where it is taken: twice the same run on a day."""
    number, found = 1, name
    while found in used:
        number += 1
        found = f"{name}-{number}"
    return found


def _file_part(code: str) -> str:
    """A code as part of a file's name: letters, digits and ._- only."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", code)


def _serial_number(plan: TrainingPlan, name: str) -> int:
    """A number for this run in this revision; 0 would mean that there is none."""
    return zlib.crc32(f"{plan.plan_id} {plan.revision} {name}".encode()) or 1


def _parts(workout: Workout) -> Sequence[Step | Repeat]:
    """The steps of a run; one for all of it where the workout has none."""
    if workout.steps:
        return workout.steps
    name = workout.type.value.replace("_", " ").capitalize()
    if workout.distance > 0:
        return (Step(name, Intensity.ACTIVE, distance=workout.distance),)
    if workout.duration > 0:
        return (Step(name, Intensity.ACTIVE, duration=workout.duration),)
    return ()


def _step_fields(
    library: FitLibrary, parts: Sequence[Step | Repeat]
) -> Iterator[dict[str, object]]:
    """The fields of each step in the file; those that choose the meaning of others come first."""
    index = 0
    for part in parts:
        first = index
        for step in part.steps if isinstance(part, Repeat) else (part,):
            yield {"message_index": index, **_run_fields(library, step)}
            index += 1
        if isinstance(part, Repeat) and _is_repeated(part):
            yield {
                "message_index": index,
                "duration_type": library.types.WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT,
                "duration_step": first,
                "target_type": library.types.WorkoutStepTarget.OPEN,
                "target_repeat_steps": part.times,
            }
            index += 1


def _is_repeated(repeat: Repeat) -> bool:
    if repeat.times < 1 or not repeat.steps:
        raise ParameterError(
            f"a repeat of {len(repeat.steps)} steps, {repeat.times} times: "
            "expected at least one step, at least once"
        )
    return repeat.times > 1


def _run_fields(library: FitLibrary, step: Step) -> dict[str, object]:
    fields: dict[str, object] = {
        "intensity": library.types.Intensity[INTENSITIES[step.intensity]],
        **_end(library, step),
        **_targets(library, step),
    }
    name = short_name(step.name.strip())
    return {"workout_step_name": name, **fields} if name else fields


def _end(library: FitLibrary, step: Step) -> dict[str, object]:
    if (step.duration is None) == (step.distance is None):
        raise ParameterError(f"step {step.name!r}: expected either a duration or a distance")
    kind = "distance" if step.duration is None else "duration"
    value = step.distance if step.duration is None else step.duration
    if value is None or not 0 < value <= MOST[kind]:
        raise ParameterError(
            f"step {step.name!r} has a {kind} of {value}: expected up to {MOST[kind]:g}, above 0"
        )
    durations = library.types.WorkoutStepDuration
    if kind == "distance":
        return {"duration_type": durations.DISTANCE, "duration_distance": value}
    return {"duration_type": durations.TIME, "duration_time": value}


def _targets(library: FitLibrary, step: Step) -> dict[str, object]:
    targets: list[tuple[str, str, tuple[float, float]]] = []
    if step.speed is not None:
        targets.append(("SPEED", "speed", step.speed))
    if step.heart_rate is not None:
        lowest, highest = (round(bpm) + HEART_RATE_OFFSET for bpm in step.heart_rate)
        targets.append(("HEART_RATE", "heart_rate", (lowest, highest)))
    if not targets:
        return {"target_type": library.types.WorkoutStepTarget.OPEN}
    fields: dict[str, object] = {}
    for prefix, (kind, name, (low, high)) in zip(("", "secondary_"), targets, strict=False):
        fields[f"{prefix}target_type"] = library.types.WorkoutStepTarget[kind]
        fields[f"{prefix}target_value"] = 0
        fields[f"{prefix}custom_target_{name}_low"] = low
        fields[f"{prefix}custom_target_{name}_high"] = high
    return fields
