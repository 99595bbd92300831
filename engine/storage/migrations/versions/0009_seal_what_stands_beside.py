"""Add event.beside, which seals when and by which release an event was recorded; case.number, the
place of a case in the register of cases, and the setting that holds the end of its chain.

Expand step for `event`: the release now running neither reads nor writes the column, and what it
records meanwhile has no such seal, as all events of before. It must open no case beside this one: a
case without a number is told of by `permanence verify`.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0009_seal_what_stands_beside"
down_revision = "0008_add_onlooker"


def upgrade() -> None:
    op.add_column("event", sa.Column("beside", sa.String(length=24), nullable=True))
    op.add_column("case", sa.Column("number", sa.Integer(), nullable=True))
    op.create_index("uq_case_number", "case", ["number"], unique=True)
    case = sa.table(
        "case", sa.column("id", sa.Uuid()), sa.column("ref"), sa.column("opened_at"),
        sa.column("number"),
    )  # fmt: skip
    setting = sa.table("setting", sa.column("name"), sa.column("value"))
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(case.c.id, case.c.ref).order_by(case.c.opened_at, case.c.ref)
    ).all()
    last = "0" * 64
    for number, row in enumerate(rows, start=1):
        connection.execute(case.update().where(case.c.id == row.id).values(number=number))
        leaf = hashlib.sha256(row.ref.encode()).hexdigest()
        last = hashlib.sha256(f"{last}{leaf}".encode()).hexdigest()
    value = json.dumps({"count": len(rows), "hash": last})
    connection.execute(setting.insert().values(name="cases", value=value))


def downgrade() -> None:
    op.execute("DELETE FROM setting WHERE name = 'cases'")
    op.drop_index("uq_case_number", "case")
    op.drop_column("case", "number")
    op.drop_column("event", "beside")
