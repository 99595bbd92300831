"""Rename a parameter of the saved filters: the case of a list is `case`.

Data step: the release now running reads its own name for it, so it has to be stopped first, or
people's filters by case show it the whole list for a moment.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015_rename_filter_of_case"
down_revision = "0014_keep_typing_by_address"

_filter = sa.table("saved_filter", sa.column("id", sa.Uuid()), sa.column("query", sa.Text()))


def upgrade() -> None:
    _rename("child", "case")


def downgrade() -> None:
    _rename("case", "child")


def _rename(before: str, after: str) -> None:
    connection = op.get_bind()
    for id, query in connection.execute(sa.select(_filter.c.id, _filter.c.query)).all():
        said = json.loads(query)
        if before in said:
            named = {after if name == before else name: value for name, value in said.items()}
            change = sa.update(_filter).where(_filter.c.id == id)
            connection.execute(change.values(query=json.dumps(named)))
