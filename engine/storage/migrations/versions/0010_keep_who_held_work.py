"""Add holder, whose a piece of work was from which event to which, and former_name, what people
were called before.

Expand step: tables that the release now running does not read. What it gives to people meanwhile
has no row. Work is filled in from its opening on, with whom it is now, as far as anybody knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_keep_who_held_work"
down_revision = "0009_seal_what_stands_beside"


def upgrade() -> None:
    op.create_table(
        "holder",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("from_sequence", sa.Integer(), nullable=False),
        sa.Column("to_sequence", sa.Integer(), nullable=True),
        sa.Column("assignee", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_holder_case_id")),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_holder_work_item_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "work_item_id", "from_sequence", name=op.f("pk_holder")),
    )
    op.create_table(
        "former_name",
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_former_name_person")),
        sa.PrimaryKeyConstraint("person", "until_at", name=op.f("pk_former_name")),
    )
    op.execute(
        "INSERT INTO holder (case_id, work_item_id, from_sequence, assignee)"
        " SELECT case_id, id, opened_sequence, assignee FROM work_item WHERE assignee IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("former_name")
    op.drop_table("holder")
