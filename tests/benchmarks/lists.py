"""Searches and pages over many cases: rows are written straight into the tables."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from engine.firing import due_cases
from engine.open_work import work_list
from engine.storage import database, tables
from tests.benchmarks.cycle import NAMESPACE, START

TODAY = date(2026, 3, 9)
CHILDREN = 20
"""Cases of one worker, however many the council has."""


def fill_cases(engine: sa.Engine, count: int, *, definition: str) -> None:
    """Write `count` open cases, each with two facts, three work items and an armed timer."""
    for start in range(0, count, 1000):
        numbers = range(start, min(start + 1000, count))
        with database.transaction(engine) as connection:
            for table, rows in _rows(numbers, definition).items():
                connection.execute(table.insert(), rows)


def due_search(engine: sa.Engine) -> float:
    """Return the median seconds to learn that no timer is due."""
    before = START - timedelta(days=1)
    seconds = []
    for _ in range(50):
        with database.reading(engine) as connection:
            started = time.perf_counter()
            assert due_cases.cases_due(connection, before, limit=1000) == []
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def task_list(engine: sa.Engine) -> list[float]:
    """Return the seconds of one worker's task list with its counts, a hundred times."""
    seconds = []
    for _ in range(100):
        with database.reading(engine) as connection:
            started = time.perf_counter()
            page = work_list.list_work(connection, assignee="worker_0")
            work_list.count_work(connection, today=TODAY, assignee="worker_0")
            seconds.append(time.perf_counter() - started)
            assert len(page.items) == 50
    return sorted(seconds)


def _rows(numbers: range, definition: str) -> dict[sa.Table, list[dict[str, Any]]]:
    cases = [(n, uuid5(NAMESPACE, f"many {n}"), f"worker_{n // CHILDREN}") for n in numbers]
    items = [row for n, case, worker in cases for row in _items(n, case, worker)]
    return {
        tables.case: [
            {
                "id": case,
                "ref": f"M-{n}",
                "pack": "cycle",
                "policy": "P",
                "definition": definition,
                "version": 1,
                "status": "open",
                "opened_at": START,
                "last_hash": "0" * 64,
            }
            for n, case, _ in cases
        ],
        tables.fact: [row for n, case, worker in cases for row in _facts(n, case, worker)],
        tables.instance: [
            {
                "id": case,
                "case_id": case,
                "process": "case",
                "definition": definition,
                "correlation": "",
                "status": "running",
                "waiting": "[]",
                "started_sequence": 1,
            }
            for _, case, _ in cases
        ],
        tables.work_item: items,
        tables.timer: [
            {
                "instance_id": case,
                "task": 1,
                "case_id": case,
                "element": "pause",
                "due_at": START + timedelta(days=n % 300),
            }
            for n, case, _ in cases
        ],
    }


def _facts(n: int, case: UUID, worker: str) -> Iterator[dict[str, Any]]:
    for name, value in (("child_name", f'"Child {n}"'), ("social_worker", f'"{worker}"')):
        yield {
            "case_id": case,
            "name": name,
            "from_sequence": 1,
            "value": value,
            "effective_on": TODAY,
            "corrects": False,
            "reason": "",
        }


def _items(n: int, case: UUID, worker: str) -> Iterator[dict[str, Any]]:
    for task in range(3):
        due = TODAY + timedelta(days=(n + task) % 60 - 5)
        yield {
            "id": uuid5(case, f"item {task}"),
            "case_id": case,
            "instance_id": case,
            "task": task,
            "name": f"task_{task}",
            "element": f"task_{task}",
            "process": "case",
            "pack": "cycle",
            "title": f"Task {task}",
            "role": "social_worker",
            "form": "task",
            "follows_deadline": False,
            "optional": False,
            "assignee": worker,
            "team_manager": f"manager_{n // 200}",
            "needs_allocating": False,
            "status": "open",
            "opened_at": START,
            "opened_sequence": 1,
            "act_by_on": due,
            "limit_on": due,
            "sort_on": due,
        }
