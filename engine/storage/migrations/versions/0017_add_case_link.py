"""Add case.linked_to: the case that one was opened beside.

Expand step: NULL says that it stands alone, as the release now running takes for granted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_add_case_link"
down_revision = "0016_rename_manager"


def upgrade() -> None:
    op.add_column("case", sa.Column("linked_to", sa.Uuid(), nullable=True))
    op.create_index("ix_case_linked_to", "case", ["linked_to"])


def downgrade() -> None:
    op.drop_index("ix_case_linked_to", "case")
    with op.batch_alter_table("case") as table:
        table.drop_column("linked_to")
