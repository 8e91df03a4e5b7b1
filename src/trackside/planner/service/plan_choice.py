"""Which of a runner's plans counts on a day."""

from datetime import date

from sqlalchemy import Connection

from trackside.planner.store.plans import PlanEntry, plans_of


def plan_on(connection: Connection, runner_id: str, day: date) -> PlanEntry | None:
    """The plan of the next race from ``day`` on, else of the last one; None without any."""
    plans = plans_of(connection, runner_id)
    ahead = [one for one in plans if one.goal_day >= day]
    return ahead[-1] if ahead else next(iter(plans), None)
