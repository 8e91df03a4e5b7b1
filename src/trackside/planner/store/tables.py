"""The tables of the store. Collections keep SmartRunning's names.

Documents are JSON as text, so that what was stored is read byte by byte as it was; on PostgreSQL
``document::jsonb`` looks into them.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

NAME = String(64)
"""Names that people choose: of runners, users, schemas."""
KEY = String(96)
"""Names of plans, recordings and jobs."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always with a time zone in Python and always UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Take a moment to the database."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Take a moment from the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _runner(**options: Any) -> Column[str]:
    return Column("runner_id", NAME, ForeignKey("runner.runner_id"), nullable=False, **options)


runner = Table(
    "runner",
    metadata,
    Column("runner_id", NAME, primary_key=True),
    Column("document", Text, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

training_plan_schema = Table(
    "trainingplanschema",
    metadata,
    Column("schema_id", NAME, primary_key=True),
    Column("document", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

plan = Table(
    "plan",
    metadata,
    Column("plan_id", KEY, primary_key=True),
    _runner(index=True),
    Column("goal_day", Date, nullable=False),
    Column("schema_id", NAME, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
)
"""What a plan has beside its days."""

training_plan = Table(
    "trainingplan",
    metadata,
    Column("plan_id", KEY, ForeignKey("plan.plan_id"), primary_key=True),
    Column("date", Date, primary_key=True),
    _runner(),
    Column("document", Text, nullable=False),
    Index(None, "runner_id", "date"),
)
"""One document a day."""

background_jobs = Table(
    "background_jobs",
    metadata,
    Column("job_id", KEY, primary_key=True),
    _runner(index=True),
    Column("kind", NAME, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("state", NAME, nullable=False, index=True),
    Column("progress", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("reason", Text),
    Column("result", KEY),
    Column("requested_by", NAME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("changes", Integer, nullable=False, server_default="0"),
    Column("worker", KEY),
    Column("lease_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

recording = Table(
    "recording",
    metadata,
    _runner(primary_key=True),
    Column("recording_id", KEY, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "runner_id", "started_at"),
)

adjustment = Table(
    "adjustment",
    metadata,
    Column("adjustment_id", KEY, primary_key=True),
    _runner(index=True),
    Column("plan_id", KEY, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("plan_revision", Integer, nullable=False),
    Column("state", NAME, nullable=False),
    Column("document", Text, nullable=False),
    Column("proposed_by", NAME, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decided_by", NAME),
    Column("decided_at", UtcDateTime),
)

account = Table(
    "account",
    metadata,
    Column("user_id", NAME, primary_key=True),
    Column("role", NAME, nullable=False),
    Column("runner_id", NAME, ForeignKey("runner.runner_id")),
    Column("created_at", UtcDateTime, nullable=False),
)

coaching = Table(
    "coaching",
    metadata,
    Column("user_id", NAME, ForeignKey("account.user_id"), primary_key=True),
    _runner(primary_key=True),
)

access_token = Table(
    "access_token",
    metadata,
    Column("token_hash", KEY, primary_key=True),
    Column("user_id", NAME, ForeignKey("account.user_id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

cue = Table(
    "cue",
    metadata,
    Column("cue_id", Integer, primary_key=True, autoincrement=True),
    _runner(),
    Column("document", Text, nullable=False),
    Index(None, "runner_id", "cue_id"),
)
