"""Why a day of a plan is as it is, in a sentence or two for the athlete."""

from datetime import timedelta

from trackside.planner.calendar import Phase
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.workouts import SessionType

HARD = frozenset(
    {
        SessionType.TEMPO,
        SessionType.INTERVALS,
        SessionType.HILLS,
        SessionType.RACE_PACE,
        SessionType.LONG,
        SessionType.RACE,
        SessionType.TRIAL,
    }
)
RACES = frozenset({SessionType.RACE, SessionType.TRIAL})
PURPOSES = {
    Phase.BASE: "endurance first, as all else is built on it",
    Phase.BUILD: "more distance and the first fast running",
    Phase.SPECIFIC: "what the race itself will ask",
    Phase.TAPER: "less distance, so that you start fresh",
}


def day_reason(plan: TrainingPlan, day: PlannedDay) -> str:
    """Why the plan has what it has on that day."""
    phase = f"Week {day.week_number}, {day.phase.value}: {PURPOSES[day.phase]}."
    if day.is_recovery_week:
        phase += " A recovery week: training takes effect while you rest."
    neighbours = _beside(plan, day)
    return f"{phase} {neighbours}".strip()


def _beside(plan: TrainingPlan, day: PlannedDay) -> str:
    """What the days before and after ask of this one."""
    near = {one.date: one.main.type for one in plan.days}
    before = near.get(day.date - timedelta(days=1))
    after = near.get(day.date + timedelta(days=1))
    little = "Easy" if day.is_training_day else "Rest"
    if day.main.type in RACES:
        return "All of the last weeks led here."
    if day.main.type in HARD:
        return "" if before in HARD else "You come to it rested: yesterday was easy."
    if after in RACES:
        return "Little today, as you race tomorrow."
    if before in HARD:
        return f"{little} today, as yesterday was hard."
    if after in HARD:
        return f"{little} today, to be fresh for tomorrow."
    return ""
