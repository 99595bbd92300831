"""Bugs to be planted into the processes that are killed: each loses or doubles something.

They are planted from outside after the fork, so the product holds none of it. `point` is where a
kill reveals the bug soonest; a run may still kill anywhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import flask
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.context import Context
from engine.firing import fire as firing
from engine.people import kept_requests
from engine.step.case_run import CaseRun
from engine.step.model import LoadedCase
from engine.storage import database, loading, saving, tables
from tests.proofs.kill_points import (
    AFTER_COMMIT,
    ANSWER_LOST,
    BEFORE_COMMIT,
    CONNECTION_LOST,
    FIRING,
    STATEMENT,
)
from web.request import context

BOTH = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Bug:
    """How it is planted, where killing reveals it, and on which databases it can be planted.

    `crowded`: two people must meet in a case, so each works in the newest alone.
    """

    plant: Callable[[], None]
    point: str
    kinds: tuple[str, ...] = BOTH
    crowded: bool = False


def _commit_midway(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.commit()
    if connection.dialect.name == "sqlite":
        driver.execute("BEGIN IMMEDIATE")


# The step in two transactions


def _split_before(*starts: str) -> Callable[[], None]:
    def plant() -> None:
        def split(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith(starts):
                _commit_midway(connection)

        sa.event.listen(Engine, "before_cursor_execute", split)

    return plant


def _overwrite() -> None:
    """Read the case before its lock, and save it whatever its version has become meanwhile.

    Ids that follow from the version would collide and give it away, so they are random.
    """
    load, save = loading.load_case, saving.save_step

    def load_apart(connection: Connection, case_id: Any) -> Any:
        with database.reading(connection.engine) as other:
            case = load(other, case_id)
        # As long as a slow diagram would take, so that two meet soon.
        time.sleep(0.05)
        return case

    def find_and_load(connection: Connection, work_item_id: Any) -> Any:
        head = loading.find_work_item(connection, work_item_id)
        return head, load_apart(connection, head.case_id)

    def save_anyhow(ctx: Context, case: Any, step: Any, **more: Any) -> Any:
        c = tables.case.c
        query = sa.select(c.version, c.last_hash).where(c.id == case.id).with_for_update()
        row = ctx.connection.execute(query).one()
        return save(ctx, replace(case, version=row.version, last_hash=row.last_hash), step, **more)

    LoadedCase.new_id = lambda *_, **__: uuid4()
    loading.load_case = load_apart
    loading.load_work_item = find_and_load
    saving.save_step = save_anyhow


# The answer apart from its effect


def _answer_early() -> None:
    """Answer from a trial run, and do the work afterwards."""

    def writing(work: Callable[[Context], Any]) -> Any:
        here, who, now = context.parts(), context.actor(), context.now()

        def run(connection: Connection) -> Any:
            return work(Context(connection, who, now, here.domain))

        with here.engine.connect() as connection, connection.begin() as begun:
            said = run(connection)
            begun.rollback()

        @flask.copy_current_request_context
        def later() -> None:
            time.sleep(0.03)
            database.in_transaction(here.engine, run)

        threading.Thread(target=later).start()
        return said

    context.writing = writing


def _keep_key_afterwards() -> None:
    write, remember = context.writing, kept_requests.keep_answer

    def later(_connection: Connection, **kept: Any) -> None:
        flask.g.kept = kept

    def writing(work: Callable[[Context], Any]) -> Any:
        said = write(work)
        if "kept" in flask.g:
            with database.transaction(context.parts().engine) as connection:
                remember(connection, **flask.g.kept)
        return said

    kept_requests.keep_answer = later
    context.writing = writing


def _keep_key_first() -> None:
    write, lookup, remember = context.writing, kept_requests.find_answer, kept_requests.keep_answer

    def look(connection: Connection, **named: Any) -> Any:
        return None if "kept" in flask.g else lookup(connection, **named)

    def note(_connection: Connection, **kept: Any) -> None:
        flask.g.kept = kept

    def writing(work: Callable[[Context], Any]) -> Any:
        here = context.parts()
        with here.engine.connect() as connection, connection.begin() as begun:
            said = work(Context(connection, context.actor(), context.now(), here.domain))
            begun.rollback()
        if "kept" not in flask.g:
            return said
        with database.transaction(here.engine) as connection:
            remember(connection, **flask.g.kept)
        write(work)
        return said

    kept_requests.find_answer = look
    kept_requests.keep_answer = note
    context.writing = writing


def _ignore_key() -> None:
    kept_requests.find_answer = lambda *_, **__: None
    kept_requests.keep_answer = lambda *_, **__: None


def _retry_blindly() -> None:
    """Look for the key once, then try again after any failure of the database."""
    write, lookup, remember = context.writing, kept_requests.find_answer, kept_requests.keep_answer

    def look(connection: Connection, **named: Any) -> Any:
        if "looked" not in flask.g:
            flask.g.looked = lookup(connection, **named)
        return flask.g.looked

    def keep(connection: Connection, *, actor: str, route: str, key: str, **kept: Any) -> None:
        t = tables.idempotency
        same = sa.and_(t.c.actor == actor, t.c.route == route, t.c.key == key)
        connection.execute(t.delete().where(same))
        remember(connection, actor=actor, route=route, key=key, **kept)

    def writing(work: Callable[[Context], Any]) -> Any:
        with suppress(DBAPIError):
            return write(work)
        return write(work)

    kept_requests.find_answer = look
    kept_requests.keep_answer = keep
    context.writing = writing


def _swallow_commit_errors() -> None:
    @contextmanager
    def transaction(engine: Engine) -> Any:
        with engine.connect() as connection:
            begun = connection.begin()
            try:
                yield connection
            except BaseException:
                begun.rollback()
                raise
            with suppress(DBAPIError):
                begun.commit()

    database.transaction = transaction


# Timers


def _delete_timer_first() -> None:
    fire, find = firing.fire_timers, firing.timers_due
    within = threading.local()

    def fire_timers(ctx: Context, case_id: Any, **more: Any) -> Any:
        within.connection = ctx.connection
        try:
            return fire(ctx, case_id, **more)
        finally:
            within.connection = None

    def timers_due(case: Any, now: Any) -> Any:
        due = find(case, now)
        connection = getattr(within, "connection", None)
        if connection is not None and due:
            t = tables.timer
            for each in due:
                same = sa.and_(t.c.instance_id == each.instance_id, t.c.task == each.task)
                connection.execute(t.delete().where(same))
            _commit_midway(connection)
        return due

    firing.fire_timers = fire_timers
    firing.timers_due = timers_due


def _leave_timer() -> None:
    """Fire a timer and leave its row as it was."""
    fire = firing.fire_timers

    def fire_timers(ctx: Context, case_id: Any, **more: Any) -> Any:
        t = tables.timer
        query = sa.select(t).where(t.c.case_id == case_id)
        before = [dict(row) for row in ctx.connection.execute(query).mappings()]
        saved = fire(ctx, case_id, **more)
        left = {(row.instance_id, row.task) for row in ctx.connection.execute(query)}
        gone = [row for row in before if (row["instance_id"], row["task"]) not in left]
        if saved is not None and gone:
            ctx.connection.execute(t.insert(), gone)
        return saved

    firing.fire_timers = fire_timers


# Messages and work


def _deliver_twice() -> None:
    deliver = CaseRun._deliver

    def twice(self: CaseRun, message: Any) -> None:
        deliver(self, message)
        if message.name == "ring":
            deliver(self, message)

    CaseRun._deliver = twice


PLANTED: dict[str, Bug] = {
    "event without state": Bug(
        _split_before("UPDATE instance", "INSERT INTO instance"), BEFORE_COMMIT, ("sqlite",)
    ),
    "work list after the commit": Bug(
        _split_before("UPDATE work_item", "INSERT INTO work_item"), BEFORE_COMMIT, ("sqlite",)
    ),
    "timers after the commit": Bug(
        _split_before("INSERT INTO timer", "DELETE FROM timer"), BEFORE_COMMIT, ("sqlite",)
    ),
    "notices after the commit": Bug(_split_before("INSERT INTO notice"), FIRING, ("sqlite",)),
    "answer before the commit": Bug(_answer_early, BEFORE_COMMIT),
    "key kept after the commit": Bug(_keep_key_afterwards, AFTER_COMMIT),
    "key kept before the work": Bug(_keep_key_first, AFTER_COMMIT),
    "key ignored": Bug(_ignore_key, AFTER_COMMIT),
    "blind retry": Bug(_retry_blindly, ANSWER_LOST),
    "failed commit passed over": Bug(_swallow_commit_errors, CONNECTION_LOST),
    "timer deleted before it fires": Bug(_delete_timer_first, FIRING),
    "timer left after it fired": Bug(_leave_timer, STATEMENT),
    "message delivered twice": Bug(_deliver_twice, STATEMENT),
    "version not checked": Bug(_overwrite, STATEMENT, ("postgresql",), crowded=True),
}
