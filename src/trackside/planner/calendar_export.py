"""Training plans as iCalendar files (RFC 5545) for phones and calendar programs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from trackside import __version__
from trackside.errors import TracksideError
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.whole_file import write_whole
from trackside.planner.workout_text import title, workout_lines
from trackside.planner.workouts import Workout

if TYPE_CHECKING:
    from icalendar import Calendar, Event

LEAST_RACE_ENTRY = timedelta(hours=1)


def write_calendar(
    plan: TrainingPlan,
    path: str | Path,
    race_start: time | None = None,
    previous: TrainingPlan | None = None,
) -> None:
    """Write every training day of a plan as a calendar entry; the file appears whole.

    Entries last the whole day, and the goal race too unless ``race_start`` tells its local time.
    An entry keeps its UID over all revisions of a plan while its SEQUENCE is the revision, so a
    calendar that reads the file again replaces what it had. Days of rest have no entry; those
    that were to be trained on in the ``previous`` revision have one that cancels it.

    Raises
    ------
    TracksideError
        If the library for calendars is not installed.
    OSError
        If the file cannot be written.
    """
    write_whole(path, calendar(plan, datetime.now(UTC), race_start, previous).to_ical())


def calendar(
    plan: TrainingPlan,
    now: datetime,
    race_start: time | None = None,
    previous: TrainingPlan | None = None,
) -> "Calendar":
    """Return the calendar that :func:`write_calendar` writes; ``now`` becomes each DTSTAMP.

    Raises
    ------
    TracksideError
        If the library for calendars is not installed.
    """
    calendar_class, _ = _library()
    result = calendar_class()
    result.add("prodid", f"-//Trackside//Trackside {__version__}//EN")
    result.add("version", "2.0")
    result.add("method", "PUBLISH")
    result.add("x-wr-calname", f"Training for {plan.goal.name}")
    for event in _events(plan, now, race_start, previous):
        result.add_component(event)
    return result


def uid(plan: TrainingPlan, day: date) -> str:
    """Return the identifier of a day's entry, the same in every revision of the plan."""
    return f"{plan.plan_id}-{day.isoformat()}@trackside"


def _events(
    plan: TrainingPlan, now: datetime, race_start: time | None, previous: TrainingPlan | None
) -> Iterator["Event"]:
    stale = {day.date: day for day in previous.days if day.is_training_day} if previous else {}
    for day in plan.days:
        former = stale.pop(day.date, None)
        if day.is_training_day:
            start = race_start if day.date == plan.goal.day else None
            yield _training(plan, day, now, start)
        elif former is not None:
            yield _cancellation(plan, former, now)
    for former in stale.values():  # days that the plan no longer has
        yield _cancellation(plan, former, now)


def _training(plan: TrainingPlan, day: PlannedDay, now: datetime, start: time | None) -> "Event":
    event = _entry(plan, day, now, start)
    event.add("description", _description(day))
    event.add("categories", list(dict.fromkeys(workout.type.value for workout in day.workouts)))
    event.add("transp", "TRANSPARENT" if start is None else "OPAQUE")
    return event


def _cancellation(plan: TrainingPlan, day: PlannedDay, now: datetime) -> "Event":
    event = _entry(plan, day, now, None)
    event.add("status", "CANCELLED")
    return event


def _entry(plan: TrainingPlan, day: PlannedDay, now: datetime, start: time | None) -> "Event":
    _, event_class = _library()
    event = event_class()
    event.add("uid", uid(plan, day.date))
    event.add("sequence", plan.revision)
    event.add("dtstamp", now)
    event.add("summary", " + ".join(map(title, day.workouts)))
    if start is None:
        event.add("dtstart", day.date)
        event.add("dtend", day.date + timedelta(days=1))
    else:  # without a time zone: the local time of wherever the race is
        begin = datetime.combine(day.date, start.replace(tzinfo=None))
        event.add("dtstart", begin)
        event.add("dtend", begin + max(timedelta(seconds=day.main.duration), LEAST_RACE_ENTRY))
    return event


def _description(day: PlannedDay) -> str:
    week = f"Week {day.week_number}, {day.phase.value}"
    if day.is_recovery_week:
        week += ", recovery week"
    return "\n\n".join([*map(_workout_description, day.workouts), week])


def _workout_description(workout: Workout) -> str:
    return "\n".join([workout.definition, *(f"• {line}" for line in workout_lines(workout))])


def _library() -> tuple[type["Calendar"], type["Event"]]:
    try:
        from icalendar import Calendar, Event
    except ImportError as error:
        raise TracksideError(
            f"calendar files need more than is installed ({error}): pip install 'trackside[plan]'"
        ) from error
    return Calendar, Event
