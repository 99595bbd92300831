"""Rename the columns that say who manages a case, its work and a person: `manager`.

Data stays. The release now running reads the former names, so it has to be stopped first.
"""

from alembic import op

revision = "0016_rename_manager"
down_revision = "0015_rename_filter_of_case"

_TABLES = ("case", "work_item", "person")


def upgrade() -> None:
    _rename("team_manager", "manager")


def downgrade() -> None:
    _rename("manager", "team_manager")


def _rename(before: str, after: str) -> None:
    for table in _TABLES:
        # SQLite and PostgreSQL rename a column in place, in its indexes too.
        op.execute(f'ALTER TABLE "{table}" RENAME COLUMN {before} TO {after}')
