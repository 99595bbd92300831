"""Add message: what a case told the case of another kind, until that has heard it.

Expand step: a new table that the release now running does not read; it may run beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_add_message"
down_revision = "0005_add_case_kind"


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("to_kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("received_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_message_case_id")),
        sa.ForeignKeyConstraint(["received_by"], ["case.id"], name=op.f("fk_message_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message") as table:
        table.create_index("ix_message_due_at", ["due_at"], unique=False)
        table.create_index("ix_message_case", ["case_id", "sequence"], unique=False)
        table.create_index("uq_message_receipt", ["received_by", "received_sequence"], unique=True)


def downgrade() -> None:
    op.drop_table("message")
