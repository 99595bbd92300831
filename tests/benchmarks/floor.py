"""The floor: a bare transaction that reads one row and writes six, holding as many bytes."""

from __future__ import annotations

import sqlite3
import statistics
import time
from pathlib import Path

import psycopg

ROUNDS = 200


def sqlite_floor(folder: Path, *, state: int, written: int) -> float:
    """Return the median seconds on the standard library's sqlite3, WAL and FULL."""
    connection = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT)")
    connection.execute("CREATE TABLE written (id INTEGER PRIMARY KEY, body TEXT)")
    connection.execute("INSERT INTO state VALUES (1, ?)", ("x" * state,))
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT body FROM state WHERE id = 1").fetchone()
        connection.execute("UPDATE state SET body = ? WHERE id = 1", ("y" * state,))
        for _ in range(5):
            body = "z" * ((written - state) // 5)
            connection.execute("INSERT INTO written (body) VALUES (?)", (body,))
        connection.execute("COMMIT")
        seconds.append(time.perf_counter() - started)
    connection.close()
    return statistics.median(seconds)


def postgresql_floor(url: str, *, state: int, written: int) -> float:
    """Return the median seconds on psycopg."""
    seconds = []
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE bare_state (id integer PRIMARY KEY, body text)")
        connection.execute("CREATE TABLE bare (id serial PRIMARY KEY, body text)")
        connection.execute("INSERT INTO bare_state VALUES (1, %s)", ("x" * state,))
        connection.commit()
        for _ in range(ROUNDS):
            started = time.perf_counter()
            connection.execute("SELECT body FROM bare_state WHERE id = 1").fetchone()
            connection.execute("UPDATE bare_state SET body = %s WHERE id = 1", ("y" * state,))
            for _ in range(5):
                body = "z" * ((written - state) // 5)
                connection.execute("INSERT INTO bare (body) VALUES (%s)", (body,))
            connection.commit()
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)
