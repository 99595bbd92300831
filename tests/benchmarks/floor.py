"""The floor: a bare transaction that reads one row and writes six, holding as many bytes.

Rounds alternate with the steps that they are held against, so that a busy machine slows both.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import psycopg


class SqliteFloor:
    """The standard library's sqlite3, WAL and FULL."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT)")
        self._connection.execute("CREATE TABLE written (id INTEGER PRIMARY KEY, body TEXT)")
        self._connection.execute("INSERT INTO state VALUES (1, '')")

    def round(self, size: tuple[int, int]) -> float:
        """Return the seconds of a transaction: `size` is bytes of state, and written in all."""
        state, written = size
        run = self._connection.execute
        body = "z" * ((written - state) // 5)
        started = time.perf_counter()
        run("BEGIN IMMEDIATE")
        run("SELECT body FROM state WHERE id = 1").fetchone()
        run("UPDATE state SET body = ? WHERE id = 1", ("y" * state,))
        for _ in range(5):
            run("INSERT INTO written (body) VALUES (?)", (body,))
        run("COMMIT")
        return time.perf_counter() - started


class PostgresqlFloor:
    """psycopg, as it comes."""

    def __init__(self, url: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(url.replace("+psycopg", ""))
        self._connection.execute("CREATE TABLE bare_state (id integer PRIMARY KEY, body text)")
        self._connection.execute("CREATE TABLE bare (id serial PRIMARY KEY, body text)")
        self._connection.execute("INSERT INTO bare_state VALUES (1, '')")
        self._connection.commit()

    def round(self, size: tuple[int, int]) -> float:
        """Return the seconds of a transaction: `size` is bytes of state, and written in all."""
        state, written = size
        run = self._connection.execute
        body = "z" * ((written - state) // 5)
        started = time.perf_counter()
        run("SELECT body FROM bare_state WHERE id = 1").fetchone()
        run("UPDATE bare_state SET body = %s WHERE id = 1", ("y" * state,))
        for _ in range(5):
            run("INSERT INTO bare (body) VALUES (%s)", (body,))
        self._connection.commit()
        return time.perf_counter() - started

    def close(self) -> None:
        self._connection.close()
