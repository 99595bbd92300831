"""Add who saved which section of a draft, who drafted what was submitted, and kept typing.

Expand step: new columns with defaults and a new table; the release now running may run beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_add_draft_sections"
down_revision = "0002_add_incident"


def upgrade() -> None:
    op.add_column("draft", sa.Column("sections", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("submission", sa.Column("drafted_by", sa.Text(), nullable=True))
    op.create_table(
        "kept_typing",
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("posted", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_kept_typing_work_item_id")
        ),
        sa.PrimaryKeyConstraint("person", "work_item_id", name=op.f("pk_kept_typing")),
    )


def downgrade() -> None:
    op.drop_table("kept_typing")
    with op.batch_alter_table("submission") as table:
        table.drop_column("drafted_by")
    with op.batch_alter_table("draft") as table:
        table.drop_column("sections")
