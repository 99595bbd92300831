"""A production database on PostgreSQL: 80 children whose first meeting is long overdue."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from engine import commands
from engine.context import Context
from engine.firing import queue, training_clock
from engine.people import people
from engine.storage import database
from tests.builders.world import CASE, ROLES, actor, pack_files
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

OPENED = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
CASES: tuple[UUID, ...] = tuple(uuid5(NAMESPACE_URL, f"case {number}") for number in range(80))


def fill(url: str) -> None:
    """Make the tables, the workers' too, publish Dudley's pack, open CASES as of OPENED."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    queue.install(engine)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="production", now=None)
        for role in ROLES:
            people.add_person(
                connection, f"dudley.{role}", display_name=role, roles=[role], pack="dudley"
            )
        owner = Context(connection, actor("process_owner", None), OPENED, DOMAIN)
        published(owner, pack_files(), reason="First publication")
    answers = {**CASE, "event_date": "2024-03-04"}
    for id in CASES:
        with database.transaction(engine) as connection:
            worker = Context(connection, actor("social_worker"), OPENED, DOMAIN)
            again = "One of many of one name"
            commands.open_case(
                worker, pack="dudley", answers=answers, case_id=id, again_because=again
            )
    engine.dispose()
