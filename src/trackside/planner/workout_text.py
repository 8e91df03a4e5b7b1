"""Workouts in plain words: steps, paces, distances and times as runners write them."""

from trackside.planner.workouts import Intensity, Repeat, SessionType, Step, Workout

SHORTEST_IN_KM = 2000.0  # m; below, distances are told in metres
PURPOSES = {
    Intensity.WARM_UP: "warm-up",
    Intensity.ACTIVE: "",  # the amount and the pace say it
    Intensity.RECOVERY: "easy",
    Intensity.COOL_DOWN: "cool-down",
}


def title(workout: Workout) -> str:
    """Return a short title: the type, and the distance or else the time: "Tempo 8.0 km"."""
    kind = session_name(workout.type)
    if workout.distance > 0:
        return f"{kind} {workout.distance / 1000:.1f} km"
    if workout.duration > 0:
        return f"{kind} {duration_text(workout.duration)}"
    return kind


def session_name(session_type: SessionType) -> str:
    """Return the type's name as a title: "Race pace"."""
    return session_type.value.replace("_", " ").capitalize()


def workout_lines(workout: Workout) -> list[str]:
    """Return one line of plain words for each step or repeat, in order."""
    return [
        repeat_text(part) if isinstance(part, Repeat) else step_text(part) for part in workout.steps
    ]


def repeat_text(repeat: Repeat) -> str:
    """Return a repeat in one line: "4 × (1000 m at 4:05–4:15 /km, 400 m easy jog)"."""
    return f"{repeat.times} × ({', '.join(map(step_text, repeat.steps))})"


def step_text(step: Step) -> str:
    """Return a step in plain words: how far or long, what for, and its targets.

    "10 min warm-up at 5:40–6:30 /km", "3 km at 160–168 bpm".
    """
    words = [_amount(step), _description(step)]
    targets = _targets(step)
    if targets:
        words.append(f"at {targets}")
    return " ".join(word for word in words if word)


def pace_text(speed: float) -> str:
    """Return the pace at ``speed`` (m/s) as minutes and seconds a kilometre: "4:05"."""
    return clock_text(1000.0 / speed)


def pace_range_text(speeds: tuple[float, float]) -> str:
    """Return the paces of a range of speeds (m/s, slow to fast), faster first: "4:05–4:15 /km"."""
    slow, fast = speeds
    return f"{_range(pace_text(fast), pace_text(slow))} /km"


def heart_rate_text(heart_rates: tuple[float, float]) -> str:
    """Return a range of heart rates (bpm): "150–160 bpm"."""
    low, high = heart_rates
    return f"{_range(f'{low:.0f}', f'{high:.0f}')} bpm"


def distance_text(distance: float) -> str:
    """Return a distance (m) in metres, or from 2 km on in kilometres: "400 m", "8.5 km"."""
    if distance < SHORTEST_IN_KM:
        return f"{distance:.0f} m"
    return f"{round(distance / 1000, 2):g} km"


def duration_text(duration: float) -> str:
    """Return a duration (s) in words: "45 s", "1 min 30 s", "75 min", "2 h 05 min"."""
    seconds = round(duration)
    minutes, rest = divmod(seconds, 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 10 and rest:
        return f"{minutes} min {rest:02d} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock_text(duration: float) -> str:
    """Return a duration (s) as on a stop-watch, to the nearest second: "4:05", "3:10:39"."""
    minutes, seconds = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _amount(step: Step) -> str:
    if step.distance is not None:
        return distance_text(step.distance)
    return "" if step.duration is None else duration_text(step.duration)


def _description(step: Step) -> str:
    """Name and purpose, unless one says the other already."""
    name, purpose = step.name.strip(), PURPOSES[step.intensity]
    if name[1:2].islower():  # the sentence goes on: "15 min warm up", but "20 s ABC run"
        name = name[0].lower() + name[1:]
    if _plain(purpose) in _plain(name):
        return name
    return f"{purpose} {name}".strip()


def _plain(words: str) -> str:
    return words.lower().replace("-", "").replace(" ", "")


def _targets(step: Step) -> str:
    targets = []
    if step.speed is not None:
        targets.append(pace_range_text(step.speed))
    if step.heart_rate is not None:
        targets.append(heart_rate_text(step.heart_rate))
    return ", ".join(targets)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"
