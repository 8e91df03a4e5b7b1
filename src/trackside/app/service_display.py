"""Jobs and users as tables for the terminal."""

from rich.table import Table

from trackside.app.display import Report, plain_table
from trackside.app.plan_display import wrapping
from trackside.planner.store.jobs import Job


def job_report(job: Job) -> Report:
    """What ``trackside jobs`` says of a job."""
    return {
        "job_id": job.job_id,
        "runner": job.runner_id,
        "wish": dict(job.parameters),
        "state": job.state.value,
        "progress": round(job.progress, 2),
        "message": job.message,
        "reason": job.reason,
        "plan": job.result,
        "attempts": job.attempts,
        "created": job.created_at.isoformat(timespec="seconds"),
        "finished": job.finished_at.isoformat(timespec="seconds") if job.finished_at else None,
    }


def job_tables(report: Report) -> list[Table]:
    """Tables of :func:`job_report`."""
    table = plain_table("Job", "Runner", "State", "%", "What", title=f"{len(report['jobs'])} jobs")
    wrapping(table)
    for job in report["jobs"]:
        what = job["reason"] or job["plan"] or job["message"] or "–"
        done = f"{100 * job['progress']:.0f}"
        table.add_row(job["job_id"], job["runner"], job["state"], done, what)
    return [table]


def user_tables(report: Report) -> list[Table]:
    """Tables of ``trackside users list``."""
    table = plain_table("User", "Role", "Tokens", "Sees", title=f"{len(report['users'])} users")
    wrapping(table)
    for user in report["users"]:
        table.add_row(user["user"], user["role"], str(user["tokens"]), ", ".join(user["sees"]))
    return [table]
