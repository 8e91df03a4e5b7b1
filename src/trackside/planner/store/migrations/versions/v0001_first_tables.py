"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "runner",
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("runner_id", name="pk_runner"),
    )
    op.create_table(
        "trainingplanschema",
        sa.Column("schema_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("schema_id", name="pk_trainingplanschema"),
    )
    op.create_table(
        "account",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("runner_id", sa.String(length=64)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.runner_id"], name="fk_account_runner_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_account"),
    )
    op.create_table(
        "background_jobs",
        sa.Column("job_id", sa.String(length=96), nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("result", sa.String(length=96)),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=96)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.runner_id"], name="fk_background_jobs_runner_id"
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_background_jobs"),
    )
    op.create_index("ix_background_jobs_runner_id", "background_jobs", ["runner_id"])
    op.create_index("ix_background_jobs_state", "background_jobs", ["state"])
    op.create_table(
        "cue",
        sa.Column("cue_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.runner_id"], name="fk_cue_runner_id"),
        sa.PrimaryKeyConstraint("cue_id", name="pk_cue"),
    )
    op.create_index("ix_cue_runner_id_cue_id", "cue", ["runner_id", "cue_id"])
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.String(length=96), nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("goal_day", sa.Date(), nullable=False),
        sa.Column("schema_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.runner_id"], name="fk_plan_runner_id"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan"),
    )
    op.create_index("ix_plan_runner_id", "plan", ["runner_id"])
    op.create_table(
        "recording",
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("recording_id", sa.String(length=96), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.runner_id"], name="fk_recording_runner_id"),
        sa.PrimaryKeyConstraint("runner_id", "recording_id", name="pk_recording"),
    )
    op.create_index("ix_recording_runner_id_started_at", "recording", ["runner_id", "started_at"])
    op.create_table(
        "access_token",
        sa.Column("token_hash", sa.String(length=96), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["account.user_id"], name="fk_access_token_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_token"),
    )
    op.create_index("ix_access_token_user_id", "access_token", ["user_id"])
    op.create_table(
        "adjustment",
        sa.Column("adjustment_id", sa.String(length=96), nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=96), nullable=False),
        sa.Column("plan_revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_adjustment_plan_id"),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.runner_id"], name="fk_adjustment_runner_id"
        ),
        sa.PrimaryKeyConstraint("adjustment_id", name="pk_adjustment"),
    )
    op.create_index("ix_adjustment_plan_id", "adjustment", ["plan_id"])
    op.create_index("ix_adjustment_runner_id", "adjustment", ["runner_id"])
    op.create_table(
        "coaching",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.runner_id"], name="fk_coaching_runner_id"),
        sa.ForeignKeyConstraint(["user_id"], ["account.user_id"], name="fk_coaching_user_id"),
        sa.PrimaryKeyConstraint("user_id", "runner_id", name="pk_coaching"),
    )
    op.create_table(
        "trainingplan",
        sa.Column("plan_id", sa.String(length=96), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("runner_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_trainingplan_plan_id"),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.runner_id"], name="fk_trainingplan_runner_id"
        ),
        sa.PrimaryKeyConstraint("plan_id", "date", name="pk_trainingplan"),
    )
    op.create_index("ix_trainingplan_runner_id_date", "trainingplan", ["runner_id", "date"])


def downgrade() -> None:
    """Remove the tables."""
    op.drop_index("ix_trainingplan_runner_id_date", table_name="trainingplan")
    op.drop_table("trainingplan")
    op.drop_table("coaching")
    op.drop_index("ix_adjustment_runner_id", table_name="adjustment")
    op.drop_index("ix_adjustment_plan_id", table_name="adjustment")
    op.drop_table("adjustment")
    op.drop_index("ix_access_token_user_id", table_name="access_token")
    op.drop_table("access_token")
    op.drop_index("ix_recording_runner_id_started_at", table_name="recording")
    op.drop_table("recording")
    op.drop_index("ix_plan_runner_id", table_name="plan")
    op.drop_table("plan")
    op.drop_index("ix_cue_runner_id_cue_id", table_name="cue")
    op.drop_table("cue")
    op.drop_index("ix_background_jobs_state", table_name="background_jobs")
    op.drop_index("ix_background_jobs_runner_id", table_name="background_jobs")
    op.drop_table("background_jobs")
    op.drop_table("account")
    op.drop_table("trainingplanschema")
    op.drop_table("runner")
