"""Keep unsent typing by the address of its form, whatever form it is.

What was kept for tasks is carried over. Stop the servers of the release before: they ask for the
table that goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_keep_typing_by_address"
down_revision = "0013_add_looks_and_wrong_tokens"

_OLD = sa.table(
    "kept_typing",
    sa.column("person", sa.String()),
    sa.column("work_item_id", sa.Uuid()),
    sa.column("posted", sa.Text()),
    sa.column("kept_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    table = op.create_table(
        "unsent_typing",
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("posted", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "place", name=op.f("pk_unsent_typing")),
    )
    kept = op.get_bind().execute(sa.select(_OLD)).all()
    rows = [
        {"person": who, "place": f"/work-items/{task}", "posted": posted, "kept_at": at}
        for who, task, posted, at in kept
    ]
    op.bulk_insert(table, rows)
    op.drop_table("kept_typing")


def downgrade() -> None:
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
    op.drop_table("unsent_typing")
