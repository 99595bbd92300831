"""Stock SpiffWorkflow on the same workload: the whole workflow as JSON in one column."""

from __future__ import annotations

import io
import sqlite3
import statistics
import time
from pathlib import Path

from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from tests.benchmarks.cycle import diagram


def stock_steps(folder: Path, *, until: int) -> dict[int, float]:
    """Return cycle -> median seconds of a step: load, run, save, commit."""
    parser = SpiffBpmnParser()
    # Its timers read the wall clock, so the pause takes no time here.
    text = diagram(wait='"PT0S"', far='"P3000D"')
    parser.add_bpmn_io(io.BytesIO(text.encode()), filename="cycle.bpmn")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
    workflow = BpmnWorkflow(parser.get_spec("case"))
    workflow.do_engine_steps()
    connection = sqlite3.connect(folder / "stock.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, body TEXT)")
    connection.execute("INSERT INTO workflow VALUES (1, ?)", (serializer.serialize_json(workflow),))
    medians = {}
    for cycle in range(1, until + 1):
        medians[cycle] = statistics.median(_step(connection, serializer) for _ in range(3))
        _wait(connection, serializer)
    connection.close()
    return medians


def _step(connection: sqlite3.Connection, serializer: BpmnWorkflowSerializer) -> float:
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    [body] = connection.execute("SELECT body FROM workflow WHERE id = 1").fetchone()
    workflow = serializer.deserialize_json(body)
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.data["note"] = "Seen, all is well."
    task.run()
    workflow.do_engine_steps()
    _save(connection, serializer.serialize_json(workflow))
    return time.perf_counter() - started


def _wait(connection: sqlite3.Connection, serializer: BpmnWorkflowSerializer) -> None:
    [body] = connection.execute("SELECT body FROM workflow WHERE id = 1").fetchone()
    workflow = serializer.deserialize_json(body)
    while workflow.get_next_task(state=TaskState.READY, manual=True) is None:
        workflow.refresh_timers()
        workflow.do_engine_steps()
    connection.execute("BEGIN IMMEDIATE")
    _save(connection, serializer.serialize_json(workflow))


def _save(connection: sqlite3.Connection, body: str) -> None:
    connection.execute("UPDATE workflow SET body = ? WHERE id = 1", (body,))
    connection.execute("COMMIT")
