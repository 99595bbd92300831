"""The tracker over many cases: rows are written straight into the tables, as a council has them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from engine.context import Actor
from engine.storage import database, tables
from engine.tracker import tracker
from engine.tracker.tracker import Tracker, Wanted
from tests.benchmarks.cycle import NAMESPACE, START
from tests.builders.world import fill
from workflows.permanence.domain import DOMAIN

TODAY = date(2026, 3, 9)
CHILDREN_OF_A_MANAGER = 120
STATUSES = ("C1", "C2", "E1", "V2", "V4")
PLANS = ("adoption", "long_term_fostering", "special_guardianship", "reunification")
AUDITOR = Actor("auditor", "auditor", frozenset({"auditor"}))


def manager(number: int) -> Actor:
    """Return a team manager with some 120 children."""
    name = f"manager_{number}"
    return Actor(name, name, frozenset({"team_manager"}), "dudley")


def fill_tracked(engine: sa.Engine, count: int, *, definition: str) -> None:
    """Write `count` open cases of Dudley's, each with 26 facts, 6 deadlines and 8 work items."""
    rng = random.Random(1)
    for start in range(0, count, 1000):
        with database.transaction(engine) as connection:
            rows: dict[sa.Table, list[dict[str, Any]]] = {}
            for number in range(start, min(start + 1000, count)):
                for table, row in _case(rng, number, definition):
                    rows.setdefault(table, []).append(row)
            for table, values in rows.items():
                connection.execute(table.insert(), values)


def figures_of(url: str, count: int) -> dict[str, float]:
    """Return the seconds of a day's first look at `count` children, of the next, of a manager's."""
    fill(url)
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        definition = connection.scalar(sa.select(tables.publication.c.definition))
    fill_tracked(engine, count, definition=str(definition))
    looks = {"first": AUDITOR, "again": AUDITOR, "manager": manager(3)}
    figures = {f"tracker_{name}_s_{count}": timed(engine, who)[0] for name, who in looks.items()}
    engine.dispose()
    return figures


def timed(engine: sa.Engine, actor: Actor, wanted: Wanted | None = None) -> tuple[float, Tracker]:
    """Return the seconds of one look at the tracker, and what it showed."""
    with database.reading(engine) as connection:
        started = time.perf_counter()
        found = tracker.track(connection, actor, wanted or Wanted(), now=START, domain=DOMAIN)
        return time.perf_counter() - started, found


def _case(
    rng: random.Random, number: int, definition: str
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    id = uuid5(NAMESPACE, f"tracked {number}")
    yield (
        tables.case,
        {
            "id": id,
            "ref": f"T-{number:05}",
            "pack": "dudley",
            "policy": "D-PG",
            "definition": definition,
            "version": 9,
            "status": "open",
            "opened_at": START,
            "last_hash": "0" * 64,
        },
    )
    yield (
        tables.instance,
        {
            "id": id,
            "case_id": id,
            "process": "case",
            "definition": definition,
            "correlation": "",
            "status": "running",
            "waiting": "[]",
            "started_sequence": 1,
        },
    )
    for name, value in _facts(rng, number).items():
        yield (
            tables.fact,
            {
                "case_id": id,
                "name": name,
                "from_sequence": 1,
                "value": json.dumps(value.isoformat() if isinstance(value, date) else value),
                "effective_on": TODAY,
                "corrects": False,
                "reason": "",
            },
        )
    yield from ((tables.deadline, row) for row in _deadlines(rng, id))
    yield from ((tables.work_item, row) for row in _items(rng, id, number))


def _facts(rng: random.Random, number: int) -> dict[str, Any]:
    entered = TODAY - timedelta(days=rng.randrange(20, 1500))
    held = TODAY - timedelta(days=rng.randrange(1, 60))
    plan = rng.choice(PLANS)
    facts: dict[str, Any] = {
        "child_ref": f"LCS-{number}",
        "child_name": f"Child {number}",
        "dob": entered - timedelta(days=rng.randrange(1, 5000)),
        "cause": "care_entry",
        "came_into_care_on": entered,
        "legal_status": rng.choice(STATUSES),
        "legal_status_from": entered,
        "in_proceedings": rng.random() < 0.3,
        "emergency": False,
        "likely_permanent_from_onset": False,
        "social_worker": f"worker_{number // 20}",
        "team_manager": f"manager_{number // CHILDREN_OF_A_MANAGER}",
        "service_manager": f"service_{number // 1000}",
        "iro": f"iro_{number // 70}",
        "first_ppm_held_on": entered + timedelta(days=14),
        "last_ppm_held_on": held,
        "next_ppm_on": held + timedelta(days=42),
        "primary_plan": plan,
        "parallel_plan": rng.choice(PLANS),
        "stage": "assessment",
        "ppm_decision": "Keep to the plan and look again in six weeks. " * 4,
        "minutes_published_on": held,
        "last_review_held_on": entered + timedelta(days=20),
        "first_review_held_on": entered + timedelta(days=20),
        "care_plan_ratified": True,
        f"{plan}_agreed_on": entered + timedelta(days=100),
    }
    return {
        name: value
        for name, value in facts.items()
        if name not in ("reunification_agreed_on", "special_guardianship_agreed_on")
    }


def _deadlines(rng: random.Random, case: UUID) -> Iterator[dict[str, Any]]:
    names = ("ppm", "ppm", "cic_review", "care_plan_update", "aepp_consideration", "ppm")
    for place, name in enumerate(names):
        is_open = place % 2 == 0
        limit = TODAY + timedelta(
            days=rng.randrange(-5, 40) if is_open else -rng.randrange(50, 300)
        )
        yield {
            "id": uuid5(case, f"deadline {place}"),
            "case_id": case,
            "key": f"{name}_{place}",
            "name": name,
            "rule_ids": "D-06",
            "day_0": limit - timedelta(days=42),
            "day_0_fact": "last_ppm_held_on",
            "amount": 6,
            "unit": "weeks",
            "direction": "after",
            "met_by": "last_ppm_held_on",
            "limit_on": limit,
            "act_by_on": limit,
            "assumption": False,
            "source_sentence": "at least every six weeks until permanence is achieved",
            "calendar_version": "1",
            "explanation": "6 weeks after the last meeting.",
            "reason": "",
            "status": "open" if is_open else rng.choice(("met", "met", "late")),
            "opened_sequence": place + 1,
            "closed_sequence": None if is_open else place + 2,
        }


def _items(rng: random.Random, case: UUID, number: int) -> Iterator[dict[str, Any]]:
    names = ("arrange_ppm", "chair_ppm", "chair_ppm", "update_care_plan", "book_review")
    for place, name in enumerate(
        (*names, "conduct_review", "explain_breach", "complete_assessment")
    ):
        due = TODAY + timedelta(days=rng.randrange(-5, 40))
        yield {
            "id": uuid5(case, f"item {place}"),
            "case_id": case,
            "instance_id": case,
            "task": place,
            "name": name,
            "element": name,
            "process": "case",
            "pack": "dudley",
            "title": name,
            "role": "social_worker",
            "form": name,
            "follows_deadline": True,
            "optional": False,
            "assignee": f"worker_{number // 20}",
            "team_manager": f"manager_{number // CHILDREN_OF_A_MANAGER}",
            "needs_allocating": False,
            "status": "open" if place in (0, 4, 7) else "completed",
            "opened_at": START,
            "opened_sequence": 1,
            "act_by_on": due,
            "limit_on": due,
            "sort_on": due,
        }
