"""Add work_item.own_role: whose work it is, while those who stand in have it to allocate.

Expand step: nullable, and the release now running does not read it; it may run beside this one.
Work that is open keeps none, so that it is done by the role it was opened for, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011_add_own_role"
down_revision = "0010_keep_who_held_work"


def upgrade() -> None:
    with op.batch_alter_table("work_item") as table:
        table.add_column(sa.Column("own_role", sa.String(length=60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("work_item") as table:
        table.drop_column("own_role")
