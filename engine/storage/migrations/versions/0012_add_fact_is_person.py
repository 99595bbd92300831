"""Add fact.is_person: whether the value is a user name, by the pack, and not a text that reads so.

Expand step: nullable, so the release now running may run beside this one; what that writes keeps
none and counts as before. What is there is filled in from the pack of each case's version.
"""

import tomllib

import sqlalchemy as sa
from alembic import op

revision = "0012_add_fact_is_person"
down_revision = "0011_add_own_role"


def upgrade() -> None:
    with op.batch_alter_table("fact") as table:
        table.add_column(sa.Column("is_person", sa.Boolean(), nullable=True))
    _fill_in(op.get_bind())
    op.create_index(
        "ix_fact_person",
        "fact",
        ["value"],
        sqlite_where=sa.text("is_person IS NOT 0 AND to_sequence IS NULL"),
        postgresql_where=sa.text("is_person IS NOT false AND to_sequence IS NULL"),
    )


def _fill_in(connection: sa.Connection) -> None:
    packs = connection.execute(
        sa.text("SELECT definition, content FROM definition_file WHERE path = 'pack.toml'")
    ).all()
    fact = sa.table("fact", *map(sa.column, ("case_id", "name", "is_person")))
    case = sa.table("case", *map(sa.column, ("id", "definition")))
    for definition, content in packs:
        facts = tomllib.loads(bytes(content).decode()).get("facts", {})
        people = [name for name, entry in facts.items() if entry.get("type") == "user"]
        of_version = sa.select(case.c.id).where(case.c.definition == definition)
        # A fact of one piece of work is kept as "name@instance".
        holds = sa.or_(
            sa.false(),
            fact.c.name.in_(people),
            *(fact.c.name.startswith(f"{name}@", autoescape=True) for name in people),
        )
        connection.execute(
            fact.update().where(fact.c.case_id.in_(of_version)).values(is_person=holds)
        )


def downgrade() -> None:
    op.drop_index("ix_fact_person", "fact")
    with op.batch_alter_table("fact") as table:
        table.drop_column("is_person")
