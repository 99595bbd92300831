"""Add the booked day and time of work: what of its deadline is arranged, beside the limit.

Expand step: two columns that may be empty and that the release now running does not write. No pack
that it published books anything, so there is nothing to fill in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_add_booked"
down_revision = "0006_add_message"


def upgrade() -> None:
    with op.batch_alter_table("work_item") as table:
        table.add_column(sa.Column("booked_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("booked_time", sa.String(length=5), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("work_item") as table:
        table.drop_column("booked_time")
        table.drop_column("booked_on")
