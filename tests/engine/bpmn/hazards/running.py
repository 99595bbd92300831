"""Running and reading: what runs twice, for ever, too deep, in Python, or is read wrongly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit

from engine.bpmn import business_rule_tasks, runtime, state
from engine.bpmn.scripting import Environment, ScriptEngine
from engine.errors import ExpressionError, StepFailed
from engine.publishing import check
from engine.publishing.checks import diagrams, elements, standard
from engine.publishing.checks import expressions as expression_checks
from engine.rules import decisions, expressions
from tests.builders.drawn import Drawn, event, flows, node, process
from tests.engine.bpmn.hazards.hazard import Hazard, instead, together
from tests.engine.bpmn.support.rows import TABLE, found, line, refused, script, work
from tests.engine.bpmn.support.structure import choice
from tests.engine.bpmn.test_business_rules import HIGH, LOW, drawn


def nothing_is_done_twice() -> None:
    running = Drawn(process(line(work(), work(id="after"))))
    [first] = running.run.open_tasks
    running.complete(first.task)
    with pytest.raises(StepFailed):
        running.complete(first.task)


def a_loop_that_never_waits_is_stopped() -> None:
    inner = node("exclusiveGateway", "a") + node("exclusiveGateway", "b")
    with pytest.raises(StepFailed, match=runtime.LOOPS):
        Drawn(process(node("startEvent", "s") + inner + flows("s", "a", "b", "a")))


def a_call_of_itself_is_stopped() -> None:
    with pytest.raises(StepFailed, match=runtime.TOO_DEEP):
        Drawn(process(line(node("callActivity", "self", calledElement="case"))))


def history_names_what_is_drawn() -> None:
    watched = line(work(), work(id="after")) + (
        node("boundaryEvent", "w", event("timer", "P1D"), attachedToRef="work")
        + node("endEvent", "e2") + flows("w", "e2")
    )  # fmt: skip
    running = Drawn(process(watched))
    assert (running.run.ran, running.run.waiting) == (("s",), ("work",))


def told(inner: str, element: str) -> set[str]:
    row = refused("x", "", inner, element)
    return {each.rule for each in found(row) if each.element == element}


def ids_of_the_engine_are_refused() -> None:
    assert "reserved-id" in told(line(work(id="Start")), "Start")


ESCAPE = "().__class__.__name__ == 'tuple'"


def python_does_not_run() -> None:
    with pytest.raises(StepFailed):
        Drawn(process(choice("exclusiveGateway", ESCAPE, "", "g_b")))


def every_place_speaks_one_language() -> None:
    payload = (
        '<bpmn:extensionElements><spiffworkflow:messagePayload>{"a": null}'
        "</spiffworkflow:messagePayload></bpmn:extensionElements>"
    )
    message = event("message", "go").replace(" />", f">{payload}</bpmn:messageEventDefinition>")
    run = Drawn(process(line(node("intermediateThrowEvent", "ev", message), work()))).run
    assert [each.payload for each in run.thrown] == [{"a": None}]


def what_is_no_expression_is_a_syntax_error() -> None:
    running = Drawn(process(line(work())))
    with pytest.raises(SyntaxError):
        ScriptEngine(running.reads).validate("import os")


def a_failing_expression_fails_its_step() -> None:
    with pytest.raises(StepFailed, match="one"):
        Drawn(process(line(script("set", "a = one + 1"), work())), one="1")


def expressions_are_compiled_at_publish() -> None:
    assert "expression" in told(choice("exclusiveGateway", "x = 5", "", "g_b"), "g_a")


def structure_is_told() -> None:
    assert "dangling-flow" in told(line(work()) + flows("work", "gone"), "work_gone")


def service_tasks_are_refused() -> None:
    assert "unsupported" in told(line(node("serviceTask", "odd")), "odd")


def rows_that_overlap_are_refused() -> None:
    with pytest.raises(StepFailed, match="both apply"):
        drawn("UNIQUE", "", [LOW, HIGH], x=7)


def the_matched_row_is_recorded() -> None:
    [decision] = drawn("UNIQUE", "", [LOW], x=7).run.decisions
    assert decision["matched"] == ["row_1"]


def _unchecked(specs: Any, text: str, task: int, reads: Any, *, prune: bool = True) -> Any:
    """Complete a task as SpiffWorkflow does: whatever state it is in."""
    workflow = state.load(text, specs, ScriptEngine(reads))
    runtime._find(workflow, task).run()
    ran: list[str] = []
    runtime._settle(workflow, ran)
    return runtime._result(workflow, ran, prune=prune)


def _without_end(workflow: Any, ran: list[str]) -> None:
    def did_complete(task: Any) -> None:
        ran.append(task.task_spec.name)
        assert len(ran) < 1_100, "for ever"

    workflow.do_engine_steps(None, did_complete)


def _python(_self: Any, text: str, context: Any, _external: Any = None) -> Any:
    return eval(text, {}, dict(context))


def _not_ours(_self: Any, text: str) -> None:
    raise ExpressionError(text, "is no expression")


def _adds(*_: Any, **__: Any) -> Any:
    return "1" + 1  # type: ignore[operator]


_evaluate = decisions.evaluate_table


def _without_record(*arguments: Any, **named: Any) -> Any:
    return replace(_evaluate(*arguments, **named), matched=())


def _without(*left_out: Any) -> Any:
    kept = tuple(each for each in check._CHECKS if each not in left_out)
    return instead(check, "_CHECKS", kept)


RUNNING = [
    Hazard("a finished task runs again, and says it did well", nothing_is_done_twice,
        lambda: instead(runtime, "complete_task", _unchecked), "test_races.py"),
    Hazard("a loop that never waits exhausts the stack, or runs on for ever",
        a_loop_that_never_waits_is_stopped,
        lambda: instead(runtime, "_run_engine", _without_end), "test_dry_run.py"),
    Hazard("a process that calls itself never returns", a_call_of_itself_is_stopped,
        lambda: together(instead(runtime, "MAX_DEPTH", 10**9),
            instead(runtime, "MAX_ENGINE_STEPS", 100)), "test_dry_run.py"),
    Hazard("the engine's own tasks stand among those of the diagram", history_names_what_is_drawn,
        lambda: instead(BoundaryEventSplit, "bpmn_id",
            property(lambda self: self.name, lambda *_: None))),
    Hazard("the ids Start and End give an empty process", ids_of_the_engine_are_refused,
        lambda: instead(elements, "_RESERVED_IDS", frozenset()), "test_check_diagrams.py"),
    Hazard("expressions are Python", python_does_not_run,
        lambda: together(instead(Environment, "evaluate", _python),
            instead(Environment, "holds_true", _python)), "test_check_corpus.py"),
    Hazard("some places ask the environment, not the script engine",
        every_place_speaks_one_language, lambda: instead(Environment, "evaluate", _python)),
    Hazard("validation must say syntax error", what_is_no_expression_is_a_syntax_error,
        lambda: instead(ScriptEngine, "validate", _not_ours)),
    Hazard("text and number cannot be added, and the report of it fails too",
        a_failing_expression_fails_its_step,
        lambda: instead(expressions, "run_script", _adds), "test_dry_run.py"),
    Hazard("an expression that cannot run is found when a case comes to it",
        expressions_are_compiled_at_publish, lambda: _without(expression_checks.check),
        "test_check_diagrams.py"),
    Hazard("schema and parser accept broken structure", structure_is_told,
        lambda: _without(diagrams.check), "test_check_diagrams.py"),
    Hazard("a service task cannot be saved", service_tasks_are_refused,
        lambda: instead(standard, "REFUSED_NODES", {}), "test_support.py"),
    Hazard("UNIQUE takes the first row without looking for another",
        rows_that_overlap_are_refused,
        lambda: instead(decisions, "_require_policy", lambda *_: None), "test_decisions.py"),
    Hazard("the row that a decision rests on is not recorded", the_matched_row_is_recorded,
        lambda: instead(business_rule_tasks, "evaluate_table", _without_record),
        "test_business_rules.py"),
    Hazard("parsers stumble over encodings, entities and depth", elsewhere="test_xml.py"),
    Hazard("broken files raise whatever the parser stumbles on", elsewhere="test_check_corpus.py"),
    Hazard("escapes of many kinds end in plain evaluation", elsewhere="test_expressions.py"),
    Hazard("a diagram that grows or hangs is run beside the server",
        elsewhere="test_dry_run.py, test_check_corpus.py"),
]  # fmt: skip

_ = TABLE
