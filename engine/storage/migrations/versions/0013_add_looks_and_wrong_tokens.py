"""Add access_log.cases and address: whom a list showed, and where a wrong token came from.

Expand step: nullable, and the release now running writes none; it may run beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_add_looks_and_wrong_tokens"
down_revision = "0012_add_fact_is_person"


def upgrade() -> None:
    with op.batch_alter_table("access_log") as table:
        table.add_column(sa.Column("cases", sa.Text(), nullable=True))
        table.add_column(sa.Column("address", sa.String(length=45), nullable=True))
    wrong_token = sa.text("address IS NOT NULL")
    for column in ("address", "actor"):
        op.create_index(
            f"ix_access_log_{column}",
            "access_log",
            [column, "at"],
            sqlite_where=wrong_token,
            postgresql_where=wrong_token,
        )


def downgrade() -> None:
    for column in ("address", "actor"):
        op.drop_index(f"ix_access_log_{column}", "access_log")
    with op.batch_alter_table("access_log") as table:
        table.drop_column("address")
        table.drop_column("cases")
