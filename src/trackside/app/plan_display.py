"""Plans as tables for the terminal."""

from rich.table import Table

from trackside.app.display import Report, plain_table


def plan_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.plan_reports.plan_report`."""
    revision = f", revision {report['revision']}" if report["revision"] else ""
    notes = "".join(f"\n– {note}" for note in report["notes"])
    table = plain_table(
        "Week",
        "Monday",
        "Phase",
        "km",
        "Load",
        "Fitness",
        "Key sessions [km]",
        title=f"{report['file']}: {report['goal']}, {report['goal_km']:g} km on "
        f"{report['race_day']}{revision}\n"
        f"schema {report['schema']}, VDOT {report['vdot']:g}; ↓ weeks are for recovery{notes}",
    )
    wrapping(table)
    for week in report["weeks"]:
        table.add_row(
            str(week["week"]),
            week["monday"],
            week["phase"] + (" ↓" if week["recovery"] else ""),
            f"{week['km']:.1f}",
            str(week["load"]),
            str(week["fitness"]),
            ", ".join(f"{one['code']} {one['km']:g}" for one in week["key_sessions"]),
        )
    return [table, *_broken(report)]


def week_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.plan_reports.week_report`."""
    recovery = ", for recovery" if report["recovery"] else ""
    table = plain_table(
        "Day",
        "Date",
        "min",
        "Load",
        "Sessions",
        title=f"Week {report['week']}, {report['phase']}{recovery}\n{report['focus']}",
    )
    wrapping(table)
    for day in report["days"]:
        table.add_row(
            day["weekday"],
            day["date"],
            str(day["minutes"]),
            str(day["load"]),
            ", ".join(day["sessions"]),
        )
    return [table]


def day_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.plan_reports.day_report`: one for each workout."""
    tables = []
    for workout in report["workouts"]:
        size = f"{workout['km']:g} km, " if workout["km"] else ""
        table = plain_table(
            "Steps",
            title=f"{report['weekday']}, {report['date']}: {workout['type']} ({workout['code']})\n"
            f"{workout['definition']}\n{size}{workout['minutes']} min, load {workout['load']}",
        )
        for step in workout["steps"] or ["Rest"]:
            table.add_row(step)
        tables.append(table)
    return tables


def simulation_tables(report: Report) -> list[Table]:
    """Tables of :func:`trackside.app.plan_reports.simulation_report`."""
    morning = report["race_morning"]
    change = ""
    if report["changed"]:
        off = morning["performance"] - morning["performance_as_planned"]
        change = f" ({off:+.1f} against the plan as it is)"
    table = plain_table(
        "Week",
        "Load",
        "Fitness",
        "Fatigue",
        "Form",
        "Monotony",
        "Strain",
        title=f"{report['plan_id']}\nrace morning: fitness {morning['fitness']:g}, fatigue "
        f"{morning['fatigue']:g}, form {morning['form']:+g}\nBanister's performance, from the "
        f"plan's loads: {morning['performance']:g}{change}",
    )
    for week in report["weeks"]:
        table.add_row(
            str(week["week"]),
            str(week["load"]),
            f"{week['fitness']:.1f}",
            f"{week['fatigue']:.1f}",
            f"{week['form']:+.1f}",
            "–" if week["monotony"] is None else f"{week['monotony']:.2f}",
            "–" if week["strain"] is None else f"{week['strain']:.0f}",
        )
    return [table, *_broken(report)]


def _broken(report: Report) -> list[Table]:
    """The limits that are broken, if there are any."""
    if not report["limits_broken"]:
        return []
    table = plain_table("Day", "Limit", "Is", "Allowed", title="Limits that are passed")
    for one in report["limits_broken"]:
        table.add_row(one["date"], one["limit"], f"{one['value']:g}", f"{one['allowed']:g}")
    return [table]


def wrapping(table: Table) -> None:
    """Let the last column take several lines."""
    table.columns[-1].no_wrap = False
