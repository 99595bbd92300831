"""Add onlooker: the roles whose people see a case for what they were told, and until when.

Expand step: a new table that the release now running does not read; it may run beside this one. No
pack that it published lets anybody look on, so there is nothing to fill in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_add_onlooker"
down_revision = "0007_add_booked"


def upgrade() -> None:
    op.create_table(
        "onlooker",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=False),
        sa.Column("from_sequence", sa.Integer(), nullable=False),
        sa.Column("to_sequence", sa.Integer(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_onlooker_case_id")),
        sa.PrimaryKeyConstraint(
            "case_id", "role", "about", "from_sequence", name=op.f("pk_onlooker")
        ),
    )
    with op.batch_alter_table("onlooker") as table:
        table.create_index("ix_onlooker_case", ["case_id", "to_sequence", "until_on"])
        table.create_index("ix_onlooker_role", ["role", "to_sequence", "until_on"])


def downgrade() -> None:
    op.drop_table("onlooker")
