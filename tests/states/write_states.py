"""`python -m tests.states.write_states`: keep what the code at hand writes, once for each format.

Run it on the last commit that writes a format, before the format changes. What is kept is never
written again: it stands for releases that are out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.bpmn import state
from engine.packs.version import hash_of
from engine.storage import database
from tests.builders.world import START, pack_files
from tests.builders.world import fill as prepare
from tests.databases import SqliteDatabases
from tests.states import rows
from tests.states.instances import definition_of, play
from tests.states.journeys import JOURNEYS, OF_DEMONSTRATION, Journey
from tests.states.kept import HERE, pack, write_rows
from tests.states.played import Played
from tests.states.shapes import BY_HAND, Shape, generated


def main() -> None:
    folder = HERE / f"format_{state.FORMAT}"
    if folder.exists():
        raise SystemExit(f"{folder.name} is kept already; it is never written again.")
    with tempfile.TemporaryDirectory() as temporary:
        made, databases = Path(temporary) / "made", SqliteDatabases(Path(temporary))
        for kind in ("packs", "cases", "instances"):
            (made / kind).mkdir(parents=True)
        files = pack_files()
        pack(made / "packs" / f"{hash_of(files)}.tar.xz", files)
        for name, journey in JOURNEYS.items():
            said, kept = _case(databases.create(prepare), journey)
            _write(made / "cases" / f"{name}.json", said)
            write_rows(made / "cases" / f"{name}.rows.json.xz", kept)
        for name, shape in {**BY_HAND, **generated()}.items():
            _write(made / "instances" / f"{name}.json", _instance(shape))
        said, kept = _whole(f"sqlite:///{temporary}/demo.sqlite")
        _write(made / "database.json", said)
        write_rows(made / "database.rows.json.xz", kept)
        _write(made / "written.json", _written(databases.create(prepare)))
        shutil.copytree(made, folder)


def _written(url: str) -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    return {
        "format": state.FORMAT,
        "commit": commit.stdout.strip(),
        "release": version("permanence"),
        "spiffworkflow": version("SpiffWorkflow"),
        "revision": revision,
    }


def _case(url: str, journey: Journey) -> tuple[dict[str, Any], rows.Rows]:
    engine = database.create_engine(url)
    played = Played(engine, START)
    played.play(journey.before)
    with database.reading(engine) as connection:
        kept = rows.written(connection)
    said = {
        "about": journey.about,
        "began": START.isoformat(),
        "now": played.now.isoformat(),
        "cases": [str(each) for each in played.cases],
        "waits": played.waits(),
        "before": journey.before,
        "then": journey.then,
        "instances": kept["instance"],
    }
    kept["instance"] = []
    # What follows must work on the release that writes it, or nobody can hold a later one to it.
    played.play(journey.then)
    engine.dispose()
    return said, kept


def _instance(shape: Shape) -> dict[str, Any]:
    read, seen, text = definition_of(shape.files), {}, None
    for move in shape.before:
        seen, text = play(read, text, move)
    return {
        "about": shape.about,
        "files": shape.files,
        "before": shape.before,
        "then": shape.then,
        "waits": seen,
        "text": text,
    }


def _whole(url: str) -> tuple[dict[str, Any], rows.Rows]:
    """Return what `permanence init --demo` makes, and what can go on in it."""
    settings = {"PERMANENCE_MODE": "training", "PERMANENCE_DATABASE_URL": url}
    command = "from web.cli import main; raise SystemExit(main(['init', '--demo']))"
    subprocess.run([sys.executable, "-c", command], env={**os.environ, **settings}, check=True)
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        kept = rows.written(connection)
    [now] = [each["value"] for each in kept["setting"] if each["name"] == "clock"]
    opened = sorted(kept["case"], key=lambda each: (each["opened_at"], each["id"]))
    cases = [each["id"] for each in opened]
    played = Played(engine, datetime.fromisoformat(now), [UUID(each) for each in cases])
    played.play(OF_DEMONSTRATION)
    engine.dispose()
    return {"now": now, "cases": cases, "then": OF_DEMONSTRATION}, kept


def _write(file: Path, said: dict[str, Any]) -> None:
    """Write one row of a table, one step or one move to a line."""
    file.write_text(_lines(said, 0) + "\n", "utf-8")


def _lines(value: Any, depth: int) -> str:
    if depth == 2 or not isinstance(value, dict | list) or not value:
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    pad, end = " " * (depth + 1), " " * depth
    if isinstance(value, list):
        inner = ",\n".join(f"{pad}{_lines(each, depth + 1)}" for each in value)
        return f"[\n{inner}\n{end}]"
    inner = ",\n".join(
        f"{pad}{json.dumps(key)}: {_lines(each, depth + 1)}" for key, each in value.items()
    )
    return f"{{\n{inner}\n{end}}}"


if __name__ == "__main__":
    main()
    sys.stdout.write("kept\n")
