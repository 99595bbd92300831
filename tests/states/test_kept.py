"""What past releases wrote goes on: each kept state does what one begun today does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.integrity import look_over
from engine.storage import database
from tests.databases import Fill
from tests.states import rows
from tests.states.instances import definition_of, play
from tests.states.kept import Kept, formats, kept, packs, rows_of
from tests.states.played import Played
from tests.states.rows import Rows
from workflows.permanence.domain import DOMAIN

CASES, INSTANCES = kept("cases"), kept("instances")
COUNCIL = ("setting", "person", "publication")
"""The tables that a case needs before it is opened."""

_fills: dict[Path, Fill] = {}


def old_tables(folder: Path) -> Fill:
    """Return what makes the tables of a format's release, with its packs in them."""

    def fill(url: str) -> None:
        revision = Kept(folder, "", {}).written["revision"]
        rows.fill(url, revision=revision, rows={}, packs=packs(folder))

    return _fills.setdefault(folder, fill)


def restored(url: str, kept_rows: Rows) -> sa.Engine:
    """Put rows into the tables of their release, then bring those up to date."""
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        rows.insert(connection, kept_rows)
    database.upgrade_schema(url)
    return engine


def council(case: Kept) -> Rows:
    """Return the rows of the database before its first case, its clock at the beginning."""
    old = {name: list(each) for name, each in rows_of(case).items() if name in COUNCIL}
    for setting in old["setting"]:
        if setting["name"] == "clock":
            setting["value"] = case.said["began"]
    return old


@pytest.mark.parametrize("case", CASES, ids=[each.id for each in CASES])
def test_a_kept_case_goes_on_like_a_fresh_one(case: Kept, new_database: Callable[..., str]):
    said, fill = case.said, old_tables(case.folder)
    old = Played(
        restored(new_database("sqlite", fill=fill), rows_of(case)),
        datetime.fromisoformat(said["now"]),
        [UUID(each) for each in said["cases"]],
    )
    fresh = Played(
        restored(new_database("sqlite", fill=fill), council(case)),
        datetime.fromisoformat(said["began"]),
    )
    fresh.play(said["before"])
    assert old.waits() == fresh.waits() == said["waits"]

    for step in said["then"]:
        old.do(step)
        fresh.do(step)
        assert old.waits() == fresh.waits(), step

    with database.reading(old.engine) as connection:
        assert look_over.look_over(connection, now=old.now, domain=DOMAIN).problems == ()
    old.engine.dispose()
    fresh.engine.dispose()


SHARED = "a branch reads what the others have assigned"
SINCE = {
    "format_1-generated_04": "turns of a timer that nobody saw are made up for by one",
    "format_1-branches_ended": SHARED,
    "format_1-generated_01": SHARED,
    "format_1-generated_03": "a call is given what it could read, and nothing else",
    "format_1-generated_07": SHARED,
    "format_1-generated_10": SHARED,
    "format_1-generated_12": SHARED,
}
"""Instances that a run begun today brings elsewhere, and why; they must go on all the same."""


@pytest.mark.parametrize("instance", INSTANCES, ids=[each.id for each in INSTANCES])
def test_a_kept_instance_goes_on_like_a_fresh_one(instance: Kept):
    said = instance.said
    definition = definition_of(said["files"])
    seen, fresh = {}, None
    for move in said["before"]:
        seen, fresh = play(definition, fresh, move)
    old = said["text"]
    if instance.id in SINCE:
        assert seen != said["waits"], "it is no longer different: compare it again"
        for move in said["then"]:
            did, old = play(definition, old, move)
            assert did["failed"] == ""
        return
    assert seen == said["waits"]

    for move in said["then"]:
        did, old = play(definition, old, move)
        expected, fresh = play(definition, fresh, move)
        assert did == expected, move


def test_every_format_is_kept_by_every_kind():
    for folder in formats():
        held = [each for each in (*CASES, *INSTANCES) if each.folder == folder]
        assert len(held) > 40, folder.name
        assert (folder / "database.rows.json.xz").exists()
