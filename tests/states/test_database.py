"""A whole small database of a past release is upgraded, found sound, and worked on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from engine.storage import database
from tests.databases import Kind
from tests.states.journeys import opened
from tests.states.kept import formats, packs, read_rows
from tests.states.played import Played
from tests.states.rows import fill
from web.cli import main

FORMATS = formats()


@pytest.mark.parametrize("folder", FORMATS, ids=[each.name for each in FORMATS])
class TestAnOldDatabase:
    def test_is_upgraded_and_worked_on(
        self,
        folder: Path,
        database_kind: Kind,
        new_database: Callable[..., str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ):
        kept = read_rows(folder / "database.rows.json.xz")
        url = new_database(database_kind, fill=_nothing)
        revision = json.loads((folder / "written.json").read_text("utf-8"))["revision"]
        fill(url, revision=revision, rows=kept, packs=packs(folder))
        monkeypatch.setenv("PERMANENCE_DATABASE_URL", url)
        monkeypatch.setenv("PERMANENCE_MODE", "training")

        assert main(["upgrade"]) == 0
        assert main(["verify"]) == 0
        assert main(["publish", "dudley"]) == 0

        said = json.loads((folder / "database.json").read_text("utf-8"))
        played = Played(
            database.create_engine(url),
            datetime.fromisoformat(said["now"]),
            [UUID(each) for each in said["cases"]],
        )
        played.play(said["then"])
        played.do(opened(99, event_date="2026-05-15"))
        played.engine.dispose()

        capsys.readouterr()
        assert main(["verify", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["cases"], found["problems"]) == (len(said["cases"]) + 1, [])
        assert found["events"] > len(kept["event"]) + len(said["then"])


def _nothing(_: str) -> None:
    """Leave a database empty."""
