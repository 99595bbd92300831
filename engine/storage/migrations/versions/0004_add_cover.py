"""Add cover and saved_filter: who stands in for whom, and how people filter their work.

Expand step: two new tables that the release now running does not read; it may run beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_add_cover"
down_revision = "0003_add_draft_sections"


def upgrade() -> None:
    op.create_table(
        "cover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("covered_by", sa.String(length=120), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("named_by", sa.String(length=120), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )
    with op.batch_alter_table("cover") as table:
        table.create_index("ix_cover_covered_by", ["covered_by", "to_on"], unique=False)
        table.create_index("ix_cover_person", ["person", "to_on"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    with op.batch_alter_table("saved_filter") as table:
        table.create_index("ix_saved_filter_person", ["person", "title"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("saved_filter") as table:
        table.drop_index("ix_saved_filter_person")
    op.drop_table("saved_filter")
    with op.batch_alter_table("cover") as table:
        table.drop_index("ix_cover_person")
        table.drop_index("ix_cover_covered_by")
    op.drop_table("cover")
