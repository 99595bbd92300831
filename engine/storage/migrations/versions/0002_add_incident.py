"""Add incident: timers that failed, and what became of them.

Expand step: a new table that the release now running does not read; it may run beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_add_incident"
down_revision = "0001_first_tables"


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("element", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("resolved_by", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_incident_case_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name=op.f("fk_incident_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident") as table:
        table.create_index("ix_incident_timer", ["instance_id", "task"], unique=True)
        table.create_index("ix_incident_status", ["status", "next_try_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("incident") as table:
        table.drop_index("ix_incident_status")
        table.drop_index("ix_incident_timer")
    op.drop_table("incident")
