"""Add case.kind and case.sole: a case may be a panel's, of which one at a time is open.

Expand step: new columns whose defaults say what the cases so far are, children's; the release now
running may run beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_add_case_kind"
down_revision = "0004_add_cover"


def upgrade() -> None:
    op.add_column(
        "case",
        sa.Column("kind", sa.String(length=60), nullable=False, server_default="child"),
    )
    op.add_column(
        "case", sa.Column("sole", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    one_open = sa.text("sole AND status = 'open'")
    op.create_index(
        "uq_case_sole",
        "case",
        ["pack", "kind"],
        unique=True,
        sqlite_where=one_open,
        postgresql_where=one_open,
    )


def downgrade() -> None:
    op.drop_index("uq_case_sole", "case")
    with op.batch_alter_table("case") as table:
        table.drop_column("sole")
        table.drop_column("kind")
